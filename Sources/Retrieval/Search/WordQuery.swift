/// A question as the full-text index takes it: its words, any of which may match.
enum WordQuery {
  /// Nil where there are no words.
  static func match(_ question: String) -> String? {
    var words: [String] = []
    var seen: Set<String> = []
    for word in question.unicodeScalars.split(whereSeparator: { !isWord($0) }).prefix(256) {
      let text = String(String.UnicodeScalarView(word)).lowercased()
      if seen.insert(text).inserted { words.append("\"\(text)\"") }
    }
    return words.isEmpty ? nil : words.joined(separator: " OR ")
  }

  /// Letters, digits and marks, as unicode61 has them.
  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 {
      return (48...57).contains(scalar.value) || (65...90).contains(scalar.value) || (97...122).contains(scalar.value)
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark, .privateUse:
      return true
    default: return false
    }
  }
}

/// Rankings made one.
enum Fusion {
  /// Reciprocal rank fusion: the sum over rankings of 1 / (60 + rank), ranks from 1; of equals the earlier chunk first.
  ///
  /// Source: Cormack, Clarke, Büttcher 2009, "Reciprocal rank fusion outperforms Condorcet and individual rank learning
  /// methods".
  static func fused(_ rankings: [[Int64]]) -> [(chunk: Int64, score: Double)] {
    var scores: [Int64: Double] = [:]
    for ranking in rankings {
      for (rank, chunk) in ranking.enumerated() { scores[chunk, default: 0] += 1 / Double(60 + rank + 1) }
    }
    return scores.map { (chunk: $0.key, score: $0.value) }.sorted {
      $0.score != $1.score ? $0.score > $1.score : $0.chunk < $1.chunk
    }
  }
}
