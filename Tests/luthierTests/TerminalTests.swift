import Foundation
import Testing

/// The shell at a terminal of 80 columns, typed at as a person would.
@Suite struct TerminalTests {
  private static let enter = "\r"
  private static let interrupt = "\u{3}"
  private static let end = "\u{4}"
  private static let up = "\u{1b}[A"
  private static let left = "\u{1b}[D"

  @Test func startsWithinTheWidthAndLeavesAtCtrlD() throws {
    let terminal = try BuiltProgram.terminal()
    #expect(terminal.screen.text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    terminal.type(Self.end)
    #expect(try terminal.waitForEnd() == 0)
  }

  @Test func taggedSentencesAreDataToo() throws {
    let folder = try TemporaryFolder()
    try folder.write("words.conll", "Anna\tB-PER\n")
    #expect(try BuiltProgram.terminal(in: folder).screen.text.contains("  data      words.conll\n"))
  }

  @Test func linesOfTheShellAreSaidWhole() throws {
    let terminal = try BuiltProgram.terminal()
    terminal.enter(":help")
    try terminal.wait(for: "help words lists them")
    let lines = terminal.screen.text.split(separator: "\n").filter { $0.hasPrefix("  :") }
    #expect(lines.count > 10)
    #expect(lines.allSatisfy { !$0.contains("…") })
    terminal.enter(":set nothing")
    try terminal.wait(for: "colour on|off")
  }

  @Test func cellsAreNumberedAndRememberTheirValues() throws {
    let terminal = try BuiltProgram.terminal()
    terminal.enter("20 + 1")
    try terminal.wait(for: "\n21")
    try terminal.waitForPrompt(2)
    terminal.enter("_ * 2")
    try terminal.wait(for: "\n42")
    try terminal.waitForPrompt(3)
    terminal.enter("_1 + _2")
    try terminal.wait(for: "\n63")
  }

  @Test func aCellOverSeveralLinesIsOneEntryOfTheHistory() throws {
    let terminal = try BuiltProgram.terminal()
    terminal.enter("for x in [1, 2] {")
    try terminal.wait("continuation") { $0.cursor.line.hasPrefix("..") }
    terminal.enter("print(x * 11)")
    terminal.enter("}")
    try terminal.wait(for: "\n22")
    try terminal.waitForPrompt(2)
    terminal.type(Self.up)
    try terminal.wait(for: "2> for x in [1, 2] {\nprint(x * 11)\n}")
    terminal.type(Self.enter)
    try terminal.waitForPrompt(3)
  }

  @Test func ctrlCClearsTheLineAndAnOpenCell() throws {
    let terminal = try BuiltProgram.terminal()
    terminal.type("1 + nonsense")
    try terminal.wait(for: "nonsense")
    terminal.type(Self.interrupt)
    try terminal.wait(for: "^C\n1>")
    terminal.enter("[1,")
    try terminal.wait("continuation") { $0.cursor.line.hasPrefix("..") }
    terminal.type(Self.interrupt)
    try terminal.waitForPrompt(1)
    terminal.enter("[6].map(x -> x * 7)[0]")
    try terminal.wait(for: "\n42")
  }

  @Test func ctrlCEndsASearchAndAPasteThatNeverEnds() throws {
    let terminal = try BuiltProgram.terminal()
    try terminal.run("needle = 17", to: 2)
    terminal.type("\u{12}needl")
    try terminal.wait(for: "needle = 17\n")
    terminal.type(Self.interrupt)
    try terminal.wait(for: "^C\n2>")
    terminal.type("\u{1b}[200~half a paste")
    terminal.type(Self.interrupt)
    try terminal.wait("the prompt again") { $0.text.components(separatedBy: "^C\n2>").count == 3 }
    terminal.enter("needle + 1")
    try terminal.wait(for: "\n18")
  }

  @Test func ctrlCEndsALoop() throws {
    let terminal = try BuiltProgram.terminal()
    try terminal.run("x = 1", to: 2)
    terminal.enter("while true { x += 1 }")
    terminal.type(Self.interrupt)
    try terminal.wait(for: "interrupted")
    try terminal.waitForPrompt(2)
    terminal.type(Self.interrupt + Self.interrupt)
    terminal.enter("x")
    try terminal.wait(for: "\n1\n")
  }

  @Test func aPasteRunsStatementByStatementWithoutPromptsAndOutput() throws {
    let terminal = try BuiltProgram.terminal()
    terminal.paste("3> a = [1,\n..  2]\n#> shown\n4> a[1] + 40\n#> 42\n")
    try terminal.wait(for: "a[1] + 40")
    terminal.type(Self.enter)
    try terminal.wait(for: "\n42")
    try terminal.waitForPrompt(2)
  }

  @Test func whatFollowsAFailureWaitsAtThePrompt() throws {
    let terminal = try BuiltProgram.terminal()
    terminal.paste("a = 1\nb = 2\nc = a + nowhere\nd = 4\ne = 5\n")
    try terminal.wait(for: "e = 5")
    terminal.type(Self.enter)
    try terminal.wait(for: "2> c = a + nowhere\nd = 4\ne = 5")
    terminal.type(Self.interrupt)
    try terminal.waitForPrompt(2)
    terminal.enter("a + b")
    try terminal.wait(for: "\n3\n")
  }

