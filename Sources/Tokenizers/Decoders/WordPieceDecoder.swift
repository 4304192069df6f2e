/// Joins WordPiece tokens: a space before each but those that continue a word; clean-up of spaces before punctuation.
struct WordPieceDecoder: TokenDecoder {
  let prefix: [UInt8]
  let cleansUp: Bool

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    tokens.enumerated().map { number, token in
      var token = token
      if number > 0 {
        if token.starts(with: prefix) {
          token.removeFirst(prefix.count)
        } else {
          token.insert(0x20, at: 0)
        }
      }
      return cleansUp ? Self.cleanUp(token) : token
    }
  }

  /// Spaces that English puts nowhere, as the reference takes them out of each token.
  private static let replacements: [([UInt8], [UInt8])] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
    (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

  static func cleanUp(_ token: [UInt8]) -> [UInt8] {
    var token = token
    for (old, new) in replacements { token = token.replacing(old, by: new) }
    return token
  }
}
