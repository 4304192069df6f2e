import Files
import GRDB
import TensorCore
import Tokenizers
import Transformers

/// Documents on their way into an index: chunks wait until there are enough for a batch, then go in with their vectors
/// in one transaction.
struct Adding {
  private let index: DocumentIndex
  private let model: PretrainedModel
  private let tokenizer: Tokenizer
  private let settings: ChunkSettings
  var report = AddReport()
  private(set) var changes: [IndexHistory.Change] = []
  /// Tokens that were embedded.
  private(set) var embedded = 0

  /// A document whose chunks are waiting or partly in.
  private final class Pending {
    let document: Document
    /// Its place among those that are added.
    let number: Int
    let hash: String
    var id: Int64?
    /// Chunks that are in already.
    var stored = 0
    var sources: [String]
    var tokens = 0
    init(_ document: Document, _ number: Int, _ hash: String, _ sources: [String]) {
      self.document = document
      self.number = number
      self.hash = hash
      self.sources = sources
    }
  }

  private struct Piece {
    let owner: Pending
    let chunk: Chunk
    let place: Int
    let text: String
  }

  private var pieces: [Piece] = []
  /// Documents whose last chunk waits, in order, with how many chunks they have.
  private var ending: [(document: Pending, chunks: Int)] = []
  /// Chunks of one transaction.
  private static let batch = 64

  init(_ index: DocumentIndex, _ model: PretrainedModel, _ tokenizer: Tokenizer, _ settings: ChunkSettings) {
    self.index = index
    self.model = model
    self.tokenizer = tokenizer
    self.settings = settings
  }

  /// How many documents, from the first one on, are dealt with: what waits for its batch isn't in yet.
  var settled: Int { min(report.done, ending.first?.document.number ?? report.done) }

  /// Takes one document, and embeds when enough has come together.
  mutating func add(_ document: Document, number: Int, _ progress: (_ tokens: Int) throws -> Void) throws {
    let hash = document.hash
    let source = document.source ?? "text \(hash.prefix(12))"
    if let twin = ending.first(where: { $0.document.hash == hash })?.document {
      if twin.sources.contains(source) { report.unchanged += 1 } else { report.copies += 1 }
      twin.sources.append(source)
      return
    }
    let pending = Pending(document, number, hash, [source])
    if try settle(pending, source) { return }
    var chunker = Chunker(document.text, settings, tokenizer: tokenizer, isMarkdown: document.isMarkdown)
    var place = 0
    while let chunk = try chunker.next() {
      pending.tokens += chunk.tokens
      if place >= pending.stored {
        guard place < 1 << Store.placeBits else {
          throw RetrievalError.badInput(
            field: "chunk", expected: "a size that makes at most 16,777,216 chunks of a document", got: "more")
        }
        let text = String(decoding: document.text[chunk.range], as: UTF8.self)
        pieces.append(Piece(owner: pending, chunk: chunk, place: place, text: text))
        if pieces.count >= Adding.batch {
          try flush()
          try progress(embedded)
        }
      }
      place += 1
    }
    guard place > 0 else {
      let name = document.source ?? (document.title.isEmpty ? "a text" : document.title)
      report.skipped.append(SkippedDocument(name: name, reason: "no words"))
      return
    }
    ending.append((pending, place))
    if pieces.isEmpty || ending.count >= 4 * Adding.batch { try flush() }
  }

