/// What a statement changed: names, objects, and the session's own state, as they were before.
package struct UndoRecord {
  struct ObjectState {
    let object: any LanguageObject
    let before: any ObjectSnapshot
  }

  var bindings: [(Symbol, Value?)] = []
  var objects: [ObjectState] = []
  var session: SessionState

  /// Bytes that only this record may keep alive, as far as the objects say.
  package var heldBytes: Int {
    var total = 0
    for (_, value) in bindings { if case .object(let object)? = value { total += object.heldBytes } }
    for state in objects { total += state.before.heldBytes }
    return total
  }

  /// Names whose values it puts back (`_` left out).
  package var names: [String] { bindings.map(\.0.text).filter { !$0.hasPrefix("_") } }
  /// Whether it gives a name a value.
  package func gives(_ name: String) -> Bool { bindings.contains { $0.0.text == name && $0.1 != nil } }
  /// Objects whose state it puts back.
  package var changedObjects: [any LanguageObject] { objects.map(\.object) }
  package var isEmpty: Bool { bindings.isEmpty && objects.isEmpty }
}

/// State of a session that no name holds.
struct SessionState {
  var seed = 0
  var successes: [String: Int] = [:]
}

/// For saving: an argument to write instead, in the call at `call`.
package struct ArgumentEdit: Sendable {
  package var call: SourceRange
  package var label: String
  /// As source text.
  package var value: String
  /// The argument behind which `value` is put, where that doesn't stand alone: `texts[:37]`.
  package var argument: SourceRange?
}

/// What a statement gave.
package struct StatementResult {
  /// The value of an expression statement.
  package var value: Value?
  /// Whether to show it: an expression that isn't silenced and isn't `none`.
  package var isShown: Bool
  /// Takes the statement back.
  package var undo: UndoRecord
  /// How the saved script differs from what was typed.
  package var argumentEdits: [ArgumentEdit]
  /// Names given a value, in order.
  package var assigned: [String]
}
