import Language
import NeuralNetworks
import Plots
import TensorCore
import Tokenizers
import Transformers

extension Builtin {
  /// What a model's tokens look at.
  static let attentionWords: [Builtin] = [attention]

  private static let attention = Builtin(
    "attention", area: .looking, on: [.model], returns: .plot,
    summary: "How much each token looks at each other, as a heat map.",
    details: ["Rows look, columns are looked at; each row sums to 1. weights is the tensor."],
    parameters: [
      .positional("text", .string, "a text"),
      .named("layer", .int, default: -1, "Which block; -1 the last."),
      .named("head", .int, shown: "the mean of all", "Which head."),
    ],
    keywords: ["bertviz", "weights", "heads", "visualize"],
    python: "model(**inputs, output_attentions=True).attentions",
    examples: [
      Example(#"tiny.attention("a b")"#, kind: .plot),
      Example(#"tiny.attention("a b", layer: 0, head: 1).weights.shape"#, gives: .ints([4, 4])),
      Example(#"tiny.attention("a b", head: 9)"#, fails: "has 2 heads"),
    ],
    seeAlso: ["explain", "heatmap"]
  ) { call in
    let value = try call.receiver(as: ModelValue.self)
    let model = value.model
    let tokenizer = try value.tokenizer(call)
    let truncation = model.positionLimit.map { Truncation(maxLength: $0) }
    let encoding = try tokenizer.encode(call.string("text"), truncation: truncation)
    guard !encoding.isEmpty else { throw call.error("the text encodes to no tokens", at: "text") }
    if encoding.wasTruncated {
      call.note("the text was cut to \(encoding.count) tokens: the model reads no more at once")
    }
    guard encoding.count <= 512 else {
      throw call.error("\(encoding.count) tokens are too many to draw; at most 512", at: "text")
    }
    let layer = try call.int("layer")
    guard let block = Subscript.place(layer, count: model.blockCount) else {
      throw call.error(
        "there is no layer \(layer): the model has \(Words.count(model.blockCount, "layer", "layers"))", at: "layer",
        help: "0 to \(model.blockCount - 1), or -1 for the last")
    }
    let pass = ForwardContext()
    pass.keepsAttentions = true
    pass.checkInterruption = { try call.checkInterruption() }
    _ = try model(Batch([encoding.ids], tokenTypeIDs: [encoding.typeIDs]), pass)
    guard pass.attentions.indices.contains(block), let heads = pass.attentions[block].first else { return .nothing }
    var weights = try heads.mean(axis: 0)
    var title = "layer \(block), mean of \(heads.shape[0]) heads"
    if let head = try call.intIfAny("head") {
      guard let place = Subscript.place(head, count: heads.shape[0]) else {
        throw call.error(
          "there is no head \(head): the model has \(Words.count(heads.shape[0], "head", "heads"))", at: "head",
          help: "0 to \(heads.shape[0] - 1); without head: the mean of all")
      }
      weights = try heads.selected(axis: 0, place)
      title = "layer \(block), head \(place)"
    }
    let width = weights.shape[1]
    let elements = weights.elements
    let rows = (0..<weights.shape[0]).map { row in
      elements[(row * width)..<((row + 1) * width)].map { Double($0) }
    }
    // A soft prompt's rows look and are looked at; the keys of a prefix, which come before them, are looked at only.
    let tokens = Array(repeating: "prompt", count: max(rows.count - encoding.count, 0)) + encoding.tokens
    let columns = Array(repeating: "prefix", count: max(width - tokens.count, 0)) + tokens
    let chart = HeatMap(title: title, values: rows, rowNames: tokens, columnNames: columns)
    return .object(PlotValue(chart, "attention of \(title)", fields: [("weights", .object(TensorValue(weights)))]))
  }
}
