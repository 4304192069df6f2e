import Checkpoints
import Files
import NeuralNetworks
import TensorCore
import Tokenizers

/// A model in a GGUF file: its metadata as a configuration, its tensors under upstream's names.
enum GGUFModel {
  /// The family that the metadata names.
  ///
  /// - Throws: ``TransformerError/unknownArchitecture(modelType:known:nearest:)``.
  static func family(_ metadata: [String: GGUFValue]) throws -> GGUFFamily {
    let name = metadata["general.architecture"]?.string ?? ""
    guard let family = GGUFFamily.all[name] else {
      throw TransformerError.unknownArchitecture(
        modelType: name.isEmpty ? "(none)" : String(name.prefix(40)), known: GGUFFamily.all.keys.sorted(), nearest: nil)
    }
    return family
  }

  /// config.json as upstream would have it.
  ///
  /// - Parameter has: whether the file has a tensor of that name.
  /// - Throws: ``TransformerError`` for a field that is missing.
  static func configuration(
    _ metadata: [String: GGUFValue], _ family: GGUFFamily, has: (String) -> Bool
  ) throws -> JSON {
    let prefix = metadata["general.architecture"]?.string ?? ""
    func optional(_ name: String) -> GGUFValue? { metadata["\(prefix).\(name)"] }
    func field(_ name: String) throws -> GGUFValue {
      guard let value = optional(name) else {
        throw TransformerError.missingField(field: "\(prefix).\(name)", modelType: prefix)
      }
      return value
    }
    func integer(_ name: String) throws -> JSON { .integer(try field(name).int ?? -1) }
    func real(_ name: String) throws -> JSON { .real(try field(name).double ?? -1) }
    let vocabulary = metadata["tokenizer.ggml.tokens"]?.strings?.count ?? optional("vocab_size")?.int
    var members: [(String, JSON)] = [
      ("architectures", .array([.string(family.className)])),
      ("model_type", .string(family.modelType)),
      ("vocab_size", .integer(vocabulary ?? -1)),
      ("tie_word_embeddings", .bool(!has("output.weight"))),
    ]
    for (name, key) in [("bos_token_id", "bos"), ("eos_token_id", "eos"), ("pad_token_id", "padding")] {
      if let id = metadata["tokenizer.ggml.\(key)_token_id"]?.int { members.append((name, .integer(id))) }
    }
    let (width, heads) = (try integer("embedding_length"), try integer("attention.head_count"))
    let (layers, inner) = (try integer("block_count"), try integer("feed_forward_length"))
    let positions = try integer("context_length")
    if family.modelType == "gpt2" {
      members += [
        ("n_embd", width), ("n_inner", inner), ("n_layer", layers), ("n_head", heads), ("n_positions", positions),
        ("layer_norm_epsilon", try real("attention.layer_norm_epsilon")),
      ]
      return .object(members)
    }
    members += [
      ("hidden_size", width), ("intermediate_size", inner), ("num_hidden_layers", layers),
      ("num_attention_heads", heads), ("max_position_embeddings", positions),
      ("num_key_value_heads", optional("attention.head_count_kv")?.int.map { .integer($0) } ?? heads),
      ("rms_norm_eps", try real("attention.layer_norm_rms_epsilon")),
      ("rope_theta", .real(optional("rope.freq_base")?.double ?? 10_000)), ("hidden_act", .string("silu")),
      ("attention_bias", .bool(has("blk.0.attn_q.bias"))),
    ]
    if let size = optional("attention.key_length")?.int { members.append(("head_dim", .integer(size))) }
    if family.modelType == "mistral" {
      let window = optional("attention.sliding_window")?.int ?? 0
      members.append(("sliding_window", window > 0 ? .integer(window) : .null))
    }
    // As llama.cpp reads it: a factor without a type is linear, `scale_linear` its older name, 0 and 1 change nothing.
    let scaling = optional("rope.scaling.type")?.string ?? "linear"
    let factor = optional("rope.scaling.factor")?.double ?? optional("rope.scale_linear")?.double ?? 0
    if scaling != "none", scaling != "linear" || (factor != 0 && factor != 1) {
      members.append(("rope_scaling", .object([("rope_type", .string(scaling)), ("factor", .real(factor))])))
    }
    return .object(members)
  }

  /// What a file asks for and Luthier does not do.
  static func refuse(
    _ metadata: [String: GGUFValue], _ checkpoint: Checkpoint, _ configuration: ModelConfiguration
  ) throws {
    let prefix = metadata["general.architecture"]?.string ?? ""
    if configuration.rotary != nil, let turned = metadata["\(prefix).rope.dimension_count"]?.int,
      turned != configuration.headSize
    {
      throw TransformerError.invalidField(
        field: "\(prefix).rope.dimension_count", got: "\(turned)",
        expected: "\(configuration.headSize), the size of a head: positions turn all of it")
    }
    if metadata["\(prefix).attention.causal"]?.bool == false {
      throw TransformerError.invalidField(
        field: "\(prefix).attention.causal", got: "false", expected: "true: a row sees what stands before it")
    }
    if checkpoint["rope_factors_long.weight"] != nil {
      throw TransformerError.invalidField(
        field: "rope_factors_long", got: "frequencies for long texts", expected: "none: Luthier does not stretch so")
    }
    if checkpoint.names.contains(where: { $0.contains("_exps.") }) {
      throw TransformerError.invalidField(
        field: "\(prefix).expert_count", got: "a mixture of experts", expected: "one feed-forward a block")
    }
  }

