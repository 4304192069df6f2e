import Files
import NeuralNetworks
import TensorCore
import Transformers

/// PEFT's folders: `adapter_config.json` and `adapter_model.safetensors`.
///
/// Source: peft's `save_pretrained`, `get_peft_model_state_dict` and `PeftConfig`; checked against peft 0.21.
enum PEFTFormat {
  static let weightsName = "adapter_model.safetensors"

  /// A tensor's name without what peft puts around it.
  static func plain(_ key: String) -> String? {
    var name: String = key
    for prefix in ["base_model.model.", "base_model."] where name.hasPrefix(prefix) {
      name = String(name.dropFirst(prefix.utf8.count))
      break
    }
    var parts: [Substring] = name.split(separator: ".", omittingEmptySubsequences: false)
    if parts.contains("original_module") { return nil }
    parts.removeAll { $0 == "base_layer" }
    if let place = parts.firstIndex(of: "modules_to_save") {
      parts.remove(at: place)
      // The adapter's name follows.
      if place < parts.count - 1 { parts.remove(at: place) }
    }
    if parts.last == "weight", let place = parts.firstIndex(of: "lora_magnitude_vector") {
      parts = Array(parts[...place])
    }
    for mark in ["lora_A", "lora_B"] {
      if let place = parts.firstIndex(where: { $0 == mark }), parts.count == place + 3 { parts.remove(at: place + 1) }
    }
    return parts.joined(separator: ".")
  }

  static func load(
    _ folder: String, _ config: JSON, _ name: String?, _ model: PretrainedModel, _ access: FileAccess, _ seed: UInt64
  ) throws -> LoadedMethod {
    let type: String = config["peft_type"]?.string ?? config["peft_type"]?.text() ?? ""
    var file = try AdapterFile(
      folder, config, weights: [weightsName], access: access, model: model, rename: plain)
    var notes: [String] = []
    try checkModules(file, model)
    let full: [String] = fullNames(file, model)
    let made: (model: PretrainedModel, method: AttachedMethod)
    switch type {
    case "LORA":
      let settings = try loraSettings(file, model, &notes)
      let whole: [String] = full.filter { !isBiasOfTarget($0, settings) }
      made = try model.attaching(settings, name: name ?? "lora", file: &file, full: whole, seed: seed, place: own)
      try takeBiases(&file, made, besides: Set(whole))
    case "IA3":
      made = try model.attaching(
        ia3Settings(file, model), name: name ?? "ia3", file: &file, full: full, seed: seed, place: own)
    case "PREFIX_TUNING":
      var settings = PrefixSettings()
      settings.length = try length(file)
      if config["prefix_projection"]?.bool == true {
        notes.append("the prefix's network is not in the file: its rows train directly from now on")
      }
      made = try model.attaching(settings, name: name ?? "prefix", file: &file, full: full, seed: seed) { _, _ in
        "prompt_embeddings"
      }
    case "PROMPT_TUNING":
      var settings = SoftPromptSettings()
      settings.length = try length(file)
      settings.initialization = .random
      made = try model.attaching(settings, name: name ?? "prompt", file: &file, full: full, seed: seed) { _, _ in
        "prompt_embeddings"
      }
    default:
      throw TrainingError.method(
        "\(folder): peft_type \"\(type)\" is not known; there are LORA, IA3, PREFIX_TUNING, PROMPT_TUNING")
    }
    made.model.rememberParameters()
    notes += unknownFields(config)
    notes += headRemark(full, model) + unused(file)
    return LoadedMethod(model: made.model, method: made.method, notes: notes)
  }

  /// That a classifier's head is not in the file, where the model's own has learned nothing yet.
  static func headRemark(_ full: [String], _ model: PretrainedModel) -> [String] {
    model.lacksNewHead(full) ? ["the file holds no head: the model's own is new and trains with the method"] : []
  }

  /// Fields with a value that no configuration of peft 0.21 has.
  private static func unknownFields(_ config: JSON) -> [String] {
    (config.object?.keys ?? []).filter { name in
      guard !fields.contains(name), let value = config[name] else { return false }
      let isEmpty: Bool = value.array?.isEmpty ?? value.object?.keys.isEmpty ?? value.string?.isEmpty ?? value.isNull
      return !isEmpty && value.bool != false
    }
    .map { "adapter_config.json: \($0) is not known here and was not used" }
  }

  /// All that `LoraConfig`, `IA3Config`, `PrefixTuningConfig` and `PromptTuningConfig` have.
  private static let fields: Set<String> = Set(
    """
    alora_invocation_tokens alpha_pattern arrow_config auto_mapping base_model_name_or_path bias corda_config \
    encoder_hidden_size ensure_weight_tying eva_config exclude_modules fan_in_fan_out feedforward_modules \
    inference_mode init_ia3_weights init_lora_weights init_weights kasa_config layer_replication layers_pattern \
    layers_to_transform loftq_config lora_alpha lora_bias lora_dropout lora_ga_config megatron_config megatron_core \
    modules_to_save monteclora_config num_attention_heads num_layers num_transformer_submodules num_virtual_tokens \
    peft_type peft_version prefix_projection prompt_tuning_init prompt_tuning_init_text qalora_group_size r \
    rank_pattern revision runtime_config target_modules target_parameters task_type token_dim \
    tokenizer_kwargs tokenizer_name_or_path trainable_token_indices use_bdlora use_dora use_qalora use_rslora \
    velora_config
    """
    .split(separator: " ").map(String.init))

