/// Fields of values.
enum Members {
  /// What `x.name` reads; nil where there is none.
  static func field(_ name: String, of value: Value, checkInterruption: () throws -> Void) throws -> Value? {
    switch value {
    case .record(let record): return record[name]
    case .object(let object): return try object.field(name, checkInterruption: checkInterruption)
    default: return nil
    }
  }

  /// A field that is at hand; nil where there is none, or where reading it takes long and nobody has asked for it.
  static func field(atHand name: String, of value: Value) -> Value? {
    do { return try field(name, of: value, checkInterruption: { throw LanguageError.interrupted }) } catch {
      return nil
    }
  }

  static func names(of value: Value) -> [String] {
    switch value {
    case .record(let record):
      return record.keys.compactMap { key in
        if case .name(let text) = key { return text }
        return nil
      }
    case .object(let object): return object.fieldNames
    default: return []
    }
  }
}

extension Interpreter {
  func field(_ name: Expression.FieldName, of value: Value, _ range: SourceRange) throws -> Value {
    if let found = try read(name, of: value) { return found }
    throw unknown(field: name, of: value, range)
  }

  /// A field's value; nil where there is none of that name.
  func read(_ name: Expression.FieldName, of value: Value) throws -> Value? {
    try placed(name.range) {
      try Members.field(name.text, of: value, checkInterruption: { try interruption.check() })
    }
  }

  func setField(
    _ name: Expression.FieldName, of expression: Expression, _ scope: Environment?,
    to newValue: (Value) throws -> Value
  ) throws {
    let target: Value = try evaluate(expression, scope)
    if let habit = Habits.field(name.text), !canSet(name.text, of: target) {
      var error = Diagnostic(habit.message, at: name.range, help: habit.help)
      error.rewritesHabits = true
      throw LanguageError.failure(error)
    }
    guard case .object(let object) = target, object.hasIdentity else {
      let whole: String = sourceName(expression) ?? "r"
      var help: String?
      if case .record(let record) = target {
        let fields: [String] = record.keys.prefix(3).map(\.text).filter { $0 != name.text }
        let kept: String = fields.map { "\($0): \(whole).\($0), " }.joined()
        help = "make a new one: `\(whole) = {\(kept)\(name.text): ...}`"
      }
      throw failure("values don't change: a field of \(target.kind.phrase) can't be set", at: name.range, help: help)
    }
    guard object.settableFields.contains(name.text) else {
      let list: String = object.settableFields.joined(separator: ", ")
      throw failure(
        "\(name.text) of \(object.kind.phrase) can't be set", at: name.range,
        help: list.isEmpty ? nil : "what can be set: \(list)")
    }
    let old: Value = try placed(name.range) { try object.field(name.text) ?? .nothing }
    let value: Value = try newValue(old)
    willChange(object)
    try placed(name.range) { try object.setField(name.text, to: value) }
  }

  private func canSet(_ name: String, of value: Value) -> Bool {
    if case .object(let object) = value { return object.settableFields.contains(name) }
    return false
  }

  /// The expression's text where it is a name or fields of one.
  func sourceName(_ expression: Expression) -> String? {
    switch expression.node {
    case .name(let symbol): return symbol.text
    case .field(let object, let name): return sourceName(object).map { "\($0).\(name.text)" }
    default: return nil
    }
  }
}
