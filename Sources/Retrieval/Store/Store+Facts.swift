import GRDB
import Transformers

/// What an index says of itself.
struct IndexFacts {
  let recipe: FeatureRecipe
  let size: Int
  let kind: VectorKind
}

extension Store {
  /// Nil for an index that is being made.
  func facts() throws -> IndexFacts? {
    try read { db in
      guard let model = try Schema.fact("model", db) else { return nil }
      func fact(_ name: String) throws -> String {
        guard let value = try Schema.fact(name, db) else {
          throw RetrievalError.damaged(path: path, detail: "it does not say its \(name)")
        }
        return value
      }
      guard let pooling = Pooling(rawValue: try fact("pooling")), let layer = Int(try fact("layer")),
        let size = Int(try fact("size")), size > 0, size < 1 << 20, let kind = VectorKind(rawValue: try fact("vectors"))
      else { throw RetrievalError.damaged(path: path, detail: "what it says of its vectors makes no sense") }
      let recipe = FeatureRecipe(
        model: model, weights: try fact("weights"), pooling: pooling, layer: layer, normalize: true,
        maxLength: try Schema.fact("max_length", db).flatMap { Int($0) })
      return IndexFacts(recipe: recipe, size: size, kind: kind)
    }
  }

  func setFacts(_ recipe: FeatureRecipe, size: Int, kind: VectorKind) throws {
    try write { db in
      guard try Schema.fact("model", db) == nil else { return }
      var facts = [
        ("model", recipe.model), ("weights", recipe.weights), ("pooling", recipe.pooling.rawValue),
        ("layer", "\(recipe.layer)"), ("size", "\(size)"), ("vectors", kind.rawValue),
      ]
      if let length = recipe.maxLength { facts.append(("max_length", "\(length)")) }
      for (name, value) in facts { try Schema.setFact(name, value, db) }
    }
  }

  /// How often documents came, and how often others went or came back.
  func changes(_ db: Database) throws -> (changes: Int, removals: Int) {
    (
      try Schema.fact("changes", db).flatMap { Int($0) } ?? 0,
      try Schema.fact("removals", db).flatMap { Int($0) } ?? 0
    )
  }

  /// How many vectors the file has room for, whatever it says of itself.
  func mostVectors(_ db: Database, bytes: Int) throws -> Int {
    let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
    let size = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
    return pages.multipliedReportingOverflow(by: size).partialValue / max(bytes, 1)
  }

  /// Chunks of the documents that count.
  func wholeChunks(_ db: Database) throws -> Int {
    try Int.fetchOne(db, sql: "SELECT coalesce(sum(chunks), 0) FROM documents WHERE state = 1") ?? 0
  }
}
