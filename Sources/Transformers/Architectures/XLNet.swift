import NeuralNetworks
import TensorCore

extension Architecture {
  /// XLNet (Yang et al. 2019, arXiv:1906.08237): attention by relative positions and segments; the query stream runs
  /// where places to predict are given.
  package static let xlnet = Architecture(
    modelType: "xlnet", baseName: "transformer", baseClass: "XLNetModel",
    heads: [
      .causalLM: "XLNetLMHeadModel",
      .sequenceClassification: "XLNetForSequenceClassification",
      .tokenClassification: "XLNetForTokenClassification",
      .questionAnswering: "XLNetForQuestionAnsweringSimple",
    ],
    isDecoder: false, embeddingName: "word_embedding.weight", decoderNames: ["lm_loss.weight"],
    loraTargets: ["rel_attn.q", "rel_attn.v"],
    ia3Targets: (keysAndValues: ["rel_attn.k", "rel_attn.v"], feedForward: ["ff.layer_2"]),
    readConfiguration: { try XLNet.configuration($0) },
    makeBackbone: { scope, configuration, _ in try XLNetBackbone(scope, configuration) },
    makeHead: { try XLNet.head($0, $1, $2, $3) })
}

enum XLNet {
  static func configuration(_ reader: ConfigurationReader) throws -> ModelConfiguration {
    try reader.require("attn_type", among: [.string("bi")])
    try reader.require("bi_data", among: [.bool(false)])
    try reader.require("same_length", among: [.bool(false)])
    try reader.require("summary_type", among: [.string("last")])
    try reader.require("summary_use_proj", among: [.bool(true)])
    try reader.require("summary_activation", among: [.string("tanh")])
    var configuration = try ModelConfiguration(
      reader, hidden: "d_model", layers: "n_layer", heads: "n_head", intermediate: "d_inner", positions: nil,
      activation: "ff_activation", activationDefault: "gelu", epsilon: "layer_norm_eps", epsilonDefault: 1e-12,
      headSizeField: "d_head")
    configuration.relativeClamp = try reader.integer("clamp_len", in: -1...1_000_000, default: -1)
    let rate = try reader.rate("dropout", default: 0.1)
    configuration.dropout.hidden = rate
    configuration.dropout.embeddings = rate
    configuration.dropout.attention = rate
    configuration.dropout.classifier = try reader.rate("summary_last_dropout", default: 0.1)
    return configuration
  }

  static func head(
    _ kind: HeadKind, _ root: ParameterScope, _ configuration: ModelConfiguration, _ backbone: Backbone
  ) throws -> Head {
    switch kind {
    case .sequenceClassification:
      let tree = TreeBuilder()
      let summary = tree.add(try Linear(root.at("sequence_summary").at("summary"), configuration))
      let projection = tree.add(
        try Linear(root.at("logits_proj"), configuration, output: configuration.labels.count))
      return Head(kind, modules: tree.modules, reads: .last) { [rate = configuration.dropout.classifier] in
        let middle = try summary($0, $1).map(.tanh)
        return try projection($1.dropped(middle, rate: rate, module: "sequence_summary"), $1)
      }
    case .tokenClassification, .questionAnswering:
      return try .perToken(kind, root, configuration, rate: 0)
    case .causalLM:
      return try .causalLM(root.at("lm_loss"), bias: true, configuration, backbone)
    case .maskedLM:
      throw unsupported(kind, .xlnet)
    }
  }
}

final class XLNetBackbone: Backbone {
  /// `[1, 1, C]`: what the query stream starts from.
  private let maskEmbedding: Parameter

