/// A value of GGUF metadata. Lists of one kind are kept as such: a vocabulary has many thousand strings.
package enum GGUFValue: Sendable, Equatable {
  case integer(Int)
  case real(Double)
  case bool(Bool)
  case string(String)
  case integers([Int])
  case reals([Double])
  case bools([Bool])
  case strings([String])
  case list([GGUFValue])

  package var int: Int? { if case .integer(let value) = self { value } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var string: String? { if case .string(let value) = self { value } else { nil } }
  package var strings: [String]? { if case .strings(let values) = self { values } else { nil } }
  package var integers: [Int]? { if case .integers(let values) = self { values } else { nil } }

  package var double: Double? {
    switch self {
    case .real(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }

  package var reals: [Double]? {
    switch self {
    case .reals(let values): values
    case .integers(let values): values.map { Double($0) }
    default: nil
    }
  }
}
