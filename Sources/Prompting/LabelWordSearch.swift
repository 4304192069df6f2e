import TensorCore
import Transformers

extension PromptScorer {
  /// Logits `[rows, V]` of the token at the answer's place.
  func answerLogits(_ rows: [EncodedRow], checkInterruption: (() throws -> Void)?) throws -> Tensor {
    if isMasked {
      let masked = rows.compactMap(\.masked.first)
      let batch = Batch(masked.map(\.ids), tokenTypeIDs: masked.map(\.typeIDs))
      let places = masked.indices.map { batch.sequenceOffsets[$0] + (masked[$0].masks.first ?? 0) }
      let hidden = try model.tokenRows(batch).gatheredRows(places)
      guard let head = model.head else { throw PromptingError.notReached }
      return try head(hidden, .evaluation)
    }
    let contexts = rows.compactMap(\.causal.first).map { Array($0.ids.prefix($0.start)) }
    return try model.nextLogits(contexts, cache: nil, checkInterruption: checkInterruption)
  }
}

/// Words that a model itself would say for a label: likely after its rows, and less so after the others'.
///
/// Source: Schick, Schmid and Schütze 2020 (arXiv:2010.13641) and Gao, Fisch and Chen 2021 (arXiv:2012.15723, section
/// 5.1): among the tokens likeliest after a label's rows those with the greatest difference of mean log-likelihood.
package enum LabelWordSearch {
  /// How many of the likeliest tokens of a label are looked at.
  private static let pool = 200

  /// - Parameters:
  ///   - rows: rows as tokens; `truth` says the label of each.
  ///   - best: how many words for each label.
  /// - Returns: by label, words that are one token, the best first; a word stands for one label only.
  static func words(
    _ scorer: PromptScorer, _ rows: [EncodedRow], truth: [Int], best: Int,
    checkInterruption: (() throws -> Void)?
  ) throws -> [[String]] {
    let labels = scorer.prompt.labels.count
    var sums: [[Double]] = Array(repeating: [], count: labels)
    var counts = Array(repeating: 0, count: labels)
    for start in stride(from: 0, to: rows.count, by: 16) {
      let block = Array(rows[start..<min(start + 16, rows.count)])
      let logs = try scorer.answerLogits(block, checkInterruption: checkInterruption).logSoftmax(axis: -1)
      let width = logs.shape.last ?? 0
      logs.withUnsafeBuffer { buffer in
        for row in block.indices {
          let label = truth[start + row]
          if sums[label].isEmpty { sums[label] = Array(repeating: 0, count: width) }
          counts[label] += 1
          for token in 0..<width { sums[label][token] += Double(buffer[row * width + token]) }
        }
      }
    }
    guard counts.allSatisfy({ $0 > 0 }), let width = sums.first?.count else { return [] }
    let means = zip(sums, counts).map { sum, count in sum.map { $0 / Double(count) } }
    let all = rows.count
    var found: [[(word: String, token: Int, gain: Double)]] = []
    for label in 0..<labels {
      let likely = (0..<width).sorted { (-means[label][$0], $0) < (-means[label][$1], $1) }.prefix(pool)
      let gains = likely.map { token -> (Int, Double) in
        let others = (0..<labels).filter { $0 != label }
        let rest = others.reduce(0) { $0 + sums[$1][token] } / Double(max(1, all - counts[label]))
        return (token, means[label][token] - rest)
      }.sorted { $0.1 == $1.1 ? $0.0 < $1.0 : $0.1 > $1.1 }
      found.append(
        try gains.compactMap { token, gain in try word(scorer, token).map { ($0, token, gain) } })
    }
    // A word goes to the label that gains most by it.
    return found.indices.map { label in
      found[label].filter { entry in
        !found.indices.contains { other in
          other != label && found[other].contains { $0.token == entry.token && ($0.gain, other) > (entry.gain, label) }
        }
      }.prefix(best).map(\.word)
    }
  }

  /// The word of a token, where it is one: at least three letters, and this token when it stands as an answer.
  private static func word(_ scorer: PromptScorer, _ token: Int) throws -> String? {
    var text = Substring(scorer.tokenizer.decode([token]))
    while text.first == " " { text.removeFirst() }
    guard text.count >= 3, text.allSatisfy(\.isLetter) else { return nil }
    let gap = try scorer.prompt.filled(PromptRow(everywhere: "x")).gap
    let ids = try scorer.tokenizer.encode(gap + text, addSpecialTokens: false).ids
    return ids == [token] ? String(text) : nil
  }
}
