import Builtins
import Files
import Foundation
import Language
import TestSupport
import Testing
import Transformers

/// Every word's examples, run as a user would type them. `tiny` is a small BERT of random weights.
@Suite struct ExampleTests {
  private func interpreter() throws -> Interpreter {
    var services = Services()
    services.add(FileAccess(policy: .user))
    let interpreter = Interpreter(builtins: BuiltinTable(Builtin.all), services: services)
    let folder = Fixtures.tests.appendingPathComponent("Fixtures/models/tiny").path
    interpreter.define("tiny", .object(ModelValue(try PretrainedModel.load(folder, access: Fixtures.access))))
    return interpreter
  }

  @Test func everyWordIsWhole() {
    for builtin in Builtin.all {
      #expect(!builtin.summary.isEmpty, "\(builtin.name) has no summary")
      #expect(!builtin.examples.isEmpty, "\(builtin.name) has no example")
      #expect(builtin.summary.hasSuffix("."), "\(builtin.name): its summary is no sentence")
    }
  }

  @Test func everyExampleGivesWhatItSays() throws {
    for builtin in Builtin.all {
      for example in builtin.examples {
        if case .lesson = example.result { continue }
        let got = try run(example.code)
        check(example, got, of: builtin.name)
      }
    }
  }

  /// What tests can't run is run by `luthier check` of a lesson, which shows the result that help shows.
  @Test func examplesOfLessonsStandThere() throws {
    for builtin in Builtin.all {
      for example in builtin.examples {
        guard case .lesson(let name) = example.result else { continue }
        let file = Fixtures.package.appendingPathComponent("Samples/lessons/\(name).luth")
        let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        let code = example.code.replacingOccurrences(of: "samples/", with: "../")
        let place = try #require(lines.firstIndex(of: code), "\(builtin.name): \(code) is not in \(name)")
        guard let result = example.shown?.split(separator: "…").first else { continue }
        #expect(lines[place + 1].hasPrefix("#> " + result), "\(builtin.name): \(code)")
      }
    }
  }

  private enum Outcome {
    case value(Value)
    case failure(String)
  }

  private func run(_ code: String) throws -> Outcome {
    let interpreter = try interpreter()
    guard case .program(let program) = Parser.parse(code, name: "example") else { return .failure("does not parse") }
    var last = Value.nothing
    do {
      for statement in program.statements {
        if let value = try interpreter.run(statement, in: program.source).value { last = value }
      }
    } catch {
      if case LanguageError.failure(let diagnostic) = error {
        return .failure(diagnostic.message + (diagnostic.help.map { " (" + $0 + ")" } ?? ""))
      }
      return .failure("\(error)")
    }
    return .value(last)
  }

  private func check(_ example: Example, _ outcome: Outcome, of word: String) {
    let place = "\(word): \(example.code)"
    switch (example.result, outcome) {
    case (.fails(let part), .failure(let message)):
      #expect(message.contains(part), "\(place) fails with \(message)")
    case (.fails, .value(let value)):
      Issue.record("\(place) gives \(shown(value)), expected a failure")
    case (_, .failure(let message)):
      Issue.record("\(place) fails with \(message)")
    case (.value(let expected), .value(let value)):
      #expect(isSame(value, expected), "\(place) gives \(shown(value)), expected \(shown(expected))")
    case (.shows(let text), .value(let value)):
      #expect(value.display().map(\.plain).joined(separator: "\n") == text, "\(place)")
    case (.kind(let kind), .value(let value)):
      #expect(value.kind == kind, "\(place) gives \(value.kind.phrase)")
    case (.lesson, .value): Issue.record("\(place) is run by its lesson")
    }
  }

  private func shown(_ value: Value) -> String { value.display().map(\.plain).joined(separator: " / ") }

  /// Equal, floats to six digits; a tensor of one axis may stand for a list.
  private func isSame(_ value: Value, _ expected: Value) -> Bool {
    switch (value, expected) {
    case (.float(let a), .float(let b)): return a == b || abs(a - b) <= 1e-6 * max(abs(a), abs(b))
    case (.list(let a), .list(let b)):
      return a.count == b.count && zip(a.elements, b.elements).allSatisfy { isSame($0, $1) }
    case (.record(let a), .record(let b)):
      return a.keys == b.keys && zip(a.values, b.values).allSatisfy { isSame($0, $1) }
    default: return value.isEqual(to: expected) || shown(value) == shown(expected)
    }
  }
}
