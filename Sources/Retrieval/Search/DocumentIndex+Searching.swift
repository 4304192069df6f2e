import Files
import GRDB
import TensorCore
import Transformers

/// Chunks by their numbers, best first.
package typealias Ranking = [(chunk: Int64, score: Double)]

extension DocumentIndex {
  /// The k chunks nearest to each question, best first.
  ///
  /// - Parameters:
  ///   - filter: which documents may be found; nil for all.
  ///   - checkInterruption: asked between batches of questions; what it throws ends the search.
  /// - Throws: ``RetrievalError`` for an empty index, another model, or what the database says.
  package func search(
    _ questions: [String], k: Int, mode: SearchMode = .vectors, filter: DocumentFilter? = nil,
    checkInterruption: () throws -> Void = {}
  ) throws -> [[SearchHit]] {
    let rankings = try rank(questions, k: k, mode: mode, filter: filter, checkInterruption: checkInterruption)
    return try hits(rankings)
  }

  /// The k chunks nearest to each vector, `[Q, C]`, made as the index's own are.
  package func search(
    vectors questions: Tensor, k: Int, filter: DocumentFilter? = nil, checkInterruption: () throws -> Void = {}
  ) throws -> [[SearchHit]] {
    guard k > 0 else { throw RetrievalError.badInput(field: "k", expected: "at least 1", got: "\(k)") }
    guard questions.shape.count == 2, questions.shape[1] == size else {
      throw RetrievalError.badInput(
        field: "question", expected: "vectors of \(size) numbers", got: "shape \(questions.shape)")
    }
    try checkAny()
    let allowed = try filter.map { try documents($0) }
    return try hits(try nearest(to: try questions.detached.normalized(axis: 1), k, allowed, checkInterruption))
  }

  /// As ``search(_:k:mode:filter:checkInterruption:)``, without reading the chunks.
  package func rank(
    _ questions: [String], k: Int, mode: SearchMode, filter: DocumentFilter? = nil,
    checkInterruption: () throws -> Void = {}
  ) throws -> [Ranking] {
    guard k > 0 else { throw RetrievalError.badInput(field: "k", expected: "at least 1", got: "\(k)") }
    try checkAny()
    let allowed = try filter.map { try documents($0) }
    // What stands low in one ranking may stand high in the other.
    let depth = mode == .both ? max(5 * min(k, .max / 5), 100) : k
    var byVectors: [Ranking] = []
    var byWords: [Ranking] = []
    if mode != .words { byVectors = try rankByVectors(questions, depth, allowed, checkInterruption) }
    if mode != .vectors {
      byWords = try questions.map {
        try checkInterruption()
        return try rankByWords($0, depth, allowed)
      }
    }
    switch mode {
    case .vectors: return byVectors
    case .words: return byWords
    case .both:
      return zip(byVectors, byWords).map { pair in
        Array(Fusion.fused([pair.0.map(\.chunk), pair.1.map(\.chunk)]).prefix(k))
      }
    }
  }

  private func checkAny() throws {
    let any = try store.read { try Bool.fetchOne($0, sql: "SELECT EXISTS (SELECT 1 FROM documents WHERE state = 1)") }
    guard any == true else { throw RetrievalError.empty(path: path) }
  }

  private func rankByVectors(
    _ questions: [String], _ k: Int, _ allowed: Set<Int64>?, _ checkInterruption: () throws -> Void
  ) throws -> [Ranking] {
    let model = try embedder()
    let features = try model.allFeatures(questions, FeatureOptions(normalize: true)) { _, _ in try checkInterruption() }
    return try nearest(to: features.values, k, allowed, checkInterruption)
  }

  private func nearest(
    to questions: Tensor, _ k: Int, _ allowed: Set<Int64>?, _ checkInterruption: () throws -> Void
  ) throws -> [Ranking] {
    let vectors = try vectors()
    let keep = allowed.map { allowed in
      vectors.chunks.map { allowed.contains($0 >> Int64(Store.placeBits)) ? UInt8(1) : 0 }
    }
    let found = try vectors.nearest(to: questions, k: k, keep: keep, checkInterruption: checkInterruption)
    return found.map { $0.map { (vectors.chunks[$0.row], $0.score) } }
  }

