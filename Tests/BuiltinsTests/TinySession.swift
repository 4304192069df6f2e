import Builtins
import Files
import Foundation
import Language
import TestSupport
import Transformers

/// A session with `tiny`, a small BERT of random weights, and `t`, six labelled rows.
final class TinySession: InterpreterHost {
  let interpreter: Interpreter
  private(set) var notes: [String] = []
  private(set) var lines: [String] = []
  var onProgress: (Language.Progress) -> Void = { _ in }

  init() throws {
    var services = Services()
    services.add(FileAccess(policy: .user))
    interpreter = Interpreter(builtins: BuiltinTable(Builtin.all), services: services)
    interpreter.host = self
    let folder = Fixtures.tests.appendingPathComponent("Fixtures/models/tiny").path
    interpreter.define("tiny", .object(ModelValue(try PretrainedModel.load(folder, access: Fixtures.access))))
    try run(
      #"t = table({text: ["a b", "c d", "a", "c", "a a", "c b"], label: ["bad", "good", "bad", "good", "bad", "good"]})"#
    )
  }

  func show(_ lines: [StyledText]) { self.lines += lines.map(\.plain) }
  func progress(_ progress: Language.Progress) { onProgress(progress) }
  func note(_ text: String) { notes.append(text) }

  private func program(_ code: String) throws -> Program {
    guard case .program(let program) = Parser.parse(code, name: "session") else {
      throw LanguageError.message("does not parse: \(code)")
    }
    return program
  }

  /// The value of the last statement.
  @discardableResult
  func run(_ code: String) throws -> Value {
    let program = try program(code)
    var last = Value.nothing
    for statement in program.statements {
      if let value = try interpreter.run(statement, in: program.source).value { last = value }
    }
    return last
  }

  func shown(_ code: String) throws -> [String] { try run(code).display().map(\.plain) }

  /// The message and the help of the error that code ends in; nil where there is none.
  func failure(_ code: String) -> String? {
    do { try run(code) } catch LanguageError.failure(let diagnostic) {
      return diagnostic.message + (diagnostic.help.map { " (\($0))" } ?? "")
    } catch { return "\(error)" }
    return nil
  }

  /// The part of the code that its error points at; nil where there is none.
  func blamed(_ code: String) -> String? {
    do { try run(code) } catch LanguageError.failure(let diagnostic) {
      guard let range = diagnostic.range else { return nil }
      return String(decoding: Array(code.utf8)[range.start..<range.end], as: UTF8.self)
    } catch {}
    return nil
  }

  func plan(_ code: String) throws -> [String] {
    let program = try program(code)
    guard let statement = program.statements.first else { return [] }
    return try interpreter.plan(statement, in: program.source).display().map(\.plain)
  }

  func float(_ code: String) throws -> Double {
    switch try run(code) {
    case .float(let number): return number
    case .int(let number): return Double(number)
    case let other: throw LanguageError.message("\(code) is \(other.kind.phrase)")
    }
  }
}