  @Test func historyStaysAndCtrlRFindsIt() throws {
    let folder = try TemporaryFolder()
    let first = try BuiltProgram.terminal(in: folder)
    try first.run("needle = 17", to: 2)
    try first.run("other = 1", to: 3)
    first.type(Self.end)
    #expect(try first.waitForEnd() == 0)
    let second = try BuiltProgram.terminal(in: folder)
    second.type("\u{12}needl")
    try second.wait(for: "needle = 17")
    second.type(Self.enter)
    try second.waitForPrompt(2)
    second.enter("needle + 1")
    try second.wait(for: "\n18")
  }

  @Test func wideCharactersAreEdited() throws {
    let terminal = try BuiltProgram.terminal()
    terminal.type("\"你好 wörld\"" + Self.left + Self.left + "X" + Self.enter)
    try terminal.wait(for: "你好 wörlXd")
    try terminal.waitForPrompt(2)
  }

  @Test func resizingKeepsTheLine() throws {
    let terminal = try BuiltProgram.terminal()
    terminal.type("total = 12345")
    try terminal.wait(for: "total = 12345")
    let before = terminal.output.count
    terminal.resize(columns: 50, rows: 20)
    try terminal.wait("the line drawn anew") { _ in terminal.output.count > before }
    terminal.type(" + 1" + Self.enter)
    try terminal.waitForPrompt(2)
    terminal.enter("total")
    try terminal.wait(for: "\n12346")
  }

  @Test func tabCompletesNamesAndShowsThem() throws {
    let terminal = try BuiltProgram.terminal()
    try terminal.run("my_long_name = 5", to: 2)
    terminal.type("my_l\t")
    try terminal.wait(for: "2> my_long_name")
    terminal.type(" + 1" + Self.enter)
    try terminal.wait(for: "\n6")
  }

  @Test func undoSaysWhatItTakesBack() throws {
    let terminal = try BuiltProgram.terminal()
    try terminal.run("a = 1", to: 2)
    try terminal.run("a = 2", to: 3)
    terminal.enter(":undo")
    try terminal.wait(for: "took back cell 2: a = 2")
    terminal.enter("a")
    try terminal.wait(for: "\n1\n")
    try terminal.waitForPrompt(4)
  }

  @Test func theShellsOwnLinesAndBareWords() throws {
    let terminal = try BuiltProgram.terminal()
    terminal.enter(":undoo")
    try terminal.wait(for: "did you mean :undo")
    terminal.enter(":s")
    try terminal.wait(for: ":s could be :save, :set")
    terminal.enter("help")
    try terminal.wait(for: ":save lesson.luth")
    terminal.enter(":help tokenize")
    try terminal.wait(for: "Split text into the model's tokens")
    terminal.enter("help undo")
    try terminal.wait(for: "Take back the last cell, training included.")
    terminal.enter("?:redo")
    try terminal.wait(for: "Bring back what :undo took.")
    terminal.enter("exit")
    #expect(try terminal.waitForEnd() == 0)
  }

  @Test func infoNamesTheVersionsOfLibraries() throws {
    let terminal = try BuiltProgram.terminal()
    try terminal.run(":info", to: 1)
    for library in ["OpenBLAS", "SQLite", "libcurl", "libedit"] {
      let line = try #require(terminal.screen.text.split(separator: "\n").first { $0.hasPrefix("  \(library) ") })
      #expect(line.dropFirst(16).first?.isNumber == true, "\(line)")
    }
  }

  @Test func aLostTerminalEndsIt() throws {
    let folder = try TemporaryFolder()
    let terminal = try BuiltProgram.terminal(in: folder)
    try terminal.run("a = 1", to: 2)
    terminal.signal(SIGHUP)
    #expect(try terminal.waitForEnd() == 0)
    let next = try BuiltProgram.terminal(in: folder)
    #expect(next.screen.text.contains("luthier --recover"))
  }

  @Test func anEditorReadsFromTheTerminal() throws {
    let folder = try TemporaryFolder()
    try folder.write("editor", "#!/bin/sh\nprintf 'new text: '\nread text\necho \"$text\" > \"$1\"\n")
    chmod(folder.path + "/editor", 0o755)
    let terminal = try BuiltProgram.terminal(in: folder, environment: ["EDITOR": folder.path + "/editor"])
    try terminal.run("a = 1", to: 2)
    terminal.enter(":edit 1")
    try terminal.wait(for: "new text:")
    terminal.enter("a = 41 + 1")
    try terminal.wait(for: "2> a = 41 + 1")
    terminal.type(Self.enter)
    try terminal.waitForPrompt(3)
    terminal.enter("a")
    try terminal.wait(for: "\n42\n")
  }

  @Test func coloursOnlyWhereWanted() throws {
    let folder = try TemporaryFolder()
    let plain = try BuiltProgram.terminal(in: folder)
    plain.enter("nowhere")
    try plain.wait(for: "error")
    #expect(!String(decoding: plain.output, as: UTF8.self).contains("\u{1b}[1;31m"))
    let coloured = try BuiltProgram.terminal(in: folder, environment: ["NO_COLOR": ""])
    coloured.enter("nowhere")
    try coloured.wait(for: "error")
    #expect(String(decoding: coloured.output, as: UTF8.self).contains("\u{1b}[1;31m"))
  }
}
