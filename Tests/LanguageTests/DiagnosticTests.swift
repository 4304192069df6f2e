import Language
import Testing

@Suite("Errors as the user sees them") struct DiagnosticTests {
  private func shown(_ text: String, width: Int = 77) -> String {
    BigStack.run {
      switch Parser.parse(text) {
      case .failure(let diagnostic), .needsMore(let diagnostic):
        return diagnostic.lines(width: width).map(\.plain).joined(separator: "\n")
      case .program(let program):
        let interpreter = Interpreter(builtins: BuiltinTable([]))
        for statement in program.statements {
          do {
            _ = try interpreter.run(statement, in: program.source)
          } catch LanguageError.failure(let diagnostic) {
            return diagnostic.lines(width: width).map(\.plain).joined(separator: "\n")
          } catch { return "\(error)" }
        }
        return "fine"
      }
    }
  }

  @Test("a run-time error points at its place")
  func place() {
    #expect(
      shown("loss = 3\nx = 1 + loss / 0") == """
        error: division by zero
          2 | x = 1 + loss / 0
            |         ^^^^^^^^
        """)
  }

  @Test("a mistyped name gets the nearest ones and the corrected line")
  func nearest() {
    #expect(
      shown("reviews = 1\nreveiws + 2") == """
        error: `reveiws` has no value
          2 | reveiws + 2
            | ^^^^^^^
          help: did you mean reviews?
          try:  reviews + 2
        """)
  }

  @Test("wide characters and tabs before the place don't move the carets")
  func wide() {
    #expect(
      shown("x = \"日本\" +\t1") == """
        error: `+` isn't defined between a string and an int
          1 | x = "日本" + 1
            |     ^^^^^^^^^^
          help: make it text: `str(x)`
        """)
  }

  @Test("an error in a function says where it was called")
  func calls() {
    #expect(
      shown("fn half(x) { x / 0 }\nhalf(2)") == """
        error: division by zero
          1 | fn half(x) { x / 0 }
            |              ^^^^^
          in half
        """)
  }

  @Test("every line fits the width", arguments: [30, 50, 77])
  func fits(width: Int) {
    let long: String =
      String(repeating: "very_long_name + ", count: 20) + "1 / 0 + " + String(repeating: "日", count: 40)
    for line in shown(long, width: width).split(separator: "\n") { #expect(TextWidth.of(String(line)) <= width) }
  }
}