  init(_ scope: ParameterScope, _ configuration: ModelConfiguration) throws {
    let words = try Embedding(
      scope.at("word_embedding"), count: configuration.vocabularySize, size: configuration.hiddenSize,
      standardDeviation: configuration.initializerRange)
    maskEmbedding = try scope.parameter(
      "mask_emb", [1, 1, configuration.hiddenSize],
      .normal(standardDeviation: configuration.initializerRange))
    let layers = scope.at("layer")
    var blocks: [Block] = []
    for layer in 0..<configuration.layerCount {
      blocks.append(try XLNetBlock(layers.at(String(layer)), layer, configuration))
    }
    let list = ModuleList(path: layers.path, blocks)
    let embeddings = Group(path: scope.path, kind: "Embeddings")
    embeddings.hold("mask_emb", maskEmbedding)
    embeddings.hold("word_embedding", words)
    super.init(
      path: scope.path, configuration: configuration, wordEmbeddings: words, embeddingModule: embeddings,
      blocks: list)
    hold("mask_emb", maskEmbedding)
    hold("word_embedding", words)
    hold("layer", list)
  }

  override var kind: String { "XLNetModel" }
  override var acceptedTypes: Int? { nil }

  override func combine(_ words: Tensor, _ layout: RowLayout, _ pass: ForwardContext) throws -> Tensor {
    try pass.dropped(words, rate: configuration.dropout.embeddings, module: wordEmbeddings.path)
  }

  override func prepare(_ stream: inout Stream, _ batch: Batch, _ pass: ForwardContext) throws {
    guard let targets = stream.layout.targets else { return }
    guard targets.count == stream.layout.sequenceCount else {
      throw TransformerError.badInput(
        field: "target_mapping", expected: "places for each of \(stream.layout.sequenceCount) sequences",
        got: "\(targets.count)")
    }
    for (sequence, places) in targets.enumerated() {
      let count = stream.layout.range(sequence).count
      if let wrong = places.first(where: { $0 < 0 || $0 >= count }) {
        throw TransformerError.badInput(
          field: "target_mapping", expected: "places from 0 to \(count - 1)", got: "\(wrong)")
      }
    }
    let count = targets.reduce(0) { $0 + $1.count }
    let row = try maskEmbedding.read(pass).reshaped([1, configuration.hiddenSize])
    stream.query = try row.gatheredRows(Array(repeating: 0, count: count))
  }

  override func finish(_ stream: Stream, _ pass: ForwardContext) throws -> Stream {
    var result = stream
    if let query = stream.query {
      result.hidden = query
      return result
    }
    result.hidden = try pass.dropped(stream.hidden, rate: configuration.dropout.hidden, module: path + ".output")
    return result
  }
}

final class XLNetBlock: Block {
  private let configuration: ModelConfiguration
  private let settings: AttentionSettings
  private let point: AttentionPoint
  private let afterAttention: SublayerPoint
  private let afterFeedForward: SublayerPoint
  private let query, key, value, output, relative: Linear
  private let relativeBias, segmentBias, wordBias, segments: Parameter
  private let first, second: Linear

