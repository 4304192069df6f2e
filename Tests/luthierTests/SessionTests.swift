import Foundation
import Testing

/// Saving, replaying, recovering.
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
    terminal.type("\u{4}")
    #expect(try terminal.waitForEnd() == 0)
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

  @Test func aCrashTakesNothingWithIt() throws {
    let folder = try TemporaryFolder()
    let terminal = try BuiltProgram.terminal(in: folder)
    try terminal.run("a = 40", to: 2)
    try terminal.run("b = a + 1", to: 3)
    try terminal.run("c = 9", to: 4)
    terminal.enter(":undo")
    try terminal.wait(for: "took back")
    terminal.signal(SIGKILL)
    #expect(try terminal.waitForEnd() == -SIGKILL)
    let next = try BuiltProgram.terminal(in: folder)
    #expect(next.screen.text.contains("luthier --recover"))
    next.type("\u{4}")
    #expect(try next.waitForEnd() == 0)
    let recovered = try BuiltProgram.terminal(["--recover"], in: folder, prompt: 3)
    recovered.enter("b + 1")
    try recovered.wait(for: "\n42")
    try recovered.waitForPrompt(4)
    recovered.enter("c")
    try recovered.wait(for: "error")
    try recovered.waitForPrompt(4)  // a Ctrl-D before it would be the terminal's
    recovered.type("\u{4}")
    #expect(try recovered.waitForEnd() == 0)
    let last = try BuiltProgram.terminal(in: folder)
    #expect(!last.screen.text.contains("luthier --recover"))
  }

  @Test func aCrashAfterAChangeOfFolderIsRecoveredWhereItRan() throws {
    let folder = try TemporaryFolder()
    try folder.write("one.txt", "above")
    try folder.write("sub/two.txt", "below")
    let terminal = try BuiltProgram.terminal(in: folder)
    try terminal.run("a = read_text(\"one.txt\")", to: 2)
    terminal.enter(":cd sub")
    try terminal.waitForPrompt(2)
    try terminal.run("b = read_text(\"two.txt\")", to: 3)
    terminal.signal(SIGKILL)
    #expect(try terminal.waitForEnd() == -SIGKILL)
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
    terminal.signal(SIGKILL)
    #expect(try terminal.waitForEnd() == -SIGKILL)
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
    terminal.signal(SIGKILL)
    #expect(try terminal.waitForEnd() == -SIGKILL)
    try FileManager.default.removeItem(atPath: folder.path + "/one.txt")
    let failed = try BuiltProgram.terminal(["--recover"], in: folder, prompt: nil)
    try failed.wait(for: "the rest waits at the prompt")
    try failed.waitForPrompt(2)
    failed.type("\u{3}")
    try failed.waitForPrompt(2)
    failed.type("\u{4}")
    #expect(try failed.waitForEnd() == 0)
    try folder.write("one.txt", "below")
    let again = try BuiltProgram.terminal(["--recover"], in: folder, prompt: 3)
    again.enter("b + str(a)")
    try again.wait(for: "below40")
    try again.waitForPrompt(4)
    again.type("\u{4}")
    #expect(try again.waitForEnd() == 0)
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
    terminal.signal(SIGKILL)
    #expect(try terminal.waitForEnd() == -SIGKILL)
    let recovered = try BuiltProgram.terminal(["--recover"], in: folder, prompt: 2)
    recovered.enter("a + 2")
    try recovered.wait(for: "\n42")
  }

  @Test func savingSaysWhatTheScriptWillNotFind() throws {
    let folder = try TemporaryFolder()
    try folder.write("one.txt", "above")
    try folder.write("sub/two.txt", "below")
    let terminal = try BuiltProgram.terminal(in: folder)
    try terminal.run("a = read_text(\"one.txt\")", to: 2)
    terminal.enter(":cd sub")
    try terminal.waitForPrompt(2)
    try terminal.run("b = read_text(\"two.txt\")", to: 3)
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
