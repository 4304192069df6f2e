import Files

/// How an index is searched.
package enum SearchMode: String, CaseIterable, Sendable {
  /// By the cosine of vectors.
  case vectors
  /// By exact words: SQLite's full-text index, ranked by BM25.
  case words
  /// Both rankings fused.
  case both
}

/// A chunk that answers a question.
package struct SearchHit: Sendable, Equatable {
  /// The chunk's number in the index.
  package let chunk: Int64
  /// Cosine, BM25 or fused, by the mode; more is better.
  package let score: Double
  package let title: String
  /// All names that the document was added under.
  package let sources: [String]
  package let heading: String
  /// The chunk's text, exactly as in the document.
  package let text: String
  /// Its place in the document, counted from 0, and of how many.
  package let place: Int
  package let places: Int
  /// Its bytes in the document.
  package let range: Range<Int>
  package let columns: JSONObject

  package var document: Int64 { chunk >> Int64(Store.placeBits) }
  package var source: String { sources.first ?? "" }
}

/// Which documents may be found.
package enum DocumentFilter {
  /// Columns (also source and title) that must have this value, or one of these.
  case columns([(name: String, values: [JSON])])
  /// Asked for each document, with its columns, source and title.
  case test((JSONObject) throws -> Bool)
}
