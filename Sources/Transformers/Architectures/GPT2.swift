import NeuralNetworks
import TensorCore

extension Architecture {
  /// GPT-2 (Radford et al. 2019): norms before the sub-layers, weights stored `[input, output]`.
  package static let gpt2 = Architecture(
    modelType: "gpt2", baseName: "transformer", baseClass: "GPT2Model",
    heads: [
      .causalLM: "GPT2LMHeadModel",
      .sequenceClassification: "GPT2ForSequenceClassification",
      .tokenClassification: "GPT2ForTokenClassification",
      .questionAnswering: "GPT2ForQuestionAnswering",
    ],
    isDecoder: true, embeddingName: "wte.weight", decoderNames: ["lm_head.weight"], loraTargets: ["c_attn"],
    ia3Targets: (keysAndValues: ["c_attn"], feedForward: ["mlp.c_proj"]),
    readConfiguration: { try GPT2.configuration($0) },
    makeBackbone: { scope, configuration, _ in try GPT2Backbone(scope, configuration) },
    makeHead: { try GPT2.head($0, $1, $2, $3) })
}

enum GPT2 {
  static func configuration(_ reader: ConfigurationReader) throws -> ModelConfiguration {
    try reader.require("add_cross_attention", among: [.bool(false)])
    try reader.require("is_causal", among: [.bool(true)])
    var configuration = try ModelConfiguration(
      reader, hidden: "n_embd", layers: "n_layer", heads: "n_head", intermediate: nil, positions: "n_positions",
      activation: "activation_function", activationDefault: "gelu_new", epsilon: "layer_norm_epsilon",
      epsilonDefault: 1e-5)
    if let inner = try reader.optionalInteger("n_inner", in: 1...10_000_000) {
      configuration.intermediateSize = inner
    }
    configuration.scalesAttention = try reader.flag("scale_attn_weights", default: true)
    configuration.scalesAttentionByLayer = try reader.flag("scale_attn_by_inverse_layer_idx", default: false)
    configuration.dropout.embeddings = try reader.rate("embd_pdrop", default: 0.1)
    configuration.dropout.attention = try reader.rate("attn_pdrop", default: 0.1)
    configuration.dropout.hidden = try reader.rate("resid_pdrop", default: 0.1)
    configuration.dropout.classifier = try reader.rate("classifier_dropout", "hidden_dropout", default: 0.1)
    return configuration
  }

  static func head(
    _ kind: HeadKind, _ root: ParameterScope, _ configuration: ModelConfiguration, _ backbone: Backbone
  ) throws -> Head {
    switch kind {
    case .causalLM:
      return try .causalLM(root.at("lm_head"), bias: false, configuration, backbone)
    case .sequenceClassification:
      return try .decoderClassifier(root, configuration)
    case .tokenClassification, .questionAnswering:
      return try .perToken(kind, root, configuration)
    case .maskedLM:
      throw unsupported(kind, .gpt2)
    }
  }
}

extension Head {
  /// A decoder's classifier: `score` of the last token, without bias.
  static func decoderClassifier(_ root: ParameterScope, _ configuration: ModelConfiguration) throws -> Head {
    let score = try Linear(root.at("score"), configuration, output: configuration.labels.count, bias: false)
    return Head(.sequenceClassification, modules: [score], reads: .lastToken) { try score($0, $1) }
  }
}

final class GPT2Backbone: Backbone {
  private let positionEmbeddings: Embedding

  init(_ scope: ParameterScope, _ configuration: ModelConfiguration) throws {
    let size = configuration.hiddenSize
    let deviation = configuration.initializerRange
    let words = try Embedding(
      scope.at("wte"), count: configuration.vocabularySize, size: size, standardDeviation: deviation)
    positionEmbeddings = try Embedding(
      scope.at("wpe"), count: configuration.maximumPositions ?? 1024, size: size, standardDeviation: deviation)
    let layers = scope.at("h")
    var blocks: [Block] = []
    for layer in 0..<configuration.layerCount {
      blocks.append(try GPT2Block(layers.at(String(layer)), layer, configuration))
    }
    let list = ModuleList(path: layers.path, blocks)
    let norm = try LayerNorm(scope.at("ln_f"), size: size, epsilon: configuration.normEpsilon)
    let embeddings = Group(path: scope.path, kind: "Embeddings")
    embeddings.hold("wte", words)
    embeddings.hold("wpe", positionEmbeddings)
    super.init(
      path: scope.path, configuration: configuration, wordEmbeddings: words, embeddingModule: embeddings,
      blocks: list, finalNorm: norm)
    hold("wte", words)
    hold("wpe", positionEmbeddings)
    hold("h", list)
    hold("ln_f", norm)
  }

