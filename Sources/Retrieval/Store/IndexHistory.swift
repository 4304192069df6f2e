import GRDB

/// What was done to an index, change by change, so that it can be put back as it was at any earlier place.
struct IndexHistory {
  enum Change {
    /// A document's state changed from the first to the second.
    case state(document: Int64, from: Schema.State, to: Schema.State)
    /// A source belonged to the first document (or none), now to the second.
    case source(String, from: Int64?, to: Int64?)

    var reversed: Change {
      switch self {
      case .state(let document, let from, let to): return .state(document: document, from: to, to: from)
      case .source(let name, let from, let to): return .source(name, from: to, to: from)
      }
    }
  }

  private(set) var changes: [Change] = []

  /// The place after all changes.
  var place: Int { changes.count }

  mutating func append(_ more: [Change]) { changes += more }
}

extension DocumentIndex {
  /// Where the index is in its own history, for ``restore(to:)``.
  package var place: Int { history.place }

  /// Puts the documents back as they were at a place; what is undone so can be brought back likewise.
  package func restore(to place: Int) throws {
    guard place >= 0, place < history.place else { return }
    let back = history.changes[place...].reversed().map(\.reversed)
    try store.write { db in
      for change in back { try store.apply(change, db) }
      try Schema.count("removals", db)
    }
    history.append(back)
  }
}

extension Store {
  func apply(_ change: IndexHistory.Change, _ db: Database) throws {
    switch change {
    case .state(let document, _, let state):
      // A document that never became whole is taken out like any other, and comes back whole.
      let target: Schema.State = state == .part ? .removed : state
      try db.execute(sql: "UPDATE documents SET state = ? WHERE id = ?", arguments: [target.rawValue, document])
    case .source(let name, _, let document?):
      try db.execute(
        sql: "INSERT OR REPLACE INTO sources SELECT ?, id FROM documents WHERE id = ?", arguments: [name, document])
    case .source(let name, _, nil):
      try db.execute(sql: "DELETE FROM sources WHERE source = ?", arguments: [name])
    }
  }
}
