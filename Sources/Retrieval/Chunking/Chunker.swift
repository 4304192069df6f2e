import Files
import Tokenizers

/// Cuts a text into chunks, one after the other, holding the tokens of a few pages only.
///
/// A chunk has `size` tokens at most. Within its last third it ends at the best place there is (before a heading, at a
/// paragraph's end, a sentence's, a line's, a word's), the last of its kind; the next one begins up to `overlap` tokens
/// earlier, at a sentence or word.
package struct Chunker {
  package let text: [UInt8]
  package let settings: ChunkSettings
  private let tokenizer: Tokenizer
  private let headings: Headings

  /// Bytes of each token from the next chunk's first on.
  private var tokens: [Range<Int>] = []
  /// The break before each of them.
  private var breaks: [TextBreak] = []
  /// Where the text is not yet tokenized.
  private var read = 0
  /// Where the next chunk begins, in bytes and in ``tokens``.
  private var nextByte = 0
  private var nextToken = 0
  private var isDone = false

  /// Bytes tokenized at once.
  private static let block = 1 << 15

  /// - Parameter isMarkdown: whether lines may be headings.
  package init(_ text: [UInt8], _ settings: ChunkSettings, tokenizer: Tokenizer, isMarkdown: Bool) {
    self.text = text
    self.settings = settings
    self.tokenizer = tokenizer
    headings = isMarkdown ? Headings(markdown: text) : .none
  }

  /// All chunks of a text.
  package static func chunks(
    _ text: [UInt8], _ settings: ChunkSettings, tokenizer: Tokenizer, isMarkdown: Bool
  ) throws -> [Chunk] {
    var chunker = Chunker(text, settings, tokenizer: tokenizer, isMarkdown: isMarkdown)
    var chunks: [Chunk] = []
    while let chunk = try chunker.next() { chunks.append(chunk) }
    return chunks
  }

  /// The next chunk; nil at the end, and for a text without tokens.
  /// - Throws: ``TokenizerError``.
  package mutating func next() throws -> Chunk? {
    if isDone { return nil }
    guard let size = settings.size else { return try whole() }
    dropUsed()
    while tokens.count <= size, read < text.count { try readBlock() }
    guard !tokens.isEmpty else {
      isDone = true
      return nil
    }
    if tokens.count <= size {
      isDone = true
      return chunk(to: tokens.count, endingAt: text.count)
    }
    var end = bestEnd(size)
    while end >= tokens.count, read < text.count {
      try readBlock()
      end = bestEnd(size)
    }
    guard end < tokens.count else {
      isDone = true
      return chunk(to: tokens.count, endingAt: text.count)
    }
    let found = chunk(to: end, endingAt: tokens[end].lowerBound)
    nextToken = bestStart(end)
    nextByte = nextToken == 0 ? nextByte : tokens[nextToken].lowerBound
    return found
  }

  private mutating func whole() throws -> Chunk? {
    isDone = true
    var count = 0
    while read < text.count {
      try readBlock()
      count += tokens.count
      tokens.removeAll(keepingCapacity: true)
      breaks.removeAll(keepingCapacity: true)
    }
    return count == 0 ? nil : Chunk(range: 0..<text.count, tokens: count, heading: headings.path(at: 0))
  }

  private func chunk(to end: Int, endingAt byte: Int) -> Chunk {
    Chunk(range: nextByte..<byte, tokens: end, heading: headings.path(at: tokens[0].lowerBound))
  }

  /// Forgets the tokens before the next chunk's first.
  private mutating func dropUsed() {
    guard nextToken > 0 else { return }
    tokens.removeFirst(nextToken)
    breaks.removeFirst(nextToken)
    nextToken = 0
  }

  private func bestEnd(_ size: Int) -> Int {
    let lowest = max(size - size / 3, settings.overlap + 1, 1)
    var best = size
    var quality = TextBreak.character
    if lowest <= size {
      for place in stride(from: size, through: lowest, by: -1) where breaks[place] > quality {
        best = place
        quality = breaks[place]
      }
    }
    guard quality == .character else { return best }
    // Characters of many tokens: the last cut that leaves something of its own, else the first that comes.
    for place in stride(from: size, to: settings.overlap, by: -1) where breaks[place] > .character { return place }
    var place = size + 1
    while place < tokens.count, breaks[place] == .character { place += 1 }
    return place
  }

  /// The earliest sentence that the overlap has room for, else the earliest word, else the chunk's end.
  private func bestStart(_ end: Int) -> Int {
    guard settings.overlap > 0, breaks[end] != .section else { return end }
    let first = max(end - settings.overlap, 1)
    guard first < end else { return end }
    for wanted in [TextBreak.sentence, .word] {
      for place in first..<end where breaks[place] >= wanted { return place }
    }
    return end
  }

  /// Tokenizes up to ``block`` bytes more, to the end of a line or word where there is one.
  private mutating func readBlock() throws {
    let end = blockEnd()
    let bytes = text[read..<end]
    let encoding = try tokenizer.encode(String(decoding: bytes, as: UTF8.self), addSpecialTokens: false)
    var places: [Int] = []
    places.reserveCapacity(bytes.count + 1)
    for index in bytes.indices where text[index] & 0xc0 != 0x80 { places.append(index) }
    places.append(end)
    for offsets in encoding.offsets {
      let last = tokens.last
      let floor = last?.upperBound ?? nextByte
      // Offsets count scalars, and rise; what a tokenizer puts in between has no bytes of its own.
      let start = max(places[min(max(offsets.lowerBound, 0), places.count - 1)], last?.lowerBound ?? nextByte)
      let stop = max(places[min(max(offsets.upperBound, 0), places.count - 1)], start)
      let token = start..<max(stop, min(floor, end))
      breaks.append(last.map { TextBreak.between($0, start, in: text, headings: headings) } ?? .section)
      tokens.append(token)
    }
    read = end
  }

  private func blockEnd() -> Int {
    let limit = read + Chunker.block
    guard limit < text.count else { return text.count }
    let earliest = read + Chunker.block / 2
    for isEnd in [{ $0 == 10 }, { $0 == 32 || $0 == 9 }] as [(UInt8) -> Bool] {
      if let place = text[earliest..<limit].lastIndex(where: isEnd) { return place + 1 }
    }
    var end = limit
    while end > read + 1, text[end] & 0xc0 == 0x80 { end -= 1 }
    return end
  }
}