  /// Deals with a text that is in the index already; true where nothing is left to do. Finds where to go on otherwise.
  private mutating func settle(_ pending: Pending, _ source: String) throws -> Bool {
    let found = try index.store.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT id, state, (SELECT count(*) FROM sources WHERE document = id AND source = ?) FROM documents
          WHERE hash = ? AND size = ? AND overlap = ? AND markdown = ? AND title = ? AND columns = ?
          ORDER BY state = 1 DESC, state DESC, id
          """,
        arguments: [
          source, pending.hash, settings.size ?? 0, settings.overlap, pending.document.isMarkdown,
          pending.document.title, pending.document.columnsText,
        ])
    }
    guard let row = found.first, let state = Schema.State(rawValue: try row.int(1)) else {
      return try settleCopy(pending, source)
    }
    let id = try row.int64(0)
    switch state {
    case .whole:
      let isOwn = try row.int(2) > 0
      if isOwn { report.unchanged += 1 } else { report.copies += 1 }
      if !isOwn { try take(source, id, isBack: false) }
      return true
    case .removed:
      report.added += 1
      try take(source, id, isBack: true)
      return true
    case .part:
      pending.id = id
      pending.stored = try index.store.read { db in
        let bits = Int64(Store.placeBits)
        return try Int.fetchOne(
          db, sql: "SELECT count(*) FROM vectors WHERE id >= ? AND id < ?", arguments: [id << bits, (id &+ 1) << bits])
          ?? 0
      }
      report.continued += 1
      return false
    }
  }

  /// The same text under another title or with other columns, from another source: one entry is enough.
  private mutating func settleCopy(_ pending: Pending, _ source: String) throws -> Bool {
    let found = try index.store.read { db in
      try Row.fetchOne(
        db,
        sql: """
          SELECT id, (SELECT count(*) FROM sources WHERE document = id AND source = ?) FROM documents
          WHERE hash = ? AND size = ? AND overlap = ? AND markdown = ? AND state = 1
          """, arguments: [source, pending.hash, settings.size ?? 0, settings.overlap, pending.document.isMarkdown])
    }
    guard let found else { return false }
    let isOwn = try found.int(1) > 0
    if isOwn, pending.document.source != nil { return false }  // what is known of it has changed
    report.copies += 1
    if isOwn { return true }
    try take(source, try found.int64(0), isBack: false)
    return true
  }

  /// Gives a source to a document that is in.
  private mutating func take(_ source: String, _ id: Int64, isBack: Bool) throws {
    let store = index.store
    let made = try store.write { db in
      var made: [IndexHistory.Change] = []
      if isBack {
        made.append(.state(document: id, from: .removed, to: .whole))
        try store.apply(made[0], db)
      }
      made += try store.release(source, to: id, db)
      try Schema.count("removals", db)
      return made
    }
    if made.contains(where: { if case .state(_, .whole, .removed) = $0 { true } else { false } }) {
      report.replaced += 1
    }
    changes += made
  }

  /// Embeds what waits and puts it in.
  mutating func flush() throws {
    guard !pieces.isEmpty || !ending.isEmpty else { return }
    var vectors: Tensor?
    if !pieces.isEmpty {
      let features = try model.features(pieces.map(\.text), FeatureOptions(normalize: true))
      guard features.isComplete else {
        throw RetrievalError.database(path: index.path, detail: "the model made fewer vectors than there are chunks")
      }
      vectors = features.values
      report.cut += features.truncated
      embedded += features.tokens
    }
    let (pieces, ending, store) = (self.pieces, self.ending, index.store)
    let encoder = VectorEncoder(index.kind, size: index.size)
    let finished = try store.write { db in
      try checkTheyAreThere(pieces.map(\.owner) + ending.map(\.document), db)
      try vectors?.withUnsafeBuffer { values in
        for (row, piece) in pieces.enumerated() {
          let id = try piece.owner.id ?? insert(piece.owner, db)
          piece.owner.id = id
          try put(piece, id, encoder.encode(values, row), db)
        }
      }
      let finished = try ending.map { try finish($0.document, $0.chunks, db) }
      try Schema.count("changes", db)
      return finished
    }
    for ((document, chunks), (made, wasThere)) in zip(ending, finished) {
      changes += made
      if wasThere {
        report.unchanged += 1
        continue
      }
      let replaces = made.contains {
        if case .source(let name, let old?, let new?) = $0 {
          old != new && new == document.id && document.sources.contains(name)
        } else {
          false
        }
      }
      if replaces { report.replaced += 1 } else { report.added += 1 }
      report.chunks += chunks
      report.tokens += document.tokens
    }
    report.embedded += pieces.count
    self.pieces = []
    self.ending = []
  }

  /// Another process that adds another text from the same source takes out what was begun here.
  private func checkTheyAreThere(_ owners: [Pending], _ db: Database) throws {
    var seen: Set<Int64> = []
    for owner in owners {
      guard let id = owner.id, seen.insert(id).inserted else { continue }
      let isThere = try Bool.fetchOne(
        db, sql: "SELECT EXISTS (SELECT 1 FROM documents WHERE id = ? AND hash = ? AND state <> 2)",
        arguments: [id, owner.hash])
      guard isThere == true else {
        throw RetrievalError.database(
          path: index.path, detail: "another process put other text in the place of \(owner.sources[0]) meanwhile")
      }
    }
  }

  /// The number of a document that another process has begun or finished since this one looked; nil for none.
  private func begunElsewhere(_ pending: Pending, _ db: Database) throws -> Int64? {
    let document = pending.document
    return try Int64.fetchOne(
      db,
      sql: """
        SELECT id FROM documents
        WHERE hash = ? AND size = ? AND overlap = ? AND markdown = ? AND title = ? AND columns = ? AND state <> 2
        ORDER BY state DESC, id
        """,
      arguments: [
        pending.hash, settings.size ?? 0, settings.overlap, document.isMarkdown, document.title, document.columnsText,
      ])
  }

  private func insert(_ pending: Pending, _ db: Database) throws -> Int64 {
    if let id = try begunElsewhere(pending, db) { return id }
    let document = pending.document
    // What waited to take this source's place, and was given up for this text, goes.
    let stale = try Int64.fetchAll(
      db, sql: "SELECT id FROM documents WHERE awaited = ? AND state = 0", arguments: [pending.sources[0]])
    for old in stale { try Schema.delete(old, db) }
    try db.execute(
      sql: "INSERT INTO documents VALUES (NULL, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?)",
      arguments: [
        pending.hash, document.title, document.columnsText, document.text.count, settings.size ?? 0, settings.overlap,
        document.isMarkdown, pending.sources[0], Schema.State.part.rawValue,
      ])
    return db.lastInsertedRowID
  }

  private func put(_ piece: Piece, _ document: Int64, _ vector: VectorEncoder.Vector, _ db: Database) throws {
    let id = document << Int64(Store.placeBits) | Int64(piece.place)
    try db.cachedStatement(sql: "INSERT OR IGNORE INTO chunks VALUES (?, ?, ?, ?, ?, ?)").execute(
      arguments: [
        id, piece.chunk.range.lowerBound, piece.chunk.range.upperBound, piece.chunk.tokens, piece.chunk.heading,
        piece.text,
      ])
    try db.cachedStatement(sql: "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)").execute(
      arguments: [id, vector.scale, vector.bytes])
  }

  /// All chunks are in: the document counts from now on, in place of what its sources named before.
  /// - Returns: what changed, and whether another process had finished it.
  private func finish(_ pending: Pending, _ chunks: Int, _ db: Database) throws -> (
    changes: [IndexHistory.Change], wasThere: Bool
  ) {
    guard let id = pending.id else { return ([], false) }
    let state = try Int.fetchOne(db, sql: "SELECT state FROM documents WHERE id = ?", arguments: [id])
    let wasThere = state == Schema.State.whole.rawValue
    try db.execute(
      sql: "UPDATE documents SET chunks = ?, tokens = ?, awaited = NULL, state = ? WHERE id = ?",
      arguments: [chunks, pending.tokens, Schema.State.whole.rawValue, id])
    var made: [IndexHistory.Change] = wasThere ? [] : [.state(document: id, from: .part, to: .whole)]
    for source in pending.sources {
      let released = try index.store.release(source, to: id, db)
      if released.count > 1 { try Schema.count("removals", db) }
      made += released
    }
    return (made, wasThere)
  }
}

extension Document {
  var columnsText: String { JSON.object(columns).text() }
}
