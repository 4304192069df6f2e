import Language

/// Goes through all expressions of a statement, blocks and functions included, and the names that it binds.
struct SyntaxWalk {
  private(set) var expressions: [Expression] = []
  private(set) var bound: [Symbol] = []

  init(_ statement: Statement) { visit(statement) }

  private mutating func visit(_ statement: Statement) {
    switch statement.node {
    case .expression(let value): visit(value)
    case .assign(let target, let value), .update(let target, _, let value):
      visit(target)
      visit(value)
    case .assignAll(let names, let value):
      bound += names
      visit(value)
    case .function(let function): visit(function)
    case .for(let names, let sequence, let body):
      bound += names
      visit(sequence)
      visit(body)
    case .while(let condition, let body):
      visit(condition)
      visit(body)
    case .return(let value): if let value { visit(value) }
    case .break, .continue: break
    case .assert(let condition, let message):
      visit(condition)
      if let message { visit(message) }
    }
  }

  private mutating func visit(_ target: Statement.Target) {
    switch target {
    case .name(let symbol, _): bound.append(symbol)
    case .field(let base, _): visit(base)
    }
  }

  private mutating func visit(_ block: Block) {
    for statement in block.statements { visit(statement) }
  }

  private mutating func visit(_ function: FunctionExpression) {
    bound += function.parameters.map(\.symbol)
    for parameter in function.parameters { if let value = parameter.defaultValue { visit(value) } }
    switch function.body {
    case .expression(let value): visit(value)
    case .block(let block): visit(block)
    }
  }

  private mutating func visit(_ expression: Expression) {
    expressions.append(expression)
    switch expression.node {
    case .literal, .name: break
    case .list(let elements): for element in elements { visit(element) }
    case .record(let fields): for field in fields { visit(field.value) }
    case .unary(_, let value): visit(value)
    case .binary(_, let left, let right), .and(let left, let right), .or(let left, let right):
      visit(left)
      visit(right)
    case .comparison(let first, let rest):
      visit(first)
      for comparison in rest { visit(comparison.right) }
    case .field(let base, _): visit(base)
    case .index(let base, let subscripts):
      visit(base)
      for part in subscripts {
        switch part {
        case .value(let value): visit(value)
        case .slice(let start, let stop, let step):
          for value in [start, stop, step].compactMap({ $0 }) { visit(value) }
        case .allBetween: break
        }
      }
    case .call(let callee, let arguments):
      visit(callee)
      for argument in arguments { visit(argument.value) }
    case .methodCall(let base, _, let arguments):
      visit(base)
      for argument in arguments { visit(argument.value) }
    case .lambda(let function): visit(function)
    case .conditional(let conditional):
      visit(conditional.condition)
      visit(conditional.then)
      if let otherwise = conditional.otherwise { visit(otherwise) }
    }
  }
}
