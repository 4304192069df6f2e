/// A value in a chat template.
package enum TemplateValue: Equatable {
  case undefined
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case list([TemplateValue])
  /// In the order in which members were given.
  case dictionary([Member])
  /// What `namespace(...)` makes: its members can be set from inside a loop. A number in the runner's table.
  case namespace(Int)

  package struct Member: Equatable {
    package var key: String
    package var value: TemplateValue

    package init(_ key: String, _ value: TemplateValue) {
      self.key = key
      self.value = value
    }
  }

  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let flag): flag
    case .int(let number): number != 0
    case .float(let number): number != 0
    case .string(let text): !text.isEmpty
    case .list(let elements): !elements.isEmpty
    case .dictionary(let members): !members.isEmpty
    case .namespace: true
    }
  }

  /// As the template's text shows it.
  var text: String {
    switch self {
    case .undefined: ""
    case .none: "None"
    case .bool(let flag): flag ? "True" : "False"
    case .int(let number): String(number)
    case .float(let number): number.description
    case .string(let text): text
    case .list(let elements): "[" + elements.map(\.quoted).joined(separator: ", ") + "]"
    case .dictionary(let members):
      "{" + members.map { "'\($0.key)': \($0.value.quoted)" }.joined(separator: ", ") + "}"
    case .namespace: "<namespace>"
    }
  }

  private var quoted: String {
    if case .string(let text) = self { return "'\(text)'" }
    return text
  }

  var number: Double? {
    switch self {
    case .int(let number): Double(number)
    case .float(let number): number
    case .bool(let flag): flag ? 1 : 0
    default: nil
    }
  }

  /// As Python's `==` has it.
  func equals(_ other: TemplateValue) -> Bool {
    if let a = number, let b = other.number { return a == b }
    return self == other
  }

  var elements: [TemplateValue]? {
    switch self {
    case .list(let elements): elements
    case .dictionary(let members): members.map { .string($0.key) }
    case .string(let text): text.unicodeScalars.map { .string(String($0)) }
    case .undefined: []
    default: nil
    }
  }

  func member(_ key: String) -> TemplateValue? {
    guard case .dictionary(let members) = self else { return nil }
    return members.last { $0.key == key }?.value
  }

  var kind: String {
    switch self {
    case .undefined: "an undefined name"
    case .none: "none"
    case .bool: "a boolean"
    case .int, .float: "a number"
    case .string: "a string"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .namespace: "a namespace"
    }
  }

  /// As JSON, with Python's separators.
  var json: String {
    switch self {
    case .undefined, .none, .namespace: return "null"
    case .bool(let flag): return flag ? "true" : "false"
    case .int, .float: return text
    case .string(let text): return TemplateValue.quotedJSON(text)
    case .list(let elements): return "[" + elements.map(\.json).joined(separator: ", ") + "]"
    case .dictionary(let members):
      return "{"
        + members.map { TemplateValue.quotedJSON($0.key) + ": " + $0.value.json }.joined(separator: ", ") + "}"
    }
  }

  private static func quotedJSON(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 32:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// What is wrong with a chat template, or what it uses that Luthier does not know.
package struct TemplateError: Error, Equatable {
  package let reason: String
  /// Whether the template itself refused the messages.
  package var isRefusal = false

  init(_ reason: String, isRefusal: Bool = false) {
    self.reason = reason
    self.isRefusal = isRefusal
  }
}
