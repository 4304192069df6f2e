/// Turns tokens back into text.
protocol TokenDecoder: Sendable {
  /// Decodes a list of tokens into parts that are joined (or decoded further).
  func decode(_ tokens: [[UInt8]]) -> [[UInt8]]
}

extension Tokenizer {
  /// The text of ids. Ids that no token has are left out, as in the reference.
  ///
  /// - Parameter skipSpecialTokens: leaves out the tokens that the file marks as special.
  package func decode(_ ids: [Int], skipSpecialTokens: Bool = false) -> String {
    var tokens: [[UInt8]] = []
    tokens.reserveCapacity(ids.count)
    for id in ids {
      if skipSpecialTokens && isSpecial(id) { continue }
      if let text = normalizedTexts[id] {
        tokens.append(text)
      } else if let bytes = vocabulary.bytes(of: id) {
        tokens.append(Array(bytes))
      }
    }
    if let decoder { return String(decoding: Array(decoder.decode(tokens).joined()), as: UTF8.self) }
    return String(decoding: Array(tokens.joined(separator: [0x20])), as: UTF8.self)
  }
}

/// Decoders one after the other.
struct DecoderSequence: TokenDecoder {
  let steps: [any TokenDecoder]

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    var tokens = tokens
    for step in steps { tokens = step.decode(tokens) }
    return tokens
  }
}

extension [UInt8] {
  /// Replaces every occurrence of `old`, from left to right.
  func replacing(_ old: [UInt8], by new: [UInt8]) -> [UInt8] {
    guard !old.isEmpty, count >= old.count else { return self }
    var result: [UInt8] = []
    var i: Int = 0
    while i < count {
      if self[i] == old[0] && i + old.count <= count && self[i..<(i + old.count)].elementsEqual(old) {
        result.append(contentsOf: new)
        i += old.count
      } else {
        result.append(self[i])
        i += 1
      }
    }
    return result
  }
}
