extension Parser {
  /// `e`, `x = e`, `x += e`, `a, b = e`, `x.field = e`.
  mutating func expressionOrAssignment() throws -> Statement {
    let left: Expression = try expression()
    switch token.kind {
    case .sign(.assign):
      let sign: Token = token
      let target: Statement.Target = try target(left, sign)
      advance()
      try operandFollows()
      let value: Expression = try expression()
      if token.kind == .sign(.comma) { throw noTuples(from: value.range.start) }
      if token.kind == .sign(.assign) {
        throw failure("one `=` to a statement", at: token.range, help: "write two lines")
      }
      return Statement(.assign(target, value), left.range.union(value.range))
    case .sign(.comma): return try assignAll(left)
    case .sign(let sign):
      guard let update = sign.update else { return Statement(.expression(left), left.range) }
      let target: Statement.Target = try target(left, token)
      advance()
      try operandFollows()
      let value: Expression = try expression()
      return Statement(.update(target, update, value), left.range.union(value.range))
    default: return Statement(.expression(left), left.range)
    }
  }

  private mutating func target(_ left: Expression, _ sign: Token) throws -> Statement.Target {
    switch left.node {
    case .name(let symbol):
      assigned(symbol)
      return .name(symbol, left.range)
    case .field(let object, let field): return .field(object, field)
    case .index(let object, let subscripts):
      let whole: String = source.text(object.range)
      var help: String = "a new table or list is made with map, filter or join"
      if case .name = object.node, subscripts.count == 1, case .value(let key) = subscripts[0] {
        let inside: String = source.text(key.range)
        help = "make a new one: `\(whole) = enumerate(\(whole)).map((i, v) -> if i == \(inside) { ... } else { v })`"
        if case .literal(.string(let name)) = key.node {
          let field: String = Printer.key(.name(name)) + ": ..."
          let kept: String = name == "a" ? "b" : "a"
          help =
            "make a new one: a record `\(whole) = {\(kept): \(whole).\(kept), \(field)}`, "
            + "a table `\(whole) = \(whole).map(r -> {\(kept): r.\(kept), \(field)})`"
        }
      }
      throw failure("values don't change: an element can't be set", at: left.range, help: help)
    case .comparison, .binary, .and, .or, .unary:
      throw failure(
        "the left side of `\(sign.text.isEmpty ? source.text(sign.range) : sign.text)` must be a name", at: left.range,
        help: "to compare, write `==`")
    case .call(let callee, _):
      var help: String = "a function is written `fn name(a) { ... }` or `name = a -> ...`"
      if case .name(let symbol) = callee.node { help = "a function is written `fn \(symbol.text)(a) { ... }`" }
      throw failure("a call can't be assigned to", at: left.range, help: help)
    default: throw failure("only a name or a field can stand left of `=`", at: left.range)
    }
  }

  /// `a, b = e`; anything else with a comma is a list without its brackets.
  private mutating func assignAll(_ first: Expression) throws -> Statement {
    var names: [Symbol] = []
    func symbol(_ expression: Expression) -> Symbol? {
      if case .name(let symbol) = expression.node { return symbol }
      return nil
    }
    guard let one = symbol(first) else { throw noTuples(from: first.range.start) }
    names.append(one)
    while take(.comma) {
      try operandFollows()
      let next: Expression = try expression()
      guard let name = symbol(next) else { throw noTuples(from: first.range.start) }
      names.append(name)
    }
    guard token.kind == .sign(.assign) else { throw noTuples(from: first.range.start) }
    if let doubled = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      throw failure("\(names[doubled].text) stands here twice", at: first.range)
    }
    for name in names { assigned(name) }
    advance()
    try operandFollows()
    let value: Expression = try expression()
    if token.kind == .sign(.comma) { throw noTuples(from: value.range.start) }
    return Statement(.assignAll(names, value), first.range.union(value.range))
  }

  /// `(a, b)` and `a, b` where a value is meant.
  mutating func noTuples(from start: Int) -> LanguageError {
    let lineEnd: Int = source.lineRange(source.line(at: start)).end
    var end: Int = max(previousEnd, start)
    var scan: Int = place
    while scan < tokens.count, tokens[scan].range.end <= lineEnd, tokens[scan].kind != .newline,
      tokens[scan].kind != .end, tokens[scan].kind != .sign(.semicolon), tokens[scan].kind != .sign(.closeBrace)
    {
      end = max(end, tokens[scan].range.end)
      scan += 1
    }
    let range = SourceRange(start, end)
    var inside: String = source.text(range)
    if inside.hasPrefix("("), inside.hasSuffix(")") { inside = String(inside.dropFirst().dropLast()) }
    let text: String = "[" + inside + "]"
    return failure("a list is `\(TextWidth.cut(text, to: 40))`", at: range, corrected: replacing(range, with: text))
  }

  /// The line in which a range stands, with other text in its place.
  func replacing(_ range: SourceRange, with text: String) -> String {
    let line: SourceRange = source.lineRange(source.line(at: range.start))
    let before: String = source.text(SourceRange(line.start, range.start))
    let after: String = source.text(SourceRange(min(range.end, line.end), line.end))
    return before + text + after
  }
}
