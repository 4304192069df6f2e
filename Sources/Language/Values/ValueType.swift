/// What a parameter takes. An int is taken where a float is wanted, never the reverse.
package indirect enum ValueType: Sendable, Equatable {
  case any
  case kind(Kind)
  case list(of: ValueType)
  case record(of: ValueType)
  /// One of these strings; offered by completion.
  case choice([String])
  case either([ValueType])

  package static let nothing = ValueType.kind(.nothing)
  package static let bool = ValueType.kind(.bool)
  package static let int = ValueType.kind(.int)
  package static let float = ValueType.kind(.float)
  package static let string = ValueType.kind(.string)
  package static let list = ValueType.kind(.list)
  package static let record = ValueType.kind(.record)
  package static let function = ValueType.kind(.function)
  package static let strings = ValueType.list(of: .string)
  /// A path in the file system: a string, completed with file names.
  package static let path = ValueType.kind(Kind("path", phrase: "a path"))
  /// A dotted name or pattern inside the first argument: a string, completed by the object itself.
  package static let pattern = ValueType.kind(Kind("pattern", phrase: "a name or pattern"))

  /// As a message says it: `an int`, `a list of strings`, `"cls", "mean" or "max"`.
  package var phrase: String {
    switch self {
    case .any: return "any value"
    case .kind(let kind): return kind.phrase
    case .list(let element): return "a list of \(element.plural)"
    case .record(let element): return element == .any ? "a record" : "a record of \(element.plural)"
    case .choice(let words): return Self.orList(words.map { "\"\($0)\"" })
    case .either(let types): return Self.orList(types.map(\.phrase))
    }
  }

  /// One word for a signature: `int`, `list`, `model|tokenizer`.
  package var shortName: String {
    switch self {
    case .any: return "any"
    case .kind(let kind): return kind.name
    case .list: return "list"
    case .record: return "record"
    case .choice: return "string"
    case .either(let types): return types.map(\.shortName).joined(separator: "|")
    }
  }

  private var plural: String {
    switch self {
    case .any: return "values"
    case .kind(let kind): return kind == .bool ? "true and false" : kind.name + "s"
    case .list(let element): return "lists of \(element.plural)"
    case .record: return "records"
    case .choice: return "strings"
    case .either(let types): return types.map(\.plural).joined(separator: " or ")
    }
  }

  static func orList(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
  }

  /// A list, or what stands for one.
  private static func asList(_ value: Value) -> Value? {
    switch value {
    case .list: return value
    case .object(let object): return object.listElements.flatMap { try? .list($0) }
    default: return nil
    }
  }

  /// The value as this type wants it (an int made a float, lists elementwise), or nil where it doesn't fit.
  package func accept(_ value: Value) -> Value? {
    switch self {
    case .any: return value
    case .kind(let kind):
      if kind == .float, case .int(let number) = value { return .float(Double(number)) }
      if kind.name == "path" || kind.name == "pattern" { return value.kind == .string ? value : nil }
      if value.kind == kind { return value }
      return kind == .list ? ValueType.asList(value) : nil
    case .list(let element):
      guard let whole = ValueType.asList(value), case .list(let list) = whole else { return nil }
      if element == .any { return whole }
      var accepted: [Value] = []
      accepted.reserveCapacity(list.count)
      for item in list.elements {
        guard let taken = element.accept(item) else { return nil }
        accepted.append(taken)
      }
      return .list(ListValue(unchecked: accepted, depth: list.depth))
    case .record(let element):
      guard case .record(let record) = value else { return nil }
      if element == .any { return value }
      var values: [Value] = []
      for item in record.values {
        guard let taken = element.accept(item) else { return nil }
        values.append(taken)
      }
      return .record(RecordValue(unchecked: record.keys, values: values, depth: record.depth))
    case .choice(let words):
      guard case .string(let text) = value else { return nil }
      return words.contains(text) ? value : nil
    case .either(let types):
      // An exact kind before a conversion: `int|float` keeps an int an int.
      for type in types { if case .kind(let kind) = type, value.kind == kind { return value } }
      for type in types { if let taken = type.accept(value) { return taken } }
      return nil
    }
  }
}
