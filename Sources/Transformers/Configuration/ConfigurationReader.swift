import Files

/// Reads fields of a config.json with checks: what is missing, of the wrong kind or absurd is an error that names it.
package struct ConfigurationReader {
  package let json: JSON
  package let modelType: String

  package init(_ json: JSON, modelType: String) {
    self.json = json
    self.modelType = modelType
  }

  private func found(_ names: [String]) -> (name: String, value: JSON)? {
    for name in names {
      if let value = json[name], !value.isNull { return (name, value) }
    }
    return nil
  }

  /// A whole number within `range`, under the first of `names` that is there.
  package func integer(_ names: String..., in range: ClosedRange<Int>, default fallback: Int? = nil) throws -> Int {
    try within(range, names, fallback, "a whole number", \.int)
  }

  /// A whole number, or nil where the field is absent or null.
  package func optionalInteger(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
    guard found([name]) != nil else { return nil }
    return try integer(name, in: range)
  }

  package func number(_ names: String..., in range: ClosedRange<Double>, default fallback: Double? = nil) throws
    -> Double
  {
    try within(range, names, fallback, "a number", \.double)
  }

  private func within<Number: Comparable>(
    _ range: ClosedRange<Number>, _ names: [String], _ fallback: Number?, _ kind: String, _ read: (JSON) -> Number?
  ) throws -> Number {
    guard let (name, value) = found(names) else {
      guard let fallback else {
        throw TransformerError.missingField(field: names[0], modelType: modelType)
      }
      return fallback
    }
    guard let number = read(value), range.contains(number) else {
      throw TransformerError.invalidField(
        field: name, got: value.text(), expected: "\(kind) from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A rate of dropout.
  package func rate(_ names: String..., default fallback: Double) throws -> Double {
    guard let (name, value) = found(names) else { return fallback }
    guard let number = value.double, number >= 0, number < 1 else {
      throw TransformerError.invalidField(field: name, got: value.text(), expected: "a rate from 0 to below 1")
    }
    return number
  }

  package func flag(_ name: String, default fallback: Bool) throws -> Bool {
    guard let (name, value) = found([name]) else { return fallback }
    guard let flag = value.bool else {
      throw TransformerError.invalidField(field: name, got: value.text(), expected: "true or false")
    }
    return flag
  }

  package func text(_ names: String..., default fallback: String) throws -> String {
    guard let (name, value) = found(names) else { return fallback }
    guard let text = value.string else {
      throw TransformerError.invalidField(field: name, got: value.text(), expected: "a string")
    }
    return text
  }

  /// A field that other values than `allowed` would make another computation, which is not supported.
  package func require(_ name: String, among allowed: [JSON]) throws {
    guard let (name, value) = found([name]), !allowed.contains(value) else { return }
    throw TransformerError.invalidField(
      field: name, got: value.text(), expected: allowed.map { $0.text() }.joined(separator: " or "))
  }

  /// Labels in the order of their ids, from `id2label` or else `num_labels`.
  package func labels() throws -> [String] {
    guard let (_, value) = found(["id2label"]), let object = value.object else {
      let count = try integer("num_labels", in: 1...1_000_000, default: 2)
      return (0..<count).map { "LABEL_\($0)" }
    }
    var names: [Int: String] = [:]
    for member in object.members {
      guard let id = Int(member.key), let name = member.value.string else {
        throw TransformerError.invalidField(
          field: "id2label", got: "\"\(member.key)\": \(member.value.text())", expected: "a name for each id")
      }
      names[id] = name
    }
    guard !names.isEmpty, names.keys.allSatisfy({ $0 >= 0 && $0 < names.count }) else {
      throw TransformerError.invalidField(
        field: "id2label", got: "ids \(names.keys.sorted().prefix(8))", expected: "ids 0 to \(max(names.count - 1, 0))")
    }
    return (0..<names.count).map { names[$0] ?? "LABEL_\($0)" }
  }
}