  init(_ scope: ParameterScope, _ layer: Int, _ configuration: ModelConfiguration) throws {
    let size = configuration.hiddenSize
    let (heads, headSize) = (configuration.headCount, configuration.headSize)
    let attentionScope = scope.at("rel_attn")
    let feedScope = scope.at("ff")
    let attention = Group(path: attentionScope.path, kind: "XLNetRelativeAttention")
    let feed = Group(path: feedScope.path, kind: "XLNetFeedForward")
    let start = Initializer.normal(standardDeviation: configuration.initializerRange)
    func projection(_ name: String) throws -> Linear {
      let isOutput = name == "o"
      return try attention.hold(
        name,
        Linear(
          attentionScope.at(name), bare: [size, heads, headSize], input: isOutput ? heads * headSize : size,
          output: isOutput ? size : heads * headSize, orientation: isOutput ? .outputInput : .inputOutput,
          initializer: start))
    }
    func parameter(_ name: String, _ shape: [Int]) throws -> Parameter {
      attention.hold(name, try attentionScope.parameter(name, shape, start))
    }
    self.configuration = configuration
    query = try projection("q")
    key = try projection("k")
    value = try projection("v")
    output = try projection("o")
    relative = try projection("r")
    relativeBias = try parameter("r_r_bias", [heads, headSize])
    segmentBias = try parameter("r_s_bias", [heads, headSize])
    wordBias = try parameter("r_w_bias", [heads, headSize])
    segments = try parameter("seg_embed", [2, heads, headSize])
    let attentionNorm = try attention.hold(
      "layer_norm", LayerNorm(attentionScope.at("layer_norm"), size: size, epsilon: configuration.normEpsilon))
    let feedNorm = try feed.hold(
      "layer_norm", LayerNorm(feedScope.at("layer_norm"), size: size, epsilon: configuration.normEpsilon))
    first = try feed.hold(
      "layer_1", Linear(feedScope.at("layer_1"), configuration, output: configuration.intermediateSize))
    second = try feed.hold(
      "layer_2", Linear(feedScope.at("layer_2"), configuration, input: configuration.intermediateSize))
    settings = AttentionSettings(configuration, isCausal: false, module: attentionScope.path)
    point = AttentionPoint(layer: layer, owner: attention)
    afterAttention = SublayerPoint(layer: layer, place: .attention, owner: attention, norm: attentionNorm)
    afterFeedForward = SublayerPoint(layer: layer, place: .feedForward, owner: feed, norm: feedNorm)
    super.init(path: scope.path, layer: layer)
    kindName = "XLNetLayer"
    hold("rel_attn", attention)
    hold("ff", feed)
    attentionPoint = point
    sublayerPoints = [afterAttention, afterFeedForward]
  }

  override func callAsFunction(_ stream: Stream, _ pass: ForwardContext, selection: RowSelection?) throws -> Stream {
    let layout = stream.layout
    let attention = try RelativeAttention(
      keys: key(stream.hidden, pass), values: value(stream.hidden, pass), layout: layout,
      segments: segments.read(pass), wordBias: wordBias.read(pass), relativeBias: relativeBias.read(pass),
      segmentBias: segmentBias.read(pass), relative: relative, settings: settings, point: point,
      clamp: configuration.relativeClamp)
    let attended = try attention(query(stream.hidden, pass), seesItself: true, pass)
    var result = stream
    var hidden = try after(attended, residual: stream.hidden, pass)
    if let selection {
      hidden = try hidden.gatheredRows(selection.rows)
      result.layout = layout.selecting(selection)
    }
    if let targets = stream.query, let places = layout.targets {
      let full = try scattered(query(targets, pass), places, layout)
      let seen = try attention(full, seesItself: false, pass)
      let rows = places.enumerated().flatMap { sequence, own in own.map { layout.offsets[sequence] + $0 } }
      let savedPlaces = pass.places
      pass.places = pass.places?.selecting(rows)
      result.query = try after(seen.gatheredRows(rows), residual: targets, pass)
      pass.places = savedPlaces
    }
    result.hidden = hidden
    return result
  }

  /// Target rows at their places among all rows, zeros elsewhere.
  private func scattered(_ rows: Tensor, _ places: [[Int]], _ layout: RowLayout) throws -> Tensor {
    let zero = try Tensor(zeros: [1, rows.shape[1]])
    var order = [Int](repeating: 0, count: layout.rowCount)
    var next = 1
    for (sequence, own) in places.enumerated() {
      for place in own {
        order[layout.offsets[sequence] + place] = next
        next += 1
      }
    }
    return try Tensor.concatenated([zero, rows], axis: 0).gatheredRows(order)
  }

  private func after(_ attended: Tensor, residual: Tensor, _ pass: ForwardContext) throws -> Tensor {
    let rate = configuration.dropout.hidden
    let out = try pass.dropped(output(attended, pass), rate: rate, module: output.path)
    let middle = try afterAttention.join(out, input: residual, residual: residual, pass)
    let inner = try first(middle, pass).map(configuration.activation)
    let fed = try second(pass.dropped(inner, rate: rate, module: first.path), pass)
    let last = try pass.dropped(fed, rate: rate, module: second.path)
    return try afterFeedForward.join(last, input: middle, residual: middle, pass)
  }
}