  /// Puts back the rows of a projection that llama.cpp reordered for rotary pairs.
  ///
  /// - Returns: of each row as upstream has it, its place in the file; nil where there are no such pairs.
  static func unpermuted(_ rows: Int, heads: Int) -> [Int]? {
    guard heads > 0, rows % (2 * heads) == 0 else { return nil }
    let half = rows / heads / 2
    var order: [Int] = []
    for head in 0..<heads {
      for part in 0..<2 {
        for pair in 0..<half { order.append(head * 2 * half + 2 * pair + part) }
      }
    }
    return order
  }
}

/// Parameters from a GGUF file, which stay as they are stored until floats are asked for.
final class GGUFSource: ParameterSource {
  private var tensors: [String: StoredTensor] = [:]
  private let configuration: ModelConfiguration
  private let family: GGUFFamily
  private(set) var newNames: [String] = []
  private(set) var unusedNames: [String] = []

  init(_ checkpoint: Checkpoint, _ family: GGUFFamily, _ configuration: ModelConfiguration) {
    self.configuration = configuration
    self.family = family
    for tensor in checkpoint.tensors {
      if let name = family.upstreamName(tensor.name) {
        tensors[name] = tensor
      } else if !tensor.name.hasPrefix("rope_f") {
        unusedNames.append(tensor.name)
      }
    }
  }

  func content(named name: String, shape: [Int]) throws -> Parameter.Content? {
    let base = (family.blocks.split(separator: ".").first.map(String.init) ?? "") + "."
    let full = name.hasPrefix(base) || name.hasPrefix("lm_head") ? name : base + name
    var part: StoredTensor?
    if let container = family.container(full, configuration), let whole = tensors[container.name] {
      part = whole.part(rows: container.row..<(container.row + (shape.first ?? 0)))
    } else {
      part = tensors[full]
    }
    guard let stored = part else { return nil }
    let isTransposed = shape.count == 2 && family.transposed.contains { full.hasSuffix($0 + ".weight") }
    let wanted = isTransposed ? shape.reversed() : shape
    guard stored.shape == wanted else {
      throw NeuralNetworkError.parameterShape(name: name, expected: wanted, got: stored.shape)
    }
    var order: [Int]?
    if family.permutesRotary, full.contains("q_proj") {
      order = GGUFModel.unpermuted(shape[0], heads: configuration.headCount)
    }
    if family.permutesRotary, full.contains("k_proj") {
      order = GGUFModel.unpermuted(shape[0], heads: configuration.keyValueHeadCount)
    }
    if let matrix = try stored.matrix(order: order) {
      return .stored(StoredWeight(matrix, isTransposed: isTransposed))
    }
    var value = try stored.tensor()
    if let order { value = try value.gatheredRows(order) }
    return .floats(isTransposed ? try value.transposed([1, 0]) : value)
  }

  func made(_ parameter: Parameter) {
    if parameter.isNew { newNames.append(parameter.name) }
  }
}

extension PretrainedModel {
  /// Opens a GGUF file, or a folder that holds one.
  static func load(gguf checkpoint: Checkpoint, name: String, head: HeadKind?, seed: UInt64) throws -> PretrainedModel {
    let metadata = checkpoint.ggufMetadata
    let family = try GGUFModel.family(metadata)
    let config = try GGUFModel.configuration(metadata, family) { checkpoint[$0] != nil }
    let architecture = try Architecture.named(by: config)
    var configuration = try architecture.configuration(config)
    try checkSize(configuration)
    if let factors = checkpoint["rope_freqs.weight"] {
      try configuration.divideFrequencies(by: factors.tensor().elements)
    }
    try GGUFModel.refuse(metadata, checkpoint, configuration)
    let source = GGUFSource(checkpoint, family, configuration)
    let model = try PretrainedModel(
      architecture, configuration, head: head ?? .causalLM, from: source, seed: seed, name: name)
    if !source.newNames.isEmpty { model.notes.append("new, not in the file: " + grouped(source.newNames)) }
    if !source.unusedNames.isEmpty { model.notes.append("in the file, not used: " + grouped(source.unusedNames)) }
    model.settings.folder = checkpoint.path
    model.settings.chatTemplate = metadata["tokenizer.chat_template"]?.string
    model.settings.endTokens = Set(
      ["eot", "eom"].compactMap { metadata["tokenizer.ggml.\($0)_token_id"]?.int })
    do {
      let vocabulary = try GGUFVocabulary(metadata: metadata)
      model.tokenizer = try Tokenizer(gguf: vocabulary)
      if vocabulary.isByteLevel { model.settings.vocabulary = vocabulary }
    } catch {
      model.notes.append("no tokenizer: \(error)")
    }
    return model
  }
}
