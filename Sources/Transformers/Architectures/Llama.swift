import Files
import NeuralNetworks
import TensorCore

extension Architecture {
  /// Llama (Touvron et al. 2023, arXiv:2302.13971): RMS norms, rotary positions, grouped-query attention, SwiGLU.
  package static let llama = Llama.architecture("llama", family: "Llama") { configuration, reader in
    configuration.hasAttentionBias = try reader.flag("attention_bias", default: false)
    configuration.hasOutputBias = configuration.hasAttentionBias
    configuration.hasFeedForwardBias = try reader.flag("mlp_bias", default: false)
  }

  /// Mistral (Jiang et al. 2023, arXiv:2310.06825): Llama with a window of attention.
  package static let mistral = Llama.architecture(
    "mistral", family: "Mistral", answersUnder: "model", keyValueHeads: 8
  ) { configuration, reader in
    try Llama.setWindow(&configuration, reader)
  }

  /// Qwen2 (Yang et al. 2024, arXiv:2407.10671): Llama with biases on queries, keys and values.
  package static let qwen2 = Llama.architecture("qwen2", family: "Qwen2", keyValueHeads: 32) {
    configuration, reader in
    configuration.hasAttentionBias = true
    if try reader.flag("use_sliding_window", default: false) { try Llama.setWindow(&configuration, reader) }
    configuration.windowLayers = try Llama.windowLayers(configuration, reader)
  }
}

enum Llama {
  /// A family that differs from Llama in what `adjust` sets.
  ///
  /// - Parameters:
  ///   - base: the name under which a model that answers questions holds its backbone.
  ///   - keyValueHeads: how many a file without `num_key_value_heads` means; nil for as many as there are of queries.
  static func architecture(
    _ modelType: String, family: String, answersUnder base: String = "transformer", keyValueHeads: Int? = nil,
    adjust: @escaping @Sendable (inout ModelConfiguration, ConfigurationReader) throws -> Void
  ) -> Architecture {
    Architecture(
      modelType: modelType, baseName: "model", baseClass: family + "Model",
      heads: [
        .causalLM: family + "ForCausalLM",
        .sequenceClassification: family + "ForSequenceClassification",
        .tokenClassification: family + "ForTokenClassification",
        .questionAnswering: family + "ForQuestionAnswering",
      ],
      baseNames: [.questionAnswering: base],
      isDecoder: true, embeddingName: "embed_tokens.weight", decoderNames: ["lm_head.weight"],
      loraTargets: ["q_proj", "v_proj"],
      ia3Targets: (keysAndValues: ["k_proj", "v_proj"], feedForward: ["down_proj"]),
      readConfiguration: { reader in
        var configuration = try Llama.configuration(reader, keyValueHeads: keyValueHeads)
        try adjust(&configuration, reader)
        return configuration
      },
      makeBackbone: { scope, configuration, _ in try LlamaBackbone(scope, configuration, family: family) },
      makeHead: { kind, root, configuration, backbone in
        switch kind {
        case .causalLM: return try .causalLM(root.at("lm_head"), bias: false, configuration, backbone)
        case .sequenceClassification: return try .decoderClassifier(root, configuration)
        case .tokenClassification:
          let score = try Linear(root.at("score"), configuration, output: configuration.labels.count)
          return Head(kind, modules: [score]) { [rate = configuration.dropout.classifier] in
            try score($1.dropped($0, rate: rate, module: "score"), $1)
          }
        case .questionAnswering: return try .perToken(kind, root, configuration)
        case .maskedLM:
          throw TransformerError.unsupportedHead(
            head: kind.rawValue, modelType: modelType,
            supported: HeadKind.allCases.filter { $0 != .maskedLM }.map(\.rawValue))
        }
      })
  }

  /// `sliding_window`: 4096 where the file lacks it, no window where it says null.
  static func setWindow(_ configuration: inout ModelConfiguration, _ reader: ConfigurationReader) throws {
    let given = try reader.optionalInteger("sliding_window", in: 1...100_000_000)
    configuration.window = reader.json["sliding_window"] == nil ? 4096 : given
  }

