import Builtins
import Files
import Foundation
import Language
import Testing

/// Every word is declared whole, and its examples give what they say.
@Suite("Declarations") struct DeclarationTests {
  static let names: [String] = BuiltinTable(Builtin.all).names

  @Test("every form has a summary, examples, and one signature to a first kind", arguments: names)
  func declared(name: String) {
    let forms: [Builtin] = BuiltinTable(Builtin.all)[name]
    #expect(ReservedWords.all.contains(name) || name.hasPrefix("_"), "\(name) is not a word of LANGUAGE.md")
    for form in forms {
      #expect(!form.summary.isEmpty, "\(name) has no summary")
      #expect(!form.examples.isEmpty, "\(name) has no examples")
      var seen: Set<String> = []
      for parameter in form.parameters {
        #expect(seen.insert(parameter.name).inserted, "\(name): \(parameter.name) is declared twice")
      }
      let roles: [Parameter.Role] = form.parameters.map(\.role)
      if let rest = roles.firstIndex(of: .rest) {
        #expect(!roles[rest...].contains(.positional), "\(name): a positional parameter after the rest")
      }
    }
  }

  @Test("examples run and give the stated result", arguments: names)
  func examples(name: String) {
    let problems: [String] = BigStack.run {
      BuiltinTable(Builtin.all)[name].flatMap { form in form.examples.compactMap { Self.problem(with: $0) } }
    }
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  @Test("every family file is in the list") func families() throws {
    let root: URL = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/Builtins")
    let list = try String(contentsOf: root.appendingPathComponent("AllBuiltins.swift"), encoding: .utf8)
    let files: [String] = (FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(".swift") }
    for file in files {
      let text = try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
      for line in text.split(separator: "\n") where line.contains("static let") && line.contains(": [Builtin] =") {
        guard let name = line.split(separator: "let ").last?.split(separator: ":").first else { continue }
        #expect(list.contains(name), "\(name) of \(file) is not in AllBuiltins.swift")
      }
    }
  }

  /// What is wrong with an example; nil where it gives what it says.
  static func problem(with example: Example) -> String? {
    let host = ExampleHost()
    let interpreter: Interpreter = host.interpreter
    var value: Value = .nothing
    switch Parser.parse(example.code) {
    case .failure(let diagnostic), .needsMore(let diagnostic): return "\(example.code): \(diagnostic.message)"
    case .program(let program):
      for statement in program.statements {
        do {
          value = try interpreter.run(statement, in: program.source).value ?? .nothing
        } catch {
          if case .fails(let message) = example.result, "\(error)".contains(message) { return nil }
          return "\(example.code): \(error)"
        }
      }
    }
    let text: String = value.display().map(\.plain).joined(separator: "\n")
    switch example.result {
    case .value(let expected):
      return isClose(value, expected) ? nil : "\(example.code): expected \(expected.inline()), got \(text)"
    case .shows(let expected): return text == expected ? nil : "\(example.code): expected \(expected), got \(text)"
    case .kind(let kind): return value.kind == kind ? nil : "\(example.code): expected \(kind.phrase), got \(text)"
    case .fails(let message): return "\(example.code): should fail with \(message), gave \(text)"
    }
  }

  /// Equal, floats to 6 digits; a tensor of one number counts as that number.
  private static func isClose(_ value: Value, _ expected: Value) -> Bool {
    switch (value, expected) {
    case (.float(let a), .float(let b)): return abs(a - b) <= 1e-6 * max(1, abs(b)) || a.isNaN && b.isNaN
    case (.list(let a), .list(let b)):
      return a.count == b.count && zip(a.elements, b.elements).allSatisfy { isClose($0, $1) }
    default: return value.isEqual(to: expected)
    }
  }
}

/// An interpreter for one example, with a folder of its own.
final class ExampleHost: InterpreterHost {
  let interpreter: Interpreter

  init() {
    let folder: String = NSTemporaryDirectory() + "luthier-examples"
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var services = Services()
    services.add(FileAccess(policy: .user, workingDirectory: folder))
    interpreter = Interpreter(builtins: BuiltinTable(Builtin.all), services: services)
    interpreter.host = self
  }

  func show(_ lines: [StyledText]) {}
  func note(_ text: String) {}
}
