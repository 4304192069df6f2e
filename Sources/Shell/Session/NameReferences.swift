import Language

/// Where a statement reads `_` or `_3`: names that mean values of the session, not variables.
enum NameReferences {
  struct Found: Equatable {
    /// `_`, `_3`.
    var name: String
    var range: SourceRange
  }

  /// All of them, in order; names that the statement binds itself (`_ -> 1`, `for _ in xs`) are left out.
  static func of(_ statement: Statement) -> [Found] {
    let walk = SyntaxWalk(statement)
    let bound = Set(walk.bound.map(\.text))
    var found: [Found] = []
    for expression in walk.expressions {
      guard case .name(let symbol) = expression.node else { continue }
      let name = symbol.text
      if isSessionName(name), !bound.contains(name) { found.append(Found(name: name, range: expression.range)) }
    }
    return found.sorted { $0.range.start < $1.range.start }
  }

  /// Whether a name stands for a value that was shown.
  static func isSessionName(_ name: String) -> Bool {
    name.utf8.first == 95 && name.utf8.dropFirst().allSatisfy { $0 >= 48 && $0 <= 57 }
  }
}

/// Writes other arguments into calls: what replays a `fit` that was stopped early.
enum CallEditing {
  /// The statement's text, which begins at byte `statement.range.start` of its source, with the edits made.
  static func text(of statement: Statement, in source: SourceText, edits: [ArgumentEdit]) -> String {
    var bytes = Array(source.text(statement.range).utf8)
    let offset = statement.range.start
    let calls = SyntaxWalk(statement).expressions
    // From the back, so that places before stay as they are.
    for edit in edits.sorted(by: { ($0.argument ?? $0.call).end > ($1.argument ?? $1.call).end }) {
      if let argument = edit.argument {
        let range = argument.start - offset..<argument.end - offset
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { continue }
        let text = bytes[range]
        let isPlain = text.allSatisfy { $0 == 46 || $0 == 95 || $0 >= 128 || isLetterOrDigit($0) }
        bytes.replaceSubrange(
          range, with: (isPlain ? [] : [40]) + text + (isPlain ? [] : [41]) + Array(edit.value.utf8))
        continue
      }
      guard let call = calls.first(where: { $0.range == edit.call && arguments(of: $0) != nil }),
        let arguments = arguments(of: call)
      else { continue }
      if let given = arguments.first(where: { $0.label == edit.label }) {
        let range = given.value.range
        bytes.replaceSubrange(range.start - offset..<range.end - offset, with: Array(edit.value.utf8))
      } else {
        let place = call.range.end - 1 - offset
        guard place >= 0, place < bytes.count, bytes[place] == UInt8(ascii: ")") else { continue }
        let text = (arguments.isEmpty ? "" : ", ") + "\(edit.label): \(edit.value)"
        bytes.insert(contentsOf: Array(text.utf8), at: place)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
  }

  private static func arguments(of expression: Expression) -> [Expression.Argument]? {
    switch expression.node {
    case .call(_, let arguments), .methodCall(_, _, let arguments): arguments
    default: nil
    }
  }
}
