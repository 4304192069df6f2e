import NeuralNetworks
import TensorCore

extension Architecture {
  /// BERT (Devlin et al. 2019, arXiv:1810.04805).
  package static let bert = Architecture(
    modelType: "bert", baseName: "bert", baseClass: "BertModel",
    heads: [
      .sequenceClassification: "BertForSequenceClassification",
      .tokenClassification: "BertForTokenClassification",
      .questionAnswering: "BertForQuestionAnswering",
      .maskedLM: "BertForMaskedLM",
    ],
    otherClasses: ["BertForPreTraining": .maskedLM],
    isDecoder: false, embeddingName: "embeddings.word_embeddings.weight",
    decoderNames: ["cls.predictions.decoder.weight"],
    decoderBiasNames: ["cls.predictions.decoder.bias", "cls.predictions.bias"],
    loraTargets: ["query", "value"],
    ia3Targets: (keysAndValues: ["key", "value"], feedForward: ["output.dense"]),
    readConfiguration: { try BERT.configuration($0) },
    makeBackbone: { scope, configuration, kind in
      try BERTBackbone(
        scope, configuration, family: "Bert", hasPooler: kind == nil || kind == .sequenceClassification)
    },
    makeHead: { try BERT.head($0, $1, $2, $3) })
}

enum BERT {
  static func configuration(_ reader: ConfigurationReader) throws -> ModelConfiguration {
    try reader.require("is_decoder", among: [.bool(false)])
    try reader.require("position_embedding_type", among: [.string("absolute")])
    var configuration = try ModelConfiguration(
      reader, hidden: "hidden_size", layers: "num_hidden_layers", heads: "num_attention_heads",
      intermediate: "intermediate_size", positions: "max_position_embeddings", activation: "hidden_act",
      activationDefault: "gelu", epsilon: "layer_norm_eps", epsilonDefault: 1e-12)
    configuration.typeVocabularySize = try reader.integer("type_vocab_size", in: 1...100_000, default: 2)
    if reader.json["pad_token_id"] == nil { configuration.paddingTokenID = 0 }
    let hidden = try reader.rate("hidden_dropout_prob", default: 0.1)
    configuration.dropout.hidden = hidden
    configuration.dropout.embeddings = hidden
    configuration.dropout.attention = try reader.rate("attention_probs_dropout_prob", default: 0.1)
    configuration.dropout.classifier = try reader.rate("classifier_dropout", default: hidden)
    return configuration
  }

  static func head(
    _ kind: HeadKind, _ root: ParameterScope, _ configuration: ModelConfiguration, _ backbone: Backbone
  ) throws -> Head {
    switch kind {
    case .sequenceClassification:
      let classifier = try Linear(root.at("classifier"), configuration, output: configuration.labels.count)
      guard let pooler = backbone.pooler else { throw unsupported(kind, .bert) }
      return Head(kind, modules: [pooler, classifier], reads: .first) { [rate = configuration.dropout.classifier] in
        let pooled = try $1.dropped(pooler($0, $1), rate: rate, module: "classifier")
        return try classifier(pooled, $1)
      }
    case .tokenClassification, .questionAnswering:
      return try .perToken(kind, root, configuration)
    case .maskedLM:
      let predictions = root.at("cls").at("predictions")
      let transform = predictions.at("transform")
      return try .maskedLM(
        dense: transform.at("dense"), norm: transform.at("LayerNorm"), decoder: predictions.at("decoder"),
        bias: predictions, activation: configuration.activation, epsilon: configuration.normEpsilon, configuration,
        backbone)
    case .causalLM:
      throw unsupported(kind, .bert)
    }
  }
}

/// Embeddings, blocks and pooler of BERT, and of RoBERTa, whose parts have the same names.
final class BERTBackbone: Backbone {
  private let positionEmbeddings: Embedding
  private let typeEmbeddings: Embedding
  private let norm: LayerNorm
  /// RoBERTa counts positions from the padding id on, and padding tokens stay there.
  private let positionsFollowPadding: Bool

