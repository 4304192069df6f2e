import Builtins
import Foundation
import Language
import Testing

@Suite("Deep nesting") struct DeepNestingTests {
  private func message(_ text: String) -> String {
    BigStack.run {
      switch Parser.parse(text) {
      case .failure(let diagnostic), .needsMore(let diagnostic): return diagnostic.message
      case .program(let program):
        let interpreter = Interpreter(builtins: BuiltinTable(Builtin.all))
        do {
          for statement in program.statements { _ = try interpreter.run(statement, in: program.source) }
          return "fine"
        } catch { return "\(error)" }
      }
    }
  }

  /// The display of the last value.
  private func shown(_ text: String) -> String {
    BigStack.run {
      guard case .program(let program) = Parser.parse(text) else { return "" }
      let interpreter = Interpreter(builtins: BuiltinTable(Builtin.all))
      var value: Value?
      for statement in program.statements { value = try? interpreter.run(statement, in: program.source).value }
      return value?.display().map(\.plain).joined(separator: "\n") ?? ""
    }
  }

  @Test(
    "brackets, prefixes and chains of any length end in an error or in a value",
    arguments: [
      ("(", ")", "nested too deeply"), ("[", "]", "nested too deeply"), ("{a: ", "}", "nested too deeply"),
      ("not ", "", "nested too deeply"), ("- ", "", "nested too deeply"), ("x -> ", "", "nested too deeply"),
      ("2 ** ", "", "nested too deeply"), ("if true { ", " }", "nested too deeply"), ("f(", ")", "nested too deeply"),
      ("1 + ", "", "too long"), ("1 and ", "", "too long"), ("1 < ", "", "fine"), ("", ".abs()", "too long"),
      ("", "[0]", "too long"), ("if true { 1 } else ", "", "nested too deeply"),
    ])
  func syntax(open: String, close: String, expected: String) {
    let last: String = open.hasPrefix("if true { 1 }") ? "{ 1 }" : "1"
    let text: String = String(repeating: open, count: 100_000) + last + String(repeating: close, count: 100_000)
    #expect(message(text).contains(expected))
  }

  @Test("values nested without end are an error, and what there is of them is released")
  func values() {
    #expect(message("x = []\nwhile true { x = [x] }").contains("deep"))
    #expect(message("x = {}\nwhile true { x = {a: x} }").contains("deep"))
    #expect(message("x = []\nwhile true { x = append([], x) }").contains("deep"))
  }

  @Test("a chain of 200,000 closures is released without overflow")
  func closures() {
    let text = "fn wrap(g) { x -> g(x) }\nf = x -> x\nfor i in range(200000) { f = wrap(f) }\nf = none"
    #expect(message(text) == "fine")
  }

  @Test("runaway recursion is an error")
  func recursion() {
    #expect(message("fn f(x) { f(x + 1) }\nf(0)").contains("deep"))
    #expect(message("fn f(x) { [x].map(y -> f(y)) }\nf(0)").contains("deep"))
    #expect(message("f = x -> x\nfn g(x) { 1 + g(if true { x } else { 2 }) }\ng(1)").contains("deep"))
  }

  @Test("lists that hold one another doubly end at a bound, below which they are compared and shown")
  func shared() {
    #expect(message("x = [1]\nfor i in range(200) { x = [x, x] }").contains("at most 100,000,000 values"))
    #expect(message("x = {a: 1}\nfor i in range(200) { x = {a: x, b: x} }").contains("at most 100,000,000 values"))
    let text = "x = [1]\ny = [1]\nfor i in range(12) { x = [x, x]\n y = [y, y] }\nassert x == x\nassert x == y\nx"
    #expect(message(text) == "fine")
    #expect(shown("x = [1]\nfor i in range(12) { x = [x, x] }\nx").hasPrefix("[["))
    #expect(shown("x = {a: 1}\nfor i in range(12) { x = {a: x, b: x} }\nx").hasPrefix("a"))
  }
}
