/// A piece of a document's text.
package struct Chunk: Equatable, Sendable {
  /// Its bytes in the document. The chunks of a document cover it: the first begins at 0, the last ends at the end, and
  /// each begins where the one before ends, or earlier by the overlap.
  package let range: Range<Int>
  /// How many tokens it has, special ones not counted.
  package let tokens: Int
  /// The headings it stands under, outermost first: `Leave › Illness`; empty where there are none.
  package let heading: String
}

/// How documents are cut.
package struct ChunkSettings: Equatable, Sendable {
  /// Tokens a chunk has at most; nil leaves documents whole.
  package let size: Int?
  /// Tokens at a chunk's start that the one before has too, at most.
  package let overlap: Int

  /// - Throws: ``RetrievalError/badInput(field:expected:got:)`` where the overlap leaves a chunk nothing of its own.
  package init(size: Int?, overlap: Int) throws {
    if let size, size < 1 {
      throw RetrievalError.badInput(field: "chunk", expected: "at least 1 token", got: "\(size)")
    }
    guard overlap >= 0 else {
      throw RetrievalError.badInput(field: "overlap", expected: "0 or more tokens", got: "\(overlap)")
    }
    if let size, overlap >= size {
      throw RetrievalError.badInput(
        field: "overlap", expected: "fewer tokens than chunk, \(size)", got: "\(overlap)")
    }
    self.size = size
    self.overlap = size == nil ? 0 : overlap
  }
}
