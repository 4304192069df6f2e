import Foundation
import Testing

/// A lesson, cell by cell.
@Suite struct LessonTests {
  @Test func aLessonsProseIsSetToTheWidth() throws {
    let folder = try TemporaryFolder()
    let prose = "# The simplest way to put a pretrained transformer to work is to leave it exactly as it\n# is.\n"
    try folder.write("l.luth", "# luthier 1.0\n\n# %% First\n" + prose + "#   - kept as it stands\nx = 20\n")
    let terminal = try BuiltProgram.terminal(["lesson", "l.luth"], in: folder, columns: 50, prompt: nil)
    try terminal.wait(for: "Enter runs it")
    let text = terminal.screen.text
    #expect(
      text.contains("The simplest way to put a pretrained\ntransformer to work is to leave it exactly as\nit is."),
      "\(text)")
    #expect(text.contains("\n  - kept as it stands\n"), "\(text)")
  }

  @Test func whatFollowsAStoppedStatementOfALessonWaits() throws {
    let folder = try TemporaryFolder()
    try folder.tinyModel("tiny")
    let text = String(repeating: "words of a film ", count: 12)
    try folder.write("rows.jsonl", String(repeating: "{\"text\": \"\(text)\"}\n", count: 60_000))
    try folder.write(
      "l.luth",
      "# %% One\nm = load(\"tiny\")\nt = read(\"rows.jsonl\")\nx = m.features(t, cache: false)\nprint(6 * 7)\n")
    let terminal = try BuiltProgram.terminal(["lesson", "l.luth"], in: folder, prompt: nil)
    try terminal.wait(for: "Enter runs it")
    terminal.enter("")
    try terminal.waitForBar("features")
    terminal.type("\u{3}")
    try terminal.wait(for: "stopped: the rest of the cell waits")
    #expect(!terminal.screen.text.contains("\n42"))
    terminal.enter("")
    try terminal.wait(for: "\n42\n")
    #expect(try terminal.waitForEnd() == 0)
  }

  @Test func aLessonSpeaksOfAnOutputAfterIt() throws {
    let folder = try TemporaryFolder()
    try folder.write("l.luth", "# %% One\n# Before.\n6 * 7\n#> 42\n# An answer.\n\n# %% Two\n1 + 1\n#> 2\n")
    let terminal = try BuiltProgram.terminal(["lesson", "l.luth"], in: folder, prompt: nil)
    try terminal.wait(for: "Enter runs it")
    #expect(terminal.screen.text.contains("Before.") && !terminal.screen.text.contains("An answer."))
    terminal.enter("")
    try terminal.wait(for: "Two   2 of 2")
    #expect(terminal.screen.text.contains("\n42\nAn answer.\n"))
  }

  @Test func aLessonRunsCellByCell() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "l.luth", "# luthier 1.0 · seed 0\n\n# %% First\n# Words.\nx = 20\nx\n#> 20\n\n# %% Second\nx + 1\n#> 21\n")
    let terminal = try BuiltProgram.terminal(["lesson", "l.luth"], in: folder, prompt: nil)
    try terminal.wait(for: "Enter runs it")
    #expect(terminal.screen.text.contains("First   1 of 2"))
    #expect(!terminal.screen.text.contains("#>"))
    terminal.enter("")
    try terminal.wait(for: "Second   2 of 2")
    #expect(terminal.screen.text.contains("\n20\n"))
    terminal.enter("x * 2")
    try terminal.wait(for: "\n40\n")
    terminal.enter("")
    #expect(try terminal.waitForEnd() == 0)
    #expect(terminal.screen.text.contains("\n21\n"))
  }
}
