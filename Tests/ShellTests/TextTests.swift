import Foundation
import Language
import Shell
import Testing

@Suite struct PastedTextTests {
  @Test(arguments: [
    ("3> x = 1\n#> 1\n4> y\n", "x = 1\ny"),
    ("for x in xs {\n..   f(x)\n.. }", "for x in xs {\n  f(x)\n}"),
    (" .. }\n12> a\n", "}\na"),
    (">>> x\n", "x"),
    ("3> x", "x"),
    ("3 > x", "3 > x"),
    ("3>x\n", "3>x"),
    ("a\n  #~ 6.1 s\nb", "a\nb"),
    ("..3\n", "..3"),
    ("In [1]: x = [1,\n   ...:      2]\nOut[1]: 3\nIn [12]: x\n", "x = [1,\n     2]\nx"),
    ("In [1]: x", "x"),
    ("In [x]: y\n", "In [x]: y"),
  ])
  func promptsAndOutputGo(_ pasted: String, _ cleaned: String) {
    #expect(PastedText.cleaned(pasted) == cleaned)
  }

  @Test func inTheMiddleOfALineNothingIsAPrompt() {
    #expect(PastedText.cleaned("3> x", continuing: true) == "3> x")
    #expect(PastedText.cleaned("a\n4> b", continuing: true) == "a\nb")
  }
}

@Suite struct StreamWrapTests {
  private func wrapped(_ pieces: [String], columns: Int) -> String {
    var wrap = StreamWrap()
    return pieces.map { wrap.add($0, columns: columns) }.joined()
  }

  @Test func linesBreakBetweenWords() {
    #expect(wrapped(["The sun", " is", " shin", "ing"], columns: 12) == "The sun is \nshining")
    #expect(wrapped(["abcde fg"], columns: 6) == "abcde\nfg")
    #expect(wrapped(["ab\ncd", " e"], columns: 6) == "ab\ncd e")
  }

  @Test func aWordThatGrowsTooLongMovesToTheNextLine() {
    #expect(wrapped(["The sun shi", "nes"], columns: 12) == "The sun shi\u{1b}[3D\u{1b}[K\nshines")
    #expect(wrapped(["abcdefg"], columns: 6) == "abcde\nfg")
  }

  @Test func wideCharactersBreakAnywhereAndNothingCommandsTheTerminal() {
    #expect(wrapped(["日本", "語"], columns: 6) == "日本\n語")
    #expect(wrapped(["ab日語"], columns: 6) == "ab日\n語")
    #expect(wrapped(["\u{1b}[2J"], columns: 40) == "␛[2J")
  }
}

@Suite struct HistoryTests {
  @Test func entriesWithLineFeedsSurvive() throws {
    let path = NSTemporaryDirectory() + "/luthier-history-\(UUID().uuidString)"
    defer { unlink(path) }
    var history = History(path: path)
    let added = [history.add("a\nb\\n\tc"), history.add("a\nb\\n\tc"), history.add("d")]
    #expect(added == [true, false, true])
    #expect(History(path: path).entries == ["a\nb\\n\tc", "d"])
  }
}

@Suite struct JournalTests {
  @Test func aTornLastLineIsDropped() {
    let whole = "began\t1\t/x\nran\t1\ta = 1\nran\t2\tb = \\n2\n"
    #expect(Journal.standing(Journal.decoded(whole)).map(\.source) == ["a = 1", "b = \n2"])
    #expect(Journal.standing(Journal.decoded(String(whole.dropLast(1)))).map(\.source) == ["a = 1"])
    #expect(Journal.decoded("").isEmpty)
  }

  @Test func eachStatementKnowsWhereItRan() {
    let text = "began\t1\t/x\nran\t1\ta\nmoved\t/y\nran\t2\tb\n"
    #expect(Journal.standing(Journal.decoded(text)).map(\.directory) == ["/x", "/y"])
  }

