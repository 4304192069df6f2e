import Checkpoints
import Files
import NeuralNetworks
import TensorCore
import Tokenizers

/// A model in a GGUF file: its metadata as a configuration, its tensors under upstream's names.
enum GGUFModel {
  /// config.json as upstream would have it.
  ///
  /// - Throws: ``TransformerError`` for a family that isn't known or a field that is missing.
  static func configuration(_ metadata: [String: GGUFValue], tiesEmbeddings: Bool) throws -> JSON {
    let family = metadata["general.architecture"]?.string ?? ""
    guard ["llama", "qwen2"].contains(family) else {
      throw TransformerError.unknownArchitecture(
        modelType: family.isEmpty ? "(none)" : String(family.prefix(40)), known: ["llama", "qwen2"], nearest: nil)
    }
    func field(_ name: String) throws -> GGUFValue {
      guard let value = metadata["\(family).\(name)"] else {
        throw TransformerError.missingField(field: "\(family).\(name)", modelType: family)
      }
      return value
    }
    func integer(_ name: String) throws -> JSON { .integer(try field(name).int ?? -1) }
    func real(_ name: String) throws -> JSON { .real(try field(name).double ?? -1) }
    let heads = try integer("attention.head_count")
    let vocabulary = metadata["tokenizer.ggml.tokens"]?.strings?.count ?? metadata["\(family).vocab_size"]?.int
    var members: [(String, JSON)] = [
      ("architectures", .array([.string(family == "llama" ? "LlamaForCausalLM" : "Qwen2ForCausalLM")])),
      ("model_type", .string(family)),
      ("vocab_size", .integer(vocabulary ?? -1)),
      ("hidden_size", try integer("embedding_length")),
      ("intermediate_size", try integer("feed_forward_length")),
      ("num_hidden_layers", try integer("block_count")),
      ("num_attention_heads", heads),
      ("num_key_value_heads", metadata["\(family).attention.head_count_kv"]?.int.map { .integer($0) } ?? heads),
      ("max_position_embeddings", try integer("context_length")),
      ("rms_norm_eps", try real("attention.layer_norm_rms_epsilon")),
      ("rope_theta", .real(metadata["\(family).rope.freq_base"]?.double ?? 10_000)),
      ("hidden_act", .string("silu")),
      ("tie_word_embeddings", .bool(tiesEmbeddings)),
    ]
    for (name, key) in [("bos_token_id", "bos"), ("eos_token_id", "eos"), ("pad_token_id", "padding")] {
      if let id = metadata["tokenizer.ggml.\(key)_token_id"]?.int { members.append((name, .integer(id))) }
    }
    return .object(members)
  }

  /// Upstream's name of a tensor; nil for one that is no parameter.
  static func upstreamName(_ name: String) -> String? {
    switch name {
    case "token_embd.weight": return "model.embed_tokens.weight"
    case "output_norm.weight": return "model.norm.weight"
    case "output.weight": return "lm_head.weight"
    default: break
    }
    let parts = name.split(separator: ".").map(String.init)
    guard parts.count == 4, parts[0] == "blk", Int(parts[1]) != nil, let module = modules[parts[2]] else { return nil }
    return "model.layers.\(parts[1]).\(module).\(parts[3])"
  }

  private static let modules: [String: String] = [
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
  ]

  /// llama.cpp keeps the rows of Llama's query and key projections so that rotary pairs are neighbours; this puts the
  /// halves of each head back.
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

/// Parameters from a GGUF file, dequantised when they are first asked for.
final class GGUFSource: ParameterSource {
  private var tensors: [String: StoredTensor] = [:]
  private var used: Set<String> = []
  private let configuration: ModelConfiguration
  private let permutes: Bool
  private(set) var newNames: [String] = []
  private(set) var unusedNames: [String] = []

