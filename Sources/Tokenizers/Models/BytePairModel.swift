/// Byte-pair encoding: characters or bytes, merged in the order of the merges learnt.
///
/// Source: Sennrich et al. 2016 (arXiv:1508.07909), on bytes as GPT-2; checked against Hugging Face tokenizers.
struct BytePairModel: TokenizerModel {
  let kind = "BPE"

  /// The settings of `model` in tokenizer.json.
  struct Options: Sendable {
    var unknown: String?
    var fusesUnknown = false
    /// Unknown characters become `<0x..>` tokens.
    var fallsBackToBytes = false
    /// A word that is a token stays one, whatever the merges say.
    var ignoresMerges = false
    var innerPrefix = ""
    var wordSuffix = ""

    init() {}

    init(_ field: JSONField) throws {
      if let dropout = field.optional("dropout"), dropout.value.number != 0 {
        throw dropout.fail("null or 0, since merges are never left out by chance")
      }
      unknown = try field.optional("unk_token")?.string()
      fusesUnknown = try field.flag("fuse_unk", default: false)
      fallsBackToBytes = try field.flag("byte_fallback", default: false)
      ignoresMerges = try field.flag("ignore_merges", default: false)
      innerPrefix = try field.text("continuing_subword_prefix", default: "")
      wordSuffix = try field.text("end_of_word_suffix", default: "")
      guard !fallsBackToBytes || innerPrefix.isEmpty && wordSuffix.isEmpty else {
        // The reference would write the marks as bytes, too, and lose its place in the text.
        let fallback = field.optional("byte_fallback") ?? field
        throw fallback.fail("false beside continuing_subword_prefix or end_of_word_suffix")
      }
    }
  }

  private let table: TokenTable
  private let merges: MergeTable
  private let options: Options
  private let unknown: Int32
  /// The id of each byte in the byte alphabet, or -1.
  private let byteIDs: [Int32]
  /// The id of `<0x..>` of each byte, or -1.
  private let fallbackIDs: [Int32]
  let changesText: Bool

  init(vocabulary: Vocabulary, merges: MergeTable, options: Options) {
    table = vocabulary.table
    self.merges = merges
    self.options = options
    unknown = options.unknown.map { vocabulary.table.find(Array($0.utf8)) } ?? -1
    byteIDs = ByteLevelAlphabet.scalars.map { scalar in
      let text = Unicode.Scalar(scalar).map { String(Character($0)) } ?? ""
      return vocabulary.table.find(Array(text.utf8))
    }
    changesText = !options.innerPrefix.isEmpty || !options.wordSuffix.isEmpty || byteIDs.contains(-1)
    let hex = Array("0123456789ABCDEF".utf8)
    fallbackIDs = (0..<256).map { vocabulary.table.find([0x3C, 0x30, 0x78, hex[$0 >> 4], hex[$0 & 15], 0x3E]) }
  }

  func tokenize(_ workspace: Workspace) throws {
    let bytes = UnsafePointer(workspace.text.bytes.base)
    let cache = workspace.cache
    let pieces = workspace.pieces
    let scratch = workspace.merging
    let splits = workspace.splits
    try byteIDs.withUnsafeBufferPointer { byteIDs in
      for i in 0..<splits.count {
        let span = splits[i]
        let split = Int32(truncatingIfNeeded: i)
        let start = Int(span.start)
        let length = Int(span.end) - start
        let word = bytes + start
        let hash = Bytes.hash(word, length)
        if let (first, count) = cache.find(word, length, hash: hash) {
          for k in first..<(first + count) {
            let token = cache.tokens[k]
            pieces.append(
              Piece(id: token.id, start: span.start + token.start, end: span.start + token.end, split: split))
          }
          continue
        }
        let before = pieces.count
        scratch.removeAll()
        let whole = options.ignoresMerges ? find(word, length, isRaw: workspace.hasRawBytes) : -1
        if whole >= 0 {
          scratch.append(whole, length: length)
        } else if workspace.hasRawBytes && options.innerPrefix.isEmpty && options.wordSuffix.isEmpty
          && !options.fallsBackToBytes
        {
          for k in 0..<length { append(byte: word[k], byteIDs[Int(word[k])], to: scratch) }
          scratch.merge(merges)
        } else {
          appendCharacters(word, length, isRaw: workspace.hasRawBytes, to: scratch)
          scratch.merge(merges)
        }
        if scratch.lacksUnknown {
          throw TokenizerError.cannotEncode(
            reason: "a character is not in the vocabulary, nor is the unknown token \"\(options.unknown ?? "")\"")
        }
        var place = span.start
        for k in 0..<scratch.ids.count {
          let end = place + scratch.lengths[k]
          // what covers nothing is the rest of the character before
          let from = end > place ? place : place - 1
          pieces.append(Piece(id: scratch.ids[k], start: from, end: end, split: split))
          place = end
        }
        cache.insert(word, length, hash: hash, pieces: pieces, from: before, at: span.start)
      }
    }
  }