  private func rankByWords(_ question: String, _ k: Int, _ allowed: Set<Int64>?) throws -> Ranking {
    guard let match = WordQuery.match(question) else { return [] }
    return try store.read { db in
      let cursor = try Row.fetchCursor(
        db.cachedStatement(
          sql: """
            SELECT words.rowid, -bm25(words) AS score FROM words JOIN documents ON documents.id = words.rowid >> 24
            WHERE words MATCH ? AND state = 1 ORDER BY score DESC, words.rowid LIMIT ?
            """), arguments: [match, allowed == nil ? k : -1])
      var found: Ranking = []
      while found.count < k, let row = try cursor.next() {
        let chunk = try row.int64(0)
        if let allowed, !allowed.contains(chunk >> Int64(Store.placeBits)) { continue }
        found.append((chunk, try row.real(1)))
      }
      return found
    }
  }

  /// The chunks of rankings, read.
  private func hits(_ rankings: [Ranking]) throws -> [[SearchHit]] {
    try store.read { db in try rankings.map { try $0.compactMap { try hit($0.chunk, $0.score, db) } } }
  }

  private func hit(_ chunk: Int64, _ score: Double, _ db: Database) throws -> SearchHit? {
    let document = chunk >> Int64(Store.placeBits)
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT title, columns, chunks, heading, text, first, last FROM documents, chunks
            WHERE documents.id = ? AND chunks.id = ?
            """), arguments: [document, chunk])
    else { return nil }
    let sources = try String.fetchAll(
      db.cachedStatement(sql: "SELECT source FROM sources WHERE document = ? ORDER BY source"), arguments: [document])
    let (first, last) = (try row.int(5), try row.int(6))
    return SearchHit(
      chunk: chunk, score: score, title: try row.text(0), sources: sources, heading: try row.text(3),
      text: try row.text(4),
      place: Int(chunk & ((1 << Int64(Store.placeBits)) - 1)), places: try row.int(2), range: first..<max(first, last),
      columns: Self.columns(try row.text(1)))
  }

  static func columns(_ text: String) -> JSONObject {
    (try? JSON(parsing: Array(text.utf8)))?.object ?? JSONObject([])
  }

  /// The documents that a filter lets through.
  private func documents(_ filter: DocumentFilter) throws -> Set<Int64> {
    let all = try described()
    switch filter {
    case .test(let test):
      // Outside of the database's own turn: the test may be a user's function that searches too.
      return Set(try all.filter { try test($0.columns) }.map(\.id))
    case .columns(let wanted):
      let known = Set(all.flatMap { $0.columns.members.map(\.key) })
      if let unknown = wanted.first(where: { !known.contains($0.name) }) {
        throw RetrievalError.badInput(
          field: "where", expected: "columns of the documents: \(known.sorted().joined(separator: ", "))",
          got: unknown.name)
      }
      let fitting = all.filter { document in
        wanted.allSatisfy { name, values in
          if name == "source" { return document.sources.contains { values.contains(.string($0)) } }
          guard let own = document.columns[name] else { return false }
          return values.contains { Self.isSame($0, own) }
        }
      }
      return Set(fitting.map(\.id))
    }
  }

  /// Whether two cells are the same value; 1910 is 1910.0, which a column with gaps makes of it.
  private static func isSame(_ one: JSON, _ other: JSON) -> Bool {
    switch (one, other) {
    case (.integer(let whole), .real(let value)), (.real(let value), .integer(let whole)): Double(whole) == value
    default: one == other
    }
  }

  /// What is known of each document that counts: its columns, with source and title.
  private func described() throws -> [(id: Int64, columns: JSONObject, sources: [String])] {
    try store.read { db in
      let rows = try Row.fetchAll(db, sql: "SELECT id, title, columns FROM documents WHERE state = 1 ORDER BY id")
      return try rows.map { row in
        let id = try row.int64(0)
        let sources = try String.fetchAll(
          db.cachedStatement(sql: "SELECT source FROM sources WHERE document = ? ORDER BY source"), arguments: [id])
        var members = Self.columns(try row.text(2)).members.map { ($0.key, $0.value) }
        if !members.contains(where: { $0.0 == "title" }) { members.append(("title", .string(try row.text(1)))) }
        if !members.contains(where: { $0.0 == "source" }) { members.append(("source", .string(sources.first ?? ""))) }
        return (id, JSONObject(members), sources)
      }
    }
  }
}
