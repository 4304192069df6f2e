import Files
import GRDB
import TensorCore
import Tokenizers
import Transformers

extension DocumentIndex {
  /// Adds documents, each in its turn.
  ///
  /// A text that is there already, cut in the same way, is not embedded again; a source whose text has changed gets the
  /// new one's chunks in place of the old. Whatever ends the process: what was committed stands, and adding the same
  /// again goes on from there, also in the middle of a document.
  ///
  /// - Parameters:
  ///   - progress: told how many documents are done and how many tokens were embedded; throwing from it ends the work
  ///     with what is reached.
  /// - Throws: ``RetrievalError``, ``TransformerError``, ``TokenizerError``.
  package func add(
    _ sources: [DocumentSource], _ settings: ChunkSettings, reader: DocumentReader,
    progress: (_ done: Int, _ total: Int, _ tokens: Int) throws -> Void = { _, _, _ in }
  ) throws -> AddReport {
    if isReadOnly { throw RetrievalError.readOnly(path: path) }
    let model = try embedder()
    guard let tokenizer = model.tokenizer else {
      throw TransformerError.missingFile(folder: model.name, file: "tokenizer", help: "an index needs one")
    }
    try check(settings)
    var adding = Adding(self, model, tokenizer, settings)
    var reader = reader
    let before = reader.skipped
    adding.report.asked = sources.count
    do {
      try progress(0, sources.count, 0)
      for (number, source) in sources.enumerated() {
        if let document = try reader.read(source) {
          try adding.add(document, number: number) { try progress(number, sources.count, $0) }
        }
        adding.report.done = number + 1
        try progress(number + 1, sources.count, adding.embedded)
      }
      try adding.flush()
    } catch let error where DocumentIndex.isFailure(error) {
      // In a file what was committed stands, as if the process had ended; memory is put back by its holder.
      if path.isEmpty { history.append(adding.changes) }
      throw error
    } catch {
      adding.report.isStopped = true
      adding.report.done = adding.settled
    }
    history.append(adding.changes)
    adding.report.skipped = before + reader.skipped.dropFirst(before.count) + adding.report.skipped
    return adding.report
  }

  /// Whether something went wrong, other than that the work was stopped.
  static func isFailure(_ error: any Error) -> Bool {
    error is RetrievalError || error is TransformerError || error is TokenizerError || error is TensorError
      || error is FileError || error is DatabaseError
  }

  /// Tokens that the model reads at once, beside the special ones; nil for no limit.
  package var largestChunk: Int? {
    guard let limit = recipe.maxLength, let tokenizer = model?.tokenizer else { return nil }
    return limit - tokenizer.addedTokenCount()
  }

  /// A chunk must fit into the model with the special tokens around it.
  private func check(_ settings: ChunkSettings) throws {
    if let size = settings.size, let room = largestChunk, size > room {
      throw RetrievalError.badInput(
        field: "chunk", expected: "at most \(room) tokens, what \(recipe.model) reads at once", got: "\(size)")
    }
  }

  // MARK: Taking out

  /// Takes documents out by their sources or titles.
  /// - Returns: how many went.
  /// - Throws: ``RetrievalError/badInput(field:expected:got:)`` for a name that no document has.
  package func remove(_ names: [String]) throws -> Int {
    var (changes, removed) = ([IndexHistory.Change](), 0)
    try store.write { db in
      for name in names {
        var sources = try String.fetchAll(db, sql: "SELECT source FROM sources WHERE source = ?", arguments: [name])
        if sources.isEmpty {
          sources = try String.fetchAll(
            db,
            sql: """
              SELECT source FROM sources JOIN documents ON id = document WHERE title = ? AND state = 1 ORDER BY document
              """, arguments: [name])
        }
        guard !sources.isEmpty else {
          throw RetrievalError.badInput(
            field: "remove", expected: "the source or title of a document", got: "\"\(name)\"")
        }
        for source in sources {
          let made = try store.release(source, to: nil, db)
          changes += made
          removed += made.count { if case .state = $0 { true } else { false } }
        }
      }
      try Schema.count("removals", db)
    }
    history.append(changes)
    return removed
  }

  /// Sources of the documents that count, in order.
  package func sources() throws -> [String] {
    try store.read { try String.fetchAll($0, sql: "SELECT source FROM sources ORDER BY document, source") }
  }
}

extension Store {
  /// Gives a source to another document (or none); the one it leaves goes if it has no other.
  func release(_ source: String, to document: Int64?, _ db: Database) throws -> [IndexHistory.Change] {
    let old = try Int64.fetchOne(db, sql: "SELECT document FROM sources WHERE source = ?", arguments: [source])
    if old == document { return [] }
    var changes = [IndexHistory.Change.source(source, from: old, to: document)]
    try apply(changes[0], db)
    if let old, try Int.fetchOne(db, sql: "SELECT count(*) FROM sources WHERE document = ?", arguments: [old]) == 0 {
      changes.append(.state(document: old, from: .whole, to: .removed))
      try apply(changes[1], db)
    }
    return changes
  }
}