  /// Names that nothing took, in a sentence.
  static func unused(_ file: AdapterFile) -> [String] {
    let left: [String] = file.tensors.keys.map { file.key($0) }.sorted()
    guard !left.isEmpty else { return [] }
    let rest: String = left.count > 4 ? ", … \(left.count - 4) more" : ""
    return ["in the file, not used: \(left.prefix(4).joined(separator: ", "))\(rest)"]
  }

  /// Base parameters that the file holds in full.
  static func fullNames(_ file: AdapterFile, _ model: PretrainedModel) -> [String] {
    model.baseParameters.map(\.name).filter { file.tensors[$0] != nil }
  }

  /// Refuses a file without a module that its configuration says it holds, as far as the model has one of that name.
  private static func checkModules(_ file: AdapterFile, _ model: PretrainedModel) throws {
    let names: [String] = model.baseParameters.map(\.name)
    for module in file.config["modules_to_save"]?.strings ?? [] {
      let own: [String] = names.filter { ParameterSelection.matches(module, $0) }
      guard own.isEmpty || own.contains(where: { file.tensors[$0] != nil }) else {
        throw TrainingError.method("\(file.folder) lacks \(own[0]), which its modules_to_save ask for")
      }
    }
  }

  /// The file's plain name of a method's parameter: without the method's name.
  static func own(_ parameter: NeuralNetworks.Parameter, _ method: AttachedMethod) -> String {
    var parts: [Substring] = parameter.name.split(separator: ".")
    if let place = parts.lastIndex(where: { $0 == method.name }) { parts.remove(at: place) }
    if let place = parts.firstIndex(of: "lora_magnitude_vector") { parts = Array(parts[...place]) }
    return parts.joined(separator: ".")
  }

  private static func length(_ file: AdapterFile) throws -> Int {
    guard let length = file.shape("prompt_embeddings")?.first, length >= 1 else {
      throw TrainingError.method("\(file.folder) lacks prompt_embeddings")
    }
    if let stated = file.config["num_virtual_tokens"]?.int, stated != length {
      throw TrainingError.method(
        "\(file.folder): num_virtual_tokens is \(stated), prompt_embeddings has \(length) rows")
    }
    return length
  }

  // MARK: LoRA

  private static func isBiasOfTarget(_ name: String, _ settings: LoRASettings) -> Bool {
    switch settings.bias {
    case .none: return false
    case .all: return name.hasSuffix("bias")
    case .loraOnly:
      let path: String = name.split(separator: ".").dropLast().joined(separator: ".")
      return name.hasSuffix(".bias") && (settings.targets ?? []).contains { ParameterSelection.matches($0, path) }
    }
  }

  /// Biases that train with the method: they stand under the base's names. Another head's may be missing.
  ///
  /// - Parameter besides: names of those that were taken already.
  private static func takeBiases(
    _ file: inout AdapterFile, _ made: (model: PretrainedModel, method: AttachedMethod), besides: Set<String>
  ) throws {
    let head: Set<String> = Set(made.model.group("head").map(\.name))
    for parameter in made.method.full where parameter.name.hasSuffix("bias") && !besides.contains(parameter.name) {
      guard let stored = file.take(parameter.name) else {
        if head.contains(parameter.name) { continue }
        throw TrainingError.method("\(file.folder) lacks \(parameter.name), which its bias setting asks for")
      }
      guard stored.shape == parameter.shape else {
        throw TrainingError.method(
          "\(file.folder): \(stored.name) has shape \(stored.shape), this model needs \(parameter.shape)")
      }
      parameter.value = try stored.tensor()
    }
  }

