/// A family of models in GGUF files: how `general.architecture` calls it, and where its parts stand.
struct GGUFFamily: Sendable {
  /// The `model_type` that it is here.
  let modelType: String
  let className: String
  /// Upstream's names of modules, by the names that llama.cpp's converter gives them.
  let modules: [String: String]
  /// Before a block's number.
  let blocks: String
  /// Tensors outside of the blocks.
  let others: [String: String]
  /// llama.cpp keeps the rows of Llama's queries and keys so that rotary pairs are neighbours.
  var permutesRotary = false
  /// Projections that upstream keeps `[input, output]`.
  var transposed: Set<String> = []

  static let all: [String: GGUFFamily] = ["llama": llama, "qwen2": qwen2, "gpt2": gpt2, "phi3": phi3]

  private static let llamaModules: [String: String] = [
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
  ]
  private static let llamaOthers: [String: String] = [
    "token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
  ]

  /// Llama; Mistral and SmolLM2 are stored under this name too.
  static let llama = GGUFFamily(
    modelType: "llama", className: "LlamaForCausalLM", modules: llamaModules, blocks: "model.layers",
    others: llamaOthers, permutesRotary: true)

  static let qwen2 = GGUFFamily(
    modelType: "qwen2", className: "Qwen2ForCausalLM", modules: llamaModules, blocks: "model.layers",
    others: llamaOthers)

  /// Phi-3 (Abdin et al. 2024): Llama with a window, queries, keys and values in one matrix, gate and up in another.
  /// It is loaded as Mistral, whose parameters are the same ones apart.
  static let phi3 = GGUFFamily(
    modelType: "mistral", className: "MistralForCausalLM",
    modules: llamaModules.merging(["attn_qkv": "self_attn.qkv_proj"]) { first, _ in first }, blocks: "model.layers",
    others: llamaOthers)

  static let gpt2 = GGUFFamily(
    modelType: "gpt2", className: "GPT2LMHeadModel",
    modules: [
      "attn_norm": "ln_1", "attn_qkv": "attn.c_attn", "attn_output": "attn.c_proj", "ffn_norm": "ln_2",
      "ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj",
    ], blocks: "transformer.h",
    others: [
      "token_embd.weight": "transformer.wte.weight", "position_embd.weight": "transformer.wpe.weight",
      "output_norm.weight": "transformer.ln_f.weight", "output_norm.bias": "transformer.ln_f.bias",
      "output.weight": "lm_head.weight",
    ], transposed: ["attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"])

  /// Upstream's name of a tensor; nil for one that is no parameter.
  func upstreamName(_ name: String) -> String? {
    if let other = others[name] { return other }
    let parts = name.split(separator: ".").map(String.init)
    guard parts.count == 4, parts[0] == "blk", Int(parts[1]) != nil, let module = modules[parts[2]] else { return nil }
    return "\(blocks).\(parts[1]).\(module).\(parts[3])"
  }

  /// The tensor that holds a parameter among others, and the rows before it, for families that keep several in one.
  func container(_ name: String, _ configuration: ModelConfiguration) -> (name: String, row: Int)? {
    guard modules["attn_qkv"] == "self_attn.qkv_proj" else { return nil }
    let queries = configuration.headCount * configuration.headSize
    let keys = configuration.keyValueHeadCount * configuration.headSize
    for (part, row) in [("q_proj", 0), ("k_proj", queries), ("v_proj", queries + keys)]
    where name.contains("self_attn.\(part).") {
      return (name.split(separator: part).joined(separator: "qkv_proj"), row)
    }
    for (part, row) in [("gate_proj", 0), ("up_proj", configuration.intermediateSize)]
    where name.contains("mlp.\(part).") {
      return (name.split(separator: part).joined(separator: "up_proj"), row)
    }
    return nil
  }
}
