/// How well answers cut from a text match those that people gave: exact match and F1 over words.
///
/// Source: Rajpurkar et al. 2016, SQuAD 1.1's evaluation; two answers that are both empty once normalised match,
/// as in SQuAD 2.0.
package enum AnswerMatch {
  /// Lower case, without ASCII punctuation, without the words a, an, the, single blanks.
  package static func normalized(_ text: String) -> String {
    var kept: [Unicode.Scalar] = []
    for scalar in text.lowercased().unicodeScalars where !isASCIIPunctuation(scalar) { kept.append(scalar) }
    var result: String.UnicodeScalarView = String.UnicodeScalarView()
    var place: Int = 0
    while place < kept.count {
      guard isWordScalar(kept[place]) else {
        result.append(kept[place])
        place += 1
        continue
      }
      var end: Int = place
      while end < kept.count, isWordScalar(kept[end]) { end += 1 }
      if isArticle(kept[place..<end]) { result.append(" ") } else { result.append(contentsOf: kept[place..<end]) }
      place = end
    }
    return words(String(result)).joined(separator: " ")
  }

  /// Whether the prediction is one of the accepted answers.
  package static func exact(_ predicted: String, accepted: [String]) -> Bool {
    let mine: [UInt8] = Array(normalized(predicted).utf8)
    return accepted.contains { Array(normalized($0).utf8) == mine }
  }

  /// The best F1 over words against any accepted answer.
  package static func f1(_ predicted: String, accepted: [String]) -> Double {
    let mine: [String] = words(normalized(predicted))
    return accepted.map { overlapF1(mine, words(normalized($0))) }.max() ?? 0
  }

  private static func overlapF1(_ a: [String], _ b: [String]) -> Double {
    if a.isEmpty || b.isEmpty { return a.isEmpty && b.isEmpty ? 1 : 0 }
    var left: [[UInt8]: Int] = [:]
    for word in b { left[Array(word.utf8), default: 0] += 1 }
    var same: Int = 0
    for word in a {
      let key: [UInt8] = Array(word.utf8)
      if let count: Int = left[key], count > 0 {
        left[key] = count - 1
        same += 1
      }
    }
    if same == 0 { return 0 }
    let precision: Double = Double(same) / Double(a.count)
    let recall: Double = Double(same) / Double(b.count)
    return 2 * precision * recall / (precision + recall)
  }

  private static func words(_ text: String) -> [String] {
    text.unicodeScalars.split(whereSeparator: isBlank).map { String($0) }
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || (scalar.value >= 0x1C && scalar.value <= 0x1F)
  }

  private static func isASCIIPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 33...47, 58...64, 91...96, 123...126: return true
    default: return false
    }
  }

  private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar == "_" || Character(scalar).isLetter || Character(scalar).isNumber }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
    default: return scalar.properties.numericType != nil
    }
  }

  private static func isArticle(_ word: ArraySlice<Unicode.Scalar>) -> Bool {
    let text: [Unicode.Scalar] = Array(word)
    return text == ["a"] || text == ["a", "n"] || text == ["t", "h", "e"]
  }
}

extension Metric {
  static let answerFamily: [Metric] = [
    ofAnswers("exact_match", "Share of answers that match exactly once normalised.") {
      AnswerMatch.exact($0, accepted: $1) ? 1 : 0
    },
    ofAnswers("answer_f1", "F1 over the words of answers.") { AnswerMatch.f1($0, accepted: $1) },
  ]

  private static func ofAnswers(
    _ name: String, _ summary: String, _ body: @escaping @Sendable (String, [String]) -> Double
  ) -> Metric {
    Metric(name, summary) { input in
      guard case .answers(let predicted, let accepted) = input else {
        throw TrainingError.shapeMismatch(operation: name, expected: "answers", got: input.kind)
      }
      guard predicted.count == accepted.count else {
        throw TrainingError.shapeMismatch(
          operation: name, expected: "\(accepted.count) answers", got: "\(predicted.count)")
      }
      guard !predicted.isEmpty else { throw TrainingError.empty(operation: name, what: "answers") }
      return zip(predicted, accepted).reduce(0) { $0 + body($1.0, $1.1) } / Double(predicted.count)
    }
  }
}
