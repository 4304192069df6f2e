/// A node of the syntax tree that has a value.
package final class Expression {
  package indirect enum Node {
    /// `none`, `true`, a number, a string.
    case literal(Value)
    case name(Symbol)
    case list([Expression])
    case record([RecordField])
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, Expression, Expression)
    /// `a < b <= c`: at least one comparison.
    case comparison(Expression, [Comparison])
    case and(Expression, Expression)
    case or(Expression, Expression)
    case field(Expression, FieldName)
    case index(Expression, [SubscriptExpression])
    case call(Expression, [Argument])
    /// `x.name(...)`.
    case methodCall(Expression, FieldName, [Argument])
    case lambda(FunctionExpression)
    case conditional(Conditional)
  }

  package struct RecordField {
    package var key: RecordKey
    package var value: Expression
  }
  package struct Comparison {
    package var `operator`: BinaryOperator
    package var right: Expression
  }
  package struct FieldName {
    package var symbol: Symbol
    package var text: String
    package var range: SourceRange
  }
  package struct Argument {
    package var label: String?
    package var labelRange: SourceRange?
    package var value: Expression
  }
  package enum SubscriptExpression {
    case value(Expression)
    case slice(start: Expression?, stop: Expression?, step: Expression?)
    /// `...`: as many `:` as there are axes left.
    case allBetween
  }
  package struct Conditional {
    package var condition: Expression
    package var then: Block
    /// The block after `else`; that of `else if` holds one conditional and `isElseIf` is true.
    package var otherwise: Block?
    package var isElseIf: Bool
  }

  package let node: Node
  package let range: SourceRange
  /// How many nodes stand inside one another here.
  let depth: Int

  init(_ node: Node, _ range: SourceRange, depth: Int = 1) {
    self.node = node
    self.range = range
    self.depth = depth
  }
}

/// `fn name(a, b: 2) { ... }` or `(a, b) -> e`.
package final class FunctionExpression {
  package struct Parameter {
    package var symbol: Symbol
    package var defaultValue: Expression?
    package var range: SourceRange
  }
  package enum Body {
    case expression(Expression)
    case block(Block)
  }

  /// Nil for `->`.
  package let name: Symbol?
  package let parameters: [Parameter]
  package let body: Body
  package let range: SourceRange
  package let source: SourceText
  /// Parameters first, then every other name assigned in the body: its own variables.
  let locals: [Symbol]

  init(
    name: Symbol?, parameters: [Parameter], body: Body, range: SourceRange, source: SourceText, locals: [Symbol]
  ) {
    self.name = name
    self.parameters = parameters
    self.body = body
    self.range = range
    self.source = source
    self.locals = locals
  }
}

/// `{ ... }` after `if`, `else`, `for`, `while`, `fn`.
package final class Block {
  package let statements: [Statement]
  package let range: SourceRange
  let depth: Int

  init(_ statements: [Statement], _ range: SourceRange, depth: Int = 1) {
    self.statements = statements
    self.range = range
    self.depth = depth
  }
}