  override var kind: String { "GPT2Model" }
  override var acceptedTypes: Int? { nil }

  override func combine(_ words: Tensor, _ layout: RowLayout, _ pass: ForwardContext) throws -> Tensor {
    let hidden = try words + positionEmbeddings(layout.positions, pass)
    return try pass.dropped(hidden, rate: configuration.dropout.embeddings, module: wordEmbeddings.path)
  }
}

final class GPT2Block: Block {
  private let configuration: ModelConfiguration
  private let attention: AttentionSettings
  private let point: AttentionPoint
  private let afterAttention: SublayerPoint
  private let afterFeedForward: SublayerPoint
  private let firstNorm: LayerNorm
  private let secondNorm: LayerNorm
  private let joint: Linear
  private let projection: Linear
  private let up: Linear
  private let down: Linear

  init(_ scope: ParameterScope, _ layer: Int, _ configuration: ModelConfiguration) throws {
    let size = configuration.hiddenSize
    let inner = configuration.intermediateSize
    let attentionScope = scope.at("attn")
    let feedScope = scope.at("mlp")
    let attentionGroup = Group(path: attentionScope.path, kind: "GPT2Attention")
    let feed = Group(path: feedScope.path, kind: "GPT2MLP")
    self.configuration = configuration
    firstNorm = try LayerNorm(scope.at("ln_1"), size: size, epsilon: configuration.normEpsilon)
    secondNorm = try LayerNorm(scope.at("ln_2"), size: size, epsilon: configuration.normEpsilon)
    joint = try attentionGroup.hold(
      "c_attn",
      Linear(attentionScope.at("c_attn"), configuration, output: 3 * size, orientation: .inputOutput))
    projection = try attentionGroup.hold(
      "c_proj", Linear(attentionScope.at("c_proj"), configuration, orientation: .inputOutput))
    up = try feed.hold(
      "c_fc", Linear(feedScope.at("c_fc"), configuration, output: inner, orientation: .inputOutput))
    down = try feed.hold(
      "c_proj", Linear(feedScope.at("c_proj"), configuration, input: inner, orientation: .inputOutput))
    var settings = AttentionSettings(configuration, isCausal: true, module: attentionScope.path)
    if !configuration.scalesAttention { settings.scale = 1 }
    if configuration.scalesAttentionByLayer { settings.scale /= Float(layer + 1) }
    attention = settings
    point = AttentionPoint(layer: layer, owner: attentionGroup)
    afterAttention = SublayerPoint(layer: layer, place: .attention, owner: attentionGroup, norm: nil)
    afterFeedForward = SublayerPoint(layer: layer, place: .feedForward, owner: feed, norm: nil)
    super.init(path: scope.path, layer: layer)
    kindName = "GPT2Block"
    hold("ln_1", firstNorm)
    hold("attn", attentionGroup)
    hold("ln_2", secondNorm)
    hold("mlp", feed)
    attentionPoint = point
    sublayerPoints = [afterAttention, afterFeedForward]
  }

  override func callAsFunction(_ stream: Stream, _ pass: ForwardContext, selection: RowSelection?) throws -> Stream {
    let size = configuration.hiddenSize
    let normed = try firstNorm(stream.hidden, pass)
    let all = try joint(normed, pass)
    var query = try all.sliced(axis: 1, 0..<size)
    let keys = try all.sliced(axis: 1, size..<(2 * size))
    let values = try all.sliced(axis: 1, (2 * size)..<(3 * size))
    var residual = stream.hidden
    var input = normed
    var layout = stream.layout
    if let selection {
      query = try query.gatheredRows(selection.rows)
      residual = try residual.gatheredRows(selection.rows)
      input = try normed.gatheredRows(selection.rows)
      layout = layout.selecting(selection)
      pass.places = layout.places
    }
    let attended = try attend(query, keys, values, stream.layout, selection: selection, at: point, attention, pass)
    var output = try projection(attended, pass)
    output = try pass.dropped(output, rate: configuration.dropout.hidden, module: projection.path)
    let middle = try afterAttention.join(output, input: input, residual: residual, pass)
    let second = try secondNorm(middle, pass)
    var result = try up.feedForward(second, configuration.activation, down, pass)
    result = try pass.dropped(result, rate: configuration.dropout.hidden, module: down.path)
    let hidden = try afterFeedForward.join(result, input: second, residual: middle, pass)
    return Stream(hidden: hidden, layout: layout)
  }
}
