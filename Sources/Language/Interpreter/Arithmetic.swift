import Foundation

/// Arithmetic of plain values, as Python does it, but for ints, which have 64 bits: beyond them is an error.
enum Arithmetic {
  static func apply(_ op: BinaryOperator, _ left: Value, _ right: Value) throws -> Value {
    switch (left, right) {
    case (.int(let a), .int(let b)): return try ints(op, a, b)
    case (.float(let a), .float(let b)): return .float(try floats(op, a, b))
    case (.int(let a), .float(let b)): return .float(try floats(op, Double(a), b))
    case (.float(let a), .int(let b)): return .float(try floats(op, a, Double(b)))
    case (.object(let object), _):
      if let result = try object.binary(op, right, isRight: false) { return result }
      if case .object(let other) = right, let result = try other.binary(op, left, isRight: true) { return result }
      throw undefined(op, left, right)
    case (_, .object(let object)):
      if let result = try object.binary(op, left, isRight: true) { return result }
      throw undefined(op, left, right)
    case (.bool(let a), _) where right.isNumber: return try apply(op, .int(a ? 1 : 0), right)
    case (_, .bool(let b)) where left.isNumber: return try apply(op, left, .int(b ? 1 : 0))
    case (.string(let a), .string(let b)) where op == .add: return .string(a + b)
    case (.list(let a), .list(let b)) where op == .add: return try join(a, b)
    case (.string(let text), .int(let count)) where op == .multiply,
      (.int(let count), .string(let text)) where op == .multiply:
      return .string(String(repeating: text, count: try size(text.utf8.count, times: count)))
    case (.list(let list), .int(let count)) where op == .multiply,
      (.int(let count), .list(let list)) where op == .multiply:
      return try repeated(list, count)
    default: throw undefined(op, left, right)
    }
  }

  static func negate(_ value: Value) throws -> Value {
    switch value {
    case .int(let number):
      guard number != Int.min else { throw overflow("-(\(number))") }
      return .int(-number)
    case .float(let number): return .float(-number)
    case .bool(let flag): return .int(flag ? -1 : 0)
    case .object(let object):
      if let result = try object.unary(.negate) { return result }
    default: break
    }
    throw LanguageError.message("`-` takes a number, not \(value.kind.phrase)")
  }

  // MARK: ints

  static func overflow(_ what: String) -> LanguageError {
    .message("\(what) is beyond 64 bits", help: "a float reaches further: `2.0 ** 100`")
  }

  static func ints(_ op: BinaryOperator, _ a: Int, _ b: Int) throws -> Value {
    switch op {
    case .add:
      let (sum, over) = a.addingReportingOverflow(b)
      if over { throw overflow("\(a) + \(b)") }
      return .int(sum)
    case .subtract:
      let (difference, over) = a.subtractingReportingOverflow(b)
      if over { throw overflow("\(a) - \(b)") }
      return .int(difference)
    case .multiply:
      let (product, over) = a.multipliedReportingOverflow(by: b)
      if over { throw overflow("\(a) * \(b)") }
      return .int(product)
    case .divide:
      if b == 0 { throw byZero(op) }
      return .float(Double(a) / Double(b))
    case .floorDivide:
      if b == 0 { throw byZero(op) }
      let (quotient, over) = a.dividedReportingOverflow(by: b)
      if over { throw overflow("\(a) // \(b)") }
      return .int(a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient)
    case .remainder:
      if b == 0 { throw byZero(op) }
      if b == -1 { return .int(0) }
      let rest: Int = a % b
      return .int(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest)
    case .power: return try power(a, b)
    default: throw undefined(op, .int(a), .int(b))
    }
  }

  private static func byZero(_ op: BinaryOperator) -> LanguageError {
    .message(op == .remainder ? "remainder of a division by zero" : "division by zero")
  }

  private static func power(_ base: Int, _ exponent: Int) throws -> Value {
    if exponent < 0 { return .float(try floats(.power, Double(base), Double(exponent))) }
    var result = 1
    var factor: Int = base
    var left: Int = exponent
    while left > 0 {
      if left & 1 == 1 {
        let (product, over) = result.multipliedReportingOverflow(by: factor)
        if over { throw overflow("\(base) ** \(exponent)") }
        result = product
      }
      left >>= 1
      if left > 0 {
        let (square, over) = factor.multipliedReportingOverflow(by: factor)
        if over { throw overflow("\(base) ** \(exponent)") }
        factor = square
      }
    }
    return .int(result)
  }

