import Files
import Language
import NeuralNetworks
import TensorCore
import Tokenizers
import Transformers

extension Builtin {
  /// Words that write text.
  static let generationWords: [Builtin] = [generate]

  private static let generate = Builtin(
    "generate", area: .generation, on: [.model], returns: .string,
    summary: "Continue a prompt, or several, token by token.",
    details: [
      "temperature 0 takes the most likely token; above 0 tokens are drawn, among those that top_k, top_p and min_p leave.",
      "A string for one prompt, a list for several or for n above 1. Ctrl-C keeps what is written.",
    ],
    parameters: [
      .positional("prompt", .either([.string, .strings]), "a text, or texts"),
      .named("max_tokens", .int, default: 100, "How many tokens at most."),
      .named("temperature", .float, default: 0.0, "How freely tokens are drawn."),
      .named("top_k", .int, shown: "all", "Draw among this many likely tokens."),
      .named("top_p", .float, shown: "1", "Draw among the likely tokens that make up this share."),
      .named("min_p", .float, shown: "0", "Draw among tokens with this share of the likeliest one's probability."),
      .named("beams", .int, default: 1, "Follow this many texts at once and keep the likeliest."),
      .named("repetition_penalty", .float, default: 1.0, "Above 1, tokens that came before are less likely."),
      .named("stop", .either([.string, .strings]), shown: "", "Texts that end it."),
      .named("n", .int, default: 1, "Texts for each prompt."),
      .named("seed", .int, shown: "the session's", "For drawing."),
    ],
    keywords: ["sample", "complete", "continue", "text", "decoding", "max_new_tokens"],
    python: "model.generate(**inputs, max_new_tokens=100)",
    examples: [Example(#"tiny.generate("a")"#, fails: "has no head for it")],
    seeAlso: ["perplexity", "logprob", "for_causal_lm"]
  ) { call in
    let value = try call.receiver(as: ModelValue.self)
    let model = value.model
    guard model.headKind == .causalLM else {
      throw call.error(
        "\(model.name) has no head for it", help: "a decoder has one: load it with its language model, or for_causal_lm"
      )
    }
    let tokenizer = try value.tokenizer(call)
    var prompts: [String]
    if case .string(let text) = call.value("prompt") { prompts = [text] } else { prompts = try call.strings("prompt") }
    guard !prompts.isEmpty else { throw call.error("there are no prompts", at: "prompt") }
    let encoded = try prompts.map { try tokenizer.encode($0).ids }
    if let empty = encoded.firstIndex(where: \.isEmpty) {
      throw call.error("prompt \(empty) encodes to no tokens", at: "prompt", help: "give it a word to begin with")
    }
    let settings = try settings(call, model)
    let stops = try stops(call)
    var texts: [Int: [Int]] = [:]
    var made = 0
    let total = settings.maxTokens * encoded.count * settings.count
    let results = try model.generate(
      encoded, settings, checkInterruption: { try call.checkInterruption() },
      onToken: { text, token in
        texts[text, default: []].append(token)
        made += 1
        if made % 8 == 0 { try call.progress("generate", made, total) }
        guard !stops.isEmpty else { return true }
        let written = tokenizer.decode(texts[text] ?? [], skipSpecialTokens: true)
        return !stops.contains { written.contains($0) }
      })
    let stopped = results.filter { $0.end == .stopped }.count
    if stopped > 0, stops.isEmpty { call.note("stopped after \(results.map(\.ids.count).max() ?? 0) tokens") }
    if results.contains(where: { $0.end == .positions }) { call.note("the model has no positions for more") }
    let written = results.map { cut(tokenizer.decode($0.ids, skipSpecialTokens: true), stops) }
    if settings.count == 1 {
      if case .string = call.value("prompt") { return .string(written.first ?? "") }
      return .strings(written)
    }
    if case .string = call.value("prompt") { return .strings(written) }
    return try .list(
      prompts.indices.map { index in
        Value.strings(zip(results, written).filter { $0.0.prompt == index }.map(\.1))
      })
  }

  private static func settings(_ call: Call, _ model: PretrainedModel) throws -> GenerationSettings {
    var settings = GenerationSettings()
    settings.maxTokens = try call.int("max_tokens")
    settings.temperature = try call.float("temperature")
    settings.topK = try call.intIfAny("top_k")
    settings.topP = try call.floatIfAny("top_p")
    settings.minP = try call.floatIfAny("min_p")
    settings.beams = try call.int("beams")
    settings.repetitionPenalty = try call.float("repetition_penalty")
    settings.count = try call.int("n")
    settings.seed = call.seedBits
    settings.endTokens = model.endTokens
    return settings
  }

  private static func stops(_ call: Call) throws -> [String] {
    guard call.has("stop") else { return [] }
    if case .string(let text) = call.value("stop") { return text.isEmpty ? [] : [text] }
    return try call.strings("stop").filter { !$0.isEmpty }
  }

  /// The text up to the first of the stops.
  private static func cut(_ text: String, _ stops: [String]) -> String {
    var end = text.endIndex
    for stop in stops {
      if let range = text.firstRange(of: stop), range.lowerBound < end { end = range.lowerBound }
    }
    return String(text[..<end])
  }
}

extension PretrainedModel {
  /// Tokens that end a text: the configuration's and the tokenizer's.
  var endTokens: Set<Int> {
    var ends: Set<Int> = []
    let given = configuration.json["eos_token_id"]
    if let id = given?.int { ends.insert(id) }
    for id in given?.array ?? [] { if let id = id.int { ends.insert(id) } }
    if let id = tokenizer?.specialTokens.eos?.id { ends.insert(id) }
    return ends
  }
}
