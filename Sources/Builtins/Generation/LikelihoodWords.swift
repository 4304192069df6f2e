import Files
import Glibc
import Language
import NeuralNetworks
import Tables
import TensorCore
import Tokenizers
import Transformers

extension Builtin {
  /// Words that ask a language model how likely a text is.
  static let likelihoodWords: [Builtin] = [logprob, perplexity, fill]

  private static let logprob = Builtin(
    "logprob", area: .generation, on: [.model], returns: .table,
    summary: "The logarithm of each token's probability, given those before it.",
    details: ["The first token has none. Natural logarithms."],
    parameters: [.positional("text", .string, "a text")],
    keywords: ["log-likelihood", "probability", "score", "surprise"],
    python: "model(ids).logits[0, :-1].log_softmax(-1).gather(1, ids[0, 1:, None])",
    examples: [
      Example(#"gen.logprob("The sun rises in the east.")"#, lesson: "generation"),
      Example(#"tiny.logprob("a")"#, fails: "has no head for it"),
    ], seeAlso: ["perplexity", "generate"]
  ) { call in
    let (model, tokenizer) = try languageModel(call)
    let encoding = try tokenizer.encode(call.string("text"))
    guard !encoding.isEmpty else { throw call.error("the text encodes to no tokens", at: "text") }
    try requirePositions(model, encoding.count, call, help: "give a part of it; perplexity reads long texts in pieces")
    let values = try logProbabilities(model, encoding.ids, call)
    let cells: [JSON] = [.null] + values.map { .real(Double($0)) }
    return .table(
      try Table([("token", .strings(encoding.tokens)), ("logprob", Column(cells: cells))]))
  }

  private static let perplexity = Builtin(
    "perplexity", area: .generation, on: [.model], returns: .float,
    summary: "How surprised the model is by texts: e to the mean of minus the logarithms of probabilities.",
    details: [
      "Texts longer than the model's positions, or 8,192 tokens, are read in pieces.",
      "Of a masked model: pseudo-perplexity, each token masked in turn and guessed from all others.",
    ],
    parameters: [.positional("texts", .any, "a text, a list, a column or a table")],
    keywords: ["loss", "evaluate", "language model"], python: "torch.exp(model(ids, labels=ids).loss)",
    examples: [
      Example(
        #"gen.perplexity("The sun rises in the east and sets in the west.")"#, lesson: "generation",
        shown: "8.939050189082689"),
      Example(#"tiny.perplexity("a")"#, fails: "has no head for it"),
    ], seeAlso: ["logprob", "generate"]
  ) { call in
    try call.refuseFileName("texts")
    if let masked = call.taskModel(.maskedLM) { return .float(try pseudoPerplexity(masked, call)) }
    let (model, tokenizer) = try languageModel(call)
    let texts = try call.texts("texts")
    var (sum, count) = (0.0, 0)
    for (index, text) in texts.enumerated() {
      try call.progress("perplexity", index, texts.count)
      let ids = try tokenizer.encode(text).ids
      let size = min(model.positionLimit ?? 8192, 8192)
      for start in stride(from: 0, to: ids.count, by: size) {
        let piece = Array(ids[start..<min(start + size, ids.count)])
        for value in try logProbabilities(model, piece, call) {
          sum -= Double(value)
          count += 1
        }
      }
    }
    guard count > 0 else { throw call.error("the texts have fewer than two tokens each", at: "texts") }
    return .float(exp(sum / Double(count)))
  }

  private static func languageModel(_ call: Call) throws -> (PretrainedModel, Tokenizer) {
    let value = try call.receiver(as: ModelValue.self)
    guard value.model.headKind == .causalLM else {
      throw call.error("\(value.model.name) has no head for it", help: "a decoder has one: model.for_causal_lm()")
    }
    try call.requireLeftToRight(value.model)
    return (value.model, try value.tokenizer(call))
  }

  /// Refuses a text that has more tokens than the model has positions.
  static func requirePositions(_ model: PretrainedModel, _ count: Int, _ call: Call, help: String) throws {
    guard let limit = model.positionLimit, count > limit else { return }
    throw call.error(
      "the text has \(Numbers.grouped(count)) tokens, the model \(Numbers.grouped(limit)) positions", at: "text",
      help: help)
  }

  /// Of each token but the first.
  private static func logProbabilities(_ model: PretrainedModel, _ ids: [Int], _ call: Call) throws -> [Float] {
    guard ids.count > 1 else { return [] }
    let pass = ForwardContext()
    pass.checkInterruption = { try call.checkInterruption() }
    let hidden = try model.tokenRows(Batch([ids]), pass)
    var values: [Float] = []
    // A few rows at a time: a row of logits is as long as the vocabulary.
    for start in stride(from: 0, to: ids.count - 1, by: 64) {
      let end = min(start + 64, ids.count - 1)
      guard let logits = try model.head?(hidden.sliced(axis: 0, start..<end), pass) else { return [] }
      let logs = try logits.logSoftmax(axis: -1)
      let width = logs.shape[1]
      logs.withUnsafeBuffer { buffer in
        for row in start..<end { values.append(buffer[(row - start) * width + ids[row + 1]]) }
      }
    }
    return values
  }
}
