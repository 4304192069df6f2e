/// How the names of a checkpoint become those of a model: what upstream renamed or wrote besides.
package enum ParameterNames {
  /// `LayerNorm.gamma` and `LayerNorm.beta` of early checkpoints as they are called since.
  package static func modern(_ name: String) -> String {
    for (old, new) in [("gamma", "weight"), ("beta", "bias")] {
      if name == old { return new }
      if name.hasSuffix("." + old), name.contains("LayerNorm") || name.contains("layer_norm") || name.contains("ln") {
        return String(name.dropLast(old.utf8.count)) + new
      }
    }
    return name
  }

  /// Whether upstream stores the name without learning it: position counters, causal masks, rotary frequencies.
  package static func isBuffer(_ name: String) -> Bool {
    let parts: [Substring] = name.split(separator: ".")
    guard let last = parts.last else { return false }
    if ["position_ids", "token_type_ids", "inv_freq", "masked_bias", "num_batches_tracked"].contains(last) {
      return true
    }
    // GPT-2's causal mask is called attn.bias beside attn.c_attn.bias.
    return last == "bias" && parts.count >= 2 && parts[parts.count - 2] == "attn"
  }
}
