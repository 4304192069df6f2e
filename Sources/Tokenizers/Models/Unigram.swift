/// The best way to reach a byte of a word.
struct LatticeNode: BitwiseCopyable {
  var score: Double
  var start: Int32
  var id: Int32
}

/// Unigram: the pieces whose scores add up to the most.
///
/// Source: Kudo 2018 (arXiv:1804.10959); checked against Hugging Face tokenizers and sentencepiece.
struct Unigram: TokenizerModel {
  let kind = "Unigram"
  private let trie: ByteTrie
  private let table: TokenTable
  private let scores: [Double]
  private let unknown: Int32
  private let unknownScore: Double
  private let fallbackIDs: [Int32]
  private let fallsBackToBytes: Bool
  /// Sums are kept in single precision, as sentencepiece does.
  private let isSinglePrecision: Bool
  /// XLNet cuts a comma off a number once more.
  private let splitsNumberCommas: Bool

  private static let unknownPenalty = 10.0

  init(vocabulary: Vocabulary, scores: [Double], settings: JSONField) throws {
    var unknown: Int32 = -1
    if let field = settings.optional("unk_id") {
      unknown = Int32(try field.integer())
      guard Int(unknown) < scores.count else { throw field.fail("an id below \(scores.count)") }
    }
    try self.init(
      vocabulary: vocabulary, entries: nil, scores: scores, unknown: unknown, lowest: scores.min() ?? 0,
      fallsBackToBytes: try settings.flag("byte_fallback", default: false), file: settings.file)
  }

  /// - Parameters:
  ///   - entries: the pieces that text can become; nothing for all of the vocabulary.
  ///   - lowest: the lowest score of an ordinary piece.
  init(
    vocabulary: Vocabulary, entries: [TokenEntry]?, scores: [Double], unknown: Int32, lowest: Double,
    fallsBackToBytes: Bool, isSinglePrecision: Bool = false, splitsNumberCommas: Bool = false, file: String
  ) throws {
    let pieces: [TokenEntry] =
      entries
      ?? (0..<scores.count).reversed().compactMap { id in  // of equal pieces the last one counts
        guard let text = vocabulary.bytes(of: id), let base = text.baseAddress else { return nil }
        let start = base - UnsafePointer(vocabulary.arena.base)
        return TokenEntry(start: UInt32(start), length: UInt32(text.count), id: Int32(id))
      }
    let size = pieces.reduce(0) { $0 + Int($1.length) }
    guard size < 1 << 24 else {
      throw TokenizerError.malformed(
        file: file, at: "vocabulary", expected: "less than 16 MiB of pieces", got: "\(size) bytes")
    }
    trie = ByteTrie(arena: vocabulary.arena, entries: pieces)
    table = vocabulary.table
    self.scores = scores
    self.unknown = unknown
    unknownScore = isSinglePrecision ? Double(Float(lowest) - Float(Self.unknownPenalty)) : lowest - Self.unknownPenalty
    self.fallsBackToBytes = fallsBackToBytes
    self.isSinglePrecision = isSinglePrecision
    self.splitsNumberCommas = splitsNumberCommas
    let hex = Array("0123456789ABCDEF".utf8)
    fallbackIDs = (0..<256).map { vocabulary.table.find([0x3C, 0x30, 0x78, hex[$0 >> 4], hex[$0 & 15], 0x3E]) }
  }

  var surfaceID: Int32? { unknown }

  func tokenize(_ workspace: Workspace) throws {
    let bytes = UnsafePointer(workspace.text.bytes.base)
    for i in 0..<workspace.splits.count {
      let span = workspace.splits[i]
      let start = Int(span.start)
      let length = Int(span.end) - start
      let word = bytes + start
      let hash = Bytes.hash(word, length)
      let cache = workspace.cache
      if let (first, count) = cache.find(word, length, hash: hash) {
        let before = workspace.pieces.count
        for k in first..<(first + count) {
          let token = cache.tokens[k]
          workspace.pieces.append(
            Piece(id: token.id, start: span.start + token.start, end: span.start + token.end, split: Int32(i)))
        }
        if isSinglePrecision { numberWords(from: before, first: Int32(truncatingIfNeeded: i), in: workspace) }
        continue
      }
      let before = workspace.pieces.count
      try cut(word, length, at: span.start, split: Int32(truncatingIfNeeded: i), in: workspace)
      if splitsNumberCommas { try cutCommas(from: before, in: workspace) }
      if isSinglePrecision { numberWords(from: before, first: Int32(truncatingIfNeeded: i), in: workspace) }
      cache.insert(word, length, hash: hash, pieces: workspace.pieces, from: before, at: span.start)
    }
  }

  /// Viterbi over the word; the pieces are appended in order.
  private func cut(_ word: UnsafePointer<UInt8>, _ length: Int, at offset: Int32, split: Int32, in workspace: Workspace)
    throws
  {
    let open = LatticeNode(score: 0, start: -1, id: -1)
    if workspace.lattice.count <= length {
      workspace.lattice = [LatticeNode](repeating: open, count: length * 2 + 1)
    }
    workspace.lattice.withUnsafeMutableBufferPointer { nodes in
      for k in 0...length { nodes[k] = open }
      var i = 0
      while i < length {
        let here = nodes[i].score
        let size = min(Bytes.length(lead: word[i]), length - i)
        var hasSingle = false
        var node = 0
        var k = i
        while k < length {
          node = trie.child(of: node, word[k])
          if node < 0 { break }
          k += 1
          let id = trie.id(at: node)
          if id < 0 { continue }
          reach(&nodes[k], from: i, id: id, score: here + scores[Int(id)])
          if k - i == size { hasSingle = true }
        }
        if !hasSingle { reach(&nodes[i + size], from: i, id: unknown, score: here + unknownScore) }
        i += size
      }
    }
    let before = workspace.pieces.count
    var end = length
    while end > 0 {
      let node = workspace.lattice[end]
      var start = Int(node.start)
      if node.id == unknown {
        // unknown characters in a row are one unknown piece
        while start > 0 && workspace.lattice[start].id == unknown { start = Int(workspace.lattice[start].start) }
      }
      workspace.pieces.append(
        Piece(id: node.id, start: offset + Int32(start), end: offset + Int32(end), split: split))
      end = start
    }
    try settle(workspace.pieces, from: before, word - Int(offset))
  }