  /// The blocks that have the window: those that `layer_types` says, else those from `max_window_layers` on.
  static func windowLayers(_ configuration: ModelConfiguration, _ reader: ConfigurationReader) throws -> Set<Int> {
    let layers = 0..<configuration.layerCount
    guard let field = reader.json["layer_types"], !field.isNull else {
      let first = try reader.integer("max_window_layers", in: 0...100_000, default: 28)
      return Set(layers.filter { $0 >= first })
    }
    let kinds = (field.array ?? []).map { $0.string ?? "" }
    let known = configuration.window == nil ? ["full_attention"] : ["full_attention", "sliding_attention"]
    guard kinds.count == layers.count, kinds.allSatisfy(known.contains) else {
      throw TransformerError.invalidField(
        field: "layer_types", got: String(field.text().prefix(120)),
        expected: "\(known.joined(separator: " or ")) for each of \(layers.count) layers"
          + (configuration.window == nil ? ", since no sliding window is used" : ""))
    }
    return Set(layers.filter { kinds[$0] == "sliding_attention" })
  }

  static func configuration(_ reader: ConfigurationReader, keyValueHeads: Int?) throws -> ModelConfiguration {
    try reader.require("is_causal", among: [.bool(true)])
    var configuration = try ModelConfiguration(
      reader, hidden: "hidden_size", layers: "num_hidden_layers", heads: "num_attention_heads",
      intermediate: "intermediate_size", positions: "max_position_embeddings", activation: "hidden_act",
      activationDefault: "silu", epsilon: "rms_norm_eps", epsilonDefault: 1e-6, headSizeField: "head_dim")
    let heads = configuration.headCount
    // Null means as many as there are of queries, whatever the family.
    let unsaid = reader.json["num_key_value_heads"] == nil ? keyValueHeads ?? heads : heads
    configuration.keyValueHeadCount = try reader.integer("num_key_value_heads", in: 1...100_000, default: unsaid)
    guard heads % configuration.keyValueHeadCount == 0 else {
      throw TransformerError.invalidField(
        field: "num_key_value_heads", got: "\(configuration.keyValueHeadCount)",
        expected: "a number that divides num_attention_heads, which is \(heads)")
    }
    guard configuration.headSize % 2 == 0 else {
      throw TransformerError.invalidField(
        field: "head_dim", got: "\(configuration.headSize)", expected: "an even number: rotary positions go in pairs")
    }
    configuration.tiesWordEmbeddings = try reader.flag("tie_word_embeddings", default: false)
    configuration.dropout.attention = try reader.rate("attention_dropout", default: 0)
    configuration.dropout.classifier = try reader.rate("classifier_dropout", default: 0.1)
    let settings = try rotary(reader)
    configuration.rotary = settings
    if case .divided(let factors) = settings.scaling { try configuration.divideFrequencies(by: factors) }
    return configuration
  }

  /// Rotary settings, which newer files keep in `rope_parameters`, older ones in `rope_theta` and `rope_scaling`. Where
  /// both stand, as where a scaling was added by hand, upstream goes by `rope_scaling`.
  private static func rotary(_ reader: ConfigurationReader) throws -> ModelConfiguration.RotarySettings {
    let scales = reader.json["rope_scaling"]?.object?.members.isEmpty == false
    let field = scales ? "rope_scaling" : "rope_parameters"
    let inner = ConfigurationReader(reader.json[field] ?? .object([]), modelType: reader.modelType)
    let outer = try reader.number("rope_theta", in: 1...1e12, default: 10_000)
    let base = try inner.number("rope_theta", in: 1...1e12, default: outer)
    for place in [reader, inner] { try place.require("partial_rotary_factor", among: [.integer(1), .real(1)]) }
    let positions = reader.json["max_position_embeddings"]
    let trained = inner.json["original_max_position_embeddings"] ?? positions
    // Divisors that hold for texts of any length: how a model of a GGUF file is saved.
    let hasOneSet =
      inner.json["attention_factor"]?.double == 1 && inner.json["short_factor"] == inner.json["long_factor"]
    switch try inner.text("rope_type", "type", default: "default") {
    case "default":
      return .init(base: base, scaling: .none)
    case "dynamic" where trained == positions:
      // It changes frequencies only for texts longer than the positions, which no text is here.
      return .init(base: base, scaling: .none)
    case "linear":
      return .init(base: base, scaling: .linear(factor: try inner.number("factor", in: 1e-6...1e6)))
    case "llama3":
      let original = try inner.number("original_max_position_embeddings", in: 1...1e9)
      return .init(
        base: base,
        scaling: .llama3(
          factor: try inner.number("factor", in: 1e-6...1e6), low: try inner.number("low_freq_factor", in: 1e-6...1e6),
          high: try inner.number("high_freq_factor", in: 1e-6...1e6), original: original))
    case "longrope" where hasOneSet:
      let factors = inner.json["short_factor"]?.array ?? []
      return .init(base: base, scaling: .divided(by: factors.map { Float($0.double ?? 0) }))
    case let other:
      throw TransformerError.invalidField(
        field: field + ".rope_type", got: "\"\(other)\"",
        expected: "default, linear, llama3, or longrope with the same factors for short and long texts")
    }
  }
}