  @inline(__always)
  private func append(byte: UInt8, _ id: Int32, to scratch: MergeScratch) {
    if id >= 0 {
      scratch.append(id, length: 1)
    } else {
      appendUnknown(length: 1, to: scratch)
    }
  }

  /// Without an unknown token the reference drops what it cannot write; one that is no token is an error.
  private func appendUnknown(length: Int, to scratch: MergeScratch) {
    guard unknown >= 0 else {
      if options.unknown != nil { scratch.lacksUnknown = true }
      return
    }
    let last = scratch.ids.count - 1
    if options.fusesUnknown && last >= 0 && scratch.ids[last] == unknown {
      scratch.lengths[last] += Int32(truncatingIfNeeded: length)
    } else {
      scratch.append(unknown, length: length)
    }
  }

  /// The `<0x..>` of a character, where all of its bytes have one.
  ///
  /// - Parameter length: how many bytes of the word the character covers.
  private func appendBytes(_ bytes: UnsafePointer<UInt8>, _ count: Int, length: Int, to scratch: MergeScratch) {
    guard (0..<count).allSatisfy({ fallbackIDs[Int(bytes[$0])] >= 0 }) else {
      appendUnknown(length: length, to: scratch)
      return
    }
    for k in 0..<count { scratch.append(fallbackIDs[Int(bytes[k])], length: k < length ? 1 : 0) }
  }

  /// The id of a whole word.
  private func find(_ word: UnsafePointer<UInt8>, _ length: Int, isRaw: Bool) -> Int32 {
    guard isRaw else { return table.find(word, length) }
    let text = Buffer<UInt8>(capacity: length * 2 + 1)
    for i in 0..<length { Bytes.append(ByteLevelAlphabet.scalars[Int(word[i])], to: text) }
    return table.find(text.base, text.count)
  }

  /// Cuts a word into characters with the marks for "inside a word" and "at its end".
  private func appendCharacters(_ word: UnsafePointer<UInt8>, _ length: Int, isRaw: Bool, to scratch: MergeScratch) {
    let hasMarks = !options.innerPrefix.isEmpty || !options.wordSuffix.isEmpty
    let prefix = Array(options.innerPrefix.utf8)
    let suffix = Array(options.wordSuffix.utf8)
    let text = Buffer<UInt8>(capacity: 64)
    var i = 0
    while i < length {
      let size = isRaw ? 1 : min(Bytes.length(lead: word[i]), length - i)
      let id: Int32
      if hasMarks || isRaw {
        text.removeAll()
        if i > 0 { for byte in prefix { text.append(byte) } }
        if isRaw {
          Bytes.append(ByteLevelAlphabet.scalars[Int(word[i])], to: text)
        } else {
          text.append(from: word + i, count: size)
        }
        if i + size == length { for byte in suffix { text.append(byte) } }
        id = table.find(text.base, text.count)
      } else {
        id = table.find(word + i, size)
      }
      if id >= 0 {
        scratch.append(id, length: size)
      } else if options.fallsBackToBytes {
        // of a raw byte those of the character that stands for it
        appendBytes(isRaw ? UnsafePointer(text.base) : word + i, isRaw ? text.count : size, length: size, to: scratch)
      } else {
        appendUnknown(length: size, to: scratch)
      }
      i += size
    }
  }
}

extension MergeTable {
  /// - Parameter innerPrefix: what the second part of a merge is marked with inside a word; it goes when they merge.
  /// - Throws: ``TokenizerError/malformed(file:at:expected:got:)`` for a merge of or into what is no token.
  convenience init(_ list: MergeList, vocabulary: Vocabulary, innerPrefix: String) throws {
    var merges: [(left: Int32, right: Int32, rank: UInt32, result: Int32)] = []
    merges.reserveCapacity(list.count)
    let marks = Array(innerPrefix.utf8)
    let table = vocabulary.table
    try list.bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      func unknown(_ index: Int, _ range: Range<Int>) -> TokenizerError {
        .malformed(
          file: list.file, at: "merge \(index)", expected: "tokens of the vocabulary",
          got: "\"\(String(decoding: bytes[range], as: UTF8.self).prefix(40))\"")
      }
      for i in 0..<list.count {
        let (left, right) = list.parts(i)
        let leftID = table.find(base + left.lowerBound, left.count)
        guard leftID >= 0 else { throw unknown(i, left) }
        let rightID = table.find(base + right.lowerBound, right.count)
        guard rightID >= 0 else { throw unknown(i, right) }
        var result: Int32
        if marks.isEmpty || !bytes[right].starts(with: marks) {
          result = table.find(base + left.lowerBound, left.count + right.count)
        } else {
          result = table.find(Array(bytes[left]) + Array(bytes[right].dropFirst(marks.count)))
        }
        guard result >= 0 else { throw unknown(i, left.lowerBound..<right.upperBound) }
        merges.append((leftID, rightID, UInt32(i), result))
      }
    }
    self.init(merges)
  }
}
