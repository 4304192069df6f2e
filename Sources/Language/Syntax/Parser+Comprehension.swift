/// Comprehensions of Python: the line with `map` and `filter` in their place.
extension Parser {
  /// The error at the `for` inside brackets: `[x * 2 for x in xs if x > 1]`.
  mutating func comprehension() -> LanguageError {
    let here: Token = token
    return failure(
      "`for` is a statement", at: here.range,
      help: "a list from a list: `xs.map(x -> ...)`, `xs.filter(x -> ...)`", corrected: comprehended(at: place))
  }

  /// The index of the bracket that is open at a token; nil where none is.
  func opening(before index: Int) -> Int? {
    var depth = 0
    for place in tokens[..<index].indices.reversed() {
      switch tokens[place].kind {
      case .sign(.closeParen), .sign(.closeBracket), .sign(.closeBrace): depth += 1
      case .sign(.openParen), .sign(.openBracket), .sign(.openBrace):
        if depth == 0 { return place }
        depth -= 1
      default: break
      }
    }
    return nil
  }

  /// The parts of a comprehension, as places of their tokens.
  private struct Comprehension {
    var open: Int
    var loop: Int
    var `in`: Int
    var condition: Int?
    var close: Int
  }

  /// Nil where it has several loops, several elements or no end, or makes a record.
  private func parts(ofComprehensionAt loop: Int) -> Comprehension? {
    guard let open = opening(before: loop), tokens[open].kind != .sign(.openBrace) else { return nil }
    var sequence: Int?
    var condition: Int?
    var depth = 0
    for place in tokens.indices where place > open && place != loop {
      switch tokens[place].kind {
      case .sign(.openParen), .sign(.openBracket), .sign(.openBrace): depth += 1
      case .sign(.closeParen), .sign(.closeBracket), .sign(.closeBrace):
        depth -= 1
        guard depth < 0 else { continue }
        guard let sequence else { return nil }
        return Comprehension(open: open, loop: loop, in: sequence, condition: condition, close: place)
      case .newline: return nil
      case .sign(.comma) where depth == 0 && (place < loop || sequence != nil): return nil
      case .keyword(.for) where depth == 0: return nil
      case .keyword(.else) where depth == 0: return nil
      case .keyword(.in) where depth == 0 && place > loop && sequence == nil: sequence = place
      case .keyword(.if) where depth == 0:
        guard sequence != nil, condition == nil else { return nil }
        condition = place
      default: break
      }
    }
    return nil
  }

  private func comprehended(at loop: Int) -> String? {
    guard let parts = parts(ofComprehensionAt: loop) else { return nil }
    func text(_ first: Int, _ last: Int) -> String {
      source.text(SourceRange(tokens[first].range.end, tokens[last].range.start)).trimmed
    }
    let names: [Token] = tokens[parts.loop + 1..<parts.in].filter { $0.kind != .sign(.comma) }
    guard !names.isEmpty, names.allSatisfy({ $0.kind == .name }) else { return nil }
    let list: String = names.map(\.text).joined(separator: ", ")
    let head: String = names.count == 1 ? list : "(\(list))"
    var result: String = text(parts.in, parts.condition ?? parts.close)
    if !isOneValue(parts.in + 1..<(parts.condition ?? parts.close)) { result = "(\(result))" }
    if let condition = parts.condition { result += ".filter(\(head) -> \(text(condition, parts.close)))" }
    let element: String = text(parts.open, parts.loop)
    if element != list { result += ".map(\(head) -> \(element))" }
    var range = SourceRange(tokens[parts.open].range.end, tokens[parts.close].range.start)
    if tokens[parts.open].kind == .sign(.openBracket) {
      range = tokens[parts.open].range.union(tokens[parts.close].range)
    }
    let line: String = replacing(range, with: result)
    return Habits.rewrite(line) ?? line
  }

  /// Whether tokens are a value that a `.` may follow without brackets: names, calls, lists.
  private func isOneValue(_ places: Range<Int>) -> Bool {
    var depth = 0
    for token in tokens[places] {
      switch token.kind {
      case .sign(.openParen), .sign(.openBracket), .sign(.openBrace): depth += 1
      case .sign(.closeParen), .sign(.closeBracket), .sign(.closeBrace): depth -= 1
      case .name, .string, .int, .sign(.dot): break
      default: if depth == 0 { return false }
      }
    }
    return true
  }
}
