/// All words, by name, each with its forms in the order in which they were declared.
package struct BuiltinTable: Sendable {
  private let forms: [String: [Builtin]]
  /// Names in the order of their areas, then of declaration.
  package let names: [String]

  package init(_ builtins: [Builtin]) {
    var forms: [String: [Builtin]] = [:]
    var names: [String] = []
    for builtin in builtins {
      if forms[builtin.name] == nil { names.append(builtin.name) }
      forms[builtin.name, default: []].append(builtin)
    }
    self.forms = forms
    let places: [String: Int] = forms.mapValues { $0.first?.area.order ?? 0 }
    self.names = names.enumerated().sorted {
      let (left, right) = (places[$0.element] ?? 0, places[$1.element] ?? 0)
      return left != right ? left < right : $0.offset < $1.offset
    }.map(\.element)
  }

  /// The forms of a word; empty where there is none.
  package subscript(name: String) -> [Builtin] { forms[name] ?? [] }

  package func contains(_ name: String) -> Bool { forms[name] != nil }

  package var all: [Builtin] { names.flatMap { self[$0] } }

  /// Words with a form that takes this value first, those made for its kind before those that take any value.
  package func words(taking value: Value) -> [String] {
    let fitting: [String] = names.filter { self[$0].contains { $0.takesFirst(value) } }
    let own: [String] = fitting.filter {
      self[$0].contains { $0.takesFirst(value) && $0.parameters.first?.type != .any }
    }
    return own + fitting.filter { !own.contains($0) }
  }
}
