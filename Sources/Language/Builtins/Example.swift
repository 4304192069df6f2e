/// A line of code with its result; all run as tests but those of lessons.
package struct Example: Sendable {
  package enum Result: Sendable {
    /// It gives exactly this value (floats to 6 digits).
    case value(Value)
    /// Its display is this text.
    case shows(String)
    /// It gives a value of this kind.
    case kind(Kind)
    /// It fails with a message that contains this.
    case fails(String)
    /// It needs what tests lack, a model that writes or people's own files, so it stands in the lesson of this name,
    /// which `luthier check` runs.
    case lesson(String)
  }

  package let code: String
  package let result: Result
  /// What help shows as the result where it isn't the value's own display.
  package let shown: String?

  package init(_ code: String, gives value: Value, shown: String? = nil) {
    self.init(code, .value(value), shown)
  }
  package init(_ code: String, shows text: String) { self.init(code, .shows(text), text) }
  package init(_ code: String, kind: Kind, shown: String? = nil) { self.init(code, .kind(kind), shown) }
  package init(_ code: String, fails message: String) { self.init(code, .fails(message), nil) }
  package init(_ code: String, lesson: String, shown: String? = nil) { self.init(code, .lesson(lesson), shown) }

  package var isFailure: Bool {
    if case .fails = result { return true }
    return false
  }

  private init(_ code: String, _ result: Result, _ shown: String?) {
    self.code = code
    self.result = result
    self.shown = shown
  }
}
