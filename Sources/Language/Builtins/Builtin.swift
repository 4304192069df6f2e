/// A word of the language, declared once: the call, the checks, help, completion, the reference and the example tests
/// all come from this one value.
///
/// Builtins of the same name are *forms* of one word, told apart by the kind of the first argument; each family file
/// declares its own, and ``BuiltinTable`` brings them together.
package struct Builtin: Sendable {
  package let name: String
  package let area: Area
  /// Kinds of the first argument; empty where the first parameter is declared in `parameters` like the others.
  package let on: [Kind]
  /// All parameters, the first argument (named after its kind, or `subject`) included.
  package let parameters: [Parameter]
  package let returns: Kind
  package let summary: String
  /// More lines for the help page, where the summary doesn't say it all.
  package let details: [String]
  /// Words a search finds it by.
  package let keywords: [String]
  /// The same in Python.
  package let python: String
  package let examples: [Example]
  package let seeAlso: [String]
  /// Whether it makes another thing with identity: a result without a name is remarked on.
  package let makesNew: Bool
  /// What `:plan` shows of a call instead of making it; nil where there is nothing to plan. It must change nothing.
  package let plan: (@Sendable (Call) throws -> Value)?
  package let body: @Sendable (Call) throws -> Value

  /// - Parameters:
  ///   - on: kinds of the first argument. The first parameter then is made from them and need not be declared.
  ///   - subject: name of that parameter; by itself the first kind's name.
  package init(
    _ name: String, area: Area, on: [Kind] = [], subject: String? = nil, returns: Kind, summary: String,
    details: [String] = [], parameters: [Parameter] = [], keywords: [String] = [], python: String = "",
    examples: [Example], seeAlso: [String] = [], makesNew: Bool = false,
    plan: (@Sendable (Call) throws -> Value)? = nil, body: @escaping @Sendable (Call) throws -> Value
  ) {
    self.name = name
    self.area = area
    self.on = on
    self.returns = returns
    self.summary = summary
    self.details = details
    self.keywords = keywords
    self.python = python
    self.examples = examples
    self.seeAlso = seeAlso
    self.makesNew = makesNew
    self.plan = plan
    self.body = body
    if let first = on.first {
      let type: ValueType = on.count == 1 ? .kind(first) : .either(on.map { ValueType.kind($0) })
      self.parameters = [.positional(subject ?? first.name, type)] + parameters
    } else {
      self.parameters = parameters
    }
  }

  /// Whether a value can stand as the first argument.
  package func takesFirst(_ value: Value) -> Bool {
    guard let first = parameters.first, first.role == .positional || first.role == .rest else { return false }
    return first.type.accept(value) != nil
  }

  /// What an object that can be called takes; ``LanguageObject/call(_:)`` is its body.
  package static func signature(
    _ name: String, area: Area, returns: Kind, summary: String, parameters: [Parameter]
  ) -> Builtin {
    Builtin(name, area: area, returns: returns, summary: summary, parameters: parameters, examples: []) { _ in .nothing
    }
  }
}
