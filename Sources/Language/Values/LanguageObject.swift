/// How things from outside (tensors, tables, models, trainers, ...) enter the language.
///
/// Every requirement but `kind` and `display` has a default that refuses politely. Operations throw any error that
/// describes itself; the interpreter adds the place in the source.
package protocol LanguageObject: AnyObject {
  var kind: Kind { get }

  /// Whether it can be changed in place (a model, a trainer). Two names for one such thing are the same thing twice.
  var hasIdentity: Bool { get }

  // MARK: fields

  /// Fields that `x.name` reads, in the order in which they are offered.
  var fieldNames: [String] { get }
  /// A field, column, split part or submodule; nil where there is none of that name.
  func field(_ name: String) throws -> Value?
  /// The same where reading it may take long: what `checkInterruption` throws after Ctrl-C ends it.
  func field(_ name: String, checkInterruption: () throws -> Void) throws -> Value?
  /// Fields that `x.name = e` may set.
  var settableFields: [String] { get }
  /// Sets one of `settableFields`. Its old state has been recorded by the interpreter.
  func setField(_ name: String, to value: Value) throws

  // MARK: indexing, calling

  /// How many indices it takes, which `...` among them fills up; nil where that has no meaning.
  var axisCount: Int? { get }
  /// `x[...]`.
  func element(_ subscripts: [Subscript]) throws -> Value
  /// What `x(...)` takes (see ``Builtin/signature(_:area:returns:summary:parameters:)``), or nil where it can't be
  /// called. Its first parameter is the first argument, not x.
  var callForm: Builtin? { get }
  /// `x(...)`, its arguments checked against `callForm`.
  func call(_ call: Call) throws -> Value

  // MARK: operators

  /// `self op other`, or `other op self` where `isRight`; nil where it isn't defined. Comparisons included:
  /// the result may be elementwise. `in` asks whether `other` is in self (`isRight` is true then).
  func binary(_ operator: BinaryOperator, _ other: Value, isRight: Bool) throws -> Value?
  /// `-self`; nil where it isn't defined.
  func unary(_ operator: UnaryOperator) throws -> Value?
  /// Whether it is the same value, as a whole.
  func isEqual(to other: any LanguageObject) -> Bool
  /// Whether it counts as true in a condition. The default throws.
  func truth() throws -> Bool

  // MARK: going through

  /// Number of elements, nil where it has none.
  var length: Int? { get }
  /// The element at a place below `length`, for `for`, `map`, destructuring.
  func item(at place: Int) throws -> Value
  /// Its elements where it stands for a list wherever one is wanted, as a column does; nil otherwise.
  var listElements: [Value]? { get }

  // MARK: state

  /// What is needed to put it back as it is now (called before a statement first changes it).
  func snapshot() -> (any ObjectSnapshot)?

  /// Bytes it holds, for what undo may keep.
  var heldBytes: Int { get }

  // MARK: looking

  /// Lines fitting the frame; for `.inline` and `.line` the first line is used.
  func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText]
  /// The lines of a record whose fields are all such objects, as a split's tables; nil where each shows itself.
  func display(fields: [(name: String, object: any LanguageObject)], in frame: DisplayFrame) -> [StyledText]?
  /// What someone should know who gave it a name without looking at it, such as that it is unfinished; nil for nothing.
  func remark(name: String) -> String?
  /// The lines left to show where `text` was shown while it was made; nil where the whole display is wanted.
  func display(afterStreaming text: String, in frame: DisplayFrame) -> [StyledText]?
  /// A sentence for `?x`: what it is.
  var summary: String { get }
  /// Lines of code that could come next, for `?x`; `name` is how the user calls it.
  func nextSteps(name: String) -> [String]
  /// Completions inside a string: `x["…"]` (`parameter` nil) or the string that fills a parameter of a word of x, such
  /// as parameter paths or columns.
  func stringCompletions(for prefix: String, parameter: Parameter?) -> [Completion]
  /// A picture of it for `luthier render`, as SVG.
  func svg() -> String?
  /// Its text for `:edit`; nil where it has none.
  var editableText: String? { get }
  /// The statement that gives `name` the edited text.
  func statement(name: String, edited text: String) throws -> String
}

/// The recorded state of one object. Copy-on-write makes it cheap.
package protocol ObjectSnapshot {
  /// Bytes that only this record keeps alive.
  var heldBytes: Int { get }
  /// Puts the object back.
  /// - Throws: where it can't be, as an index in a file that another process is writing; nothing has changed then.
  func restore() throws
}

extension LanguageObject {
  package var hasIdentity: Bool { false }
  package var fieldNames: [String] { [] }
  package func field(_ name: String) throws -> Value? { nil }
  package func field(_ name: String, checkInterruption: () throws -> Void) throws -> Value? { try field(name) }
  package var settableFields: [String] { [] }
  package func setField(_ name: String, to value: Value) throws {
    throw LanguageError.message("\(kind.phrase)'s field \(name) can't be set")
  }
  package var axisCount: Int? { nil }
  package func element(_ subscripts: [Subscript]) throws -> Value {
    throw LanguageError.message("\(kind.phrase) can't be indexed")
  }
  package var callForm: Builtin? { nil }
  package func call(_ call: Call) throws -> Value { throw LanguageError.message("\(kind.phrase) can't be called") }
  package func binary(_ operator: BinaryOperator, _ other: Value, isRight: Bool) throws -> Value? { nil }
  package func unary(_ operator: UnaryOperator) throws -> Value? { nil }
  package func isEqual(to other: any LanguageObject) -> Bool { self === other }
  package func truth() throws -> Bool {
    throw LanguageError.message("\(kind.phrase) is neither true nor false")
  }
  package var length: Int? { nil }
  package func item(at place: Int) throws -> Value {
    throw LanguageError.message("\(kind.phrase) has no elements to go through")
  }
  package var listElements: [Value]? { nil }
  package func snapshot() -> (any ObjectSnapshot)? { nil }
  package var heldBytes: Int { 0 }
  package func display(
    fields: [(name: String, object: any LanguageObject)], in frame: DisplayFrame
  ) -> [StyledText]? { nil }
  package func remark(name: String) -> String? { nil }
  package func display(afterStreaming text: String, in frame: DisplayFrame) -> [StyledText]? { nil }
  package var summary: String { kind.phrase }
  package func nextSteps(name: String) -> [String] { [] }
  package func stringCompletions(for prefix: String, parameter: Parameter?) -> [Completion] { [] }
  package func svg() -> String? { nil }
  package var editableText: String? { nil }
  package func statement(name: String, edited text: String) throws -> String {
    throw LanguageError.message("\(kind.phrase) can't be edited")
  }
}
