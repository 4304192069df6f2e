import Glibc

/// How a label's words are weighed against each other.
package enum Scoring: String, CaseIterable, Sendable {
  /// The log-likelihood of the words; several words of a label add up their probabilities.
  case sum
  /// Divided by the number of tokens; of several words the best counts.
  case token
  /// Divided by the UTF-8 bytes of the word, the space before it not counted; of several words the best counts.
  case byte
  /// Less the log-likelihood without any prompt (lm-evaluation-harness: acc_mutual_info).
  case unconditional
}

/// The log-likelihood of one word for a label, given a prompt.
package struct WordScore: Equatable, Sendable {
  /// Natural logarithm of the probability of all its tokens.
  package var sum: Double
  package var tokens: Int
  package var bytes: Int

  package init(sum: Double, tokens: Int, bytes: Int) {
    self.sum = sum
    self.tokens = tokens
    self.bytes = bytes
  }

  package var perToken: Double { sum / Double(max(1, tokens)) }
  package var perByte: Double { sum / Double(max(1, bytes)) }
}

/// What a model says of one row: by label, by word.
package typealias RowScores = [[WordScore]]

package enum LabelScores {
  /// A score for each label.
  ///
  /// - Parameter unconditional: the words' scores without a prompt, for ``Scoring/unconditional``.
  package static func scores(_ row: RowScores, _ scoring: Scoring, unconditional: RowScores? = nil) -> [Double] {
    row.enumerated().map { label, words in
      switch scoring {
      case .sum: return logSumExp(words.map(\.sum))
      case .token: return words.map(\.perToken).max() ?? -.infinity
      case .byte: return words.map(\.perByte).max() ?? -.infinity
      case .unconditional:
        let without = unconditional.flatMap { label < $0.count ? $0[label] : nil } ?? []
        return logSumExp(words.map(\.sum)) - (without.isEmpty ? 0 : logSumExp(without.map(\.sum)))
      }
    }
  }

  package static func logSumExp(_ values: [Double]) -> Double {
    guard let peak = values.max(), peak.isFinite else { return values.max() ?? -.infinity }
    return peak + log(values.reduce(0) { $0 + exp($1 - peak) })
  }

  /// The labels' shares: e to the scores, scaled to 1.
  package static func probabilities(_ scores: [Double]) -> [Double] {
    let total = logSumExp(scores)
    guard total.isFinite else { return scores.map { _ in 1 / Double(max(1, scores.count)) } }
    return scores.map { exp($0 - total) }
  }

  /// The place of the largest; the first of equals.
  package static func largest(_ values: [Double]) -> Int {
    var best = 0
    for place in values.indices where values[place] > values[best] { best = place }
    return best
  }
}

/// Contextual calibration: what a model favours before it has seen anything is divided out.
///
/// Source: Zhao et al. 2021, "Calibrate before use" (arXiv:2102.09690): W = diag(p_cf)⁻¹, b = 0, with p_cf the mean of
/// the labels' probabilities over content-free rows. The result is scaled to 1 (the paper's softmax over W p would
/// choose the same label).
package enum Calibration {
  /// What content-free rows hold in every field.
  package static let contentFree = ["N/A", "", "[MASK]"]

  /// - Parameter rows: the labels' probabilities for each content-free row.
  package static func prior(_ rows: [[Double]]) -> [Double] {
    guard let first = rows.first else { return [] }
    return first.indices.map { label in rows.reduce(0) { $0 + $1[label] } / Double(rows.count) }
  }

  package static func calibrated(_ probabilities: [Double], prior: [Double]) -> [Double] {
    guard probabilities.count == prior.count else { return probabilities }
    let scaled = zip(probabilities, prior).map { $0 / max($1, 1e-300) }
    let total = scaled.reduce(0, +)
    return total > 0 && total.isFinite ? scaled.map { $0 / total } : probabilities
  }
}
