/// A token that is found in the text before anything else looks at it.
struct AddedToken: Sendable {
  var text: String
  var id: Int
  /// Only where it is not part of a longer word.
  var isSingleWord = false
  /// Takes the white space before it along.
  var stripsLeft = false
  /// Takes the white space after it along.
  var stripsRight = false
  /// Looked for in the normalized text instead of the original.
  var isNormalized = false
  var isSpecial = false
}

/// Finds added tokens in a text: the leftmost, and of those the longest.
struct AddedTokenFinder: Sendable {
  /// A token found, white space it takes along included.
  struct Match {
    var token: Int
    var start: Int
    var end: Int
  }

  private let tokens: [AddedToken]
  private let table: TokenTable
  /// Lengths of the tokens that begin with a byte, longest first.
  private let lengths: [[Int]]
  private let begins: [Bool]
  let isEmpty: Bool

  /// - Parameter texts: the UTF-8 that is looked for, one per token.
  init(_ tokens: [AddedToken], texts: [[UInt8]]) {
    self.tokens = tokens
    var arena: [UInt8] = []
    var entries: [TokenEntry] = []
    var lengths = [[Int]](repeating: [], count: 256)
    for (number, text) in texts.enumerated() {
      guard let first = text.first else { continue }
      entries.append(
        TokenEntry(
          start: UInt32(truncatingIfNeeded: arena.count), length: UInt32(truncatingIfNeeded: text.count),
          id: Int32(truncatingIfNeeded: number)))
      arena.append(contentsOf: text)
      if !lengths[Int(first)].contains(text.count) { lengths[Int(first)].append(text.count) }
    }
    table = TokenTable(arena: TextArena(arena), entries: entries)
    self.lengths = lengths.map { $0.sorted(by: >) }
    begins = lengths.map { !$0.isEmpty }
    isEmpty = entries.isEmpty
  }

  /// All matches in order. Tokens never overlap; the white space that one takes along may begin the next, as in the
  /// reference.
  ///
  /// - Parameter special: whether special tokens are looked for too.
  func matches(in text: UnsafeBufferPointer<UInt8>, special: Bool, classes: ScalarClasses) -> [Match] {
    guard !isEmpty, let base = text.baseAddress else { return [] }
    var result: [Match] = []
    var i: Int = 0
    begins.withUnsafeBufferPointer { begins in
      while i < text.count {
        if !begins[Int(base[i])] {
          i += 1
          continue
        }
        guard let (token, length) = longest(base + i, text.count - i) else {
          i += 1
          continue
        }
        let after = i + length
        if tokens[token].isSpecial && !special {
          i = after
          continue
        }
        if let match = accept(token, i, after, text, floor: result.last?.end ?? 0, classes) { result.append(match) }
        i = after
      }
    }
    return result
  }

  private func longest(_ text: UnsafePointer<UInt8>, _ available: Int) -> (token: Int, length: Int)? {
    for length in lengths[Int(text[0])] where length <= available {
      let found = table.find(text, length)
      if found >= 0 { return (Int(found), length) }
    }
    return nil
  }

  private func accept(
    _ token: Int, _ start: Int, _ end: Int, _ text: UnsafeBufferPointer<UInt8>, floor: Int, _ classes: ScalarClasses
  ) -> Match? {
    let rules = tokens[token]
    var start = start
    var end = end
    if rules.isSingleWord {
      if let before = scalar(before: start, text), ScalarClass.isWord(before) { return nil }
      if let after = scalar(at: end, text), ScalarClass.isWord(after) { return nil }
    }
    if rules.stripsLeft {
      while start > floor, let before = scalar(before: start, text), classes[before] & ScalarClass.space != 0 {
        start -= 1
        while start > floor, text[start] & 0xC0 == 0x80 { start -= 1 }
      }
      start = min(max(start, floor), end)
    }
    if rules.stripsRight {
      while let after = scalar(at: end, text), classes[after] & ScalarClass.space != 0 {
        end += Bytes.length(lead: text[end])
      }
    }
    return Match(token: token, start: start, end: end)
  }

  private func scalar(before place: Int, _ text: UnsafeBufferPointer<UInt8>) -> UInt32? {
    guard place > 0, let base = text.baseAddress else { return nil }
    var i = place - 1
    while i > 0, text[i] & 0xC0 == 0x80 { i -= 1 }
    return Bytes.decode(base + i).scalar
  }

  private func scalar(at place: Int, _ text: UnsafeBufferPointer<UInt8>) -> UInt32? {
    guard place < text.count, let base = text.baseAddress else { return nil }
    return Bytes.decode(base + place).scalar
  }
}
