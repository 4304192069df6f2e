import Files
import NeuralNetworks
import Transformers

/// adapter_config.json as peft writes it.
extension PEFTFormat {
  static func config(_ settings: LoRASettings, _ method: AttachedMethod, _ model: PretrainedModel) -> JSON {
    let paths: [String] = targetPaths(method)
    let start: JSON =
      switch settings.initialization {
      case .standard: .bool(true)
      case .gaussian: .string("gaussian")
      case .pissa: .string("pissa")
      }
    let alpha: Double = settings.effectiveAlpha
    let alphas: [(String, JSON)] = settings.alphas.sorted { $0.key < $1.key }.map { ($0.key, number($0.value)) }
    let ranks: [(String, JSON)] = settings.ranks.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) }
    return .object(
      common("LORA", method, model) + [
        ("alpha_pattern", .object(alphas)), ("bias", .string(settings.bias.rawValue)),
        ("fan_in_fan_out", .bool(isTransposed(paths, model))), ("init_lora_weights", start),
        ("layers_pattern", .null), ("layers_to_transform", .null), ("lora_alpha", number(alpha)),
        ("lora_dropout", .real(settings.dropout)), ("r", .integer(settings.rank)), ("rank_pattern", .object(ranks)),
        ("target_modules", .array(endings(paths, model).map { .string($0) })),
        ("use_dora", .bool(settings.isDoRA)), ("use_rslora", .bool(settings.isRankStabilized)),
      ])
  }

  static func config(_ settings: IA3Settings, _ method: AttachedMethod, _ model: PretrainedModel) -> JSON {
    let paths: [String] = targetPaths(method)
    let inputs: [String] = method.parameters.filter { $0.shape.first == 1 && $0.shape.count == 2 }.map {
      path(of: $0)
    }
    return .object(
      common("IA3", method, model) + [
        ("fan_in_fan_out", .bool(isTransposed(paths, model))),
        ("feedforward_modules", .array(endings(inputs, model).map { .string($0) })),
        ("init_ia3_weights", .bool(true)), ("target_modules", .array(endings(paths, model).map { .string($0) })),
      ])
  }

  static func config(_ settings: PrefixSettings, _ method: AttachedMethod, _ model: PretrainedModel) -> JSON {
    let configuration = model.configuration
    let width: Int = configuration.keyValueHeadCount * configuration.headSize
    return .object(
      common("PREFIX_TUNING", method, model) + [
        ("encoder_hidden_size", .integer(settings.innerSize ?? width)),
        ("num_attention_heads", .integer(configuration.keyValueHeadCount)),
        ("num_layers", .integer(model.blockCount)), ("num_transformer_submodules", .integer(1)),
        ("num_virtual_tokens", .integer(settings.length)), ("prefix_projection", .bool(settings.projects)),
        ("token_dim", .integer(width)),
      ])
  }

  static func config(_ settings: SoftPromptSettings, _ method: AttachedMethod, _ model: PretrainedModel) -> JSON {
    .object(
      common("PROMPT_TUNING", method, model) + [
        ("num_attention_heads", .integer(model.configuration.headCount)), ("num_layers", .integer(model.blockCount)),
        ("num_transformer_submodules", .integer(1)), ("num_virtual_tokens", .integer(settings.length)),
        // How it began no longer matters, and peft would want a tokenizer for "TEXT".
        ("prompt_tuning_init", .string("RANDOM")), ("prompt_tuning_init_text", .null),
        ("token_dim", .integer(model.hiddenSize)), ("tokenizer_kwargs", .null), ("tokenizer_name_or_path", .null),
      ])
  }

  private static func common(
    _ type: String, _ method: AttachedMethod, _ model: PretrainedModel
  ) -> [(String, JSON)] {
    let modules: [String] = modulesToSave(method, model)
    return [
      ("auto_mapping", .null), ("base_model_name_or_path", .string(model.settings.folder ?? model.name)),
      ("inference_mode", .bool(true)),
      ("modules_to_save", modules.isEmpty ? .null : .array(modules.map { .string($0) })),
      ("peft_type", .string(type)), ("revision", .null), ("task_type", taskType(model.headKind)),
    ]
  }

  private static func taskType(_ head: HeadKind?) -> JSON {
    switch head {
    case .sequenceClassification?: .string("SEQ_CLS")
    case .tokenClassification?: .string("TOKEN_CLS")
    case .questionAnswering?: .string("QUESTION_ANS")
    case .causalLM?: .string("CAUSAL_LM")
    case .maskedLM?: .null
    case nil: .string("FEATURE_EXTRACTION")
    }
  }

  /// The modules of the base that train in full, as peft names them: the first parts of their names.
  static func modulesToSave(_ method: AttachedMethod, _ model: PretrainedModel) -> [String] {
    var names: [String] = []
    for parameter in besides(method) {
      var parts: [Substring] = parameter.name.split(separator: ".")
      if model.headKind != nil, parts.first == Substring(model.baseName) { parts.removeFirst() }
      let isDeep: Bool = parts.contains { Int($0) != nil }
      let name: String = isDeep ? parts.dropLast().joined(separator: ".") : parts.first.map(String.init) ?? ""
      if !name.isEmpty, !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// What trains in full and is no bias that the method's own setting names.
  static func besides(_ method: AttachedMethod) -> [NeuralNetworks.Parameter] {
    guard method.kind == LoRASettings.kind, let settings = try? LoRASettings(json: method.settings),
      settings.bias != .none
    else { return method.full }
    let modules: Set<String> = Set(
      method.full.filter { !$0.name.hasSuffix("bias") }.map {
        $0.name.split(separator: ".").dropLast().joined(separator: ".")
      })
    return method.full.filter { parameter in
      !parameter.name.hasSuffix("bias")
        || modules.contains(parameter.name.split(separator: ".").dropLast().joined(separator: "."))
    }
  }

  private static func number(_ value: Double) -> JSON { Int(exactly: value).map { .integer($0) } ?? .real(value) }

  /// The projection that a method's parameter belongs to.
  static func path(of parameter: NeuralNetworks.Parameter) -> String {
    let parts: [Substring] = parameter.name.split(separator: ".")
    let place: Int = parts.firstIndex { $0.hasPrefix("lora_") || $0 == "ia3_l" } ?? parts.count
    return parts[..<place].joined(separator: ".")
  }

  private static func targetPaths(_ method: AttachedMethod) -> [String] {
    var paths: [String] = []
    for parameter in method.parameters {
      let path: String = path(of: parameter)
      if paths.last != path { paths.append(path) }
    }
    return paths
  }

  private static func isTransposed(_ paths: [String], _ model: PretrainedModel) -> Bool {
    let chosen: Set<String> = Set(paths)
    return model.projections.contains { chosen.contains($0.path) && $0.projection.orientation == .inputOutput }
  }

  /// Ends of names that name just these projections, as peft matches them; the whole paths where ends won't do.
  static func endings(_ paths: [String], _ model: PretrainedModel) -> [String] {
    let all: [String] = model.projections.map(\.path)
    let chosen: Set<String> = Set(paths)
    for depth in 1...3 {
      let ends: Set<String> = Set(paths.map { $0.split(separator: ".").suffix(depth).joined(separator: ".") })
      let named: Set<String> = Set(
        all.filter { path in ends.contains { path == $0 || path.hasSuffix("." + $0) } })
      if named == chosen { return ends.sorted() }
    }
    return paths.sorted()
  }
}
