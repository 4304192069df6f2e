import Files
import GRDB
import TensorCore
import Transformers

/// Documents cut into chunks with a vector each, in a file or in memory: what questions are answered from.
package final class DocumentIndex {
  let store: Store
  /// Makes vectors; nil where the index was opened without a model.
  package let model: PretrainedModel?
  /// How the vectors were made.
  package let recipe: FeatureRecipe
  package let kind: VectorKind
  /// Numbers in a vector.
  package let size: Int
  /// What was changed since it was opened, to be taken back.
  var history = IndexHistory()

  private var matrix: VectorMatrix
  /// The counts of changes and of removals that ``matrix`` has.
  private var seen: (changes: Int, removals: Int) = (-1, -1)

  /// As the user gave it; empty for memory.
  package var path: String { store.path }
  package var isReadOnly: Bool { store.isReadOnly }

  /// Opens or makes an index.
  ///
  /// - Parameters:
  ///   - path: of its file; nil for memory.
  ///   - model: makes the vectors, with its own pooling; nil to look at an index that is there.
  ///   - kind: how a new index keeps vectors; nil for as they are, float32 in a new one.
  ///   - mostPages: how far the file may grow; nil for no limit.
  ///   - patience: seconds to wait for another process that writes.
  /// - Throws: ``RetrievalError``, ``FileError``; ``TransformerError`` for a model that makes no vectors.
  package init(
    path: String?, model: PretrainedModel?, kind: VectorKind? = nil, access: FileAccess, mostPages: Int? = nil,
    patience: Double = 5
  ) throws {
    let given = try model?.recipe(FeatureOptions(normalize: true))
    guard path != nil || given != nil else {
      throw RetrievalError.badInput(field: "model", expected: "a model to make vectors with", got: "none")
    }
    store =
      try path.map { try Store.open($0, access: access, mostPages: mostPages, patience: patience) } ?? Store.inMemory()
    self.model = model
    if let facts = try store.facts() {
      recipe = facts.recipe
      size = facts.size
      self.kind = facts.kind
      if let given { try Self.check(facts.recipe, given, store.path) }
      if let kind, kind != facts.kind {
        throw RetrievalError.badInput(
          field: "vectors", expected: "\(facts.kind.rawValue), as the index was made", got: kind.rawValue)
      }
    } else {
      guard let model, let given else {
        throw RetrievalError.badInput(field: "model", expected: "a model to make vectors with", got: "none")
      }
      recipe = given
      size = model.hiddenSize
      self.kind = kind ?? .float32
      if !store.isReadOnly { try store.setFacts(recipe, size: size, kind: self.kind) }
    }
    matrix = VectorMatrix(size: size, kind: self.kind)
  }

  private static func check(_ made: FeatureRecipe, _ given: FeatureRecipe, _ path: String) throws {
    guard
      made.weights != given.weights || made.pooling != given.pooling || made.layer != given.layer
        || made.maxLength != given.maxLength
    else { return }
    let isSameName = made.text == given.text
    throw RetrievalError.otherModel(
      path: path, made: made.text + (isSameName ? " (weights \(made.weights.prefix(8)))" : ""),
      given: given.text + (isSameName ? " with other weights (\(given.weights.prefix(8)))" : ""))
  }

  /// The model, if it still makes the vectors that the index holds.
  /// - Throws: ``RetrievalError/noModel(path:made:)``, ``RetrievalError/otherModel(path:made:given:)`` after training.
  func embedder() throws -> PretrainedModel {
    guard let model else { throw RetrievalError.noModel(path: path, made: recipe.text) }
    try Self.check(recipe, try model.recipe(FeatureOptions(normalize: true)), path)
    return model
  }

  // MARK: Vectors in memory

  /// The vectors as they are now: what other processes have written included.
  func vectors() throws -> VectorMatrix {
    try store.read { db in
      let now = try store.changes(db)
      if now == seen { return }
      if now.removals == seen.removals, seen.changes >= 0 {
        try load(from: matrix.chunks.last ?? -1, db)
        if matrix.count == (try store.wholeChunks(db)) {
          seen = now
          return
        }
      }
      matrix = VectorMatrix(size: size, kind: kind)
      try matrix.reserve(min(try store.wholeChunks(db), try store.mostVectors(db, bytes: kind.bytes(size))))
      try load(from: -1, db)
      seen = now
    }
    return matrix
  }

  /// Adds the vectors of chunks after `last` whose documents count.
  private func load(from last: Int64, _ db: Database) throws {
    let others = Set(try Int64.fetchAll(db, sql: "SELECT id FROM documents WHERE state <> 1"))
    let statement = try db.makeStatement(sql: "SELECT id, scale, vector FROM vectors WHERE id > ? ORDER BY id")
    let rows = try Row.fetchCursor(statement, arguments: [last])
    let bits = Int64(Store.placeBits)
    while let row = try rows.next() {
      let id = try row.int64(0)
      if !others.isEmpty, others.contains(id >> bits) { continue }
      let scale = try row.real(1)
      let fits = try row.withUnsafeData(atIndex: 2) { data in
        try data?.withUnsafeBytes { try matrix.append(id, scale: Float(scale), $0) } ?? false
      }
      guard fits else {
        throw RetrievalError.damaged(path: path, detail: "the vector of chunk \(id) has another length")
      }
    }
  }

  // MARK: Figures

  /// What the index holds.
  package struct Contents: Equatable, Sendable {
    package var documents = 0
    package var chunks = 0
    package var tokens = 0
    package var bytes = 0
    /// Documents begun and not finished, by a process that ended.
    package var unfinished = 0
    /// Documents that were taken out and can still come back.
    package var removed = 0

    package init() {}
  }

  package func contents() throws -> Contents {
    try store.read { db in
      var contents = Contents()
      let rows = try Row.fetchAll(
        db, sql: "SELECT state, count(*), sum(chunks), sum(tokens), sum(bytes) FROM documents GROUP BY state")
      for row in rows {
        switch Schema.State(rawValue: try row.int(0)) {
        case .whole:
          contents.documents = try row.int(1)
          contents.chunks = try row.int(2)
          contents.tokens = try row.int(3)
          contents.bytes = try row.int(4)
        case .part: contents.unfinished = try row.int(1)
        case .removed, nil: contents.removed += try row.int(1)
        }
      }
      return contents
    }
  }

  /// What SQLite finds wrong with the file; empty where all is well.
  package func integrity() throws -> [String] { try store.integrity() }

  /// Bytes that the vectors take in memory now.
  package var heldBytes: Int { matrix.byteCount }
}
