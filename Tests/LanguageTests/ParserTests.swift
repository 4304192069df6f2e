import Language
import Testing

@Suite("Parser") struct ParserTests {
  private func parse(_ text: String) -> Program? {
    if case .program(let program) = Parser.parse(text) { return program }
    return nil
  }

  @Test("what is printed parses to what was printed", arguments: 0..<300)
  func printed(seed: Int) throws {
    var maker = SourceMaker(numbers: SeededNumbers(seed + 1))
    let text: String = maker.program()
    let program: Program = try #require(parse(text), "\(text)")
    let once: String = Printer.text(program)
    let again: Program = try #require(parse(once), "\(once)")
    #expect(Printer.text(again) == once)
    #expect(again.statements.count == program.statements.count)
  }

  @Test("tokens in any order never crash", arguments: 0..<200)
  func shuffled(seed: Int) {
    var numbers = SeededNumbers(seed + 1)
    let words: [String] = [
      "if", "else", "{", "}", "(", ")", "[", "]", "x", "=", "+", "-", "**", ".", ",", ":", "->", "\n", ";", "fn", "1",
      "2.5", "\"s\"", "not", "in", "for", "while", "return", "and", "#c\n", "\"\"\"", "'", "lambda", "def", "is",
      "f\"x\"",
      "requires_grad", "=", "AutoModel", ".", "from_pretrained", "elif", "import",
    ]
    let text: String = (0..<60).map { _ in numbers.pick(words) }.joined(separator: seed % 2 == 0 ? " " : "")
    switch Parser.parse(text) {
    case .program(let program): _ = Printer.text(program)
    case .needsMore(let diagnostic), .failure(let diagnostic):
      for width in [20, 77] { _ = diagnostic.lines(width: width) }
    }
  }

  @Test("bytes of any kind never crash", arguments: 0..<200)
  func bytes(seed: Int) {
    var numbers = SeededNumbers(seed + 1)
    let bytes: [UInt8] = (0..<200).map { _ in
      seed % 2 == 0 ? UInt8(truncatingIfNeeded: numbers.next()) : UInt8(32 + numbers.next() % 96)
    }
    switch Parser.parse(String(decoding: bytes, as: UTF8.self)) {
    case .program(let program): _ = Printer.text(program)
    case .needsMore(let diagnostic), .failure(let diagnostic): #expect(!diagnostic.lines().isEmpty)
    }
  }

  @Test(
    "text that may go on is told from text that is wrong",
    arguments: [
      ("x = [1,", true), ("x =", true), ("f(", true), ("{a: 1", true), ("if x {", true), ("1 +", true), ("x ->", true),
      ("a,", true), ("s = \"\"\"abc", true), ("not", true), ("x and", true), ("fn f(a) {", true), ("(1", true),
      ("if x { 1 } else {", true), ("x", false), ("x.", false), ("fn f(a)", false), ("\"abc", false), ("1 2", false),
      ("if x", false), ("f(]", false), ("}", false), ("", false), ("# only a comment", false),
    ])
  func incomplete(text: String, needsMore: Bool) {
    if case .needsMore = Parser.parse(text) {
      #expect(needsMore, "\(text) needs no more")
    } else {
      #expect(!needsMore, "\(text) needs more")
    }
  }

  @Test("a line typed alone that begins with a point says that the line before has run")
  func lonelyPoint() {
    guard case .failure(let diagnostic) = Parser.parse(".lower()") else {
      Issue.record("`.lower()` is no failure")
      return
    }
    #expect(diagnostic.help == "write `_.lower()`")
  }

  @Test("statements keep their text, the comments before and the comment beside them")
  func comments() throws {
    let text = "# luthier\n\n# %% First\nx = 1  # one\n\n# two\ny = [\n  1, # inside\n  2]\n.len();\n# end\n"
    let program: Program = try #require(parse(text))
    #expect(program.statements.map { program.text(of: $0) } == ["x = 1", "y = [\n  1, # inside\n  2]\n.len()"])
    #expect(program.statements[0].comments == ["# luthier", "", "# %% First"])
    #expect(program.statements[0].trailingComment == "# one")
    #expect(program.statements[1].comments == ["", "# two"])
    #expect(program.statements[1].isSilent)
    #expect(program.closingComments == ["# end"])
  }
}
