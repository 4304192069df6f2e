import Builtins
import Files
import Foundation
import Language

/// Runs a program file whose expectations stand beside its lines: `# => display`, `# error: part of the message`,
/// `# note: remark`. Several lines of a display are joined by ` / `.
final class ProgramRunner: InterpreterHost {
  let interpreter: Interpreter
  private(set) var failures: [String] = []
  private(set) var checked = 0
  private var shown: [String] = []
  private var notes: [String] = []

  init() {
    var services = Services()
    services.add(FileAccess(policy: .user))
    interpreter = Interpreter(builtins: BuiltinTable(Builtin.all), services: services)
    interpreter.host = self
  }

  func show(_ lines: [StyledText]) { shown += lines.map(\.plain) }
  func note(_ text: String) { notes.append(text) }

  func run(_ text: String, file: String) {
    let lines: [String] = text.components(separatedBy: "\n")
    var chunk = ""
    var first = 0
    var place = 0
    while place < lines.count {
      if chunk.isEmpty { first = place }
      let (code, expected): (String, (kind: String, text: String)?) = Self.parts(lines[place])
      chunk += (chunk.isEmpty ? "" : "\n") + code
      place += 1
      let continues: Bool = place < lines.count && lines[place].drop { $0 == " " }.first == "."
      if continues { continue }
      if case .needsMore = Parser.parse(chunk), place < lines.count, expected?.kind != "error" { continue }
      run(chunk: chunk, expected, at: "\(file):\(first + 1)")
      chunk = ""
    }
  }

  /// A line's code and what is expected of it. The expectation is no part of the code: an error shows the line it
  /// stands in, so it would be found there whatever the error says.
  static func parts(_ line: String) -> (code: String, expected: (kind: String, text: String)?) {
    for (mark, kind) in [("# => ", "value"), ("# error: ", "error"), ("# note: ", "note")] {
      if let range = line.range(of: mark, options: .backwards) {
        return (String(line[..<range.lowerBound]), (kind, String(line[range.upperBound...])))
      }
    }
    return (line, nil)
  }

  private func run(chunk: String, _ expected: (kind: String, text: String)?, at place: String) {
    var got = ""
    var message: String?
    shown = []
    notes = []
    switch Parser.parse(chunk, name: place) {
    case .program(let program):
      for statement in program.statements {
        do {
          let result: StatementResult = try interpreter.run(statement, in: program.source)
          if result.isShown, let value = result.value {
            got = value.display().map(\.plain).joined(separator: " / ")
          }
        } catch {
          message = Self.whole(error)
          break
        }
      }
    case .needsMore(let diagnostic): message = "incomplete: " + Self.whole(LanguageError.failure(diagnostic))
    case .failure(let diagnostic): message = Self.whole(LanguageError.failure(diagnostic))
    }
    if !shown.isEmpty { got = shown.joined(separator: " / ") }
    if expected != nil { checked += 1 }
    switch (expected?.kind, message) {
    case (nil, nil): return
    case ("error", let message?):
      if !message.contains(expected?.text ?? "") { fail(place, chunk, expected?.text, message) }
    case ("value", nil):
      if got != expected?.text { fail(place, chunk, expected?.text, got) }
    case ("note", nil):
      if !notes.contains(where: { $0.contains(expected?.text ?? "") }) {
        fail(place, chunk, expected?.text, notes.joined(separator: "; "))
      }
    default: fail(place, chunk, expected?.text, message ?? got)
    }
  }

  /// All that an error says, on one line.
  static func whole(_ error: any Error) -> String {
    guard case LanguageError.failure(let diagnostic) = error else { return "\(error)" }
    return diagnostic.lines(width: 400).map(\.plain).joined(separator: " / ")
  }

  private func fail(_ place: String, _ chunk: String, _ expected: String?, _ got: String) {
    failures.append("\(place): \(chunk)\n  expected: \(expected ?? "nothing wrong")\n  got:      \(got)")
  }
}
