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
  ///   - onStep: told how many steps the beams of a prompt have gone; throwing ends all likewise.
  /// - Throws: ``TransformerError`` for bad settings or prompts.
  package func generate(
    _ prompts: [[Int]], _ settings: GenerationSettings, penalized: [[Int]]? = nil,
    checkInterruption: (() throws -> Void)? = nil, onToken: ((_ text: Int, _ token: Int) throws -> Bool)? = nil,
    onStep: ((_ prompt: Int, _ done: Int) throws -> Void)? = nil
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
    if settings.beams > 1 { return try beamSearch(prompts, settings, penalized ?? prompts, checkInterruption, onStep) }
    var decoding = Decoding(self, prompts, settings, penalized ?? prompts, checkInterruption, onToken)
    try decoding.run()
    return decoding.texts
  }
}
