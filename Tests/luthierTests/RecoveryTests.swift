import Foundation
import Testing

/// What a crash leaves, and what brings it back.
@Suite struct RecoveryTests {
  @Test func aCrashTakesNothingWithIt() throws {
    let folder = try TemporaryFolder()
    let terminal = try BuiltProgram.terminal(in: folder)
    try terminal.run("a = 40", to: 2)
    try terminal.run("b = a + 1", to: 3)
    try terminal.run("c = 9", to: 4)
    terminal.enter(":undo")
    try terminal.wait(for: "took back")
    try terminal.crash()
    let next = try BuiltProgram.terminal(in: folder)
    #expect(next.screen.text.contains("luthier --recover"))
    try next.leave()
    let recovered = try BuiltProgram.terminal(["--recover"], in: folder, prompt: 3)
    recovered.enter("b + 1")
    try recovered.wait(for: "\n42")
    try recovered.waitForPrompt(4)
    recovered.enter("c")
    try recovered.wait(for: "error")
    try recovered.waitForPrompt(4)  // a Ctrl-D before it would be the terminal's
    try recovered.leave()
    let last = try BuiltProgram.terminal(in: folder)
    #expect(!last.screen.text.contains("luthier --recover"))
  }

  @Test func aCrashAfterAChangeOfFolderIsRecoveredWhereItRan() throws {
    let (folder, terminal) = try BuiltProgram.acrossFolders()
    try terminal.crash()
    let recovered = try BuiltProgram.terminal(["--recover"], in: folder, prompt: 3)
    recovered.enter("a + b + read_text(\"two.txt\")")
    try recovered.wait(for: "abovebelowbelow")
  }

  @Test func aScriptsFilesAreFoundBesideItWhenItsSessionIsRecovered() throws {
    let folder = try TemporaryFolder()
    try folder.write("sub/s.luth", "a = read_text(\"one.txt\")\n")
    try folder.write("sub/one.txt", "above")
    let terminal = try BuiltProgram.terminal(["-i", "sub/s.luth"], in: folder, prompt: 2)
    try terminal.run("b = 1", to: 3)
    try terminal.crash()
    let recovered = try BuiltProgram.terminal(["--recover"], in: folder, prompt: 3)
    recovered.enter("a + str(b)")
    try recovered.wait(for: "above1")
    try recovered.waitForPrompt(4)
    recovered.enter("read_text(\"one.txt\")")
    try recovered.wait(for: "error")
  }

  @Test func whatCouldNotBeRecoveredCanBeTriedAgain() throws {
    let folder = try TemporaryFolder()
    try folder.write("one.txt", "above")
    let terminal = try BuiltProgram.terminal(in: folder)
    try terminal.run("a = 40", to: 2)
    try terminal.run("b = read_text(\"one.txt\")", to: 3)
    try terminal.crash()
    try FileManager.default.removeItem(atPath: folder.path + "/one.txt")
    let failed = try BuiltProgram.terminal(["--recover"], in: folder, prompt: nil)
    try failed.wait(for: "the rest waits at the prompt")
    try failed.waitForPrompt(2)
    failed.type("\u{3}")
    try failed.waitForPrompt(2)
    try failed.leave()
    try folder.write("one.txt", "below")
    let again = try BuiltProgram.terminal(["--recover"], in: folder, prompt: 3)
    again.enter("b + str(a)")
    try again.wait(for: "below40")
    try again.waitForPrompt(4)
    try again.leave()
    let last = try BuiltProgram.terminal(in: folder)
    #expect(!last.screen.text.contains("luthier --recover"))
  }

  @Test func aJournalThatTheDiskRefusesIsSaid() throws {
    let folder = try TemporaryFolder()
    let terminal = try PseudoTerminal(
      "/bin/sh", ["-c", "ulimit -f 1; exec \"$0\"", BuiltProgram.path],
      environment: BuiltProgram.environment(folder, ["NO_COLOR": "1"]), in: folder)
    try terminal.waitForPrompt(1)
    try terminal.run("a = 40", to: 2)
    terminal.enter("s = \"\(String(repeating: "long ", count: 250))\"")
    try terminal.wait(for: "the session's journal can't be written")
    try terminal.waitForPrompt(3)
    try terminal.run("a + 1", to: 4)
    try terminal.crash()
    let recovered = try BuiltProgram.terminal(["--recover"], in: folder, prompt: 2)
    recovered.enter("a + 2")
    try recovered.wait(for: "\n42")
  }
}

extension BuiltProgram {
  /// A session that read one.txt in its folder as a, went to the folder sub and read two.txt there as b: `3>`.
  static func acrossFolders() throws -> (folder: TemporaryFolder, terminal: PseudoTerminal) {
    let folder = try TemporaryFolder()
    try folder.write("one.txt", "above")
    try folder.write("sub/two.txt", "below")
    let terminal = try terminal(in: folder)
    try terminal.run("a = read_text(\"one.txt\")", to: 2)
    terminal.enter(":cd sub")
    try terminal.waitForPrompt(2)
    try terminal.run("b = read_text(\"two.txt\")", to: 3)
    return (folder, terminal)
  }
}
