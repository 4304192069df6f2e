/// How the names of a checkpoint become those of a model: what upstream renamed, left out or wrote besides.
package enum ParameterNames {
  /// `LayerNorm.gamma` and `LayerNorm.beta` of early checkpoints as they are called since; weight-norm halves likewise.
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

  /// What pairing a model's parameters with a checkpoint's tensors came to.
  package struct Pairing: Sendable {
    /// The stored tensor for each parameter name that has one.
    package var found: [String: StoredTensor] = [:]
    /// Parameters that the checkpoint lacks, in the model's order.
    package var missing: [String] = []
    /// Tensors that nothing in the model takes, in the file's order; buffers are not among them.
    package var unused: [String] = []
  }

  /// Pairs parameters with tensors: by equal name after ``modern(_:)``, else with the base model's prefix added or removed.
  ///
  /// - Parameters:
  ///   - parameters: the model's names, tied ones each under all of its names.
  ///   - prefix: what a model with a head puts before its base's names, such as `bert`.
  ///   - tied: groups of names that are one parameter: any of them found serves all.
  package static func pair(
    _ parameters: [String], with tensors: [StoredTensor], prefix: String, tied: [[String]] = []
  ) -> Pairing {
    var byName: [String: Int] = [:]
    for (index, tensor) in tensors.enumerated() { byName[modern(tensor.name)] = index }
    var used: Set<Int> = []
    var result: Pairing = Pairing()
    for parameter in parameters {
      let alternatives: [String] =
        parameter.hasPrefix(prefix + ".")
        ? [parameter, String(parameter.dropFirst(prefix.utf8.count + 1))] : [parameter, prefix + "." + parameter]
      guard let index = alternatives.lazy.compactMap({ byName[$0] }).first else { continue }
      used.insert(index)
      result.found[parameter] = tensors[index]
    }
    for group in tied {
      guard let tensor = group.lazy.compactMap({ result.found[$0] }).first else { continue }
      for name in group where result.found[name] == nil { result.found[name] = tensor }
    }
    result.missing = parameters.filter { result.found[$0] == nil }
    for (index, tensor) in tensors.enumerated() where !used.contains(index) && !isBuffer(tensor.name) {
      result.unused.append(tensor.name)
    }
    return result
  }
}
