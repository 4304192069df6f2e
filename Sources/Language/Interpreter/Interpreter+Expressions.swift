extension Interpreter {
  func evaluate(_ expression: Expression, _ scope: Environment?) throws -> Value {
    switch expression.node {
    case .literal(let value): return value
    case .name(let symbol): return try variable(symbol, scope, at: expression.range)
    case .binary(let op, let left, let right): return try binary(op, left, right, expression.range, scope)
    case .comparison(let first, let comparisons): return try chain(first, comparisons, scope)
    case .call(let callee, let arguments): return try call(callee, arguments, expression.range, scope)
    case .methodCall(let object, let name, let arguments):
      return try methodCall(object, name, arguments, expression.range, scope)
    case .index(let object, let subscripts): return try index(object, subscripts, expression.range, scope)
    case .field(let object, let name): return try field(name, of: try evaluate(object, scope), object.range)
    case .and(let left, let right): return try both(left, right, scope)
    case .or(let left, let right): return try either(left, right, scope)
    case .unary(let op, let operand): return try unary(op, operand, expression.range, scope)
    case .list(let elements): return try list(elements, expression.range, scope)
    case .record(let fields): return try record(fields, expression.range, scope)
    case .lambda(let function): return try closure(function, scope)
    case .conditional(let conditional):
      let outcome: Outcome = try choose(conditional, scope)
      guard case .normal(let value) = outcome else { throw ControlFlow(outcome: outcome) }
      return value
    }
  }

  // MARK: names

  /// A variable's value in the innermost scope that has it; nil where none has. A function's own name that isn't set
  /// yet is an error.
  @inline(__always)
  func find(_ symbol: Symbol, _ scope: Environment?, at range: SourceRange) throws -> Value? {
    var scope: Environment? = scope
    while let here = scope {
      if let slot = here.slot(symbol) {
        if let value = here[slot] { return value }
        throw notYet(symbol, here, at: range)
      }
      scope = here.parent
    }
    return global(symbol)
  }

  /// What a name calls: variables that hold nothing yet, or what doesn't fit, take no word away.
  @inline(__always)
  func findCallable(_ symbol: Symbol, _ scope: Environment?, where fits: (Value) -> Bool) -> Value? {
    var scope: Environment? = scope
    while let here = scope {
      if let slot = here.slot(symbol), let value = here[slot], fits(value) { return value }
      scope = here.parent
    }
    guard let value = global(symbol), fits(value) else { return nil }
    return value
  }

  private func notYet(_ symbol: Symbol, _ scope: Environment, at range: SourceRange) -> LanguageError {
    let function: String = scope.function.name?.text ?? "this function"
    var help: String?
    if global(symbol) != nil {
      help = "a function may read what is outside, not change it: give it as an argument and return the new value"
    }
    return .failure(
      Diagnostic("\(symbol.text) has no value yet in \(function), which gives it one", at: range, help: help))
  }

  func variable(_ symbol: Symbol, _ scope: Environment?, at range: SourceRange) throws -> Value {
    if let value = try find(symbol, scope, at: range) { return value }
    let text: String = symbol.text
    if builtins.contains(text) { return .function(FunctionValue(builtin: text)) }
    throw unknown(name: text, scope, at: range)
  }

  /// The value for `name = e`. Where `e` is `append(name, x)`, the name lets go of its list first, so that it grows
  /// in place instead of being copied.
  func evaluateForName(_ symbol: Symbol, _ expression: Expression, _ scope: Environment?) throws -> Value {
    guard let item = appended(to: symbol, expression), findCallable(.append, scope, where: isCallable) == nil,
      case .list? = try find(symbol, scope, at: expression.range), !isCaptured(symbol, scope)
    else { return try evaluate(expression, scope) }
    let value: Value = try evaluate(item, scope)
    let taken: Value?
    if let scope, let slot = scope.slot(symbol) { taken = scope.take(slot) } else { taken = takeGlobal(symbol) }
    guard case .list(let list)? = taken, list.count < Limits.elementCount, value.depth < Limits.valueDepth,
      list.size + value.size <= Limits.valueSize
    else {
      if let taken { store(symbol, taken, scope) }
      return try evaluate(expression, scope)
    }
    return .list(list.appending(value, releasing: taken))
  }

  /// The element, where the expression is `append(name, element)` or `name.append(element)`.
  private func appended(to symbol: Symbol, _ expression: Expression) -> Expression? {
    switch expression.node {
    case .methodCall(let object, let name, let arguments):
      guard name.symbol == .append, case .name(symbol) = object.node, arguments.count == 1 else { return nil }
      return arguments[0].label == nil ? arguments[0].value : nil
    case .call(let callee, let arguments):
      guard case .name(.append) = callee.node, arguments.count == 2, case .name(symbol) = arguments[0].value.node else {
        return nil
      }
      return arguments[0].label == nil && arguments[1].label == nil ? arguments[1].value : nil
    default: return nil
    }
  }

  private func isCaptured(_ symbol: Symbol, _ scope: Environment?) -> Bool {
    scope != nil && scope?.slot(symbol) == nil
  }

  // MARK: operators

  @inline(__always)
  private func binary(
    _ op: BinaryOperator, _ left: Expression, _ right: Expression, _ range: SourceRange, _ scope: Environment?
  ) throws -> Value {
    let a: Value = try evaluate(left, scope)
    let b: Value = try evaluate(right, scope)
    return try apply(op, a, b, at: range)
  }

  func apply(_ op: BinaryOperator, _ a: Value, _ b: Value, at range: SourceRange) throws -> Value {
    do {
      return try Arithmetic.apply(op, a, b)
    } catch {
      throw Failures.placed(error, at: range)
    }
  }

  private func unary(
    _ op: UnaryOperator, _ operand: Expression, _ range: SourceRange, _ scope: Environment?
  ) throws -> Value {
    if op == .not { return .bool(!(try isTrue(operand, scope))) }
    let value: Value = try evaluate(operand, scope)
    return try placed(range) { try Arithmetic.negate(value) }
  }

  private func both(_ left: Expression, _ right: Expression, _ scope: Environment?) throws -> Value {
    let value: Value = try evaluate(left, scope)
    return try placed(left.range, { try value.truth() }) ? try evaluate(right, scope) : value
  }

  private func either(_ left: Expression, _ right: Expression, _ scope: Environment?) throws -> Value {
    let value: Value = try evaluate(left, scope)
    return try placed(left.range, { try value.truth() }) ? value : try evaluate(right, scope)
  }

  /// `a < b < c` is `a < b and b < c` with b evaluated once.
  private func chain(
    _ first: Expression, _ comparisons: [Expression.Comparison], _ scope: Environment?
  ) throws -> Value {
    var left: Value = try evaluate(first, scope)
    var result: Value = .bool(true)
    for (place, comparison) in comparisons.enumerated() {
      if place > 0 {
        let range = SourceRange(first.range.start, comparisons[place - 1].right.range.end)
        guard try placed(range, { try result.truth() }) else { return result }
      }
      let right: Value = try evaluate(comparison.right, scope)
      do {
        result = try compare(comparison.operator, left, right)
      } catch {
        throw Failures.placed(error, at: SourceRange(first.range.start, comparison.right.range.end))
      }
      left = right
    }
    return result
  }

  func compare(_ op: BinaryOperator, _ left: Value, _ right: Value) throws -> Value {
    if case .int(let a) = left, case .int(let b) = right, let quick = Self.quick(op, a, b) { return .bool(quick) }
    if op == .in || op == .notIn { return try membership(op, left, right) }
    if case .object(let object) = left, let result = try object.binary(op, right, isRight: false) { return result }
    if case .object(let object) = right, let result = try object.binary(op, left, isRight: true) { return result }
    switch op {
    case .equal: return .bool(left.isEqual(to: right))
    case .notEqual: return .bool(!left.isEqual(to: right))
    default: break
    }
    guard let order = try left.order(right) else { return .bool(false) }
    switch op {
    case .less: return .bool(order < 0)
    case .lessEqual: return .bool(order <= 0)
    case .greater: return .bool(order > 0)
    default: return .bool(order >= 0)
    }
  }

  private static func quick(_ op: BinaryOperator, _ a: Int, _ b: Int) -> Bool? {
    switch op {
    case .equal: return a == b
    case .notEqual: return a != b
    case .less: return a < b
    case .lessEqual: return a <= b
    case .greater: return a > b
    case .greaterEqual: return a >= b
    default: return nil
    }
  }

  private func membership(_ op: BinaryOperator, _ left: Value, _ right: Value) throws -> Value {
    let found: Bool
    switch (left, right) {
    case (_, .list(let list)): found = list.elements.contains { $0.isEqual(to: left) }
    case (.string(let part), .string(let text)): found = TextSearch.contains(text, part)
    case (.string(let name), .record(let record)): found = record[.name(name)] != nil
    case (.int(let number), .record(let record)): found = record[.int(number)] != nil
    case (_, .record): found = false
    case (_, .object(let object)):
      if let result = try object.binary(.in, left, isRight: true) {
        return op == .in ? result : .bool(!(try result.truth()))
      }
      throw LanguageError.message("`in` isn't defined for \(right.kind.phrase)")
    default:
      throw LanguageError.message("`in` looks in a list, a string or a record's keys, not in \(right.kind.phrase)")
    }
    return .bool(found == (op == .in))
  }

  // MARK: lists and records

  private func list(_ elements: [Expression], _ range: SourceRange, _ scope: Environment?) throws -> Value {
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for element in elements { values.append(try evaluate(element, scope)) }
    return try placed(range) { try .list(values) }
  }

  private func record(
    _ fields: [Expression.RecordField], _ range: SourceRange, _ scope: Environment?
  ) throws -> Value {
    var values: [(RecordKey, Value)] = []
    values.reserveCapacity(fields.count)
    for field in fields { values.append((field.key, try evaluate(field.value, scope))) }
    return try placed(range) { .record(try RecordValue(values)) }
  }

  // MARK: errors

  /// Gives errors of `body` that have no place this one.
  @inline(__always)
  func placed<Result>(_ range: SourceRange?, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      throw Failures.placed(error, at: range)
    }
  }

  func failure(
    _ message: String, at range: SourceRange?, label: String? = nil, help: String? = nil, corrected: String? = nil
  ) -> LanguageError {
    .failure(Diagnostic(message, at: range, label: label, help: help, corrected: corrected))
  }
}

extension Symbol {
  static let append = Symbol("append")
}
