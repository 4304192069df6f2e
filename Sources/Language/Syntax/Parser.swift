/// Recursive descent with precedence climbing. Every node carries its range; text that could go on is told apart from
/// text that is wrong.
///
/// Newlines are tokens. Inside brackets and records they are passed over, inside blocks they end statements, so the
/// parser keeps one flag that each bracket and block sets and puts back.
package struct Parser {
  let source: SourceText
  let tokens: [Token]
  let comments: [Comment]
  var place = 0
  /// Inside brackets a newline is only space.
  var ignoresNewlines = false
  /// Brackets, braces and operators that still wait for something.
  var openCount = 0
  var nesting = 0
  var loopDepth = 0
  /// Names assigned in each function that is being parsed, innermost last.
  var functionLocals: [[Symbol]] = []

  init(_ source: SourceText) {
    self.source = source
    (tokens, comments) = Scanner.scan(source)
  }

  /// Parses a whole text.
  package static func parse(_ text: String, name: String = "", firstLine: Int = 1) -> ParseResult {
    parse(SourceText(text, name: name, firstLine: firstLine))
  }

  package static func parse(_ source: SourceText) -> ParseResult {
    var parser = Parser(source)
    do {
      return .program(try parser.program())
    } catch LanguageError.incomplete(var diagnostic) {
      diagnostic.source = source
      return .needsMore(diagnostic)
    } catch LanguageError.failure(var diagnostic) {
      diagnostic.source = source
      diagnostic.isSyntax = true
      return .failure(diagnostic)
    } catch {
      return .failure(Diagnostic("\(error)", isSyntax: true))
    }
  }

  // MARK: tokens

  /// The token at hand, newlines passed over where they are only space.
  var token: Token {
    mutating get {
      if ignoresNewlines { while tokens[place].kind == .newline { place += 1 } }
      return tokens[place]
    }
  }

  /// The token after the one at hand, newlines not passed over.
  func following(_ count: Int = 1) -> Token { tokens[min(place + count, tokens.count - 1)] }

  var previousEnd: Int {
    var before: Int = place - 1
    while before >= 0, tokens[before].kind == .newline { before -= 1 }
    return before >= 0 ? tokens[before].range.end : 0
  }

  mutating func advance() {
    if place < tokens.count - 1 { place += 1 }
  }

  mutating func skipNewlines() {
    while tokens[place].kind == .newline { place += 1 }
  }

  mutating func take(_ sign: Sign) -> Bool {
    if token.kind == .sign(sign) {
      advance()
      return true
    }
    return false
  }

  mutating func take(_ keyword: Keyword) -> Bool {
    if token.kind == .keyword(keyword) {
      advance()
      return true
    }
    return false
  }

  mutating func expect(_ sign: Sign, in what: String) throws {
    if take(sign) { return }
    throw unexpected("expected `\(sign.rawValue)` \(what)")
  }

  /// An operand or body follows, on this line or a later one.
  mutating func operandFollows() throws {
    skipNewlines()
    if token.kind == .end {
      throw LanguageError.incomplete(
        Diagnostic("the line goes on: something must follow here", at: endRange, isSyntax: true))
    }
  }

  var endRange: SourceRange { SourceRange(previousEnd, previousEnd + 1) }

  // MARK: errors

  func failure(
    _ message: String, at range: SourceRange, label: String? = nil, help: String? = nil, corrected: String? = nil
  ) -> LanguageError {
    .failure(Diagnostic(message, at: range, label: label, help: help, corrected: corrected, isSyntax: true))
  }

  /// The error for the token at hand: that text goes on, that it can't be read, or that it doesn't fit.
  mutating func unexpected(_ message: String) -> LanguageError {
    let here: Token = token
    if case .invalid = here.kind, let error = here.error {
      return here.text == "open" ? .incomplete(error) : .failure(error)
    }
    if here.kind == .end {
      let diagnostic = Diagnostic(message, at: endRange, label: "the text ends here", isSyntax: true)
      return openCount > 0 ? .incomplete(diagnostic) : .failure(diagnostic)
    }
    if let foreign = foreignSyntax() { return foreign }
    let range: SourceRange = here.kind == .newline ? endRange : here.range
    let found: String = here.kind == .newline ? "the end of the line" : "`\(shortText(here))`"
    return failure("\(message), found \(found)", at: range)
  }

  func shortText(_ token: Token) -> String {
    TextWidth.cut(TextWidth.visible(source.text(token.range)), to: 24)
  }

  /// Counts one level of nesting while `body` runs.
  mutating func nested<Result>(_ body: (inout Parser) throws -> Result) throws -> Result {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= Limits.syntaxDepth else {
      throw failure(
        "nested too deeply: at most \(Limits.syntaxDepth) levels", at: token.range,
        help: "give a part of it a name of its own")
    }
    return try body(&self)
  }

  /// A node one deeper than its deepest part.
  mutating func make(_ node: Expression.Node, _ range: SourceRange, over depths: Int...) throws -> Expression {
    try make(node, range, depth: depths.max() ?? 0)
  }

  mutating func make(_ node: Expression.Node, _ range: SourceRange, depth: Int) throws -> Expression {
    guard depth < Limits.expressionDepth else {
      throw failure(
        "this expression is too long: at most \(Limits.expressionDepth) operators and calls", at: range,
        help: "give a part of it a name of its own")
    }
    return Expression(node, range, depth: depth + 1)
  }

  // MARK: names

  mutating func assigned(_ symbol: Symbol) {
    guard !functionLocals.isEmpty, !functionLocals[functionLocals.count - 1].contains(symbol) else { return }
    functionLocals[functionLocals.count - 1].append(symbol)
  }

  /// A name (for a parameter, a variable).
  mutating func name(_ what: String) throws -> (Symbol, SourceRange) {
    let here: Token = token
    guard here.kind == .name else {
      if case .keyword(let keyword) = here.kind {
        throw failure("`\(keyword.rawValue)` is a word of the language and can't be \(what)", at: here.range)
      }
      throw unexpected("expected \(what)")
    }
    advance()
    return (Symbol(here.text), here.range)
  }
}