  // MARK: floats

  static func floats(_ op: BinaryOperator, _ a: Double, _ b: Double) throws -> Double {
    switch op {
    case .add: return a + b
    case .subtract: return a - b
    case .multiply: return a * b
    case .divide:
      if b == 0 { throw byZero(op) }
      return a / b
    case .floorDivide:
      if b == 0 { throw byZero(op) }
      let rest: Double = floored(a, b)
      let quotient: Double = (a - rest) / b
      if quotient == 0 { return Double(signOf: a / b, magnitudeOf: 0) }
      let down: Double = quotient.rounded(.down)
      return quotient - down > 0.5 ? down + 1 : down
    case .remainder:
      if b == 0 { throw byZero(op) }
      return floored(a, b)
    case .power:
      if a == 0, b < 0 { throw LanguageError.message("0 to a negative power is a division by zero") }
      if a < 0, b.isFinite, b != b.rounded() {
        throw LanguageError.message("a negative number to a broken power is no real number")
      }
      let result: Double = pow(a, b)
      if result.isInfinite, a.isFinite, b.isFinite { throw LanguageError.message("\(a) ** \(b) is beyond a float") }
      return result
    default: throw undefined(op, .float(a), .float(b))
    }
  }

  /// The remainder with the sign of the divisor.
  private static func floored(_ a: Double, _ b: Double) -> Double {
    let rest: Double = fmod(a, b)
    if rest == 0 { return Double(signOf: b, magnitudeOf: 0) }
    return (rest < 0) != (b < 0) ? rest + b : rest
  }

  // MARK: text and lists

  private static func size(_ length: Int, times count: Int) throws -> Int {
    let repeats: Int = max(0, count)
    let (total, over) = length.multipliedReportingOverflow(by: repeats)
    guard !over, total <= 1 << 30 else { throw LanguageError.message("this text would be longer than 1 GB") }
    return length == 0 ? 0 : repeats
  }

  private static func join(_ a: ListValue, _ b: ListValue) throws -> Value {
    try checkCount(a.count, plus: b.count)
    return .list(try ListValue(unchecked: a.elements + b.elements, depth: max(a.depth, b.depth)).checked())
  }

  private static func repeated(_ list: ListValue, _ count: Int) throws -> Value {
    let repeats: Int = max(0, count)
    let (total, over) = list.count.multipliedReportingOverflow(by: repeats)
    try checkCount(over ? Int.max : total, plus: 0)
    var elements: [Value] = []
    elements.reserveCapacity(total)
    if total > 0 { for _ in 0..<repeats { elements.append(contentsOf: list.elements) } }
    return .list(try ListValue(unchecked: elements, depth: list.depth).checked())
  }

  static func checkCount(_ a: Int, plus b: Int) throws {
    let (total, over) = a.addingReportingOverflow(b)
    guard !over, total <= Limits.elementCount else {
      throw LanguageError.message("a list holds at most \(Limits.elementCount) elements")
    }
  }

  // MARK: errors

  static func undefined(_ op: BinaryOperator, _ left: Value, _ right: Value) -> LanguageError {
    var help: String?
    if op == .add {
      switch (left.kind, right.kind) {
      case (.string, .int), (.string, .float), (.string, .bool): help = "make it text: `str(x)`"
      case (.int, .string), (.float, .string): help = "make it text with `str(x)`, or a number with `float(x)`"
      case (.list, _): help = "one more element: `xs.append(x)`"
      case (.record, .record): help = "give the fields in one record: `{a: r.a, b: s.b}`"
      default: break
      }
    }
    if op == .remainder, left.kind == .string { help = "texts are joined with `+`, numbers made text with `str(x)`" }
    return .message("`\(op.rawValue)` isn't defined between \(left.kind.phrase) and \(right.kind.phrase)", help: help)
  }
}

extension Value {
  var isNumber: Bool {
    switch self {
    case .int, .float, .bool: return true
    default: return false
    }
  }
}
