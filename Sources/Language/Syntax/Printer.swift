/// Writes syntax trees as source text: parse(text(tree)) gives the same tree.
package struct Printer {
  package static func text(_ program: Program) -> String {
    program.statements.map { text($0, indent: 0) }.joined(separator: "\n")
  }

  package static func text(_ statement: Statement) -> String { text(statement, indent: 0) }
  package static func text(_ expression: Expression) -> String { Printer(indent: 0).whole(expression) }

  private static func text(_ statement: Statement, indent: Int) -> String {
    let printer = Printer(indent: indent)
    return printer.statement(statement) + (statement.isSilent ? ";" : "")
  }

  private let indent: Int

  private init(indent: Int) { self.indent = indent }

  // MARK: statements

  private func statement(_ statement: Statement) -> String {
    switch statement.node {
    case .expression(let value): return whole(value)
    case .assign(let target, let value): return "\(self.target(target)) = \(whole(value))"
    case .assignAll(let names, let value):
      return names.map(\.text).joined(separator: ", ") + " = " + whole(value)
    case .update(let target, let op, let value): return "\(self.target(target)) \(op.rawValue)= \(whole(value))"
    case .function(let function):
      guard case .block(let body) = function.body else { return "" }
      return "fn \(function.name?.text ?? "_")(\(parameters(function))) \(block(body))"
    case .for(let names, let sequence, let body):
      return "for \(names.map(\.text).joined(separator: ", ")) in \(whole(sequence)) \(block(body))"
    case .while(let condition, let body): return "while \(whole(condition)) \(block(body))"
    case .return(let value): return value.map { "return \(whole($0))" } ?? "return"
    case .break: return "break"
    case .continue: return "continue"
    case .assert(let condition, let message):
      return "assert \(whole(condition))" + (message.map { ", \(whole($0))" } ?? "")
    }
  }

  private func target(_ target: Statement.Target) -> String {
    switch target {
    case .name(let symbol, _): return symbol.text
    case .field(let object, let name): return operand(object, .postfix) + "." + name.text
    }
  }

  private func block(_ block: Block) -> String {
    if block.statements.isEmpty { return "{ }" }
    let pad = String(repeating: "  ", count: indent + 1)
    let lines: [String] = block.statements.map { pad + Printer.text($0, indent: indent + 1) }
    return "{\n" + lines.joined(separator: "\n") + "\n" + String(repeating: "  ", count: indent) + "}"
  }

  private func parameters(_ function: FunctionExpression) -> String {
    function.parameters.map { parameter in
      parameter.symbol.text + (parameter.defaultValue.map { ": \(whole($0))" } ?? "")
    }.joined(separator: ", ")
  }

  // MARK: expressions

  private enum Level: Int, Comparable {
    case whole, or, and, not, comparison, sum, product, negate, power, postfix
    static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  private func level(_ expression: Expression) -> Level {
    switch expression.node {
    case .lambda: return .whole
    case .or: return .or
    case .and: return .and
    case .unary(.not, _): return .not
    case .comparison: return .comparison
    case .binary(let op, _, _):
      switch op {
      case .add, .subtract: return .sum
      case .power: return .power
      default: return .product
      }
    case .unary: return .negate
    case .literal(.int(let number)) where number < 0: return .negate
    case .literal(.float(let number)) where number.sign == .minus: return .negate
    default: return .postfix
    }
  }

  /// In brackets where it binds less tightly than its place asks.
  private func operand(_ expression: Expression, _ least: Level) -> String {
    let text: String = whole(expression)
    return level(expression) < least ? "(\(text))" : text
  }

  private func whole(_ expression: Expression) -> String {
    switch expression.node {
    case .literal(let value): return Self.literal(value)
    case .name(let symbol): return symbol.text
    case .list(let elements): return "[" + elements.map(whole).joined(separator: ", ") + "]"
    case .record(let fields):
      return "{" + fields.map { "\(Self.key($0.key)): \(whole($0.value))" }.joined(separator: ", ") + "}"
    case .unary(.not, let value): return "not " + operand(value, .not)
    case .unary(_, let value): return "-" + negated(value)
    case .binary(let op, let left, let right):
      let sign: String = op.rawValue
      switch level(expression) {
      case .power: return "\(operand(left, .postfix)) \(sign) \(operand(right, .negate))"
      case .sum: return "\(operand(left, .sum)) \(sign) \(operand(right, .product))"
      default: return "\(operand(left, .product)) \(sign) \(operand(right, .negate))"
      }
    case .comparison(let first, let comparisons):
      return comparisons.reduce(operand(first, .sum)) { "\($0) \($1.operator.rawValue) \(operand($1.right, .sum))" }
    case .and(let left, let right): return "\(operand(left, .and)) and \(operand(right, .not))"
    case .or(let left, let right): return "\(operand(left, .or)) or \(operand(right, .and))"
    case .field(let object, let name): return "\(operand(object, .postfix)).\(name.text)"
    case .index(let object, let parts):
      return "\(operand(object, .postfix))[\(parts.map(subscriptText).joined(separator: ", "))]"
    case .call(let callee, let arguments): return "\(self.callee(callee))(\(self.arguments(arguments)))"
    case .methodCall(let object, let name, let arguments):
      return "\(operand(object, .postfix)).\(name.text)(\(self.arguments(arguments)))"
    case .lambda(let function): return lambda(function)
    case .conditional(let conditional): return self.conditional(conditional)
    }
  }

  /// A field that is called by itself, `(x.f)(y)`, is not the call `x.f(y)`.
  private func callee(_ expression: Expression) -> String {
    if case .field = expression.node { return "(\(whole(expression)))" }
    return operand(expression, .postfix)
  }

  /// `-9223372036854775808` in a tree of two nodes can't be told from the least int: it never parses so.
  private func negated(_ value: Expression) -> String { operand(value, .negate) }

  private func lambda(_ function: FunctionExpression) -> String {
    guard case .expression(let body) = function.body else { return "" }
    let names: [String] = function.parameters.map(\.symbol.text)
    let head: String = names.count == 1 ? names[0] : "(\(names.joined(separator: ", ")))"
    return "\(head) -> \(whole(body))"
  }

  private func conditional(_ conditional: Expression.Conditional) -> String {
    var text: String = "if \(whole(conditional.condition)) \(block(conditional.then))"
    guard let otherwise = conditional.otherwise else { return text }
    if conditional.isElseIf, let first = otherwise.statements.first, case .expression(let next) = first.node {
      text += " else " + whole(next)
    } else {
      text += " else " + block(otherwise)
    }
    return text
  }

  private func arguments(_ arguments: [Expression.Argument]) -> String {
    arguments.map { argument in
      (argument.label.map { "\($0): " } ?? "") + whole(argument.value)
    }.joined(separator: ", ")
  }

  private func subscriptText(_ part: Expression.SubscriptExpression) -> String {
    switch part {
    case .value(let value): return whole(value)
    case .slice(let start, let stop, let step):
      let head: String = (start.map(whole) ?? "") + ":" + (stop.map(whole) ?? "")
      return head + (step.map { ":" + whole($0) } ?? "")
    case .allBetween: return "..."
    }
  }

  // MARK: literals

  static func literal(_ value: Value) -> String {
    switch value {
    case .nothing: return "none"
    case .bool(let flag): return flag ? "true" : "false"
    case .int(let number): return String(number)
    case .float(let number): return float(number)
    case .string(let text): return StringEscapes.literal(text)
    default: return value.inline()
    }
  }

  private static func float(_ number: Double) -> String {
    if number.isInfinite { return number < 0 ? "-1e999" : "1e999" }
    return "\(number)"
  }

  /// A record's key: a name as it is, other text in quotes.
  static func key(_ key: RecordKey) -> String {
    switch key {
    case .int(let number): return String(number)
    case .name(let text): return isName(text) ? text : StringEscapes.literal(text)
    }
  }

  package static func isName(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, first == "_" || first.properties.isXIDStart else { return false }
    return Keyword(rawValue: text) == nil && text.unicodeScalars.allSatisfy { $0.properties.isXIDContinue }
  }
}

extension Value {
  /// The value as source text; nil for what no text stands for (functions, things with identity, NaN) and for what
  /// would be longer than 64 MB (lists can hold one another many times over).
  package var sourceText: String? {
    var text = ""
    return write(to: &text) ? text : nil
  }

  private func write(to text: inout String) -> Bool {
    guard text.utf8.count < 1 << 26 else { return false }
    switch self {
    case .nothing, .bool, .int, .string: text += Printer.literal(self)
    case .float(let number):
      if number.isNaN { return false }
      text += Printer.literal(self)
    case .list(let list):
      text += "["
      for (place, element) in list.elements.enumerated() {
        if place > 0 { text += ", " }
        guard element.write(to: &text) else { return false }
      }
      text += "]"
    case .record(let record):
      text += "{"
      for (place, (key, value)) in record.fields.enumerated() {
        if place > 0 { text += ", " }
        text += "\(Printer.key(key)): "
        guard value.write(to: &text) else { return false }
      }
      text += "}"
    case .function, .object: return false
    }
    return true
  }
}
