import GRDB

extension DocumentIndex {
  /// A document as lists show it.
  package struct Entry: Sendable {
    package let source: String
    package let title: String
    package let chunks: Int
    package let tokens: Int
    package let bytes: Int
  }

  /// Documents that count, in order.
  package func documents() throws -> [Entry] {
    try store.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT coalesce((SELECT min(source) FROM sources WHERE document = id), ''), title, chunks, tokens, bytes
          FROM documents WHERE state = 1 ORDER BY id
          """
      ).map { row in
        Entry(
          source: try row.text(0), title: try row.text(1), chunks: try row.int(2), tokens: try row.int(3),
          bytes: try row.int(4))
      }
    }
  }

  /// A chunk as lists show it.
  package struct ChunkEntry: Sendable {
    package let source: String
    package let heading: String
    package let tokens: Int
    package let range: Range<Int>
    package let text: String
  }

  /// Chunks of the documents that count, in order.
  package func allChunks() throws -> [ChunkEntry] {
    try store.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT coalesce((SELECT min(source) FROM sources WHERE document = documents.id), ''), heading, chunks.tokens,
            first, last, text
          FROM chunks JOIN documents ON documents.id = chunks.id >> \(Store.placeBits) WHERE state = 1 ORDER BY chunks.id
          """
      ).map { row in
        let (first, last) = (try row.int(3), try row.int(4))
        return ChunkEntry(
          source: try row.text(0), heading: try row.text(1), tokens: try row.int(2), range: first..<max(first, last),
          text: try row.text(5))
      }
    }
  }

  /// How the documents were cut; nil where there are none or they were cut in several ways.
  package func settings() throws -> (size: Int?, overlap: Int, text: String)? {
    let ways = try store.read { db in
      try Row.fetchAll(db, sql: "SELECT DISTINCT size, overlap FROM documents WHERE state = 1").map { row in
        (try row.int(0), try row.int(1))
      }
    }
    guard ways.count == 1 else { return nil }
    let (size, overlap) = ways[0]
    return size == 0
      ? (nil, 0, "whole documents") : (size, overlap, "chunks of \(size) tokens, \(overlap) of them shared")
  }

  /// Bytes of the file; nil for memory.
  package func fileSize() throws -> Int? {
    guard !path.isEmpty else { return nil }
    return try store.read { db in
      (try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0) * (try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
    }
  }

  /// Chunks that have their vectors, those of documents that are not whole included.
  package func storedChunks() throws -> Int {
    try store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM vectors") ?? 0 }
  }

  /// All vectors as numbers, in the chunks' order.
  package func vectorRows() throws -> [[Double]] {
    let vectors = try vectors()
    return (0..<vectors.count).map { vectors.row($0) }
  }

  /// All that counts, as text: for comparing two indexes.
  package func dump() throws -> [String] {
    try store.read { db in
      let bits = Store.placeBits
      let documents = try Row.fetchAll(
        db,
        sql:
          "SELECT id, hash, title, columns, bytes, tokens, chunks, size, overlap FROM documents WHERE state = 1 ORDER BY id"
      ).map(\.description)
      let sources = try Row.fetchAll(db, sql: "SELECT source, document FROM sources ORDER BY source").map(\.description)
      let chunks = try Row.fetchAll(
        db,
        sql: """
          SELECT chunks.* FROM chunks JOIN documents ON documents.id = chunks.id >> \(bits)
          WHERE state = 1 ORDER BY chunks.id
          """
      ).map(\.description)
      return documents + sources + chunks
    }
  }
}
