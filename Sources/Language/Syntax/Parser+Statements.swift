extension Parser {
  mutating func program() throws -> Program {
    var statements: [Statement] = []
    skipSeparators()
    if case .sign(.dot) = token.kind {
      throw failure(
        "nothing stands before this point", at: token.range, label: "the line before has run",
        help: "write `_\(restOfLine())`", corrected: "_" + restOfLine())
    }
    while token.kind != .end {
      statements.append(try statement())
      try endOfStatement(statements)
    }
    return finish(statements)
  }

  private mutating func skipSeparators() {
    while token.kind == .newline || token.kind == .sign(.semicolon) { advance() }
  }

  /// The text from the token at hand to the end of its line.
  mutating func restOfLine() -> String {
    let start: Int = token.range.start
    return source.text(SourceRange(start, source.lineRange(source.line(at: start)).end))
  }

  /// After a statement comes a line break, `;`, the end or, in a block, `}`.
  private mutating func endOfStatement(_ statements: [Statement]) throws {
    switch token.kind {
    case .end: return
    case .newline: skipSeparators()
    case .sign(.closeBrace) where openCount > 0: return
    case .sign(.semicolon):
      advance()
      if token.kind == .newline || token.kind == .end { statements.last?.isSilent = true }
      skipSeparators()
    default: throw strayToken(after: statements.last)
    }
    if case .sign(.dot) = token.kind { throw unexpected("expected a statement") }
    if case .keyword(.else) = token.kind { throw lonelyElse() }
  }

  func lonelyElse() -> LanguageError {
    failure(
      "`else` stands on the line of the `}` before it", at: tokens[place].range,
      help: "write `} else {` on one line")
  }

  /// Gives each statement the comments before and beside it.
  private func finish(_ statements: [Statement]) -> Program {
    var next = 0
    var lastEnd = 0
    for statement in statements {
      statement.comments = commentLines(from: &next, after: lastEnd, before: statement.range.start)
      lastEnd = statement.range.end
      while next < comments.count, comments[next].range.start < lastEnd { next += 1 }
      if next < comments.count, !comments[next].isWholeLine,
        source.line(at: comments[next].range.start) == source.line(at: max(0, lastEnd - 1))
      {
        statement.trailingComment = comments[next].text
        next += 1
      }
    }
    let closing: [String] = commentLines(from: &next, after: lastEnd, before: Int.max)
    return Program(source: source, statements: statements, closingComments: closing)
  }

  private func commentLines(from next: inout Int, after lastEnd: Int, before end: Int) -> [String] {
    var lines: [String] = []
    var line: Int = source.line(at: lastEnd)
    while next < comments.count, comments[next].range.start < end {
      let here: Int = source.line(at: comments[next].range.start)
      if here > line + 1 { lines.append("") }
      lines.append(comments[next].text)
      line = here
      next += 1
    }
    if end != Int.max, source.line(at: end) > line + 1 { lines.append("") }
    return lines
  }

  mutating func statement() throws -> Statement {
    try nested { parser in try parser.oneStatement() }
  }

  private mutating func oneStatement() throws -> Statement {
    let start: Token = token
    switch start.kind {
    case .keyword(.fn): return try functionStatement()
    case .keyword(.for): return try forStatement()
    case .keyword(.while):
      advance()
      let condition: Expression = try expression()
      let body: Block = try loopBody("after the condition")
      return Statement(.while(condition, body), start.range.union(body.range))
    case .keyword(.return):
      advance()
      guard !functionLocals.isEmpty else {
        throw failure("`return` stands only inside a function", at: start.range)
      }
      if endsStatement() { return Statement(.return(nil), start.range) }
      let value: Expression = try expression()
      if token.kind == .sign(.comma) { throw noTuples(from: value.range.start) }
      return Statement(.return(value), start.range.union(value.range))
    case .keyword(.break), .keyword(.continue):
      advance()
      guard loopDepth > 0 else {
        throw failure("`\(start.text)` stands only inside `for` and `while`", at: start.range)
      }
      return Statement(start.kind == .keyword(.break) ? .break : .continue, start.range)
    case .keyword(.assert):
      advance()
      let condition: Expression = try expression()
      var message: Expression?
      if take(.comma) {
        try operandFollows()
        message = try expression()
      }
      return Statement(.assert(condition, message), SourceRange(start.range.start, previousEnd))
    case .keyword(.else): throw lonelyElse()
    default:
      if let foreign = foreignStatement() { throw foreign }
      return try expressionOrAssignment()
    }
  }

  private mutating func endsStatement() -> Bool {
    switch token.kind {
    case .newline, .end, .sign(.semicolon), .sign(.closeBrace): return true
    default: return false
    }
  }

  private mutating func functionStatement() throws -> Statement {
    let start: SourceRange = token.range
    advance()
    if token.kind == .sign(.openParen) {
      throw failure(
        "a function made with `fn` has a name", at: token.range, help: "without a name: `(a, b) -> a + b`")
    }
    let (symbol, _) = try name("the name of the function")
    assigned(symbol)
    let outerLoops: Int = loopDepth
    loopDepth = 0
    functionLocals.append([])
    defer {
      loopDepth = outerLoops
      functionLocals.removeLast()
    }
    let parameters: [FunctionExpression.Parameter] = try parameterList()
    if token.kind == .sign(.arrow) {
      throw failure("the body of `fn` is a block", at: token.range, help: "write `fn \(symbol.text)(...) { ... }`")
    }
    let body: Block = try block("after the parameters")
    let range = SourceRange(start.start, body.range.end)
    let function = FunctionExpression(
      name: symbol, parameters: parameters, body: .block(body), range: range, source: source,
      locals: functionLocals[functionLocals.count - 1])
    return Statement(.function(function), range)
  }

  private mutating func parameterList() throws -> [FunctionExpression.Parameter] {
    var parameters: [FunctionExpression.Parameter] = []
    guard token.kind == .sign(.openParen) else { throw unexpected("expected `(` and the parameters") }
    try bracketed(.openParen, .closeParen, "after the parameters") { parser in
      let (symbol, range) = try parser.name("the name of a parameter")
      if parameters.contains(where: { $0.symbol == symbol }) {
        throw parser.failure("the parameter \(symbol.text) stands here twice", at: range)
      }
      var value: Expression?
      if parser.token.kind == .sign(.assign) {
        throw parser.failure(
          "a default is written with `:`", at: parser.token.range, help: "write `\(symbol.text): ...`")
      }
      if parser.take(.colon) { value = try parser.expression() }
      if value == nil, parameters.last?.defaultValue != nil {
        throw parser.failure("a parameter without default can't follow one that has one", at: range)
      }
      parser.assigned(symbol)
      parameters.append(FunctionExpression.Parameter(symbol: symbol, defaultValue: value, range: range))
    }
    return parameters
  }

  private mutating func forStatement() throws -> Statement {
    let start: SourceRange = token.range
    advance()
    var names: [Symbol] = []
    repeat {
      let (symbol, _) = try name("the name of a variable")
      assigned(symbol)
      names.append(symbol)
    } while take(.comma)
    guard take(.in) else { throw unexpected("expected `in`") }
    try operandFollows()
    let sequence: Expression = try expression()
    let body: Block = try loopBody("after what is gone through")
    return Statement(.for(names, sequence, body), start.union(body.range))
  }

  private mutating func loopBody(_ what: String) throws -> Block {
    loopDepth += 1
    defer { loopDepth -= 1 }
    return try block(what)
  }

  /// `{ statements }`.
  mutating func block(_ what: String) throws -> Block {
    try nested { parser in try parser.oneBlock(what) }
  }

  private mutating func oneBlock(_ what: String) throws -> Block {
    let start: SourceRange = token.range
    guard take(.openBrace) else {
      if let foreign = foreignBlock() { throw foreign }
      throw unexpected("expected `{` \(what)")
    }
    let outer: Bool = ignoresNewlines
    ignoresNewlines = false
    openCount += 1
    var statements: [Statement] = []
    skipSeparators()
    while token.kind != .sign(.closeBrace) {
      if token.kind == .end { throw unexpected("expected `}` at the end of the block") }
      statements.append(try statement())
      try endOfStatement(statements)
    }
    let range: SourceRange = start.union(token.range)
    advance()
    openCount -= 1
    ignoresNewlines = outer
    return Block(statements, range)
  }
}
