/// What a planned call gave.
final class Planning {
  private(set) var result: Value?

  /// Keeps a plan; the statement goes no further.
  func take(_ plan: Value) throws -> Value {
    result = plan
    throw LanguageError.message("planned")
  }
}

extension Interpreter {
  /// The plan of the long work that a statement begins: `:plan run = model.fit(reviews)`. Nothing is changed by it.
  ///
  /// - Throws: where the statement is no call of a word that can be planned, or its arguments fail.
  package func plan(_ statement: Statement, in source: SourceText) throws -> Value {
    guard let name = plannedWord(statement), builtins[name].contains(where: { $0.plan != nil }) else {
      let words = Set(builtins.all.filter { $0.plan != nil }.map(\.name)).sorted().joined(separator: ", ")
      throw LanguageError.message("there is nothing to plan", help: "a plan is made of a call of \(words)")
    }
    let planning = Planning()
    self.planning = planning
    defer { self.planning = nil }
    do {
      // A user's own function of that name isn't planned: what it did is taken back.
      let made = try run(statement, in: source)
      try takeBack(made.undo)
    } catch {
      guard planning.result != nil else { throw error }
    }
    guard let result = planning.result else { throw LanguageError.message("there is nothing to plan") }
    return result
  }

  /// The word whose call gives the statement's value.
  private func plannedWord(_ statement: Statement) -> String? {
    let expression: Expression
    switch statement.node {
    case .expression(let own), .assign(_, let own): expression = own
    default: return nil
    }
    switch expression.node {
    case .methodCall(_, let name, _): return name.text
    case .call(let callee, _):
      guard case .name(let symbol) = callee.node else { return nil }
      return symbol.text
    default: return nil
    }
  }
}
