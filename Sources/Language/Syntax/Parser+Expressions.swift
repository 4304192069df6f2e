extension Parser {
  /// A whole expression: a lambda, or operators over values.
  mutating func expression() throws -> Expression {
    try nested { parser in
      if parser.startsLambda() { return try parser.lambda() }
      return try parser.disjunction()
    }
  }

  // MARK: lambdas

  /// `x ->`, `() ->`, `(a, b) ->`.
  private mutating func startsLambda() -> Bool {
    let first: Token = token
    if first.kind == .name { return following().kind == .sign(.arrow) }
    guard first.kind == .sign(.openParen) else { return false }
    var ahead: Int = place + 1
    func next() -> Token.Kind {
      while ahead < tokens.count - 1, tokens[ahead].kind == .newline { ahead += 1 }
      return tokens[min(ahead, tokens.count - 1)].kind
    }
    while next() == .name {
      ahead += 1
      if next() == .sign(.comma) { ahead += 1 }
    }
    guard next() == .sign(.closeParen) else { return false }
    ahead += 1
    return tokens[min(ahead, tokens.count - 1)].kind == .sign(.arrow)
  }

  private mutating func lambda() throws -> Expression {
    let start: SourceRange = token.range
    functionLocals.append([])
    let outerLoops: Int = loopDepth
    loopDepth = 0
    defer {
      functionLocals.removeLast()
      loopDepth = outerLoops
    }
    var parameters: [FunctionExpression.Parameter] = []
    func add(_ parser: inout Parser) throws {
      let (symbol, range) = try parser.name("the name of a parameter")
      if symbol != .last, parameters.contains(where: { $0.symbol == symbol }) {
        throw parser.failure("the parameter \(symbol.text) stands here twice", at: range)
      }
      parser.assigned(symbol)
      parameters.append(FunctionExpression.Parameter(symbol: symbol, defaultValue: nil, range: range))
    }
    if token.kind == .sign(.openParen) {
      try bracketed(.openParen, .closeParen, "after the parameters") { parser in try add(&parser) }
    } else {
      try add(&self)
    }
    try expect(.arrow, in: "after the parameters")
    try operandFollows()
    let body: Expression = try expression()
    let range: SourceRange = start.union(body.range)
    let function = FunctionExpression(
      name: nil, parameters: parameters, body: .expression(body), range: range, source: source,
      locals: functionLocals[functionLocals.count - 1])
    return try make(.lambda(function), range, over: body.depth)
  }

  // MARK: operators, loosest first

  private mutating func disjunction() throws -> Expression {
    var left: Expression = try conjunction()
    while take(.or) {
      try operandFollows()
      let right: Expression = try conjunction()
      left = try make(.or(left, right), left.range.union(right.range), over: left.depth, right.depth)
    }
    return left
  }

  private mutating func conjunction() throws -> Expression {
    var left: Expression = try negation()
    while take(.and) {
      try operandFollows()
      let right: Expression = try negation()
      left = try make(.and(left, right), left.range.union(right.range), over: left.depth, right.depth)
    }
    return left
  }

  private mutating func negation() throws -> Expression {
    let start: SourceRange = token.range
    guard take(.not) else { return try comparison() }
    try operandFollows()
    let operand: Expression = try nested { parser in try parser.negation() }
    return try make(.unary(.not, operand), start.union(operand.range), over: operand.depth)
  }

  private mutating func comparison() throws -> Expression {
    let first: Expression = try sum()
    var comparisons: [Expression.Comparison] = []
    var deepest: Int = first.depth
    while let op = comparisonOperator() {
      try operandFollows()
      let right: Expression = try sum()
      deepest = max(deepest, right.depth)
      comparisons.append(Expression.Comparison(operator: op, right: right))
    }
    guard let last = comparisons.last else { return first }
    return try make(.comparison(first, comparisons), first.range.union(last.right.range), over: deepest)
  }

  private mutating func comparisonOperator() -> BinaryOperator? {
    switch token.kind {
    case .sign(let sign):
      guard let op = BinaryOperator(rawValue: sign.rawValue), op.isComparison else { return nil }
      advance()
      return op
    case .keyword(.in):
      advance()
      return .in
    case .keyword(.not):
      guard following().kind == .keyword(.in) else { return nil }
      advance()
      advance()
      return .notIn
    default: return nil
    }
  }

  private mutating func sum() throws -> Expression {
    var left: Expression = try product()
    while case .sign(let sign) = token.kind, sign == .plus || sign == .minus {
      left = try binary(left, sign == .plus ? .add : .subtract) { parser in try parser.product() }
    }
    return left
  }

  private mutating func product() throws -> Expression {
    var left: Expression = try prefix()
    while case .sign(let sign) = token.kind, let op = productOperator(sign) {
      left = try binary(left, op) { parser in try parser.prefix() }
    }
    return left
  }

  private func productOperator(_ sign: Sign) -> BinaryOperator? {
    switch sign {
    case .star: return .multiply
    case .slash: return .divide
    case .doubleSlash: return .floorDivide
    case .percent: return .remainder
    case .at: return .matrixMultiply
    default: return nil
    }
  }

  private mutating func binary(
    _ left: Expression, _ op: BinaryOperator, _ operand: (inout Parser) throws -> Expression
  ) throws -> Expression {
    advance()
    try operandFollows()
    let right: Expression = try operand(&self)
    return try make(.binary(op, left, right), left.range.union(right.range), over: left.depth, right.depth)
  }

  /// Unary `-`, which binds less tightly than `**`.
  private mutating func prefix() throws -> Expression {
    guard token.kind == .sign(.minus) else { return try power() }
    let start: SourceRange = token.range
    advance()
    try operandFollows()
    let next: Token = token
    if next.kind == .int, next.magnitude == 1 << 63, following().kind != .sign(.doubleStar) {
      advance()
      let least = Expression(.literal(.int(Int.min)), start.union(next.range))
      return try postfix(least)
    }
    let operand: Expression = try nested { parser in try parser.prefix() }
    return try make(.unary(.negate, operand), start.union(operand.range), over: operand.depth)
  }

  private mutating func power() throws -> Expression {
    let base: Expression = try postfix(try primary())
    guard token.kind == .sign(.doubleStar) else { return base }
    return try binary(base, .power) { parser in try parser.nested { inner in try inner.prefix() } }
  }

  // MARK: what follows a value

  private mutating func postfix(_ value: Expression) throws -> Expression {
    var value: Expression = value
    while true {
      switch token.kind {
      case .sign(.dot): value = try member(of: value)
      case .sign(.openParen):
        let arguments: [Expression.Argument] = try self.arguments()
        let range = SourceRange(value.range.start, previousEnd)
        value = try make(.call(value, arguments), range, depth: max(value.depth, Self.depth(of: arguments)))
      case .sign(.openBracket): value = try subscripted(value)
      case .newline where continuesWithPoint(): skipNewlines()
      default: return value
      }
    }
  }

  /// Whether the next line that isn't blank begins with `.`.
  private func continuesWithPoint() -> Bool {
    var ahead: Int = place
    while tokens[ahead].kind == .newline { ahead += 1 }
    return tokens[ahead].kind == .sign(.dot)
  }

  static func depth(of arguments: [Expression.Argument]) -> Int {
    arguments.reduce(0) { max($0, $1.value.depth) }
  }

  private mutating func member(of value: Expression) throws -> Expression {
    advance()
    let here: Token = token
    switch here.kind {
    case .name, .keyword: advance()
    default:
      if here.kind == .end || here.kind == .newline {
        throw failure("a name follows the point", at: endRange, label: "the line ends here")
      }
      throw unexpected("a name follows the point")
    }
    let field = Expression.FieldName(symbol: Symbol(here.text), text: here.text, range: here.range)
    guard token.kind == .sign(.openParen) else {
      return try make(.field(value, field), value.range.union(here.range), over: value.depth)
    }
    let arguments: [Expression.Argument] = try self.arguments()
    let range = SourceRange(value.range.start, previousEnd)
    return try make(
      .methodCall(value, field, arguments), range, depth: max(value.depth, Self.depth(of: arguments)))
  }

  /// Brackets around parts with commas between them (one may stand after the last).
  mutating func bracketed(
    _ open: Sign, _ close: Sign, _ what: String, _ part: (inout Parser) throws -> Void
  ) throws {
    try expect(open, in: what)
    let outer: Bool = ignoresNewlines
    ignoresNewlines = true
    openCount += 1
    while token.kind != .sign(close) {
      try part(&self)
      if !take(.comma) { break }
    }
    guard take(close) else { throw unexpected("expected `,` or `\(close.rawValue)` \(what)") }
    openCount -= 1
    ignoresNewlines = outer
  }

  private mutating func arguments() throws -> [Expression.Argument] {
    var arguments: [Expression.Argument] = []
    try bracketed(.openParen, .closeParen, "after the arguments") { parser in
      let here: Token = parser.token
      var isName: Bool = here.kind == .name
      if case .keyword = here.kind { isName = true }
      if isName, parser.followingSkippingNewlines().kind == .sign(.colon) {
        parser.advance()
        _ = parser.take(.colon)
        if arguments.contains(where: { $0.label == here.text }) {
          throw parser.failure("`\(here.text):` is given twice", at: here.range)
        }
        let value: Expression = try parser.expression()
        arguments.append(Expression.Argument(label: here.text, labelRange: here.range, value: value))
        return
      }
      if let foreign = parser.foreignArgument() { throw foreign }
      let value: Expression = try parser.expression()
      if let label = arguments.last(where: { $0.label != nil })?.label {
        throw parser.failure(
          "an argument without label can't follow `\(label):`", at: value.range,
          help: "put it first, or give it its label")
      }
      arguments.append(Expression.Argument(label: nil, labelRange: nil, value: value))
    }
    return arguments
  }

  func followingSkippingNewlines() -> Token {
    var ahead: Int = place + 1
    while ahead < tokens.count - 1, ignoresNewlines, tokens[ahead].kind == .newline { ahead += 1 }
    return tokens[min(ahead, tokens.count - 1)]
  }

  private mutating func subscripted(_ value: Expression) throws -> Expression {
    var parts: [Expression.SubscriptExpression] = []
    var deepest: Int = value.depth
    let open: SourceRange = token.range
    try bracketed(.openBracket, .closeBracket, "after the index") { parser in
      let part: Expression.SubscriptExpression = try parser.subscriptPart()
      switch part {
      case .value(let value): deepest = max(deepest, value.depth)
      case .slice(let start, let stop, let step):
        for bound in [start, stop, step] { deepest = max(deepest, bound?.depth ?? 0) }
      case .allBetween:
        if parts.contains(where: { if case .allBetween = $0 { true } else { false } }) {
          throw parser.failure("`...` stands once in an index", at: SourceRange(open.start, parser.previousEnd))
        }
      }
      parts.append(part)
    }
    let range = SourceRange(value.range.start, previousEnd)
    if parts.isEmpty {
      throw failure("an index is missing", at: open.union(SourceRange(previousEnd, previousEnd)), help: "all: `x[:]`")
    }
    return try make(.index(value, parts), range, over: deepest)
  }

  private mutating func subscriptPart() throws -> Expression.SubscriptExpression {
    func endsBound(_ kind: Token.Kind) -> Bool {
      kind == .sign(.colon) || kind == .sign(.comma) || kind == .sign(.closeBracket)
    }
    if token.kind == .sign(.dot), following(1).kind == .sign(.dot), following(2).kind == .sign(.dot) {
      for _ in 0..<3 { advance() }
      return .allBetween
    }
    var bounds: [Expression?] = []
    var isSlice = false
    while true {
      bounds.append(endsBound(token.kind) ? nil : try expression())
      guard bounds.count < 3, take(.colon) else { break }
      isSlice = true
    }
    if isSlice {
      return .slice(
        start: bounds[0], stop: bounds.count > 1 ? bounds[1] : nil, step: bounds.count > 2 ? bounds[2] : nil)
    }
    guard let value = bounds[0] else { throw unexpected("expected an index") }
    return .value(value)
  }
}
