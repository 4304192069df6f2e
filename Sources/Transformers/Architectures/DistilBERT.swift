import NeuralNetworks
import TensorCore

extension Architecture {
  /// DistilBERT (Sanh et al. 2019, arXiv:1910.01108): BERT's blocks without segments and pooler.
  package static let distilBERT = Architecture(
    modelType: "distilbert", baseName: "distilbert", baseClass: "DistilBertModel",
    heads: [
      .sequenceClassification: "DistilBertForSequenceClassification",
      .tokenClassification: "DistilBertForTokenClassification",
      .questionAnswering: "DistilBertForQuestionAnswering",
      .maskedLM: "DistilBertForMaskedLM",
    ],
    isDecoder: false, embeddingName: "embeddings.word_embeddings.weight", decoderNames: ["vocab_projector.weight"],
    loraTargets: ["q_lin", "v_lin"],
    ia3Targets: (keysAndValues: ["k_lin", "v_lin"], feedForward: ["lin2"]),
    readConfiguration: { try DistilBERT.configuration($0) },
    makeBackbone: { scope, configuration, _ in try DistilBERTBackbone(scope, configuration) },
    makeHead: { try DistilBERT.head($0, $1, $2, $3) })
}

enum DistilBERT {
  static func configuration(_ reader: ConfigurationReader) throws -> ModelConfiguration {
    var configuration = try ModelConfiguration(
      reader, hidden: "dim", layers: "n_layers", heads: "n_heads", intermediate: "hidden_dim",
      positions: "max_position_embeddings", activation: "activation", activationDefault: "gelu",
      epsilon: "layer_norm_eps", epsilonDefault: 1e-12)
    configuration.normEpsilon = 1e-12
    if reader.json["pad_token_id"] == nil { configuration.paddingTokenID = 0 }
    let rate = try reader.rate("dropout", default: 0.1)
    configuration.dropout.hidden = rate
    configuration.dropout.embeddings = rate
    configuration.dropout.attention = try reader.rate("attention_dropout", default: 0.1)
    configuration.dropout.classifier = try reader.rate("seq_classif_dropout", default: 0.2)
    configuration.dropout.questionAnswering = try reader.rate("qa_dropout", default: 0.1)
    return configuration
  }

  static func head(
    _ kind: HeadKind, _ root: ParameterScope, _ configuration: ModelConfiguration, _ backbone: Backbone
  ) throws -> Head {
    switch kind {
    case .sequenceClassification:
      let first = try Linear(root.at("pre_classifier"), configuration)
      let classifier = try Linear(root.at("classifier"), configuration, output: configuration.labels.count)
      return Head(kind, modules: [first, classifier], reads: .first) { [rate = configuration.dropout.classifier] in
        let middle = try first($0, $1).map(.relu)
        return try classifier($1.dropped(middle, rate: rate, module: "classifier"), $1)
      }
    case .tokenClassification:
      return try .perToken(kind, root, configuration, rate: configuration.dropout.hidden)
    case .questionAnswering:
      return try .perToken(kind, root, configuration, rate: configuration.dropout.questionAnswering)
    case .maskedLM:
      return try .maskedLM(
        dense: root.at("vocab_transform"), norm: root.at("vocab_layer_norm"), decoder: root.at("vocab_projector"),
        bias: root.at("vocab_projector"), activation: configuration.activation, epsilon: 1e-12, configuration,
        backbone)
    case .causalLM:
      throw unsupported(kind, .distilBERT)
    }
  }
}

final class DistilBERTBackbone: Backbone {
  private let positionEmbeddings: Embedding
  private let norm: LayerNorm

  init(_ scope: ParameterScope, _ configuration: ModelConfiguration) throws {
    let size = configuration.hiddenSize
    let place = scope.at("embeddings")
    let embeddings = Group(path: place.path, kind: "Embeddings")
    let words = try Embedding(
      place.at("word_embeddings"), count: configuration.vocabularySize, size: size,
      paddingIndex: configuration.paddingTokenID, standardDeviation: configuration.initializerRange)
    positionEmbeddings = try Embedding(
      place.at("position_embeddings"), count: configuration.maximumPositions ?? 512, size: size,
      standardDeviation: configuration.initializerRange)
    norm = try LayerNorm(place.at("LayerNorm"), size: size, epsilon: configuration.normEpsilon)
    embeddings.hold("word_embeddings", words)
    embeddings.hold("position_embeddings", positionEmbeddings)
    embeddings.hold("LayerNorm", norm)
    let transformer = scope.at("transformer")
    let layers = transformer.at("layer")
    var blocks: [Block] = []
    for layer in 0..<configuration.layerCount {
      blocks.append(try DistilBERTBackbone.block(layers.at(String(layer)), layer, configuration))
    }
    let list = ModuleList(path: layers.path, blocks)
    super.init(
      path: scope.path, configuration: configuration, wordEmbeddings: words, embeddingModule: embeddings,
      blocks: list)
    hold("embeddings", embeddings)
    hold("transformer", Group(path: transformer.path, kind: "Transformer")).hold("layer", list)
  }

  override var kind: String { "DistilBertModel" }
  override var acceptedTypes: Int? { nil }

  override func combine(_ words: Tensor, _ layout: RowLayout, _ pass: ForwardContext) throws -> Tensor {
    let hidden = try norm(words, residual: positionEmbeddings(layout.positions, pass), pass)
    return try pass.dropped(hidden, rate: configuration.dropout.embeddings, module: embeddingModule.path)
  }

  private static func block(
    _ scope: ParameterScope, _ layer: Int, _ configuration: ModelConfiguration
  ) throws -> EncoderBlock {
    let size = configuration.hiddenSize
    let attentionScope = scope.at("attention")
    let feedScope = scope.at("ffn")
    let attention = Group(path: attentionScope.path, kind: "DistilBertSelfAttention")
    let feed = Group(path: feedScope.path, kind: "FFN")
    let epsilon = configuration.normEpsilon
    let inner = configuration.intermediateSize
    let query = try attention.hold("q_lin", Linear(attentionScope.at("q_lin"), configuration))
    let key = try attention.hold("k_lin", Linear(attentionScope.at("k_lin"), configuration))
    let value = try attention.hold("v_lin", Linear(attentionScope.at("v_lin"), configuration))
    let out = try attention.hold("out_lin", Linear(attentionScope.at("out_lin"), configuration))
    let up = try feed.hold("lin1", Linear(feedScope.at("lin1"), configuration, output: inner))
    let down = try feed.hold("lin2", Linear(feedScope.at("lin2"), configuration, input: inner))
    let attentionNorm = try LayerNorm(scope.at("sa_layer_norm"), size: size, epsilon: epsilon)
    let outputNorm = try LayerNorm(scope.at("output_layer_norm"), size: size, epsilon: epsilon)
    let parts = EncoderBlock.Parts(
      query: query, key: key, value: value, attentionOutput: out, attentionNorm: attentionNorm, up: up, down: down,
      outputNorm: outputNorm, attentionOwner: attention, attentionOutputOwner: attention, outputOwner: feed,
      attentionOutputDropout: nil, outputDropout: configuration.dropout.hidden)
    let block = EncoderBlock(path: scope.path, layer: layer, configuration, parts)
    block.kindName = "TransformerBlock"
    attention.body = { [unowned block] in try block.attentionAlone($0, $1, joins: false) }
    feed.body = { try up.feedForward($0, configuration.activation, down, $1) }
    block.hold("attention", attention)
    block.hold("sa_layer_norm", attentionNorm)
    block.hold("ffn", feed)
    block.hold("output_layer_norm", outputNorm)
    return block
  }
}
