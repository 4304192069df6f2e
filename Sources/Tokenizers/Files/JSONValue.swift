/// A small parsed JSON value: the settings of a tokenizer, not its vocabulary.
enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object([(key: String, value: JSONValue)])

  subscript(key: String) -> JSONValue? {
    guard case .object(let fields) = self else { return nil }
    return fields.last { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }

  var string: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  var integer: Int? {
    if case .integer(let value) = self { return value }
    return nil
  }

  var number: Double? {
    switch self {
    case .integer(let value): return Double(value)
    case .double(let value): return value
    default: return nil
    }
  }

  var bool: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  var array: [JSONValue]? {
    if case .array(let values) = self { return values }
    return nil
  }

  var isNull: Bool {
    if case .null = self { return true }
    return false
  }

  /// What an error says was found.
  var summary: String {
    switch self {
    case .null: return "null"
    case .bool(let value): return "\(value)"
    case .integer(let value): return "\(value)"
    case .double(let value): return "\(value)"
    case .string(let text): return "\"\(text.prefix(40))\""
    case .array(let values): return "a list of \(values.count)"
    case .object(let fields): return "an object of \(fields.count)"
    }
  }
}

/// A JSON value with its place, for settings that are read with clear errors.
struct JSONField {
  let value: JSONValue
  let file: String
  let path: String

  func fail(_ expected: String) -> TokenizerError {
    .malformed(file: file, at: path, expected: expected, got: value.summary)
  }

  /// A field that may be absent or null.
  func optional(_ key: String) -> JSONField? {
    guard let inner = value[key], !inner.isNull else { return nil }
    return JSONField(value: inner, file: file, path: "\(path).\(key)")
  }

  func required(_ key: String) throws -> JSONField {
    guard let inner = value[key] else { throw fail("a field \"\(key)\"") }
    return JSONField(value: inner, file: file, path: "\(path).\(key)")
  }

  func string() throws -> String {
    guard let text = value.string else { throw fail("a string") }
    return text
  }

  func integer(in range: ClosedRange<Int> = 0...Int(Int32.max)) throws -> Int {
    guard let number = value.integer, range.contains(number) else {
      throw fail("a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func bool() throws -> Bool {
    guard let flag = value.bool else { throw fail("true or false") }
    return flag
  }

  func list() throws -> [JSONField] {
    guard let values = value.array else { throw fail("a list") }
    return values.enumerated().map { JSONField(value: $1, file: file, path: "\(path)[\($0)]") }
  }

  func flag(_ key: String, default standard: Bool) throws -> Bool {
    try optional(key)?.bool() ?? standard
  }

  func text(_ key: String, default standard: String) throws -> String {
    try optional(key)?.string() ?? standard
  }

  /// The `type` of a component.
  func kind() throws -> String { try required("type").string() }
}
