/// A statement with its place and, at the top level, the comments before and beside it.
package final class Statement {
  package enum Node {
    case expression(Expression)
    case assign(Target, Expression)
    /// `a, b = e`.
    case assignAll([Symbol], Expression)
    /// `x += 1`.
    case update(Target, BinaryOperator, Expression)
    case function(FunctionExpression)
    case `for`([Symbol], Expression, Block)
    case `while`(Expression, Block)
    case `return`(Expression?)
    case `break`
    case `continue`
    case assert(Expression, Expression?)
  }
  package enum Target {
    case name(Symbol, SourceRange)
    case field(Expression, Expression.FieldName)
  }

  package let node: Node
  package let range: SourceRange
  /// Whether a `;` at the line's end silences its display.
  package internal(set) var isSilent: Bool = false
  /// Whole-line comments between the statement before and this one, `# %% Title` included; blank lines as "".
  package internal(set) var comments: [String] = []
  /// The comment at the end of its last line.
  package internal(set) var trailingComment: String?

  init(_ node: Node, _ range: SourceRange) {
    self.node = node
    self.range = range
  }

  /// Whether its value is shown: an expression, not silenced.
  package var isExpression: Bool {
    if case .expression = node { return true }
    return false
  }
}

/// Statements of one text.
package struct Program {
  package var source: SourceText
  package var statements: [Statement]
  /// Whole-line comments after the last statement.
  package var closingComments: [String]

  /// The statement as it was written.
  package func text(of statement: Statement) -> String { source.text(statement.range) }
}

/// What became of parsing a text.
package enum ParseResult {
  case program(Program)
  /// More lines may follow; forced to end here, this would be the error.
  case needsMore(Diagnostic)
  case failure(Diagnostic)
}