  @Test func aRecoveryThatWasCutShortGivesWayToWhatItRecovered() throws {
    let folder = NSTemporaryDirectory() + "/luthier-journals-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func put(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/session-" + name))
    }
    try put("1", "began\t1\t/x\nran\t1\ta\nran\t2\tb\n")
    try put("2", "began\t1\t/x\nrecovering\nran\t1\ta\n")
    #expect(Journal.newestLeft(in: folder)?.statements.map(\.source) == ["a", "b"])
    #expect(!FileManager.default.fileExists(atPath: folder + "/session-2"))
    try FileManager.default.removeItem(atPath: folder + "/session-1")
    try put("3", "began\t1\t/x\nrecovering\nran\t1\ta\nrecovered\nran\t3\tc\n")
    #expect(Journal.newestLeft(in: folder)?.statements.map(\.source) == ["a", "c"])
  }

  @Test func statementsOfAScriptKnowItsFolder() {
    let text = "began\t1\t/x\nbeside\t/s\nran\t1\ta\nbeside\t\nran\t2\tb\n"
    #expect(Journal.standing(Journal.decoded(text)).map(\.beside) == ["/s", nil])
    #expect(Journal.standing(Journal.decoded(text)).map(\.directory) == ["/x", "/x"])
  }

  @Test func undoAndRedoAreFollowed() {
    let text = "began\t1\t/x\nran\t1\ta\nran\t2\tb\nundid\nundid\nredid\nran\t2\tc\nredid\n"
    #expect(Journal.standing(Journal.decoded(text)).map(\.source) == ["a", "c"])
  }
}

@Suite struct CellTextTests {
  @Test func shellLinesStandOnlyWhereNoStatementIsOpen() {
    #expect(CellText.parts(of: ":undo") == [.shell(.command("undo", ""), ":undo")])
    #expect(CellText.parts(of: "a = 1\n:vars\nb = 2").count == 3)
    #expect(CellText.parts(of: "x = \"\"\"\n:set\n\"\"\"").count == 1)
    #expect(CellText.parts(of: "f(\n?x\n)").count == 1)
    #expect(CellText.parts(of: "help fit") == [.shell(.help("fit"), "help fit")])
    #expect(CellText.parts(of: "help :undo") == [.shell(.help(":undo"), "help :undo")])
    #expect(CellText.parts(of: "help = 3") == [.code("help = 3")])
    #expect(CellText.parts(of: "\n  \n").isEmpty)
  }
}

@Suite struct SavedScriptTests {
  @Test func valuesOfCellsGetNames() {
    let script = SavedScript(
      header: ["# luthier 1.0"],
      statements: [
        SavedStatement(
          cell: 1, source: "f(1)", givesValue: true,
          printed: ["on the way", "a model without a name: keep it with  name = _"], shown: ["7"]),
        SavedStatement(
          cell: 2, comments: ["# %% Next"], source: "g(_, \"_\")", trailingComment: "# why", givesValue: true),
        SavedStatement(cell: 3, source: "h(_1, _2)", givesValue: true, isSilent: true),
        SavedStatement(cell: 4, source: "xs.map(_ -> _)", givesValue: true),
      ], taken: ["value_1"])
    #expect(
      script.text == """
        # luthier 1.0

        value_1_2 = f(1)
        #> on the way
        value_1_2
        #> 7

        # %% Next
        value_2 = g(value_1_2, "_")  # why

        h(value_1_2, value_2);

        xs.map(_ -> _)

        """)
  }

  @Test func linesThatVaryAreKeptApart() {
    let script = SavedScript(statements: [
      SavedStatement(cell: 1, source: "f()", shown: ["loss 0.5", StyledText("6.1 s").varying(), ""])
    ])
    #expect(script.text == "f()\n#> loss 0.5\n#~ 6.1 s\n#>\n")
  }
}

@Suite struct CompletionMenuTests {
  private func answer(_ items: [Completion], typed: String) -> CompletionAnswer {
    CompletionMenu.answer(CompletionList(prefix: typed, groups: [.init("", items)]), width: 77)
  }

  @Test func theSharedPartIsPutIn() {
    let heads = [Completion("for_masked_lm"), Completion("for_causal_lm")]
    #expect(answer(heads, typed: "fo").inserting == "r_")
    #expect(answer(heads, typed: "for_").showing == "for_masked_lm  for_causal_lm")
    #expect(answer([Completion("fit")], typed: "f").inserting == "it")
    #expect(answer([Completion("SmolLM2")], typed: "smo") == CompletionAnswer(deleting: 3, inserting: "SmolLM2"))
    #expect(answer([], typed: "f") == CompletionAnswer())
  }

  @Test func listsFitTheWidth() {
    let candidates = (0..<60).map { Completion("candidate_\($0)") }
    let shown = answer(candidates, typed: "candidate_").showing
    #expect(shown.split(separator: "\n").allSatisfy { $0.count <= 77 })
    #expect(shown.contains("candidate_59"))
  }
}

@Suite struct ShellLineTests {
  @Test(arguments: ["exit", "quit", "exit()", " quit() "])
  func leaves(_ line: String) { #expect(ShellLine(line) == .command("quit", "")) }

  @Test(arguments: ["help(x)", "exit(1)", "help = 3"])
  func callsBelongToTheLanguage(_ line: String) { #expect(ShellLine(line) == nil) }
}