  @inline(__always)
  private func reach(_ node: inout LatticeNode, from start: Int, id: Int32, score: Double) {
    let score = isSinglePrecision ? Double(Float(score)) : score
    if node.start >= 0 && score <= node.score { return }
    node.score = score
    node.start = Int32(truncatingIfNeeded: start)
    node.id = id
  }

  /// Turns pieces around (they come last first) and writes unknown ones as bytes where the model does so.
  private func settle(_ pieces: Buffer<Piece>, from first: Int, _ bytes: UnsafePointer<UInt8>) throws {
    var low = first
    var high = pieces.count - 1
    while low < high {
      (pieces[low], pieces[high]) = (pieces[high], pieces[low])
      low += 1
      high -= 1
    }
    var hasUnknown = false
    for i in first..<pieces.count where pieces[i].id == unknown { hasUnknown = true }
    guard hasUnknown else { return }
    guard unknown >= 0 || fallsBackToBytes else {
      throw TokenizerError.cannotEncode(reason: "a character has no piece, and the model no unknown piece")
    }
    guard fallsBackToBytes else { return }
    var settled: [Piece] = []
    for i in first..<pieces.count {
      let piece = pieces[i]
      let range = Int(piece.start)..<Int(piece.end)
      if piece.id == unknown && range.allSatisfy({ fallbackIDs[Int(bytes[$0])] >= 0 }) {
        for k in range {
          settled.append(Piece(id: fallbackIDs[Int(bytes[k])], start: piece.start, end: piece.end, split: piece.split))
        }
      } else if piece.id < 0 {
        throw TokenizerError.cannotEncode(reason: "a character has no piece, and the model no unknown piece")
      } else {
        settled.append(piece)
      }
    }
    pieces.count = first
    for piece in settled { pieces.append(piece) }
  }
}

extension Unigram {
  /// sentencepiece models take whole texts: a word begins at each `▁`.
  private func numberWords(from first: Int, first word: Int32, in workspace: Workspace) {
    let bytes = workspace.text.bytes.base
    var word = word
    for i in first..<workspace.pieces.count {
      let piece = workspace.pieces[i]
      let start = Int(piece.start)
      if i > first && piece.end - piece.start >= 3 && bytes[start] == 0xE2 && bytes[start + 1] == 0x96
        && bytes[start + 2] == 0x81
      {
        word += 1
      }
      workspace.pieces[i].split = word
    }
  }

  /// XLNet: a piece that is a number and a comma is cut again without the comma.
  ///
  /// Source: `encode_pieces` of Google's XLNet (prepro_utils.py).
  private func cutCommas(from first: Int, in workspace: Workspace) throws {
    let pieces = workspace.pieces
    let bytes = UnsafePointer(workspace.text.bytes.base)
    let comma = table.find([0x2C])
    var isNeeded = false
    for i in first..<pieces.count where endsInDigitAndComma(pieces[i], bytes) { isNeeded = true }
    guard isNeeded else { return }
    let all = (first..<pieces.count).map { pieces[$0] }
    pieces.count = first
    let mark: [UInt8] = [0xE2, 0x96, 0x81]
    for piece in all {
      guard endsInDigitAndComma(piece, bytes) else {
        pieces.append(piece)
        continue
      }
      let isMarked =
        piece.end - piece.start >= 3 && mark.indices.allSatisfy { bytes[Int(piece.start) + $0] == mark[$0] }
      let start = Int(piece.start) + (isMarked ? 3 : 0)
      let end = Int(piece.end) - 1
      // the library sees the digits as a text of their own: with a mark before them
      let text = mark + (start..<end).map { bytes[$0] }
      let before = pieces.count
      try text.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        try cut(base, buffer.count, at: 0, split: piece.split, in: workspace)
      }
      var digits = (before..<pieces.count).map { pieces[$0] }
      pieces.count = before
      if !isMarked, let head = digits.first {
        if head.end == 3 {
          digits.removeFirst()
        } else {
          let rest = Array(text[3..<Int(head.end)])
          digits[0].id = table.find(rest)
          if digits[0].id < 0 { digits[0].id = unknown }
        }
      }
      for digit in digits {
        let from = max(0, Int(digit.start) - 3)
        let to = max(0, Int(digit.end) - 3)
        let isHead = isMarked && digit.start == 0
        pieces.append(
          Piece(
            id: digit.id, start: isHead ? piece.start : Int32(start + from),
            end: Int32(max(start + to, Int(piece.start) + 1)),
            split: piece.split))
      }
      pieces.append(Piece(id: comma >= 0 ? comma : unknown, start: Int32(end), end: piece.end, split: piece.split))
    }
  }

  private func endsInDigitAndComma(_ piece: Piece, _ bytes: UnsafePointer<UInt8>) -> Bool {
    let end = Int(piece.end)
    guard piece.end - piece.start >= 2, bytes[end - 1] == 0x2C else { return false }
    return bytes[end - 2] >= 0x30 && bytes[end - 2] <= 0x39
  }
}
