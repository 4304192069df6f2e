import Foundation
import Testing

/// Saving, replaying, taking back.
@Suite struct SessionTests {
  @Test func aSavedSessionReplaysToTheSameOutput() throws {
    let folder = try TemporaryFolder()
    let terminal = try BuiltProgram.terminal(in: folder)
    terminal.paste("# %% A title\n# and a remark\nxs = [3, 1, 2]\nxs.sorted()\n")
    try terminal.wait(for: "xs.sorted()")
    terminal.type("\r")
    try terminal.waitForPrompt(2)
    terminal.enter("nowhere")
    try terminal.wait(for: "error")
    try terminal.waitForPrompt(2)
    try terminal.run("_[0] + 1  # beside", to: 3)
    try terminal.run("_1.len() + _", to: 4)
    try terminal.run("lost = 5", to: 5)
    terminal.enter(":undo")
    try terminal.wait(for: "took back cell 4")
    terminal.enter(":save lesson")
    try terminal.wait(for: "lesson.luth: 4 statements")
    try terminal.waitForPrompt(5)
    try terminal.leave()
    #expect(
      try folder.read("lesson.luth") == """
        # luthier 1.0 · seed 0

        # %% A title
        # and a remark
        xs = [3, 1, 2]
        value_1 = xs.sorted()
        value_1
        #> [1, 2, 3]

        value_2 = value_1[0] + 1  # beside
        value_2
        #> 2

        value_1.len() + value_2
        #> 5

        """)
    let result = try BuiltProgram.run(["check", "lesson.luth"], in: folder)
    #expect(result.code == 0, "\(result.output)\(result.errors)")
    try folder.write("lesson.luth", try folder.read("lesson.luth").replacing("#> 5", with: "#> 6"))
    let altered = try BuiltProgram.run(["check", "lesson.luth"], in: folder)
    #expect(altered.code == 1)
    #expect(altered.output.contains("lesson.luth:14"), "\(altered.output)")
  }

  @Test func savingSaysWhatTheScriptWillNotFind() throws {
    let (_, terminal) = try BuiltProgram.acrossFolders()
    terminal.enter(":save both")
    try terminal.wait(for: "the script won't find: one.txt\n")
    try terminal.waitForPrompt(3)
    terminal.enter(":save ../both")
    try terminal.wait(for: "../both.luth: 2 statements")
    try terminal.waitForPrompt(3)
    #expect(terminal.screen.text.components(separatedBy: "won't find").count == 2)
  }

  @Test func stoppedFeaturesReplayAsFarAsTheyCame() throws {
    let folder = try TemporaryFolder()
    try folder.tinyModel("tiny")
    let text = String(repeating: "words of a film ", count: 12)
    try folder.write("rows.jsonl", String(repeating: "{\"text\": \"\(text)\"}\n", count: 60_000))
    let terminal = try BuiltProgram.terminal(in: folder)
    try terminal.run("m = load(\"tiny\")", to: 2)
    try terminal.run("t = read(\"rows.jsonl\")", to: 3)
    terminal.enter("x = m.features(t, cache: false)")
    try terminal.wait(for: "%")
    terminal.type("\u{3}")
    try terminal.wait(for: "stopped: features of")
    try terminal.waitForPrompt(4)
    try terminal.run("x.shape", to: 5)
    terminal.enter(":save stopped")
    try terminal.wait(for: "4 statements")
    let saved = try folder.read("stopped.luth")
    #expect(saved.contains("x = m.features(t[:"), "\(saved)")
    let result = try BuiltProgram.run(["check", "stopped.luth"], in: folder)
    #expect(result.code == 0, "\(saved)\(result.output)\(result.errors)")
  }

  @Test func theSeedAndToleranceOfAScriptAreSavedWithTheSession() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.luth", "# luthier 1.0 · seed 7 · tolerance 0.001\n\n# %% First\nx = rand(2)\nx.sum()\n")
    let terminal = try BuiltProgram.terminal(["-i", "s.luth"], in: folder, prompt: 2)
    try terminal.run("rand(2).sum()", to: 3)
    terminal.enter(":save t")
    try terminal.wait(for: "t.luth: 4 statements")
    let saved = try folder.read("t.luth")
    #expect(
      saved.hasPrefix("# luthier 1.0 · seed 0 · tolerance 0.001\n\nseed(7)\n\n# %% First\nx = rand(2)\n"), "\(saved)")
    let result = try BuiltProgram.run(["check", "t.luth"], in: folder)
    #expect(result.code == 0, "\(saved)\(result.output)\(result.errors)")
  }

  @Test func whatRanOfAFailedScriptIsACellByItself() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.luth", "x = 20\nnowhere\n")
    let terminal = try BuiltProgram.terminal(["-i", "s.luth"], in: folder, prompt: 2)
    try terminal.run("y = 1", to: 3)
    terminal.enter(":undo")
    try terminal.wait(for: "took back cell 2: y = 1")
    terminal.enter("x + 1")
    try terminal.wait(for: "\n21\n")
  }

  @Test func aNameThatWasTakenBackSaysWhatBringsItAgain() throws {
    let folder = try TemporaryFolder()
    let terminal = try BuiltProgram.terminal(in: folder)
    try terminal.run("x = 3", to: 2)
    terminal.enter(":undo 2")
    try terminal.wait(for: "took back cell 1: x = 3\nerror: nothing more to take back")
    try terminal.waitForPrompt(2)
    terminal.enter("x")
    try terminal.wait(for: ":redo brings it again")
    try terminal.waitForPrompt(2)
    terminal.enter(":redo")
    try terminal.wait(for: "brought back cell 1")
    terminal.enter("x + 1")
    try terminal.wait(for: "\n4\n")
  }

  @Test func aFileThatIsNoScriptIsNotReplaced() throws {
    let folder = try TemporaryFolder()
    try folder.write("mine.luth", "precious")
    let terminal = try BuiltProgram.terminal(in: folder)
    terminal.enter(":save mine.luth")
    try terminal.wait(for: "error")
    #expect(try folder.read("mine.luth") == "precious")
  }
}
