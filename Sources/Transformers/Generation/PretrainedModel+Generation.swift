import Glibc
import NeuralNetworks
import TensorCore

/// One generated text as tokens.
package struct GeneratedTokens {
  /// Which prompt it continues.
  package let prompt: Int
  package var ids: [Int]
  /// Natural logarithm of each token's probability, before temperature and filters.
  package var logProbabilities: [Float]
  /// A beam's score.
  package var score: Float?
  package var end: End

  /// Why it ended.
  package enum End: String {
    case endToken = "end token"
    case maxTokens = "max_tokens"
    case positions = "the model's positions"
    /// Who was told of its tokens wanted no more.
    case stopped
    case interrupted
  }
}

extension PretrainedModel {
  /// Continues prompts, all of them at once; the result for one does not depend on the others.
  ///
  /// - Parameters:
  ///   - prompts: token ids, at least one each.
  ///   - penalized: for the repetition penalty, the ids that count as the prompt's; the prompt where nil.
  ///   - onToken: told of each new token of a text (its number, and the token); false ends that text. Throwing ends
  ///     all: what was reached is given.
  /// - Throws: ``TransformerError`` for bad settings or prompts.
  package func generate(
    _ prompts: [[Int]], _ settings: GenerationSettings, penalized: [[Int]]? = nil,
    checkInterruption: (() throws -> Void)? = nil, onToken: ((_ text: Int, _ token: Int) throws -> Bool)? = nil
  ) throws -> [GeneratedTokens] {
    guard headKind == .causalLM else { throw noHead("generate") }
    guard architecture.isDecoder else {
      throw TransformerError.badInput(
        field: "generate", expected: "a model that reads from left to right", got: "\(name), a \(className)")
    }
    try settings.check()
    for (index, prompt) in prompts.enumerated() {
      guard !prompt.isEmpty else {
        throw TransformerError.badInput(field: "prompt \(index)", expected: "at least one token", got: "none")
      }
      if let limit = positionLimit, prompt.count >= limit, settings.maxTokens > 0 {
        throw TransformerError.tooLong(tokens: prompt.count, limit: limit - 1)
      }
    }
    if settings.beams > 1 {
      var found: [GeneratedTokens] = []
      for index in prompts.indices {
        if found.last?.end == .interrupted { break }
        found += try beamSearch(
          prompts[index], index, settings, penalized?[index] ?? prompts[index], checkInterruption)
      }
      return found
    }
    return try decode(prompts, settings, penalized ?? prompts, checkInterruption, onToken)
  }

  private func decode(
    _ prompts: [[Int]], _ settings: GenerationSettings, _ penalized: [[Int]],
    _ checkInterruption: (() throws -> Void)?, _ onToken: ((Int, Int) throws -> Bool)?
  ) throws -> [GeneratedTokens] {
    let filter = LogitsFilter(settings)
    var texts: [GeneratedTokens] = []
    for prompt in prompts.indices {
      for _ in 0..<settings.count {
        texts.append(GeneratedTokens(prompt: prompt, ids: [], logProbabilities: [], score: nil, end: .maxTokens))
      }
    }
    let randoms = Philox(seed: settings.seed, purpose: "generate")
    let cache = RaggedCache()
    var live = Array(texts.indices)
    do {
      var logits = try nextLogits(prompts, cache: cache, checkInterruption: checkInterruption)
      if settings.count > 1 {
        let order = texts.map(\.prompt)
        cache.select(order)
        logits = try logits.gatheredRows(order)
      }
      for step in 0..<settings.maxTokens {
        var kept: [Int] = []
        for (row, text) in live.enumerated() {
          let (best, logSum) = try logits.bestAndLogSum(row: row)
          var token = best
          if filter.constrains || settings.temperature > 0 {
            var scores = try logits.sliced(axis: 0, row..<(row + 1)).elements
            if filter.constrains {
              filter.constrain(&scores, tokens: penalized[texts[text].prompt] + texts[text].ids, generated: step)
            }
            let place = (text / settings.count, text % settings.count)
            token = choose(&scores, filter, randoms, step, place)
          }
          texts[text].ids.append(token)
          texts[text].logProbabilities.append(
            logits.withUnsafeBuffer { $0[row * configuration.vocabularySize + token] } - logSum)
          let goesOn = try onToken?(text, token) ?? true
          if settings.endTokens.contains(token) {
            texts[text].end = .endToken
          } else if !goesOn {
            texts[text].end = .stopped
          } else if let limit = positionLimit, prompts[texts[text].prompt].count + step + 1 >= limit {
            texts[text].end = .positions
          } else {
            kept.append(row)
          }
        }
        if kept.isEmpty || step + 1 == settings.maxTokens { break }
        if kept.count < live.count {
          cache.select(kept)
          live = kept.map { live[$0] }
        }
        let next = live.map { [texts[$0].ids[texts[$0].ids.count - 1]] }
        logits = try nextLogits(next, cache: cache, checkInterruption: checkInterruption)
      }
    } catch let error where error is TransformerError || error is TensorError {
      throw error
    } catch {
      if texts.allSatisfy(\.ids.isEmpty) { throw error }
      for text in live { texts[text].end = .interrupted }
    }
    return texts
  }

  /// The next token: the most likely, or drawn with a number keyed by text and step.
  private func choose(
    _ scores: inout [Float], _ filter: LogitsFilter, _ randoms: Philox, _ step: Int, _ place: (Int, Int)
  ) -> Int {
    guard filter.settings.temperature > 0 else {
      var best = 0
      for index in scores.indices where scores[index] > scores[best] { best = index }
      return best
    }
    filter.warp(&scores)
    let probabilities = LogitsFilter.softmax(scores)
    let words = randoms.words(
      UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: place.1), UInt32(truncatingIfNeeded: place.0))
    let drawn = (Double(words[0]) + Double(words[1]) * 0x1p-32) * 0x1p-32
    var sum = 0.0
    var last = 0
    for (index, probability) in probabilities.enumerated() where probability > 0 {
      sum += Double(probability)
      last = index
      if drawn < sum { return index }
    }
    return last
  }
}
