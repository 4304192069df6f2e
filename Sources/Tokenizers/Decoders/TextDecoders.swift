/// `▁` back to spaces; the one before the text goes.
struct MetaspaceDecoder: TokenDecoder {
  let replacement: [UInt8]
  let dropsFirst: Bool

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    tokens.enumerated().map { number, token in
      guard number == 0 && dropsFirst else { return token.replacing(replacement, by: [0x20]) }
      return token.replacing(replacement, by: [])
    }
  }
}

/// Joins all tokens into one.
struct FuseDecoder: TokenDecoder {
  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] { [Array(tokens.joined())] }
}

/// Takes a character off the ends of each token, a number of times.
struct StripDecoder: TokenDecoder {
  let content: [UInt8]
  let start: Int
  let stop: Int

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    guard !content.isEmpty else { return tokens }
    return tokens.map { token in
      var token = token[...]
      for _ in 0..<start {
        guard token.starts(with: content) else { break }
        token = token.dropFirst(content.count)
      }
      for _ in 0..<stop {
        guard token.count >= content.count, token.suffix(content.count).elementsEqual(content) else { break }
        token = token.dropLast(content.count)
      }
      return Array(token)
    }
  }
}

/// Replaces a string in each token.
struct ReplaceDecoder: TokenDecoder {
  let pattern: [UInt8]
  let content: [UInt8]

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] { tokens.map { $0.replacing(pattern, by: content) } }
}

/// A mark at the end of words becomes a space, but for the last.
struct SuffixDecoder: TokenDecoder {
  let suffix: [UInt8]

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    tokens.enumerated().map { $1.replacing(suffix, by: $0 == tokens.count - 1 ? [] : [0x20]) }
  }
}
