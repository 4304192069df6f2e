import Files
import TensorCore

/// A model's configuration in one vocabulary for every family, and config.json as it was read.
package struct ModelConfiguration {
  package var modelType: String
  /// config.json; what is saved is this with the labels, head and problem as they are now.
  package var json: JSON
  package var vocabularySize: Int
  package var hiddenSize: Int
  package var layerCount: Int
  package var headCount: Int
  package var keyValueHeadCount: Int
  package var headSize: Int
  package var intermediateSize: Int
  /// How many positions the model knows; nil where any are possible (XLNet).
  package var maximumPositions: Int?
  package var typeVocabularySize = 0
  package var activation: ElementFunction
  package var normEpsilon: Double
  package var paddingTokenID: Int?
  package var dropout = DropoutRates()
  package var initializerRange = 0.02
  package var tiesWordEmbeddings = true
  /// Labels in the order of their ids.
  package var labels: [String] = []
  package var problem: Problem?
  package var rotary: RotarySettings?
  /// How many keys back a row sees (Mistral, Qwen2); nil for all.
  package var window: Int?
  /// The blocks that have the window; nil for all.
  package var windowLayers: Set<Int>?
  /// The largest distance that relative positions tell apart (XLNet); -1 for all.
  package var relativeClamp = -1
  /// Whether scores of attention are divided by the root of a head's size; by the block's number, from 1 (GPT-2).
  package var scalesAttention = true
  package var scalesAttentionByLayer = false
  package var hasAttentionBias = false
  package var hasOutputBias = false
  package var hasFeedForwardBias = false

  /// Share of elements zeroed while training, by place.
  package struct DropoutRates: Equatable {
    package var embeddings = 0.0
    package var hidden = 0.0
    package var attention = 0.0
    package var classifier = 0.0
    package var questionAnswering = 0.0
  }

  /// What a sequence classifier's labels are; `problem_type` in config.json.
  package enum Problem: String, CaseIterable {
    case singleLabel = "single_label_classification"
    case multiLabel = "multi_label_classification"
    case regression
  }

  /// The fields that every family has, under the names by which the families call them, checked.
  package init(
    _ reader: ConfigurationReader, hidden: String, layers: String, heads: String, intermediate: String?,
    positions: String?, activation activationField: String, activationDefault: String, epsilon: String,
    epsilonDefault: Double, headSizeField: String? = nil
  ) throws {
    modelType = reader.modelType
    json = reader.json
    vocabularySize = try reader.integer("vocab_size", in: 1...100_000_000)
    hiddenSize = try reader.integer(hidden, in: 1...1_000_000)
    layerCount = try reader.integer(layers, in: 1...10_000)
    headCount = try reader.integer(heads, in: 1...100_000)
    keyValueHeadCount = headCount
    let given = try headSizeField.flatMap { try reader.optionalInteger($0, in: 1...100_000) }
    guard given != nil || hiddenSize % headCount == 0 else {
      throw TransformerError.invalidField(
        field: heads, got: "\(headCount)", expected: "a number that divides \(hidden), which is \(hiddenSize)")
    }
    headSize = given ?? hiddenSize / headCount
    intermediateSize = try intermediate.map { try reader.integer($0, in: 1...10_000_000) } ?? 4 * hiddenSize
    maximumPositions = try positions.map { try reader.integer($0, in: 1...100_000_000) }
    let name = try reader.text(activationField, default: activationDefault)
    guard let known = ElementFunction(configName: name) else {
      throw TransformerError.invalidField(
        field: activationField, got: "\"\(name)\"",
        expected: "an activation such as gelu, gelu_new, relu, silu, quick_gelu, tanh, mish")
    }
    activation = known
    normEpsilon = try reader.number(epsilon, in: 0...1, default: epsilonDefault)
    paddingTokenID = try reader.optionalInteger("pad_token_id", in: -1...100_000_000)
    if let id = paddingTokenID, id < 0 || id >= vocabularySize { paddingTokenID = nil }
    initializerRange = try reader.number("initializer_range", in: 0...100, default: 0.02)
    tiesWordEmbeddings = try reader.flag("tie_word_embeddings", default: true)
    labels = try reader.labels()
    let problemText = try reader.text("problem_type", default: "")
    problem = Problem(rawValue: problemText)
    if !problemText.isEmpty, problem == nil {
      throw TransformerError.invalidField(
        field: "problem_type", got: "\"\(problemText)\"",
        expected: "one of " + Problem.allCases.map(\.rawValue).joined(separator: ", "))
    }
  }

  /// Leaves word embeddings and decoder apart, here and in what is saved.
  mutating func untieWordEmbeddings() {
    tiesWordEmbeddings = false
    guard case .object(var object) = json else { return }
    object["tie_word_embeddings"] = .bool(false)
    json = .object(object)
  }

  /// The problem in effect: as given, else regression for one label, single label otherwise.
  package var effectiveProblem: Problem { problem ?? (labels.count == 1 ? .regression : .singleLabel) }
}