final class LlamaBackbone: Backbone {
  private let family: String

  init(_ scope: ParameterScope, _ configuration: ModelConfiguration, family: String) throws {
    self.family = family
    let words = try Embedding(
      scope.at("embed_tokens"), count: configuration.vocabularySize, size: configuration.hiddenSize,
      paddingIndex: configuration.paddingTokenID, standardDeviation: configuration.initializerRange)
    let layers = scope.at("layers")
    var blocks: [Block] = []
    for layer in 0..<configuration.layerCount {
      blocks.append(try LlamaBlock(layers.at(String(layer)), layer, configuration, family: family))
    }
    let list = ModuleList(path: layers.path, blocks)
    let norm = try RMSNorm(
      scope.at("norm"), size: configuration.hiddenSize, epsilon: configuration.normEpsilon)
    super.init(
      path: scope.path, configuration: configuration, wordEmbeddings: words, embeddingModule: words, blocks: list,
      finalNorm: norm)
    hold("embed_tokens", words)
    hold("layers", list)
    hold("norm", norm)
  }

  override var kind: String { family + "Model" }
  override var acceptedTypes: Int? { nil }

  override func prepare(_ stream: inout Stream, _ batch: Batch, _ pass: ForwardContext) throws {
    guard let rotary = configuration.rotary else { return }
    stream.layout.rotary = rotary.table(stream.layout.positions, headSize: configuration.headSize)
  }
}

final class LlamaBlock: Block {
  private let configuration: ModelConfiguration
  private let attention: AttentionSettings
  private let point: AttentionPoint
  private let afterAttention: SublayerPoint
  private let afterFeedForward: SublayerPoint
  private let firstNorm: RMSNorm
  private let secondNorm: RMSNorm
  private let query, key, value, output: Linear
  private let gate, up, down: Linear

  init(_ scope: ParameterScope, _ layer: Int, _ configuration: ModelConfiguration, family: String) throws {
    let attentionScope = scope.at("self_attn")
    let feedScope = scope.at("mlp")
    let attentionGroup = Group(path: attentionScope.path, kind: family + "Attention")
    let feed = Group(path: feedScope.path, kind: family + "MLP")
    let width = configuration.headCount * configuration.headSize
    let narrow = configuration.keyValueHeadCount * configuration.headSize
    let inner = configuration.intermediateSize
    self.configuration = configuration
    func held(
      _ group: Group, _ place: ParameterScope, _ name: String, _ input: Int?, _ output: Int?, _ bias: Bool
    ) throws -> Linear {
      group.hold(name, try Linear(place.at(name), configuration, input: input, output: output, bias: bias))
    }
    let bias = configuration.hasAttentionBias
    query = try held(attentionGroup, attentionScope, "q_proj", nil, width, bias)
    key = try held(attentionGroup, attentionScope, "k_proj", nil, narrow, bias)
    value = try held(attentionGroup, attentionScope, "v_proj", nil, narrow, bias)
    output = try held(attentionGroup, attentionScope, "o_proj", width, nil, configuration.hasOutputBias)
    gate = try held(feed, feedScope, "gate_proj", nil, inner, configuration.hasFeedForwardBias)
    up = try held(feed, feedScope, "up_proj", nil, inner, configuration.hasFeedForwardBias)
    down = try held(feed, feedScope, "down_proj", inner, nil, configuration.hasFeedForwardBias)
    let size = configuration.hiddenSize
    firstNorm = try RMSNorm(scope.at("input_layernorm"), size: size, epsilon: configuration.normEpsilon)
    secondNorm = try RMSNorm(scope.at("post_attention_layernorm"), size: size, epsilon: configuration.normEpsilon)
    var settings = AttentionSettings(configuration, isCausal: true, module: attentionScope.path)
    if configuration.windowLayers?.contains(layer) ?? true { settings.window = configuration.window }
    attention = settings
    point = AttentionPoint(layer: layer, owner: attentionGroup)
    afterAttention = SublayerPoint(layer: layer, place: .attention, owner: attentionGroup, norm: nil)
    afterFeedForward = SublayerPoint(layer: layer, place: .feedForward, owner: feed, norm: nil)
    super.init(path: scope.path, layer: layer)
    kindName = family + "DecoderLayer"
    hold("self_attn", attentionGroup)
    hold("mlp", feed)
    hold("input_layernorm", firstNorm)
    hold("post_attention_layernorm", secondNorm)
    attentionPoint = point
    sublayerPoints = [afterAttention, afterFeedForward]
  }

