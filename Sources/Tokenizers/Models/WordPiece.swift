/// WordPiece: the longest token that fits, from left to right.
///
/// Source: Wu et al. 2016, section 4.1 (arXiv:1609.08144), as BERT uses it; checked against Hugging Face tokenizers.
struct WordPiece: TokenizerModel {
  let kind = "WordPiece"
  private let table: TokenTable
  /// Tokens that continue a word, by their text without the prefix.
  private let continuations: TokenTable
  private let unknown: Int32
  private let longestWord: Int

  /// - Parameters:
  ///   - prefix: what marks a token inside a word (`##`).
  ///   - longestWord: words of more scalars are unknown.
  init(vocabulary: Vocabulary, prefix: String, unknown: String, longestWord: Int) {
    table = vocabulary.table
    let marks = Array(prefix.utf8)
    var inner: [TokenEntry] = []
    for id in 0..<vocabulary.count {
      guard let text = vocabulary.bytes(of: id), text.count > marks.count, let base = text.baseAddress else { continue }
      var isInner = true
      for k in 0..<marks.count where base[k] != marks[k] { isInner = false }
      guard isInner else { continue }
      let start = base - UnsafePointer(vocabulary.arena.base) + marks.count
      inner.append(TokenEntry(start: UInt32(start), length: UInt32(text.count - marks.count), id: Int32(id)))
    }
    continuations = TokenTable(arena: vocabulary.arena, entries: inner)
    self.unknown = table.find(Array(unknown.utf8))
    self.longestWord = longestWord
  }

  func tokenize(_ workspace: Workspace) throws {
    let bytes = UnsafePointer(workspace.text.bytes.base)
    let isASCII = workspace.text.isASCII
    let pieces = workspace.pieces
    let cache = workspace.cache
    for i in 0..<workspace.splits.count {
      let span = workspace.splits[i]
      let start = Int(span.start)
      let length = Int(span.end) - start
      let word = bytes + start
      let hash = Bytes.hash(word, length)
      // a word of more bytes than `longestWord` may be one token and still be too long
      if length <= longestWord {
        let id = table.find(word, length, hash: hash)
        if id >= 0 {
          pieces.append(Piece(id: id, start: span.start, end: span.end, split: Int32(truncatingIfNeeded: i)))
          continue
        }
      }
      if let (first, count) = cache.find(word, length, hash: hash) {
        for k in first..<(first + count) {
          let token = cache.tokens[k]
          pieces.append(
            Piece(
              id: token.id, start: span.start + token.start, end: span.start + token.end,
              split: Int32(truncatingIfNeeded: i)))
        }
        continue
      }
      let before = pieces.count
      let isTooLong = length > longestWord && (isASCII || Bytes.scalarCount(word, length) > longestWord)
      if isTooLong || !cut(word, length, at: span.start, split: i, pieces) {
        pieces.count = before
        guard unknown >= 0 else {
          throw TokenizerError.cannotEncode(reason: "a word is not in the vocabulary, which has no unknown token")
        }
        pieces.append(Piece(id: unknown, start: span.start, end: span.end, split: Int32(truncatingIfNeeded: i)))
      }
      cache.insert(word, length, hash: hash, pieces: pieces, from: before, at: span.start)
    }
  }

  /// Cuts a word; false if a part of it has no token.
  private func cut(_ word: UnsafePointer<UInt8>, _ length: Int, at offset: Int32, split: Int, _ pieces: Buffer<Piece>)
    -> Bool
  {
    var start: Int = 0
    while start < length {
      let tokens = start == 0 ? table : continuations
      var size = min(length - start, tokens.longest)
      var found: Int32 = -1
      while size > 0 {
        // only where a scalar ends
        if start + size == length || word[start + size] & 0xC0 != 0x80 {
          found = tokens.find(word + start, size)
          if found >= 0 { break }
        }
        size -= 1
      }
      guard found >= 0 else { return false }
      pieces.append(
        Piece(
          id: found, start: offset + Int32(start), end: offset + Int32(start + size),
          split: Int32(truncatingIfNeeded: split)))
      start += size
    }
    return true
  }
}

/// One token per word.
struct WordLevel: TokenizerModel {
  let kind = "WordLevel"
  private let table: TokenTable
  private let unknown: Int32

  init(vocabulary: Vocabulary, unknown: String) {
    table = vocabulary.table
    self.unknown = table.find(Array(unknown.utf8))
  }

  func tokenize(_ workspace: Workspace) throws {
    for i in 0..<workspace.splits.count {
      let span = workspace.splits[i]
      let found = table.find(workspace.text.bytes.base + Int(span.start), Int(span.end - span.start))
      let id = found >= 0 ? found : unknown
      guard id >= 0 else {
        throw TokenizerError.cannotEncode(reason: "a word is not in the vocabulary, which has no unknown token")
      }
      workspace.pieces.append(Piece(id: id, start: span.start, end: span.end, split: Int32(truncatingIfNeeded: i)))
    }
  }
}
