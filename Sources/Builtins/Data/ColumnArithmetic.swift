import Foundation
import Language

/// Arithmetic on two cells, as the language does it on values.
enum ColumnArithmetic {
  /// Nil where the operator isn't defined for the two.
  static func apply(_ operator: BinaryOperator, _ left: Value, _ right: Value) throws -> Value? {
    if left.isNothing || right.isNothing { return .nothing }
    switch (left, right) {
    case (.int(let a), .int(let b)): return try whole(`operator`, a, b)
    case (.string(let a), .string(let b)): return `operator` == .add ? .string(a + b) : nil
    default:
      guard let a = number(left), let b = number(right) else { return nil }
      return real(`operator`, a, b).map { .float($0) }
    }
  }

  private static func number(_ value: Value) -> Double? {
    switch value {
    case .int(let number): Double(number)
    case .float(let number): number
    case .bool(let flag): flag ? 1 : 0
    default: nil
    }
  }

  private static func whole(_ operator: BinaryOperator, _ a: Int, _ b: Int) throws -> Value? {
    let result: (partialValue: Int, overflow: Bool)
    switch `operator` {
    case .add: result = a.addingReportingOverflow(b)
    case .subtract: result = a.subtractingReportingOverflow(b)
    case .multiply: result = a.multipliedReportingOverflow(by: b)
    case .floorDivide, .remainder:
      guard b != 0 else { throw LanguageError.message("\(a) \(`operator`.rawValue) 0: division by zero") }
      let quotient = a.dividedReportingOverflow(by: b)
      let rest: Int = quotient.overflow ? 0 : a % b
      let isBelow: Bool = rest != 0 && (rest < 0) != (b < 0)
      result =
        `operator` == .remainder
        ? (isBelow ? rest + b : rest, false)
        : (isBelow ? quotient.partialValue - 1 : quotient.partialValue, quotient.overflow)
    default: return real(`operator`, Double(a), Double(b)).map { .float($0) }
    }
    guard !result.overflow else {
      throw LanguageError.message("\(a) \(`operator`.rawValue) \(b) is too large for an int")
    }
    return .int(result.partialValue)
  }

  private static func real(_ operator: BinaryOperator, _ a: Double, _ b: Double) -> Double? {
    switch `operator` {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .floorDivide: (a / b).rounded(.down)
    case .remainder: b == 0 ? .nan : a - b * (a / b).rounded(.down)
    case .power: pow(a, b)
    default: nil
    }
  }
}
