import NeuralNetworks
import TensorCore
import Tokenizers

/// One generated text.
package struct GeneratedText {
  /// Which prompt it continues.
  package let prompt: Int
  /// What was written, without the prompt, special tokens and the stop that ended it.
  package var text: String
  package var tokens: GeneratedTokens
  /// Whether a stop ended it.
  package var isStopped: Bool
}

extension PretrainedModel {
  /// Continues prompts as texts.
  ///
  /// - Parameters:
  ///   - prompts: token ids, at least one each.
  ///   - stops: texts that end one; they may span tokens.
  ///   - onText: told of each new piece of text by its number, as soon as it is certain. Throwing ends all: what was
  ///     reached is given.
  ///   - onStep: told how many steps the beams of a prompt have gone.
  package func write(
    _ prompts: [[Int]], _ settings: GenerationSettings, tokenizer: Tokenizer, stops: [String] = [],
    checkInterruption: (() throws -> Void)? = nil, onText: ((_ text: Int, _ piece: String) throws -> Void)? = nil,
    onStep: ((_ prompt: Int, _ done: Int) throws -> Void)? = nil
  ) throws -> [GeneratedText] {
    var streams: [Int: TextStream] = [:]
    let results = try generate(
      prompts, settings, checkInterruption: checkInterruption,
      onToken: { text, token in
        var stream = streams[text] ?? TextStream(tokenizer, stops: stops)
        let isEnd = settings.endTokens.contains(token)
        let piece = isEnd ? "" : stream.add(token)
        streams[text] = stream
        try onText?(text, piece)
        return !stream.isStopped
      }, onStep: onStep)
    return results.enumerated().map { index, tokens in
      // Beams are known only when all is done.
      var stream = streams[index] ?? TextStream(tokenizer, stops: stops)
      if streams[index] == nil { for id in tokens.ids where !settings.endTokens.contains(id) { _ = stream.add(id) } }
      let rest = stream.finish()
      if !rest.isEmpty { try? onText?(index, rest) }
      return GeneratedText(prompt: tokens.prompt, text: stream.text, tokens: tokens, isStopped: stream.isStopped)
    }
  }

  /// A prompt that is longer than the model's positions cut at its beginning, so that there is room for what is
  /// generated: for as many tokens as asked, but at most half of the positions.
  package func fitting(_ ids: [Int], maxTokens: Int) -> [Int] {
    guard let limit = positionLimit else { return ids }
    return ids.count < limit ? ids : Array(ids.suffix(max(limit - max(1, min(maxTokens, limit / 2)), 1)))
  }

  /// Tokens that end a text: the configuration's and the tokenizer's.
  package var endTokens: Set<Int> {
    var ends: Set<Int> = settings.endTokens
    let given = configuration.json["eos_token_id"]
    if let id = given?.int { ends.insert(id) }
    for id in given?.array ?? [] { if let id = id.int { ends.insert(id) } }
    if let id = tokenizer?.specialTokens.eos?.id { ends.insert(id) }
    return ends
  }
}
