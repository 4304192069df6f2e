/// How a statement ended.
enum Outcome {
  case normal(Value)
  case returned(Value)
  case broke
  case continued
}

/// `return`, `break`, `continue` in a block inside an expression: passed on by throwing.
struct ControlFlow: Error {
  let outcome: Outcome
}

extension Interpreter {
  /// Runs a top-level statement; a value if it is an expression.
  func execute(topLevel statement: Statement) throws -> Value? {
    let outcome: Outcome = try execute(statement, nil)
    guard statement.isExpression, case .normal(let value) = outcome else { return nil }
    return value
  }

  func execute(_ statement: Statement, _ scope: Environment?) throws -> Outcome {
    switch statement.node {
    case .expression(let expression):
      if case .conditional(let conditional) = expression.node { return try choose(conditional, scope) }
      return .normal(try evaluate(expression, scope))
    case .assign(let target, let expression): try assign(target, expression, scope)
    case .assignAll(let names, let expression):
      let value: Value = try evaluate(expression, scope)
      try takeApart(value, into: names, scope, at: expression.range)
    case .update(let target, let op, let expression): try update(target, op, expression, scope)
    case .function(let function): try define(function, scope)
    case .for(let names, let sequence, let body): return try loop(names, sequence, body, scope)
    case .while(let condition, let body): return try loop(while: condition, body, scope)
    case .return(let expression):
      return .returned(try expression.map { try evaluate($0, scope) } ?? .nothing)
    case .break: return .broke
    case .continue: return .continued
    case .assert(let condition, let message): try check(condition, message, scope)
    }
    return .normal(.nothing)
  }

  func execute(_ block: Block, _ scope: Environment?) throws -> Outcome {
    var last: Value = .nothing
    for statement in block.statements {
      let outcome: Outcome = try execute(statement, scope)
      guard case .normal(let value) = outcome else { return outcome }
      last = value
    }
    return .normal(last)
  }

  func choose(_ conditional: Expression.Conditional, _ scope: Environment?) throws -> Outcome {
    if try isTrue(conditional.condition, scope) { return try execute(conditional.then, scope) }
    guard let otherwise = conditional.otherwise else { return .normal(.nothing) }
    return try execute(otherwise, scope)
  }

  /// A condition's truth; what has none says so at its place.
  func isTrue(_ condition: Expression, _ scope: Environment?) throws -> Bool {
    let value: Value = try evaluate(condition, scope)
    if case .bool(let flag) = value { return flag }
    return try placed(condition.range) { try value.truth() }
  }

  // MARK: names

  func store(_ symbol: Symbol, _ value: Value, _ scope: Environment?) {
    if let scope, let slot = scope.slot(symbol) {
      scope[slot] = value
    } else {
      set(symbol, to: value)
    }
  }

  private func assign(_ target: Statement.Target, _ expression: Expression, _ scope: Environment?) throws {
    switch target {
    case .name(let symbol, _):
      let value: Value = try evaluateForName(symbol, expression, scope)
      if case .object(let object) = value, object.hasIdentity, scope == nil, case .name = expression.node {
        sayAlias(of: object, as: symbol)
      }
      store(symbol, value, scope)
    case .field(let object, let field):
      try setField(field, of: object, scope) { _ in try self.evaluate(expression, scope) }
    }
  }

  /// `b = a` on a thing with identity: said once for each thing.
  private func sayAlias(of object: any LanguageObject, as symbol: Symbol) {
    let known: [String] = names(of: object).filter { $0 != symbol.text }
    guard let first = known.first, known.count == 1 else { return }
    host?.note("\(symbol.text) and \(first) are the same \(object.kind.name); another one is made by  copy(\(first))")
  }

  private func update(
    _ target: Statement.Target, _ op: BinaryOperator, _ expression: Expression, _ scope: Environment?
  ) throws {
    switch target {
    case .name(let symbol, let range):
      let old: Value = try variable(symbol, scope, at: range)
      let value: Value = try evaluate(expression, scope)
      store(symbol, try apply(op, old, value, at: range.union(expression.range)), scope)
    case .field(let object, let field):
      try setField(field, of: object, scope) { old in
        let value: Value = try self.evaluate(expression, scope)
        return try self.apply(op, old, value, at: field.range.union(expression.range))
      }
    }
  }

  func takeApart(_ value: Value, into names: [Symbol], _ scope: Environment?, at range: SourceRange) throws {
    let parts: [Value]
    switch value {
    case .list(let list): parts = list.elements
    case .record(let record): parts = record.values
    case .object(let object):
      guard let count = object.length else { fallthrough }
      guard count == names.count else { throw wrongCount(names, count, value.kind, at: range) }
      parts = try placed(range) { try (0..<count).map { try object.item(at: $0) } }
    default:
      throw failure("\(value.kind.phrase) can't be taken apart into \(names.count) names", at: range)
    }
    guard parts.count == names.count else { throw wrongCount(names, parts.count, value.kind, at: range) }
    for (name, part) in zip(names, parts) { store(name, part, scope) }
  }

