import Glibc

/// Changes scores of the next token as transformers' logits processors do, in their order.
package struct LogitsFilter {
  package let settings: GenerationSettings

  package init(_ settings: GenerationSettings) { self.settings = settings }

  /// Whether ``constrain(_:tokens:generated:)`` changes anything.
  package var constrains: Bool {
    settings.repetitionPenalty != 1 || settings.noRepeatNgram > 0 || settings.minTokens > 0
  }

  /// Rules that hold for greedy decoding and beams too: repetition penalty, no repeated runs, a least length.
  ///
  /// - Parameters:
  ///   - scores: of every token; changed in place.
  ///   - tokens: the prompt and what was generated.
  ///   - generated: how many tokens were generated.
  package func constrain(_ scores: inout [Float], tokens: [Int], generated: Int) {
    if settings.repetitionPenalty != 1 {
      let penalty = Float(settings.repetitionPenalty)
      for token in Set(tokens) where scores.indices.contains(token) {
        scores[token] = scores[token] < 0 ? scores[token] * penalty : scores[token] / penalty
      }
    }
    let run = settings.noRepeatNgram
    if run > 0, tokens.count + 1 >= run {
      let tail = tokens.suffix(run - 1)
      if tokens.count >= run {
        for start in 0...(tokens.count - run) where tokens[start..<(start + run - 1)].elementsEqual(tail) {
          let banned = tokens[start + run - 1]
          if scores.indices.contains(banned) { scores[banned] = -.infinity }
        }
      }
    }
    if generated < settings.minTokens {
      for token in settings.endTokens where scores.indices.contains(token) { scores[token] = -.infinity }
    }
  }

  /// Temperature, top-k, top-p and min-p: what remains is drawn from.
  package func warp(_ scores: inout [Float]) {
    if settings.temperature > 0, settings.temperature != 1 {
      let scale = min(max(Float(settings.temperature), .leastNormalMagnitude), .greatestFiniteMagnitude)
      // Near 0 the best may become infinite, and others with it: then what they are less than the best is divided.
      let top = scores.max() ?? 0
      let shift = top.isFinite && !(top / scale).isFinite ? top : 0
      for index in scores.indices { scores[index] = (scores[index] - shift) / scale }
    }
    if let k = settings.topK, k < scores.count {
      let least = LogitsFilter.largest(k, scores)
      for index in scores.indices where scores[index] < least { scores[index] = -.infinity }
    }
    if let p = settings.topP, p < 1 { keepNucleus(&scores, p) }
    if let p = settings.minP, p > 0 {
      let probabilities = LogitsFilter.softmax(scores)
      let least = Float(p) * (probabilities.max() ?? 0)
      for index in scores.indices where probabilities[index] < least { scores[index] = -.infinity }
    }
  }

  /// The smallest set of likely tokens with at least this probability (Holtzman et al. 2020, arXiv:1904.09751).
  private func keepNucleus(_ scores: inout [Float], _ share: Double) {
    let probabilities = LogitsFilter.softmax(scores)
    // All that are this unlikely make up no more than what is left out: they need no order.
    let negligible = (1 - Float(share)) / Float(max(scores.count, 1))
    var below: Float = 0
    var order: [Int] = []
    let top = probabilities.max() ?? 0
    for (index, probability) in probabilities.enumerated() {
      if probability <= negligible, probability < top {
        below += probability
        scores[index] = -.infinity
      } else {
        order.append(index)
      }
    }
    order.sort { (scores[$0], $0) < (scores[$1], $1) }
    for index in order.dropLast() {
      below += probabilities[index]
      if below <= 1 - Float(share) { scores[index] = -.infinity } else { break }
    }
  }

  /// The k-th largest number.
  private static func largest(_ k: Int, _ scores: [Float]) -> Float {
    guard k <= 256 else { return scores.sorted(by: >)[max(min(k, scores.count) - 1, 0)] }
    // The k best so far, least first.
    var best: [Float] = []
    best.reserveCapacity(k + 1)
    for score in scores {
      if best.count == k, let least = best.first, !(score > least) { continue }
      if best.count == k { best.removeFirst() }
      var (low, high) = (0, best.count)
      while low < high {
        let middle = (low + high) / 2
        if best[middle] < score { low = middle + 1 } else { high = middle }
      }
      best.insert(score, at: low)
    }
    return best.first ?? -.infinity
  }

  package static func softmax(_ scores: [Float]) -> [Float] {
    let top = scores.max() ?? 0
    guard top.isFinite else { return scores.map { $0 == top ? 1 : 0 } }
    var result = scores.map { expf($0 - top) }
    var sum = 0.0
    for value in result { sum += Double(value) }
    for index in result.indices { result[index] = Float(Double(result[index]) / sum) }
    return result
  }

  package static func logSoftmax(_ scores: [Float]) -> [Float] {
    let top = scores.max() ?? 0
    var sum = 0.0
    for value in scores { sum += exp(Double(value - top)) }
    let shift = Float(log(sum)) + top
    return scores.map { $0 - shift }
  }
}