  static func loraSettings(
    _ file: AdapterFile, _ model: PretrainedModel, _ notes: inout [String]
  ) throws -> LoRASettings {
    let config: JSON = file.config
    var settings = LoRASettings()
    func wrong(_ text: String) -> TrainingError { .method("\(file.folder): \(text)") }
    guard let rank = config["r"]?.int, rank >= 1 else { throw wrong("adapter_config.json: r is missing or no number") }
    settings.rank = rank
    settings.alpha = 8  // peft's where the file says none
    if let alpha = config["lora_alpha"], !alpha.isNull {
      guard let number = alpha.double else { throw wrong("adapter_config.json: lora_alpha is no number") }
      settings.alpha = number
    }
    settings.dropout = config["lora_dropout"]?.double ?? 0
    settings.isRankStabilized = config["use_rslora"]?.bool ?? false
    settings.isDoRA = config["use_dora"]?.bool ?? false
    if let bias = config["bias"]?.string {
      guard let known = LoRASettings.Bias(rawValue: bias) else { throw wrong("bias \"\(bias)\" is not known") }
      settings.bias = known
    }
    switch config["init_lora_weights"] {
    case .string(let text)? where text.hasPrefix("pissa"):
      settings.initialization = .pissa
      if text != "pissa" { notes.append("\(text): peft's fast decomposition is drawn by chance, ours is exact") }
    case .string("gaussian")?: settings.initialization = .gaussian
    case .string(let text)? where ["olora", "loftq", "corda", "lora_ga"].contains(text):
      throw wrong("init_lora_weights \"\(text)\" changes the base in a way that the file doesn't hold")
    default: break
    }
    for switched in ["use_qalora", "use_bdlora", "lora_bias"] where config[switched]?.bool == true {
      throw wrong("\(switched) is not supported")
    }
    // Of these an update counts from some token on, or only where it is chosen, or changes the base as well.
    let kins: [String] = [
      "alora_invocation_tokens", "arrow_config", "kasa_config", "layer_replication", "monteclora_config",
      "trainable_token_indices",
    ]
    for kin in kins where !(config[kin]?.isNull ?? true) {
      throw wrong("\(kin) is not supported")
    }
    for field in ["rank_pattern", "alpha_pattern"] {
      // peft takes these keys as regular expressions; read as plain ends of names they would scale the wrong updates.
      let keys: [String] = config[field]?.object?.keys ?? []
      let signs: Set<Character> = Set("\\()[]{}*+?|$")
      if let key = keys.first(where: { key in key.contains(where: signs.contains) }) {
        throw wrong("\(field): \"\(key)\" is a regular expression; only whole ends of names are read")
      }
    }
    var paths: [String] = []
    var elsewhere: [String] = []
    let projections: [String: Linear] = Dictionary(model.projections.map { ($0.path, $0.projection) }) { a, _ in a }
    for (name, tensor) in file.tensors where name.hasSuffix(".lora_A.weight") {
      let path: String = String(name.dropLast(".lora_A.weight".utf8.count))
      guard projections[path] != nil else {
        elsewhere.append(path)
        continue
      }
      paths.append(path)
      let own: Int = pattern(config["rank_pattern"], path)?.int ?? rank
      guard tensor.shape.count == 2, tensor.shape[0] == own else {
        throw wrong("\(tensor.name) has shape \(tensor.shape), its rank should be \(own)")
      }
      if own != rank { settings.ranks[path] = own }
      if let alpha = pattern(config["alpha_pattern"], path)?.double { settings.alphas[path] = alpha }
    }
    if let first = elsewhere.sorted().first {
      let here: String = PretrainedModel.shortTargets(Array(projections.keys).sorted())
      throw wrong("it changes \(first), which \(model.name) doesn't have: an adapter of another base? Here are \(here)")
    }
    guard !paths.isEmpty else { throw wrong("it holds no lora_A") }
    settings.targets = targets(config["target_modules"], paths, model)
    return settings
  }

  /// The configuration's patterns where they name just what the file holds; else the paths themselves.
  private static func targets(_ given: JSON?, _ paths: [String], _ model: PretrainedModel) -> [String] {
    if let patterns = given?.strings, !patterns.isEmpty {
      let named: [String] = (try? model.projections(matching: patterns).map(\.path)) ?? []
      if Set(named) == Set(paths) { return patterns }
    }
    return paths.sorted()
  }

  /// The value of a pattern dictionary (`rank_pattern`) for a path: keys are ends of names.
  private static func pattern(_ patterns: JSON?, _ path: String) -> JSON? {
    for member in patterns?.object?.members ?? [] {
      let key: String = member.key.hasPrefix("^") ? String(member.key.dropFirst()) : member.key
      if path == key || path.hasSuffix("." + key) { return member.value }
    }
    return nil
  }

  // MARK: (IA)3

  private static func ia3Settings(_ file: AdapterFile, _ model: PretrainedModel) throws -> IA3Settings {
    var settings = IA3Settings()
    var (inputs, outputs): ([String], [String]) = ([], [])
    let projections: Set<String> = Set(model.projections.map(\.path))
    for (name, tensor) in file.tensors where name.hasSuffix(".ia3_l") {
      let path: String = String(name.dropLast(".ia3_l".utf8.count))
      guard projections.contains(path) else {
        throw TrainingError.method(
          "\(file.folder): it scales \(path), which \(model.name) doesn't have: an adapter of another base?")
      }
      if tensor.shape.first == 1 { inputs.append(path) } else { outputs.append(path) }
    }
    guard !inputs.isEmpty || !outputs.isEmpty else { throw TrainingError.method("\(file.folder) holds no ia3_l") }
    settings.inputs = inputs.sorted()
    settings.outputs = outputs.sorted()
    return settings
  }
}
