/// What sort of thing a value is: tells the forms of a builtin apart and names values in messages.
///
/// The language's own kinds stand here; what enters it from outside adds its kinds in `Builtins/Kinds.swift`.
package struct Kind: Sendable, Hashable, CustomStringConvertible {
  /// One word: `int`, `table`.
  package let name: String
  /// With its article, as messages say it: `an int`, `a table`.
  package let phrase: String

  package init(_ name: String, phrase: String? = nil) {
    self.name = name
    let article: String = "aeiou".contains(name.first ?? "x") ? "an" : "a"
    self.phrase = phrase ?? "\(article) \(name)"
  }

  package static func == (left: Kind, right: Kind) -> Bool { left.name == right.name }
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
  package var description: String { name }

  package static let nothing = Kind("none", phrase: "none")
  package static let bool = Kind("bool", phrase: "true or false")
  package static let int = Kind("int")
  package static let float = Kind("float")
  package static let string = Kind("string")
  package static let list = Kind("list")
  package static let record = Kind("record")
  package static let function = Kind("function")
}