  init(_ scope: ParameterScope, _ configuration: ModelConfiguration, family: String, hasPooler: Bool) throws {
    let size = configuration.hiddenSize
    let deviation = configuration.initializerRange
    positionsFollowPadding = family != "Bert"
    let place = scope.at("embeddings")
    let embeddings = Group(path: place.path, kind: family + "Embeddings")
    let words = try Embedding(
      place.at("word_embeddings"), count: configuration.vocabularySize, size: size,
      paddingIndex: configuration.paddingTokenID, standardDeviation: deviation)
    positionEmbeddings = try Embedding(
      place.at("position_embeddings"), count: configuration.maximumPositions ?? 512, size: size,
      paddingIndex: positionsFollowPadding ? configuration.paddingTokenID : nil, standardDeviation: deviation)
    typeEmbeddings = try Embedding(
      place.at("token_type_embeddings"), count: configuration.typeVocabularySize, size: size,
      standardDeviation: deviation)
    norm = try LayerNorm(place.at("LayerNorm"), size: size, epsilon: configuration.normEpsilon)
    embeddings.hold("word_embeddings", words)
    embeddings.hold("position_embeddings", positionEmbeddings)
    embeddings.hold("token_type_embeddings", typeEmbeddings)
    embeddings.hold("LayerNorm", norm)
    let encoder = scope.at("encoder")
    let layers = encoder.at("layer")
    var blocks: [Block] = []
    for layer in 0..<configuration.layerCount {
      blocks.append(try BERTBackbone.block(layers.at(String(layer)), layer, configuration, family: family))
    }
    let list = ModuleList(path: layers.path, blocks)
    super.init(
      path: scope.path, configuration: configuration, wordEmbeddings: words, embeddingModule: embeddings,
      blocks: list)
    hold("embeddings", embeddings)
    let group = hold("encoder", Group(path: encoder.path, kind: family + "Encoder"))
    group.hold("layer", list)
    if hasPooler { pooler = hold("pooler", try Pooler(scope.at("pooler"), configuration)) }
    kindName = family + "Model"
  }

  private var kindName = ""
  override var kind: String { kindName }

  override func positions(of tokens: ArraySlice<Int>, start: Int, virtual: Int) -> [Int] {
    guard positionsFollowPadding, let padding = configuration.paddingTokenID else {
      return super.positions(of: tokens, start: start, virtual: virtual)
    }
    var next = padding + 1 + start
    var positions: [Int] = Array(next..<(next + virtual))
    next += virtual
    for token in tokens {
      if token == padding {
        positions.append(padding)
      } else {
        positions.append(next)
        next += 1
      }
    }
    return positions
  }

  override func combine(_ words: Tensor, _ layout: RowLayout, _ pass: ForwardContext) throws -> Tensor {
    let types = layout.types ?? Array(repeating: 0, count: layout.rowCount)
    let sum = try words + typeEmbeddings(types, pass)
    let hidden = try norm(sum, residual: positionEmbeddings(layout.positions, pass), pass)
    return try pass.dropped(hidden, rate: configuration.dropout.embeddings, module: embeddingModule.path)
  }

  private static func block(
    _ scope: ParameterScope, _ layer: Int, _ configuration: ModelConfiguration, family: String
  ) throws -> EncoderBlock {
    let size = configuration.hiddenSize
    let attentionScope = scope.at("attention")
    let selfScope = attentionScope.at("self")
    let outputScope = attentionScope.at("output")
    let attention = Group(path: attentionScope.path, kind: family + "Attention")
    let selfAttention = attention.hold("self", Group(path: selfScope.path, kind: family + "SelfAttention"))
    let selfOutput = attention.hold("output", Group(path: outputScope.path, kind: family + "SelfOutput"))
    let intermediate = Group(path: scope.joined("intermediate"), kind: family + "Intermediate")
    let output = Group(path: scope.joined("output"), kind: family + "Output")
    let epsilon = configuration.normEpsilon
    let parts = try EncoderBlock.Parts(
      query: selfAttention.hold("query", Linear(selfScope.at("query"), configuration)),
      key: selfAttention.hold("key", Linear(selfScope.at("key"), configuration)),
      value: selfAttention.hold("value", Linear(selfScope.at("value"), configuration)),
      attentionOutput: selfOutput.hold("dense", Linear(outputScope.at("dense"), configuration)),
      attentionNorm: selfOutput.hold(
        "LayerNorm", LayerNorm(outputScope.at("LayerNorm"), size: size, epsilon: epsilon)),
      up: intermediate.hold(
        "dense",
        Linear(scope.at("intermediate").at("dense"), configuration, output: configuration.intermediateSize)),
      down: output.hold(
        "dense", Linear(scope.at("output").at("dense"), configuration, input: configuration.intermediateSize)),
      outputNorm: output.hold(
        "LayerNorm", LayerNorm(scope.at("output").at("LayerNorm"), size: size, epsilon: epsilon)),
      attentionOwner: selfAttention, attentionOutputOwner: selfOutput, outputOwner: output,
      attentionOutputDropout: configuration.dropout.hidden, outputDropout: configuration.dropout.hidden)
    let block = EncoderBlock(path: scope.path, layer: layer, configuration, parts)
    block.kindName = family + "Layer"
    attention.body = { [unowned block] in try block.attentionAlone($0, $1, joins: true) }
    block.hold("attention", attention)
    block.hold("intermediate", intermediate)
    block.hold("output", output)
    return block
  }
}
