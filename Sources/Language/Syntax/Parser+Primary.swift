extension Parser {
  /// A value by itself: a literal, a name, brackets, `if`.
  mutating func primary() throws -> Expression {
    let here: Token = token
    switch here.kind {
    case .int:
      advance()
      guard let number = Int(exactly: here.magnitude) else {
        throw failure("this int is beyond 64 bits", at: here.range, help: "the largest is 9223372036854775807")
      }
      return Expression(.literal(.int(number)), here.range)
    case .float:
      advance()
      return Expression(.literal(.float(here.float)), here.range)
    case .string:
      advance()
      return Expression(.literal(.string(here.text)), here.range)
    case .name:
      if let foreign = foreignValue() { throw foreign }
      advance()
      return Expression(.name(Symbol(here.text)), here.range)
    case .keyword(.none): return constant(.nothing)
    case .keyword(.true): return constant(.bool(true))
    case .keyword(.false): return constant(.bool(false))
    case .keyword(.if): return try conditional()
    case .keyword(.fn):
      throw failure(
        "`fn` stands at the start of a statement", at: here.range,
        help: "a function inside an expression is `(a, b) -> a + b`")
    case .sign(.openParen): return try parenthesized()
    case .sign(.openBracket): return try list()
    case .sign(.openBrace): return try record()
    default: throw unexpected("expected a value")
    }
  }

  private mutating func constant(_ value: Value) -> Expression {
    let range: SourceRange = token.range
    advance()
    return Expression(.literal(value), range)
  }

  private mutating func parenthesized() throws -> Expression {
    let open: SourceRange = token.range
    advance()
    let outer: Bool = ignoresNewlines
    ignoresNewlines = true
    openCount += 1
    if token.kind == .sign(.closeParen) {
      throw failure(
        "`()` holds nothing", at: open.union(token.range), help: "an empty list is `[]`, a function `() -> e`")
    }
    let inside: Expression = try expression()
    if token.kind == .sign(.comma) { throw noTuples(from: open.start) }
    guard take(.closeParen) else { throw unexpected("expected `)`") }
    openCount -= 1
    ignoresNewlines = outer
    // The brackets belong to the range, so that errors show them and `previousEnd` agrees.
    return Expression(inside.node, SourceRange(open.start, previousEnd), depth: inside.depth)
  }

  private mutating func list() throws -> Expression {
    let open: SourceRange = token.range
    var elements: [Expression] = []
    var deepest = 0
    try bracketed(.openBracket, .closeBracket, "in the list") { parser in
      if parser.token.kind == .sign(.colon) { throw parser.sliceInList() }
      let element: Expression = try parser.expression()
      if parser.token.kind == .sign(.colon) { throw parser.sliceInList() }
      deepest = max(deepest, element.depth)
      elements.append(element)
    }
    return try make(.list(elements), SourceRange(open.start, previousEnd), over: deepest)
  }

  private mutating func sliceInList() -> LanguageError {
    failure(
      "a `:` inside a list means nothing", at: token.range,
      help: "a slice follows a value, `x[1:3]`; numbers in a row are `range(1, 3)`; a record is `{a: 1}`")
  }

  private mutating func record() throws -> Expression {
    let open: SourceRange = token.range
    var fields: [Expression.RecordField] = []
    var deepest = 0
    try bracketed(.openBrace, .closeBrace, "in the record") { parser in
      let field: Expression.RecordField = try parser.recordField()
      deepest = max(deepest, field.value.depth)
      fields.append(field)
    }
    return try make(.record(fields), SourceRange(open.start, previousEnd), over: deepest)
  }

  private mutating func recordField() throws -> Expression.RecordField {
    let here: Token = token
    let key: RecordKey
    switch here.kind {
    case .name, .string, .keyword: key = .name(here.text)
    case .int:
      guard let number = Int(exactly: here.magnitude) else { throw unexpected("expected a key") }
      key = .int(number)
    case .sign(.minus):
      guard following().kind == .int, let number = Int(exactly: following().magnitude) else {
        throw unexpected("expected a key")
      }
      advance()
      key = .int(-number)
    case .float:
      throw failure("a key is a name, a string or an int", at: here.range)
    default: throw unexpected("expected a key: a name, a string or an int")
    }
    advance()
    guard token.kind == .sign(.colon) else { throw notAField(key, here) }
    advance()
    return Expression.RecordField(key: key, value: try expression())
  }

  /// `{ y = 1 }` where a value is expected.
  private mutating func notAField(_ key: RecordKey, _ keyToken: Token) -> LanguageError {
    switch token.kind {
    case .sign(.assign):
      return failure(
        "`{` opens a record here: expected `\(key.text): value`", at: token.range,
        label: "several statements need fn",
        help: "fn name(x) { \(key.text) = ... }   or the record   {\(key.text): ...}")
    case .sign(.comma), .sign(.closeBrace):
      return failure(
        "a record gives each key a value", at: keyToken.range,
        help: "a list is `[\(shortText(keyToken)), ...]`, a record `{a: 1}`")
    case .sign(.openParen), .sign(.dot), .sign(.openBracket):
      return failure(
        "`{` opens a record here: expected `:` after the key", at: token.range,
        help: "several statements need fn: `fn name(x) { ... }`")
    default: return unexpected("expected `:` after the key")
    }
  }

  // MARK: if

  private mutating func conditional() throws -> Expression {
    try nested { parser in try parser.oneConditional() }
  }

  private mutating func oneConditional() throws -> Expression {
    let start: SourceRange = token.range
    advance()
    let condition: Expression = try expression()
    let then: Block = try block("after the condition")
    var otherwise: Block?
    var isElseIf = false
    var deepest: Int = condition.depth
    if take(.else) {
      if token.kind == .keyword(.if) {
        let next: Expression = try conditional()
        isElseIf = true
        deepest = max(deepest, next.depth)
        otherwise = Block([Statement(.expression(next), next.range)], next.range)
      } else {
        otherwise = try block("after `else`")
      }
    }
    let range = SourceRange(start.start, previousEnd)
    let node = Expression.Conditional(
      condition: condition, then: then, otherwise: otherwise, isElseIf: isElseIf)
    return try make(.conditional(node), range, over: deepest)
  }
}
