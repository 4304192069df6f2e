import Language
import NeuralNetworks
import TensorCore
import Tokenizers
import Transformers

extension ModelValue {
  static let form = Builtin.signature(
    "model", area: .models, returns: .output, summary: "What the model makes of texts or of a batch written by hand.",
    parameters: [
      .positional("input", .any, "a text, texts, or {input_ids: [[...]], token_type_ids: ..., labels: ...}"),
      .named("pair", .any, shown: "", "second texts, as many as texts"),
      .named("hidden_states", .bool, default: false, "Keep every layer's rows."),
      .named("attentions", .bool, default: false, "Keep every layer's attention."),
      .named("max_length", .int, shown: "the model's", "Tokens a text is cut to."),
    ])

  func run(_ call: Call) throws -> Value {
    let context = ForwardContext()
    context.keepsHiddenStates = try call.bool("hidden_states")
    context.keepsAttentions = try call.bool("attentions")
    context.checkInterruption = { try call.checkInterruption() }
    let input: (batch: Batch, labels: Labels?)
    if case .record(let record) = call.value("input") {
      input = try HandwrittenBatch(record, model, call).read()
    } else {
      input = (try encoded(call), nil)
    }
    try checkMemory(input.batch, context, call)
    // A loss is wanted for its gradients; without labels nothing is recorded.
    context.isRecording = input.labels != nil
    let output = try model(input.batch, labels: input.labels, context)
    return .object(try OutputValue(output))
  }

  /// The call's texts as a batch.
  private func encoded(_ call: Call) throws -> Batch {
    let texts = try call.texts("input")
    let pairs = call.has("pair") ? try call.texts("pair") : nil
    if let pairs, pairs.count != texts.count {
      throw call.error("\(texts.count) texts but \(pairs.count) pairs", at: "pair")
    }
    guard !texts.isEmpty else { throw call.error("there are no texts", at: "input") }
    let tokenizer = try self.tokenizer(call)
    let given = try call.intIfAny("max_length")
    if let given, given < 1 { throw call.error("max_length is \(given), expected at least 1", at: "max_length") }
    let length = [given ?? model.defaultMaxLength, model.positionLimit].compactMap { $0 }.min()
    let encodings = try tokenizer.encodeBatch(
      texts, pairs: pairs, addSpecialTokens: true, truncation: length.map { Truncation(maxLength: $0) })
    let cut = encodings.reduce(0) { $0 + ($1.wasTruncated ? 1 : 0) }
    if cut > 0, let length { call.note("\(Words.count(cut, "text was", "texts were")) cut to \(length) tokens") }
    if let empty = encodings.firstIndex(where: \.isEmpty) {
      throw call.error("text \(empty) encodes to no tokens", at: "input")
    }
    return Batch(encodings.map(\.ids), tokenTypeIDs: encodings.map(\.typeIDs))
  }

  /// The model's tokenizer, or an error that says what is missing.
  func tokenizer(_ call: Call) throws -> Tokenizer {
    guard let tokenizer = model.tokenizer else {
      throw call.error(
        "\(model.name) came without a tokenizer", help: "give ids: model({input_ids: [[101, 102]]})")
    }
    return tokenizer
  }

  /// What would keep too much memory says so before it begins.
  private func checkMemory(_ batch: Batch, _ context: ForwardContext, _ call: Call) throws {
    let rows = Double(batch.tokenCount) * Double(model.hiddenSize) * 4
    var bytes = rows * (context.keepsHiddenStates ? Double(model.blockCount + 2) : 3)
    if context.keepsAttentions {
      let squares = (0..<batch.sequenceCount).reduce(0.0) { $0 + Double(batch.length($1)) * Double(batch.length($1)) }
      bytes += squares * 4 * Double(model.configuration.headCount * model.blockCount)
    }
    if let head = model.headKind, !head.readsOneRow {
      let width =
        head.hasLabels ? model.labels.count : head == .questionAnswering ? 2 : model.configuration.vocabularySize
      bytes += Double(batch.tokenCount) * Double(width) * 4
    }
    guard bytes > Double(Storage.availableMemory()) / 2 else { return }
    throw call.error(
      "the output of \(Numbers.grouped(batch.tokenCount)) tokens would keep \(Numbers.fixed(bytes / 1e9, 1)) GB",
      at: "input", help: "features(model, texts) keeps one row for each text")
  }
}

/// Small words for messages.
enum Words {
  /// `1 text was`, `12 texts were`.
  static func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(Numbers.grouped(number)) \(number == 1 ? one : many)"
  }
}
