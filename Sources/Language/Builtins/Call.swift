/// One call of a builtin: its checked arguments and what the session offers.
package final class Call {
  package let builtin: Builtin
  package let context: any CallContext
  /// The call's place in the source.
  package let range: SourceRange?
  /// What the user wrote as the first argument, where it is a plain name: `clf` in `clf.freeze()`.
  package let receiverName: String?

  private let values: [String: Value]
  private let ranges: [String: SourceRange]
  private let restValues: [Value]
  private let labelValues: [(String, Value)]

  package init(
    _ builtin: Builtin, values: [String: Value], rest: [Value] = [], labels: [(String, Value)] = [],
    ranges: [String: SourceRange] = [:], range: SourceRange? = nil, receiverName: String? = nil,
    context: any CallContext
  ) {
    self.builtin = builtin
    self.context = context
    self.range = range
    self.receiverName = receiverName
    self.values = values
    self.ranges = ranges
    restValues = rest
    labelValues = labels
  }

  /// The same call with other values in the place of what the user didn't write.
  package func filled(with others: [String: Value]) -> Call {
    Call(
      builtin, values: values.merging(others) { own, _ in own }, rest: restValues, labels: labelValues, ranges: ranges,
      range: range, receiverName: receiverName, context: context)
  }

  // MARK: arguments

  /// The argument, or its default.
  package func value(_ name: String) -> Value {
    if let given = values[name] { return given }
    return builtin.parameters.first { $0.name == name }?.defaultValue ?? .nothing
  }

  /// Whether it was given, and not as `none`.
  package func has(_ name: String) -> Bool { !value(name).isNothing }

  /// Whether the user wrote it.
  package func isGiven(_ name: String) -> Bool { values[name] != nil }

  /// The first argument.
  package var first: Value { builtin.parameters.first.map { value($0.name) } ?? .nothing }

  /// Arguments of a `rest` parameter.
  package func rest() -> [Value] { restValues }
  package func restStrings() throws -> [String] {
    try restValues.map { item in
      guard case .string(let text) = item else { throw wrong("argument", "strings", item) }
      return text
    }
  }
  /// Arguments of a `labels` parameter, in order.
  package func labels() -> [(String, Value)] { labelValues }

  package func int(_ name: String) throws -> Int {
    guard case .int(let number) = value(name) else { throw wrong(name, "an int") }
    return number
  }
  package func intIfAny(_ name: String) throws -> Int? { has(name) ? try int(name) : nil }

  package func float(_ name: String) throws -> Double {
    switch value(name) {
    case .float(let number): return number
    case .int(let number): return Double(number)
    default: throw wrong(name, "a float")
    }
  }
  package func floatIfAny(_ name: String) throws -> Double? { has(name) ? try float(name) : nil }

  package func bool(_ name: String) throws -> Bool {
    guard case .bool(let flag) = value(name) else { throw wrong(name, "true or false") }
    return flag
  }

  package func string(_ name: String) throws -> String {
    guard case .string(let text) = value(name) else { throw wrong(name, "a string") }
    return text
  }
  package func stringIfAny(_ name: String) throws -> String? { has(name) ? try string(name) : nil }

  package func list(_ name: String) throws -> [Value] {
    guard case .list(let list) = value(name) else { throw wrong(name, "a list") }
    return list.elements
  }

  package func strings(_ name: String) throws -> [String] {
    try list(name).map { item in
      guard case .string(let text) = item else { throw wrong(name, "a list of strings", item) }
      return text
    }
  }

  package func ints(_ name: String) throws -> [Int] {
    try list(name).map { item in
      guard case .int(let number) = item else { throw wrong(name, "a list of ints", item) }
      return number
    }
  }

  package func floats(_ name: String) throws -> [Double] {
    try list(name).map { item in
      switch item {
      case .float(let number): return number
      case .int(let number): return Double(number)
      default: throw wrong(name, "a list of floats", item)
      }
    }
  }

  package func record(_ name: String) throws -> RecordValue {
    guard case .record(let record) = value(name) else { throw wrong(name, "a record") }
    return record
  }

  /// An object of this class.
  package func object<Object: LanguageObject>(_ name: String, as type: Object.Type = Object.self) throws -> Object {
    guard let object: Object = value(name).object() else { throw wrong(name, "another kind of value") }
    return object
  }
  package func objectIfAny<Object: LanguageObject>(_ name: String, as type: Object.Type = Object.self) -> Object? {
    value(name).object()
  }
  /// The first argument as an object of this class.
  package func receiver<Object: LanguageObject>(as type: Object.Type = Object.self) throws -> Object {
    try object(builtin.parameters.first?.name ?? "", as: type)
  }

  // MARK: errors

  /// An error about one argument (or, where `name` is nil, the whole call).
  package func error(
    _ message: String, at name: String? = nil, label: String? = nil, help: String? = nil
  ) -> LanguageError {
    let place: SourceRange? = name.flatMap { ranges[$0] } ?? range
    return .failure(Diagnostic("\(builtin.name): \(message)", at: place, label: label, help: help))
  }

  /// What `body` gives; an error of it that has no place of its own is put at this argument.
  package func placing<Result>(at name: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch {
      throw Failures.placed(error, at: range(of: name) ?? range, prefix: "\(builtin.name): ")
    }
  }

  /// Where an argument stands in the source; nil where the user didn't write it.
  package func range(of name: String) -> SourceRange? { ranges[name] }

  private func wrong(_ name: String, _ expected: String, _ got: Value? = nil) -> LanguageError {
    let value: Value = got ?? self.value(name)
    return error("\(name): expected \(expected), got \(value.kind.phrase)", at: name)
  }

  // MARK: the session

  /// A thing from outside, e.g. `call.service(FileAccess.self)`.
  package func service<Service>(_ type: Service.Type = Service.self) throws -> Service {
    guard let service: Service = context.services.find() else {
      throw error("this host offers no \(type)")
    }
    return service
  }

  /// - Throws: ``LanguageError/interrupted`` after Ctrl-C.
  package func checkInterruption() throws { try context.interruption.check() }

  /// Reports how far the work has come; throws after Ctrl-C.
  package func progress(_ label: String, _ done: Int, _ total: Int, rate: String = "") throws {
    context.host?.progress(Progress(label, done: done, total: total, rate: rate))
    try checkInterruption()
  }

  /// A remark of one line, shown to the user.
  package func note(_ text: String) { context.host?.note(text) }

  /// Call it before the first piece of a text that is streamed: a statement may write several.
  package func beginStream() { context.host?.beginStream() }

  /// Text shown as it is made; the value shown later doesn't repeat it.
  package func stream(_ text: String) { context.host?.stream(text) }

  /// Asks the user a question to be answered with yes or no.
  package func confirm(_ question: String) throws -> Bool { try context.host?.confirm(question) ?? false }

  /// The call's `seed:` where given, else the session's.
  package var seed: Int {
    if case .int(let number) = value("seed") { return number }
    return context.sessionSeed
  }

  /// Call it before the first change to an object, so that the statement can be taken back.
  package func willChange(_ object: any LanguageObject) { context.willChange(object) }

  /// Calls a function given as an argument.
  package func invoke(_ function: Value, _ arguments: Value...) throws -> Value {
    try context.invoke(function, arguments, at: range)
  }

  /// A remark on an early end, which a replay of what was reached doesn't make: it isn't compared.
  package func noteStop(_ text: String) { context.host?.show([StyledText(text, .faint).varying()]) }

  /// After Ctrl-C, where the first rows of an argument were done: the saved script gives those alone.
  package func stoppedEarly(after count: Int, of name: String) {
    if let place = ranges[name] { context.takeFirst(count, ofArgumentAt: place, inCallAt: range) }
  }

  /// After Ctrl-C, where what was reached counts as the result: the saved script gives this argument instead.
  package func stoppedEarly(replayWith label: String, _ value: Value) {
    context.replaceArgument(label, with: value, inCallAt: range)
  }
}
