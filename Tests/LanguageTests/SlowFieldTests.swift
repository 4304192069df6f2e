import Language
import Testing

/// Fields that take long to read.
@Suite struct SlowFieldTests {
  /// A thing whose field `sum` takes many steps.
  private final class Slow: LanguageObject {
    var steps = 0
    let kind = Kind("slow")
    let fieldNames = ["sum"]
    func field(_ name: String) throws -> Value? { try field(name, checkInterruption: {}) }
    func field(_ name: String, checkInterruption: () throws -> Void) throws -> Value? {
      guard name == "sum" else { return nil }
      for _ in 0..<5 {
        try checkInterruption()
        steps += 1
      }
      return .int(steps)
    }
    func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] { ["slow"] }
  }

  private func interpreter(_ slow: Slow) -> Interpreter {
    let interpreter = Interpreter(builtins: BuiltinTable([]))
    interpreter.define("a", .object(slow))
    return interpreter
  }

  private func run(_ text: String, _ interpreter: Interpreter) throws {
    guard case .program(let program) = Parser.parse(text) else { throw LanguageError.message("doesn't parse") }
    for statement in program.statements { _ = try interpreter.run(statement, in: program.source) }
  }

  @Test func readingOneEndsByAnInterruption() throws {
    let slow = Slow()
    let interpreter = interpreter(slow)
    interpreter.interruption.request()
    #expect(throws: LanguageError.self) { try run("x = a.sum", interpreter) }
    #expect(slow.steps == 0)
    #expect(interpreter.value(of: "x") == nil)
    try run("x = a.sum", interpreter)
    #expect(slow.steps == 5)
    #expect(interpreter.value(of: "x") != nil)
  }

  /// At the prompt nobody has asked for it, and nothing could stop it.
  @Test func completionAndHelpDoNotComputeOne() throws {
    let slow = Slow()
    let interpreter = interpreter(slow)
    _ = CompletionEngine(interpreter) { _ in [] }.complete("a.sum.")
    #expect(throws: LanguageError.self) { try Help.lines("a.sum", interpreter) }
    #expect(slow.steps == 0)
    #expect(CompletionEngine(interpreter) { _ in [] }.complete("a.").items.map(\.text) == ["sum"])
  }
}