  override func callAsFunction(_ stream: Stream, _ pass: ForwardContext, selection: RowSelection?) throws -> Stream {
    if selection == nil, let result = try fewRows(stream, pass) { return result }
    let normed = try firstNorm(stream.hidden, pass)
    let angles = stream.layout.rotary ?? makeTable(stream.layout.positions)
    let keys = try key(normed, pass).rotary(angles, heads: configuration.keyValueHeadCount)
    let values = try value(normed, pass)
    var residual = stream.hidden
    var input = normed
    var layout = stream.layout
    if let selection {
      residual = try residual.gatheredRows(selection.rows)
      input = try input.gatheredRows(selection.rows)
      layout = layout.selecting(selection)
      layout.rotary = makeTable(layout.positions)
      pass.places = layout.places
    }
    let queries = try query(input, pass).rotary(layout.rotary ?? angles, heads: configuration.headCount)
    let attended = try attend(
      queries, keys, values, stream.layout, selection: selection, at: point, attention, pass)
    let middle = try afterAttention.join(output(attended, pass), input: input, residual: residual, pass)
    let second = try secondNorm(middle, pass)
    let gated = try gate(second, pass).gating(up(second, pass), by: configuration.activation)
    let hidden = try afterFeedForward.join(down(gated, pass), input: second, residual: middle, pass)
    return Stream(hidden: hidden, layout: layout)
  }

  /// The same for few rows with weights as they are stored and no method anywhere, in few steps; nil otherwise.
  private func fewRows(_ stream: Stream, _ pass: ForwardContext) throws -> Stream? {
    guard pass.cache != nil, pass.dropout == nil, afterAttention.isFree, afterFeedForward.isFree,
      stream.layout.rowCount <= RowLayout.fewRows, let parts = try gatedRows(stream.hidden, pass)
    else { return nil }
    let (queries, keys, values) = try parts.attentionInputs(
      stream.hidden, stream.layout.rotary ?? makeTable(stream.layout.positions))
    let attended = try attend(queries, keys, values, stream.layout, selection: nil, at: point, attention, pass)
    return Stream(hidden: try parts.result(stream.hidden, attended: attended), layout: stream.layout)
  }

  private func gatedRows(_ rows: Tensor, _ pass: ForwardContext) throws -> GatedRows? {
    guard let query = try query.projection(rows, pass), let key = try key.projection(rows, pass),
      let value = try value.projection(rows, pass), let output = try output.projection(rows, pass),
      let gate = try gate.projection(rows, pass), let up = try up.projection(rows, pass),
      let down = try down.projection(rows, pass)
    else { return nil }
    return GatedRows(
      norms: (firstNorm.part(pass), secondNorm.part(pass)), attention: (query, key, value, output),
      feedForward: (gate, up, down), activation: configuration.activation, headCount: configuration.headCount,
      keyValueHeadCount: configuration.keyValueHeadCount)
  }

  private func makeTable(_ positions: [Int]) -> RotaryTable {
    let settings = configuration.rotary ?? .init(base: 10_000, scaling: .none)
    return settings.table(positions, headSize: configuration.headSize)
  }
}
