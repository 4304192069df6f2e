import Foundation
import Testing

/// Keys that come while a statement runs: none is lost, none stands in the output, and Ctrl-C keeps its place among them.
@Suite struct TypedAheadTests {
  private static let interrupt = "\u{3}"
  private static let end = "\u{4}"

  /// A shell that trains, and would for long.
  private func fitting() throws -> PseudoTerminal {
    let folder = try TemporaryFolder()
    try folder.tinyModel("tiny")
    let terminal = try BuiltProgram.terminal(in: folder)
    try terminal.run(#"m = load("tiny").for_sequence_classification(labels: ["bad", "good"])"#, to: 2)
    try terminal.run(#"t = table({text: ["a b", "c d"], label: ["bad", "good"]})"#, to: 3)
    terminal.enter("run = m.fit(t, epochs: 1000000)")
    try terminal.waitForBar("loss 0.")
    return terminal
  }

  @Test func keysStandAtTheNextPromptAndNotInTheBar() throws {
    let terminal = try fitting()
    let before = terminal.output.count
    terminal.type("zebra = 4")
    try terminal.wait("the bar to move") { _ in terminal.output.count > before + 500 }
    #expect(!String(decoding: terminal.output[before...], as: UTF8.self).contains("z"))
    terminal.type(Self.interrupt + "2\r")
    try terminal.wait(for: "4> zebra = 42")
    try terminal.waitForPrompt(5)
    #expect(!terminal.screen.text.contains("interrupted; "))
  }

  @Test func whatEndsTheShellWaitsForTheEndOfWhatRuns() throws {
    let terminal = try fitting()
    terminal.type(Self.end)
    terminal.type(Self.interrupt)
    #expect(try terminal.waitForEnd() == 0)
    #expect(terminal.screen.text.contains("\n4>"))
  }

  @Test func aPasteWhileSomethingRunsIsOneCell() throws {
    let terminal = try fitting()
    terminal.paste("a = 40\na + 2\n")
    terminal.type(Self.interrupt)
    try terminal.wait(for: "4> a = 40\na + 2")
    terminal.type("\r")
    try terminal.wait(for: "\n42\n")
    try terminal.waitForPrompt(5)
  }

  @Test("Enter, Ctrl-C and the next line in one go") func controlCKeepsItsPlace() throws {
    let terminal = try BuiltProgram.terminal()
    for round in 1...20 {
      terminal.type("while true {}\r" + Self.interrupt + "\(round) * 1001\r")
      try terminal.wait(for: "\n\(round * 1001)\n")
      try terminal.waitForPrompt(round + 1)
    }
    // At the prompt too: what stands before it goes, what comes behind it stays.
    terminal.type("never" + Self.interrupt + "always = 1\r")
    try terminal.waitForPrompt(22)
    #expect(terminal.screen.text.contains("21> always = 1"))
  }

  @Test func theTerminalIsLeftAsItWasFound() throws {
    let folder = try TemporaryFolder()
    let terminal = try PseudoTerminal(
      "/bin/sh", ["-c", "stty -a > before; \"$0\"; stty -a > after", BuiltProgram.path],
      environment: BuiltProgram.environment(folder), in: folder)
    try terminal.waitForPrompt(1)
    terminal.type(Self.end)
    #expect(try terminal.waitForEnd() == 0)
    #expect(try folder.read("before") == folder.read("after"))
  }

  @Test func ctrlZStopsItAndFgGoesOn() throws {
    let folder = try TemporaryFolder()
    let terminal = try PseudoTerminal(
      "/bin/sh", ["-i"], environment: BuiltProgram.environment(folder, ["PS1": "sh: ", "NO_COLOR": "1"]),
      in: folder)
    try terminal.wait("the shell's prompt") { $0.cursor.line.hasPrefix("sh: ") }
    try terminal.run(BuiltProgram.path, to: 1)
    terminal.type("half = 2")
    try terminal.wait(for: "1> half = 2")
    terminal.type("\u{1a}")
    try terminal.wait("the shell's prompt") { $0.cursor.line.hasPrefix("sh: ") }
    terminal.enter("stty -a | grep -c -- ' icanon .* echo '; fg")
    try terminal.wait(for: "\n1\n")
    try terminal.wait("the line again") { $0.cursor.line.hasPrefix("1> half = 2") }
    try terminal.run("1", to: 2)
    // While something runs, too.
    terminal.enter("while true {}")
    terminal.type("\u{1a}")
    try terminal.wait("the shell's prompt") { $0.cursor.line.hasPrefix("sh: ") }
    let begun = terminal.screen.linesBegun
    terminal.enter("fg")
    try terminal.wait("the terminal taken again") { $0.linesBegun > begun }
    terminal.type(Self.interrupt)
    try terminal.wait(for: "interrupted")
    try terminal.waitForPrompt(2)
    terminal.enter("half")
    try terminal.wait(for: "\n21\n")
  }
}
