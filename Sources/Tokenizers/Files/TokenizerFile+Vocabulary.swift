extension TokenizerFile {
  /// Reads `model.vocab`, `{ "token": id }` or, for Unigram, `[["token", score]]`.
  ///
  /// - Returns: the builder and, for a list, the score of each id.
  func readVocabulary(_ bytes: UnsafeBufferPointer<UInt8>) throws -> (VocabularyBuilder, scores: [Double]) {
    guard let vocabulary else { throw model.fail("a field \"vocab\"") }
    var builder = VocabularyBuilder(file: Self.name)
    builder.reserve(tokens: min(bytes.count / 16, 1 << 20), bytes: bytes.count / 2)
    var reader = try JSONReader(slice: bytes, file: Self.name, at: vocabulary.position)
    var scores: [Double] = []
    if vocabulary.isList {
      try reader.array { reader in
        try reader.expect(0x5B, "a pair of token and score")
        try builder.add(id: scores.count) { try reader.string(into: &$0) }
        try reader.expect(0x2C, "a score")
        guard let score = try reader.number().number else { throw reader.failure("a score") }
        scores.append(score)
        try reader.expect(0x5D, "\"]\"")
      }
    } else {
      try reader.expect(0x7B, "an object of tokens")
      if !reader.accept(0x7D) {
        repeat {
          try builder.add(id: 0) { try reader.string(into: &$0) }
          try reader.expect(0x3A, "\":\"")
          try builder.setLastID(try reader.integer())
        } while reader.accept(0x2C)
        try reader.expect(0x7D, "\",\" or \"}\"")
      }
    }
    return (builder, scores)
  }

  /// Reads `model.merges`, `["a b"]` or `[["a", "b"]]`: the two parts of each one after the other.
  func readMerges(_ bytes: UnsafeBufferPointer<UInt8>) throws -> MergeList {
    var list = MergeList(file: Self.name)
    guard let merges else { return list }
    list.reserve(min(bytes.count / 16, 1 << 20))
    var reader = try JSONReader(slice: bytes, file: Self.name, at: merges.position)
    try reader.array { reader in
      if reader.accept(0x5B) {
        try list.appendPart { try reader.string(into: &$0) }
        try reader.expect(0x2C, "the second part of a merge")
        try list.appendPart { try reader.string(into: &$0) }
        try reader.expect(0x5D, "\"]\"")
      } else {
        try list.appendLine { try reader.string(into: &$0) }
      }
    }
    return list
  }
}

extension JSONReader {
  /// Reads again a part of a file that was checked before.
  init(slice bytes: UnsafeBufferPointer<UInt8>, file: String, at position: Int) throws {
    self.init(checked: bytes, file: file)
    self.position = position
  }
}

/// The merges of BPE in order, as texts.
struct MergeList {
  let file: String
  private(set) var bytes: [UInt8] = []
  /// Where each part ends; two parts a merge.
  private(set) var ends: [Int] = []

  init(file: String) { self.file = file }

  var count: Int { ends.count / 2 }

  mutating func reserve(_ merges: Int) {
    bytes.reserveCapacity(merges * 12)
    ends.reserveCapacity(merges * 2)
  }

  mutating func appendPart(_ write: (inout [UInt8]) throws -> Void) throws {
    try write(&bytes)
    ends.append(bytes.count)
  }

  /// Appends `a b`: the parts are split at the only space.
  mutating func appendLine(_ write: (inout [UInt8]) throws -> Void) throws {
    let start = bytes.count
    try write(&bytes)
    guard let space = bytes[start...].firstIndex(of: 0x20), !bytes[(space + 1)...].contains(0x20) else {
      let line = String(decoding: bytes[start...], as: UTF8.self)
      throw TokenizerError.malformed(
        file: file, at: "merge \(count)", expected: "two tokens with a space between", got: "\"\(line.prefix(40))\"")
    }
    bytes.remove(at: space)
    ends.append(space)
    ends.append(bytes.count)
  }

  /// The two parts of a merge as ranges of ``bytes``.
  func parts(_ index: Int) -> (Range<Int>, Range<Int>) {
    let start = index == 0 ? 0 : ends[2 * index - 1]
    return (start..<ends[2 * index], ends[2 * index]..<ends[2 * index + 1])
  }
}
