import Checkpoints
import Files
import Language
import Tables
import TensorCore
import Transformers

/// How features came about, carried by their tensor.
package final class FeatureRecipeNote: TensorRecipe {
  package let recipe: FeatureRecipe
  /// The model they were made with: to make more of the same.
  package let model: PretrainedModel

  package init(_ recipe: FeatureRecipe, _ model: PretrainedModel) {
    self.recipe = recipe
    self.model = model
  }

  package var line: String { recipe.text }
}

extension Builtin {
  /// Words that turn texts into vectors.
  static let featureWords: [Builtin] = [makeFeatures, similarityOfFeatures]

  private static let makeFeatures = Builtin(
    "features", area: .features, on: [.model], returns: .tensor,
    summary: "A vector for each text: the rows of a layer, pooled.",
    details: [
      "pooling auto is what the model's own pooling file says, else cls for encoders and last for decoders.",
      "The result remembers how it was made. Ctrl-C keeps the texts that are done.",
    ],
    parameters: [
      .positional("texts", .any, "a text, a list, a column, or a table with a column text (and pair)"),
      .named("pooling", .choice(["auto", "cls", "mean", "max", "last"]), default: "auto", "How rows become one."),
      .named("layer", .int, default: -1, "Which layer: 0 the embeddings, -1 the last."),
      .named("normalize", .bool, default: false, "Scale each vector to length 1."),
      .named("max_length", .int, shown: "the model's", "Tokens a text is cut to."),
      .named("precision", .choice(["float32", "bf16"]), shown: "the model's", "What products' inputs are rounded to."),
      .named("cache", .bool, default: true, "Keep them on disk for the next time."),
    ],
    keywords: ["embeddings", "encode", "vectors", "sentence-transformers", "pooling", "feature extraction"],
    python: #"SentenceTransformer("all-MiniLM-L6-v2").encode(texts)"#,
    examples: [
      Example(#"tiny.features(["a b", "c"]).shape"#, gives: .ints([2, 16])),
      Example(#"tiny.features("a b", pooling: "mean", normalize: true).norm() > 0.9999"#, gives: true),
    ],
    seeAlso: ["similarity", "logistic_regression"]
  ) { call in
    let model = try call.receiver(as: ModelValue.self).model
    let (texts, pairs) = try inputs(call)
    guard !texts.isEmpty else { throw call.error("there are no texts", at: "texts") }
    var options = FeatureOptions()
    options.pooling = Pooling(rawValue: try call.string("pooling"))
    options.layer = try call.int("layer")
    options.normalize = try call.bool("normalize")
    options.maxLength = try call.intIfAny("max_length")
    options.precision = try call.precision()
    let cache = try call.bool("cache") && texts.count >= 32 ? cache(call) : nil
    let made = try model.features(texts, pairs: pairs, options, cache: cache) { done, total in
      try call.progress("features", done, total)
    }
    if made.truncated > 0, let length = made.recipe.maxLength {
      call.note("\(Words.count(made.truncated, "text was", "texts were")) cut to \(length) tokens")
    }
    if !made.isComplete {
      let done = made.values.shape[0]
      // A replay takes those texts alone and is not stopped.
      call.noteStop("stopped: features of \(Numbers.grouped(done)) of \(Numbers.grouped(made.asked)) texts")
      call.stoppedEarly(after: done, of: "texts")
    }
    return .object(TensorValue(made.values, recipe: FeatureRecipeNote(made.recipe, model)))
  }

  private static func inputs(_ call: Call) throws -> (texts: [String], pairs: [String]?) {
    let texts = try call.texts("texts")
    guard let table: TableValue = call.value("texts").object(), table.table["pair"] != nil else { return (texts, nil) }
    return (texts, try call.texts(of: table.table, column: "pair", at: "texts"))
  }

  private static func cache(_ call: Call) -> FeatureCache? {
    call.ownFolder("features").map { FeatureCache(folder: $0.folder, access: $0.access) }
  }

  private static let similarityOfFeatures = Builtin(
    "similarity", area: .features, on: [.tensor], subject: "a", returns: .tensor,
    summary: "Cosines between the rows of two tensors of features.",
    parameters: [.positional("b", .kind(.tensor), "features made the same way")],
    keywords: ["cosine", "distance", "semantic search"], python: "sklearn.metrics.pairwise.cosine_similarity(a, b)",
    examples: [
      Example("similarity(tensor([[1.0, 0.0]]), tensor([[0.0, 2.0], [3.0, 0.0]])).shape", gives: .ints([1, 2])),
      Example("similarity(tensor([1.0, 0.0]), tensor([2.0, 0.0]))", gives: 1.0),
    ],
    seeAlso: ["features"]
  ) { call in
    let a = try call.object("a", as: TensorValue.self)
    let b = try call.object("b", as: TensorValue.self)
    if let one = a.recipe as? FeatureRecipeNote, let other = b.recipe as? FeatureRecipeNote,
      one.recipe.weights != other.recipe.weights || one.recipe.pooling != other.recipe.pooling
        || one.recipe.layer != other.recipe.layer
    {
      throw call.error("features made otherwise can't be compared: \(one.line); \(other.line)", at: "b")
    }
    let (left, right) = (try rows(a, "a", call), try rows(b, "b", call))
    guard left.shape[1] == right.shape[1] else {
      throw call.error("rows of \(left.shape[1]) and of \(right.shape[1]) numbers can't be compared", at: "b")
    }
    let cosines = try left.normalized(axis: 1).linear(weight: right.normalized(axis: 1))
    var shape = cosines.shape
    if b.extents.count == 1 { shape.removeLast() }
    if a.extents.count == 1 { shape.removeFirst() }
    return try TensorValue.value(cosines.reshaped(shape))
  }

  private static func rows(_ value: TensorValue, _ name: String, _ call: Call) throws -> Tensor {
    let tensor = try value.floats().detached
    switch tensor.shape.count {
    case 1: return try tensor.reshaped([1, tensor.count])
    case 2: return tensor
    default: throw call.error("expected a vector or rows of vectors, got shape \(tensor.shape)", at: name)
    }
  }
}