  init(_ checkpoint: Checkpoint, _ configuration: ModelConfiguration) {
    self.configuration = configuration
    permutes = configuration.modelType == "llama"
    for tensor in checkpoint.tensors {
      if let name = GGUFModel.upstreamName(tensor.name) {
        tensors[name] = tensor
      } else if !tensor.name.hasPrefix("rope_freqs") {
        unusedNames.append(tensor.name)
      }
    }
  }

  func content(named name: String, shape: [Int]) throws -> Parameter.Content? {
    let full = name.hasPrefix("model.") || name.hasPrefix("lm_head") ? name : "model." + name
    guard let stored = tensors[full] else { return nil }
    guard stored.shape == shape else {
      throw NeuralNetworkError.parameterShape(name: name, expected: shape, got: stored.shape)
    }
    var order: [Int]?
    if permutes, full.contains("q_proj") { order = GGUFModel.unpermuted(shape[0], heads: configuration.headCount) }
    if permutes, full.contains("k_proj") {
      order = GGUFModel.unpermuted(shape[0], heads: configuration.keyValueHeadCount)
    }
    if let matrix = try stored.matrix(order: order) { return .stored(StoredWeight(matrix)) }
    let value = try stored.tensor()
    return .floats(try order.map { try value.gatheredRows($0) } ?? value)
  }

  func made(_ parameter: Parameter) {
    if parameter.isNew { newNames.append(parameter.name) }
  }
}

extension PretrainedModel {
  /// Opens a GGUF file, or a folder that holds one.
  static func load(gguf checkpoint: Checkpoint, name: String, head: HeadKind?, seed: UInt64) throws -> PretrainedModel {
    let metadata = checkpoint.ggufMetadata
    let config = try GGUFModel.configuration(metadata, tiesEmbeddings: checkpoint["output.weight"] == nil)
    let architecture = try Architecture.named(by: config)
    let configuration = try architecture.configuration(config)
    try checkSize(configuration)
    let source = GGUFSource(checkpoint, configuration)
    let model = try PretrainedModel(
      architecture, configuration, head: head ?? .causalLM, from: source, seed: seed, name: name)
    if !source.newNames.isEmpty { model.notes.append("new, not in the file: " + grouped(source.newNames)) }
    if !source.unusedNames.isEmpty { model.notes.append("in the file, not used: " + grouped(source.unusedNames)) }
    model.settings.folder = checkpoint.path
    model.settings.chatTemplate = metadata["tokenizer.chat_template"]?.string
    do {
      model.tokenizer = try GGUFVocabulary(gguf: metadata).map { try Tokenizer(gguf: $0) }
    } catch {
      model.notes.append("no tokenizer: \(error)")
    }
    return model
  }
}

extension GGUFVocabulary {
  /// The vocabulary in a GGUF file's metadata; nil where it has none.
  package init?(gguf metadata: [String: GGUFValue]) {
    guard let model = metadata["tokenizer.ggml.model"]?.string,
      let tokens = metadata["tokenizer.ggml.tokens"]?.strings
    else { return nil }
    self.init(model: model, pre: metadata["tokenizer.ggml.pre"]?.string, tokens: tokens)
    tokenTypes = metadata["tokenizer.ggml.token_type"]?.integers ?? []
    scores = metadata["tokenizer.ggml.scores"]?.reals?.map { Float($0) } ?? []
    merges = metadata["tokenizer.ggml.merges"]?.strings ?? []
    bosID = metadata["tokenizer.ggml.bos_token_id"]?.int
    eosID = metadata["tokenizer.ggml.eos_token_id"]?.int
    unknownID = metadata["tokenizer.ggml.unknown_token_id"]?.int
    paddingID = metadata["tokenizer.ggml.padding_token_id"]?.int
    addsBOS = metadata["tokenizer.ggml.add_bos_token"]?.bool
    addsEOS = metadata["tokenizer.ggml.add_eos_token"]?.bool
    addsSpacePrefix = metadata["tokenizer.ggml.add_space_prefix"]?.bool
  }
}
