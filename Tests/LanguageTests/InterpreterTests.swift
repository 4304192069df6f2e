import Foundation
import Language
import Testing

@Suite("Interpreter") struct InterpreterTests {
  /// A thing with identity that counts.
  final class Counter: LanguageObject {
    var count = 0
    let kind = Kind("counter")
    let hasIdentity = true
    let settableFields = ["count"]
    let fieldNames = ["count"]

    struct Before: ObjectSnapshot {
      let counter: Counter
      let count: Int
      var heldBytes: Int { 8 }
      func restore() { counter.count = count }
    }

    func field(_ name: String) throws -> Value? { name == "count" ? .int(count) : nil }
    func setField(_ name: String, to value: Value) throws {
      guard case .int(let number) = value else { throw LanguageError.message("count takes an int") }
      count = number
    }
    func snapshot() -> (any ObjectSnapshot)? { Before(counter: self, count: count) }
    func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] { ["counter \(count)"] }
  }

  private func statements(_ text: String) throws -> Program {
    guard case .program(let program) = Parser.parse(text) else {
      throw LanguageError.message("\(text) doesn't parse")
    }
    return program
  }

  @discardableResult
  private func run(_ text: String, _ interpreter: Interpreter) throws -> [StatementResult] {
    let program: Program = try statements(text)
    return try program.statements.map { try interpreter.run($0, in: program.source) }
  }

  @Test("a failed statement leaves names and objects as they were")
  func failure() throws {
    let interpreter = Interpreter(builtins: BuiltinTable([]))
    let counter = Counter()
    interpreter.define("c", .object(counter))
    try run("x = 1\nc.count = 2", interpreter)
    #expect(throws: LanguageError.self) { try run("for i in [1, 2] { x = 10\n c.count += 5\n 1 / 0 }", interpreter) }
    #expect(interpreter.value(of: "x")?.isEqual(to: 1) == true)
    #expect(counter.count == 2)
    #expect(interpreter.value(of: "i") == nil)
  }

  @Test("a statement is taken back and brought forth again")
  func undo() throws {
    let interpreter = Interpreter(builtins: BuiltinTable([]))
    let counter = Counter()
    interpreter.define("c", .object(counter))
    try run("x = 1", interpreter)
    let result: StatementResult = try run("if true { x = 2\n y = 3\n c.count = 7 }", interpreter)[0]
    #expect(result.undo.names.sorted() == ["x", "y"])
    let forward: UndoRecord = try interpreter.takeBack(result.undo)
    #expect(interpreter.value(of: "x")?.isEqual(to: 1) == true)
    #expect(interpreter.value(of: "y") == nil)
    #expect(counter.count == 0)
    try interpreter.takeBack(forward)
    #expect(interpreter.value(of: "y")?.isEqual(to: 3) == true)
    #expect(counter.count == 7)
  }

  /// A thing that changes and does not let itself be put back while it is locked.
  final class Stubborn: LanguageObject {
    struct Locked: Error {}
    struct Before: ObjectSnapshot {
      let thing: Stubborn
      let count: Int
      var heldBytes: Int { 0 }
      func restore() throws {
        if thing.isLocked { throw Locked() }
        thing.count = count
      }
    }

    var count = 0
    var isLocked = false
    let kind = Kind("stubborn thing")
    let hasIdentity = true
    let settableFields = ["count"]

    func setField(_ name: String, to value: Value) throws {
      guard case .int(let number) = value else { throw LanguageError.message("count takes an int") }
      count = number
    }
    func snapshot() -> (any ObjectSnapshot)? { Before(thing: self, count: count) }
    func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] { ["stubborn \(count)"] }
  }

  @Test("where one thing can't be put back, nothing is, and the undo can be tried again")
  func undoThatFails() throws {
    let interpreter = Interpreter(builtins: BuiltinTable([]))
    let (counter, stubborn) = (Counter(), Stubborn())
    interpreter.define("c", .object(counter))
    interpreter.define("s", .object(stubborn))
    let result: StatementResult = try run("if true { x = 1\n s.count = 3\n c.count = 7 }", interpreter)[0]
    stubborn.isLocked = true
    #expect(throws: Stubborn.Locked.self) { try interpreter.takeBack(result.undo) }
    #expect(interpreter.value(of: "x")?.isEqual(to: 1) == true)
    #expect(counter.count == 7)
    #expect(stubborn.count == 3)
    stubborn.isLocked = false
    try interpreter.takeBack(result.undo)
    #expect(interpreter.value(of: "x") == nil)
    #expect(counter.count == 0)
    #expect(stubborn.count == 0)
  }

  @Test("a failed statement whose change can't be put back says so")
  func failureThatStays() throws {
    final class Remarks: InterpreterHost {
      var notes: [String] = []
      func show(_ lines: [StyledText]) {}
      func note(_ text: String) { notes.append(text) }
      func confirm(_ question: String) throws -> Bool { false }
      func help(forMissing name: String) -> String? { nil }
    }
    let remarks = Remarks()
    let interpreter = Interpreter(builtins: BuiltinTable([]), host: remarks)
    let stubborn = Stubborn()
    stubborn.isLocked = true
    interpreter.define("s", .object(stubborn))
    #expect(throws: LanguageError.self) { try run("if true { x = 1\n s.count = 3\n 1 / 0 }", interpreter) }
    #expect(interpreter.value(of: "x") == nil)
    #expect(remarks.notes.count == 1)
    #expect(remarks.notes.first?.hasPrefix("s stays as the statement left it") == true)
  }

  @Test("an endless loop ends when it is interrupted, and leaves the session as it was")
  func interruption() throws {
    let interpreter = Interpreter(builtins: BuiltinTable([]))
    for text in ["while true { }", "for i in [1] { while true { x = 1 } }", "fn f() { while true { } }\nf()"] {
      let flag: Interruption = interpreter.interruption
      Thread.detachNewThread {
        Thread.sleep(forTimeInterval: 0.02)
        flag.request()
      }
      #expect(throws: LanguageError.self) { try run(text, interpreter) }
      #expect(interpreter.value(of: "x") == nil)
    }
    #expect(try run("1 + 1", interpreter)[0].value?.isEqual(to: 2) == true)
  }

  @Test("an undo keeps no list that grows in place")
  func growing() throws {
    let append = Builtin(
      "append", area: .plain, on: [.list], subject: "xs", returns: .list, summary: "",
      parameters: [.positional("x", .any)],
      examples: []
    ) { call in try .list(try call.list("xs") + [call.value("x")]) }
    let interpreter = Interpreter(builtins: BuiltinTable([append]))
    try run("xs = [1]\nys = xs", interpreter)
    let result: StatementResult = try run("for i in [1, 2, 3] { xs = xs.append(i) }", interpreter)[0]
    #expect(interpreter.value(of: "xs")?.inline() == "[1, 1, 2, 3]")
    #expect(interpreter.value(of: "ys")?.inline() == "[1]")
    try interpreter.takeBack(result.undo)
    #expect(interpreter.value(of: "xs")?.inline() == "[1]")
  }
}
