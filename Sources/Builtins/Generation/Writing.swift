import Language
import NeuralNetworks
import TensorCore
import Tokenizers
import Transformers

/// What the words that write text have in common.
extension Call {
  /// The parameters of how tokens are chosen.
  static var choosing: [Language.Parameter] {
    [
      .named("temperature", .float, default: 0.0, "How freely tokens are drawn."),
      .named("top_k", .int, shown: "all", "Draw among this many likely tokens."),
      .named("top_p", .float, shown: "1", "Draw among the likely tokens that make up this share."),
      .named("min_p", .float, shown: "0", "Draw among tokens with this share of the likeliest one's probability."),
      .named("repetition_penalty", .float, default: 1.0, "Above 1, tokens that came before are less likely."),
      .named("stop", .either([.string, .strings]), shown: "", "Texts that end it."),
      .named("seed", .int, shown: "the session's", "For drawing."),
      .named(
        "lookup", .int, default: .int(GenerationSettings().lookup),
        "How many tokens to guess at most from repeated text."),
    ]
  }

  /// A model that writes.
  func writer() throws -> (value: ModelValue, tokenizer: Tokenizer) {
    let value = try receiver(as: ModelValue.self)
    guard value.model.headKind == .causalLM else {
      throw error(
        "\(value.model.name) has no head for it",
        help: "a decoder has one: load it with its language model, or for_causal_lm")
    }
    try requireLeftToRight(value.model)
    return (value, try value.tokenizer(self))
  }

  /// Refuses a language model that sees the word it would have to guess: XLNet's, trained in random order.
  func requireLeftToRight(_ model: PretrainedModel) throws {
    guard model.headKind == .causalLM, !model.architecture.isDecoder else { return }
    let decoders = Architecture.all.filter(\.isDecoder).map(\.modelType).joined(separator: ", ")
    throw error(
      "\(model.name) guesses words in random order, it does not read from left to right",
      help: "take a decoder (\(decoders)), or another head of this model: for_sequence_classification")
  }

  func generationSettings(_ model: PretrainedModel) throws -> GenerationSettings {
    var settings = GenerationSettings()
    settings.maxTokens = try int("max_tokens")
    settings.temperature = try float("temperature")
    settings.topK = try intIfAny("top_k")
    settings.topP = try floatIfAny("top_p")
    settings.minP = try floatIfAny("min_p")
    settings.repetitionPenalty = try float("repetition_penalty")
    settings.seed = seedBits
    settings.lookup = try int("lookup")
    settings.endTokens = model.endTokens
    let idle = ["top_k", "top_p", "min_p"].filter { has($0) }
    if settings.temperature == 0, !idle.isEmpty {
      note("\(idle.joined(separator: ", ")): without effect at temperature 0, where nothing is drawn")
    }
    return settings
  }

  /// What `stop:` gives, without empty texts.
  func stops() throws -> [String] {
    guard has("stop") else { return [] }
    if case .string(let text) = value("stop") { return text.isEmpty ? [] : [text] }
    return try strings("stop").filter { !$0.isEmpty }
  }

  /// Writes, one text streamed or several with a bar, and says what happened on the way.
  func write(
    _ prompts: [[Int]], _ settings: GenerationSettings, _ model: PretrainedModel, _ tokenizer: Tokenizer,
    kind: String = "prompt"
  ) throws -> [GeneratedText] {
    do { try settings.check() } catch TransformerError.badInput(let field, let expected, let got) {
      throw error("\(field): expected \(expected), got \(got)", at: field)
    }
    let fitting = prompts.map { model.fitting($0, maxTokens: settings.maxTokens) }
    for (index, (all, kept)) in zip(prompts, fitting).enumerated() where kept.count < all.count {
      let which = prompts.count > 1 ? "\(kind) \(index)" : "the \(kind)"
      note(
        "\(which) has \(Numbers.grouped(all.count)) tokens, the model \(Numbers.grouped(model.positionLimit ?? 0)) "
          + "positions: only its last \(Numbers.grouped(kept.count)) tokens were read")
    }
    let streams = prompts.count == 1 && settings.count == 1 && settings.beams == 1
    let most = min(settings.maxTokens, model.positionLimit ?? 1 << 20)
    let total = most * prompts.count * settings.count
    var made = 0
    if streams { beginStream() }
    let results = try model.write(
      fitting, settings, tokenizer: tokenizer, stops: try stops(),
      checkInterruption: { try self.checkInterruption() },
      onText: { _, piece in
        made += 1
        if streams {
          if !piece.isEmpty { self.stream(piece) }
          try self.checkInterruption()
        } else if settings.beams == 1 {
          try self.progress(self.builtin.name, made, total)
        }
      },
      onStep: { prompt, done in try self.progress(self.builtin.name, prompt * most + done, most * prompts.count) })
    if results.contains(where: { $0.tokens.end == .interrupted }) {
      let reached = results.map(\.tokens.ids.count).max() ?? 0
      noteStop("stopped after \(Numbers.grouped(reached)) tokens")
      stoppedEarly(replayWith: "max_tokens", .int(reached))
    }
    if results.contains(where: { $0.tokens.end == .positions }) {
      note("the model's \(Numbers.grouped(model.positionLimit ?? 0)) positions are full")
    }
    return results
  }
}
