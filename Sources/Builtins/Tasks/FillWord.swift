import Language
import NeuralNetworks
import Tables
import TensorCore
import Tokenizers
import Transformers

extension Builtin {
  static let fill = Builtin(
    "fill", area: .using, on: [.model], returns: .table,
    summary: "The likeliest words for {mask} in a text.",
    details: [
      "With several {mask} each is guessed while all are hidden; the column mask counts them from 0, left to right."
    ],
    parameters: [
      .positional("text", .string, "a text with {mask} in it"),
      .named("best", .int, default: 5, "How many words for each {mask}."),
    ],
    keywords: ["mask", "fill-mask", "cloze", "masked language model"],
    python: #"pipeline("fill-mask", model=name)("Paris is the [MASK] of France")"#,
    examples: [
      Example(#"tiny.for_masked_lm().fill("a {mask} b").len()"#, gives: 5),
      Example(#"tiny.for_masked_lm().fill("a {mask} b {mask}", best: 2).mask[3]"#, gives: 1),
      Example(#"tiny.fill("a {mask}")"#, fails: "for_masked_lm"),
    ],
    seeAlso: ["for_masked_lm"]
  ) { call in
    let value = try call.receiver(as: ModelValue.self)
    let model = value.model
    guard model.headKind == .maskedLM else {
      let isPossible: Bool = model.architecture.heads[.maskedLM] != nil
      let other: String = "take a model that learned with hidden words, as BERT and RoBERTa did"
      throw call.error(
        "\(model.name) has no head for it", help: isPossible ? "make one: model.for_masked_lm()" : other)
    }
    let tokenizer = try value.tokenizer(call)
    guard let mask = tokenizer.specialTokens.mask else { throw call.error("the tokenizer has no mask token") }
    let best = try call.int("best")
    guard best >= 1 else { throw call.error("best: expected at least 1, got \(best)", at: "best") }
    let text = try call.string("text")
    let parts = text.split(separator: "{mask}", omittingEmptySubsequences: false)
    guard parts.count > 1 else { throw withoutMask(text, mask.text, call) }
    let encoding = try tokenizer.encode(parts.joined(separator: mask.text))
    let places: [Int] = encoding.ids.indices.filter { encoding.ids[$0] == mask.id }
    guard places.count >= parts.count - 1 else {
      throw call.error("the mask token is not in the encoded text", at: "text")
    }
    guard places.count == parts.count - 1 else {
      throw call.error("the text holds \(mask.text) too, expected {mask} and no other", at: "text")
    }
    try requirePositions(model, encoding.count, call, help: "give the sentences around {mask}")
    let batch = Batch([encoding.ids], tokenTypeIDs: [encoding.typeIDs])
    let rows = try model.tokenRows(batch).gatheredRows(places)
    guard let logits = try model.head?(rows, ForwardContext()) else { return .nothing }
    let elements: [Float] = logits.elements
    let width: Int = elements.count / places.count
    var masks: [Int] = []
    var words: [String] = []
    var shares: [Double] = []
    for number in places.indices {
      let probabilities: [Float] = LogitsFilter.softmax(Array(elements[number * width..<(number + 1) * width]))
      let order = probabilities.indices.sorted { (-probabilities[$0], $0) < (-probabilities[$1], $1) }.prefix(best)
      for id in order {
        masks.append(number)
        words.append(tokenizer.decode([id]))
        shares.append(Double(probabilities[id]))
      }
    }
    var columns: [(name: String, column: Column)] = [("word", .strings(words)), ("probability", .reals(shares))]
    if places.count > 1 { columns.insert(("mask", .integers(masks)), at: 0) }
    return .table(try Table(columns))
  }

  /// The error of a text without `{mask}`; where a mask token is written instead, with the line as it should be.
  private static func withoutMask(_ text: String, _ own: String, _ call: Call) -> LanguageError {
    guard let foreign = [own, "[MASK]", "<mask>"].first(where: { text.contains($0) }) else {
      return call.error("the text holds no {mask}", at: "text", help: "write {mask} in the place of a word")
    }
    let error = call.error("the text holds no {mask}", at: "text", help: "write {mask} for \(foreign)")
    guard let mended = Value.string(text.replacing(foreign, with: "{mask}")).sourceText else { return error }
    return error.corrected(call.range(of: "text"), mended)
  }
}
