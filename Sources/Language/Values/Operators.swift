/// An operator between two values.
package enum BinaryOperator: String, Sendable, Hashable, CaseIterable {
  case power = "**"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case remainder = "%"
  case matrixMultiply = "@"
  case add = "+"
  case subtract = "-"
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessEqual = "<="
  case greater = ">"
  case greaterEqual = ">="
  case `in` = "in"
  case notIn = "not in"

  package var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .in, .notIn: return true
    default: return false
    }
  }
}

/// An operator before one value.
package enum UnaryOperator: String, Sendable, Hashable {
  case negate = "-"
  case not = "not"
}