  private func wrongCount(_ names: [Symbol], _ count: Int, _ kind: Kind, at range: SourceRange) -> LanguageError {
    let list: String = names.map(\.text).joined(separator: ", ")
    return failure(
      "\(kind.phrase) of \(count) can't be taken apart into \(names.count) names (\(list))", at: range)
  }

  func define(_ function: FunctionExpression, _ scope: Environment?) throws {
    guard let name = function.name else { return }
    store(name, try closure(function, scope), scope)
  }

  func closure(_ function: FunctionExpression, _ scope: Environment?) throws -> Value {
    let defaults: [Value?] = try function.parameters.map { parameter in
      try parameter.defaultValue.map { try evaluate($0, scope) }
    }
    return .function(FunctionValue(.closure(Closure(function, environment: scope, defaults: defaults))))
  }

  // MARK: loops

  private func loop(
    _ names: [Symbol], _ sequence: Expression, _ body: Block, _ scope: Environment?
  ) throws -> Outcome {
    let value: Value = try evaluate(sequence, scope)
    if names.count > 1, case .record(let record) = value, !record.keys.isEmpty {
      let whole: String = sourceName(sequence) ?? "r"
      let pair: String = names.prefix(2).map(\.text).joined(separator: ", ")
      throw failure(
        "a record gives its keys, one after the other", at: sequence.range,
        help: "in pairs: `for \(pair) in zip(keys(\(whole)), values(\(whole))) { }`")
    }
    var ended: Outcome = .normal(.nothing)
    try forEach(value, at: sequence.range) { item in
      if names.count == 1 {
        store(names[0], item, scope)
      } else {
        try takeApart(item, into: names, scope, at: sequence.range)
      }
      switch try runBody(body, scope) {
      case .normal, .continued: return true
      case .broke: return false
      case .returned(let value):
        ended = .returned(value)
        return false
      }
    }
    return ended
  }

  private func loop(while condition: Expression, _ body: Block, _ scope: Environment?) throws -> Outcome {
    while try isTrue(condition, scope) {
      try interruption.check()
      switch try runBody(body, scope) {
      case .normal, .continued: continue
      case .broke: return .normal(.nothing)
      case .returned(let value): return .returned(value)
      }
    }
    return .normal(.nothing)
  }

  /// A loop's body; `break` and `continue` inside an expression arrive by throwing.
  private func runBody(_ body: Block, _ scope: Environment?) throws -> Outcome {
    do {
      return try execute(body, scope)
    } catch let flow as ControlFlow {
      return flow.outcome
    }
  }

  /// Goes through a value's elements until `visit` says false; looks for interruptions.
  func forEach(_ value: Value, at range: SourceRange?, _ visit: (Value) throws -> Bool) throws {
    switch value {
    case .list(let list):
      for item in list.elements {
        try interruption.check()
        guard try visit(item) else { return }
      }
    case .record(let record):
      for key in record.keys {
        try interruption.check()
        guard try visit(key.value) else { return }
      }
    case .string(let text):
      for scalar in text.unicodeScalars {
        try interruption.check()
        guard try visit(.string(String(scalar))) else { return }
      }
    case .object(let object):
      guard let count = object.length else { throw notIterable(value, at: range) }
      for place in 0..<max(0, count) {
        try interruption.check()
        let item: Value = try placed(range) { try object.item(at: place) }
        guard try visit(item) else { return }
      }
    default: throw notIterable(value, at: range)
    }
  }

  private func notIterable(_ value: Value, at range: SourceRange?) -> LanguageError {
    let help: String? = value.kind == .int ? "numbers in a row: `range(n)`" : nil
    return .failure(Diagnostic("\(value.kind.phrase) can't be gone through", at: range, help: help))
  }

  private func check(_ condition: Expression, _ message: Expression?, _ scope: Environment?) throws {
    if try isTrue(condition, scope) { return }
    var text: String?
    if let message {
      let value: Value = try evaluate(message, scope)
      if case .string(let words) = value { text = words } else { text = value.inline() }
    }
    throw Failures.assertion(text, try sides(of: condition, scope), at: condition.range)
  }

  /// What stood on both sides of a comparison that an `assert` found false.
  private func sides(of condition: Expression, _ scope: Environment?) throws -> String? {
    guard case .comparison(let left, let comparisons) = condition.node, comparisons.count == 1 else { return nil }
    switch (left.node, comparisons[0].right.node) {
    case (.name, .name), (.name, .literal), (.literal, .name):
      let (a, b) = (try evaluate(left, scope), try evaluate(comparisons[0].right, scope))
      return "\(a.inline()) \(comparisons[0].operator.rawValue) \(b.inline())"
    default: return nil
    }
  }
}
