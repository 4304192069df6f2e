/// A value of the language.
///
/// Sendable by declaration: values are immutable, but for objects with identity, and those are only touched on the
/// interpreter's thread.
package enum Value: @unchecked Sendable {
  /// `none`. (Not called `none` here, so as not to be mistaken for an absent optional.)
  case nothing
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case list(ListValue)
  case record(RecordValue)
  case function(FunctionValue)
  case object(any LanguageObject)

  package var kind: Kind {
    switch self {
    case .nothing: return .nothing
    case .bool: return .bool
    case .int: return .int
    case .float: return .float
    case .string: return .string
    case .list: return .list
    case .record: return .record
    case .function: return .function
    case .object(let object): return object.kind
    }
  }

  /// How many lists and records stand inside one another: 0 for what holds no other value.
  package var depth: Int {
    switch self {
    case .list(let list): return list.depth
    case .record(let record): return record.depth
    default: return 0
    }
  }

  /// How many values a walk through it meets: 1 for what holds no other value.
  package var size: Int {
    switch self {
    case .list(let list): return list.size
    case .record(let record): return record.size
    default: return 1
    }
  }

  /// The object, if it is one of this class.
  package func object<Object: LanguageObject>(_ type: Object.Type = Object.self) -> Object? {
    if case .object(let object) = self { return object as? Object }
    return nil
  }

  package var isNothing: Bool {
    if case .nothing = self { return true }
    return false
  }

  /// A list of values, or an error where they nest too deeply.
  package static func list(_ elements: [Value]) throws -> Value { .list(try ListValue(elements)) }
  package static func strings(_ texts: [String]) -> Value {
    .list(ListValue(unchecked: texts.map { Value.string($0) }, depth: 1))
  }
  package static func ints(_ numbers: [Int]) -> Value {
    .list(ListValue(unchecked: numbers.map { Value.int($0) }, depth: 1))
  }
  package static func floats(_ numbers: [Double]) -> Value {
    .list(ListValue(unchecked: numbers.map { Value.float($0) }, depth: 1))
  }
  /// A record with these fields in this order (a doubled key keeps its first place and its last value).
  package static func record(_ fields: [(String, Value)]) throws -> Value {
    .record(try RecordValue(fields.map { (RecordKey.name($0.0), $0.1) }))
  }
}

extension Value: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByBooleanLiteral
{
  package init(integerLiteral value: Int) { self = .int(value) }
  package init(floatLiteral value: Double) { self = .float(value) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// Limits that keep nested values from overflowing the stack, or taking without end, when shown, compared or released.
package enum Limits {
  /// Lists and records inside one another.
  package static let valueDepth = 500
  /// Values in a list or record, each counted as often as it stands there: what is shown, compared or sorted ends.
  package static let valueSize = 100_000_000
  /// Brackets, blocks and operators inside one another in source text.
  package static let syntaxDepth = 200
  /// Operators and calls chained in one expression.
  package static let expressionDepth = 1_000
  /// Calls of functions inside one another.
  package static let callDepth = 1_000
  /// Elements that a single builtin may make at once (`range`, `*` on lists).
  package static let elementCount = 10_000_000
}
