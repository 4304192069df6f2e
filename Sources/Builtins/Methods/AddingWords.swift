import Language
import NeuralNetworks
import Training
import Transformers

extension Builtin {
  /// Words that attach a parameter-efficient method. Each makes another model, sharing weights with its base.
  static let addingWords: [Builtin] = [addLoRA, addAdapter, addPrefix, addSoftPrompt, addIA3]

  private static let besides =
    "The result is another model: the base frozen, the method and the head trainable; weights are shared."

  private static func name(_ usual: String) -> Language.Parameter {
    .named("name", .string, default: .string(usual), "What the method is called, to tell several apart.")
  }

  private static let full: Language.Parameter = .named(
    "full", .either([.pattern, .strings]), shown: "the head", "Parts of the base that train in full beside it.")
  private static let seed: Language.Parameter = .named(
    "seed", .int, shown: "the session's", "For the new parameters.")

  private static let addLoRA = Builtin(
    "add_lora", area: .methods, on: [.model], returns: .model,
    summary: "Attach LoRA: a low-rank update beside chosen projections.",
    details: [
      besides,
      "targets are names (query, attention.self.query, layer.3), globs, or \"all-linear\"; auto as peft has them.",
      "rslora scales by alpha over the root of the rank, dora trains lengths too, pissa begins with the principal part.",
    ],
    parameters: [
      .named("rank", .int, default: 8, "Of the update."),
      .named("alpha", .float, shown: "2 x rank", "The update is multiplied by alpha / rank."),
      .named("dropout", .float, default: 0.0, "Share of the update's input left out while training."),
      .named("targets", .either([.pattern, .strings]), shown: "auto", "Which projections."),
      .named("kind", .choice(["lora", "rslora", "dora", "pissa"]), default: "lora", "Which form."),
      .named(
        "init", .choice(["default", "gaussian"]), default: "default", "How the update begins; it changes nothing."),
      .named("bias", .choice(["none", "lora_only", "all"]), default: "none", "Biases that train too."),
      full, name("lora"), seed,
    ],
    keywords: [
      "peft", "get_peft_model", "LoraConfig", "low rank", "adapter", "r", "lora_alpha", "target_modules", "rslora",
      "dora", "pissa", "parameter-efficient",
    ],
    python: #"get_peft_model(model, LoraConfig(task_type="SEQ_CLS", r=8, lora_alpha=16))"#,
    examples: [
      Example("m = tiny.add_lora(rank: 4); m.parameters(trainable: true).len()", gives: 8),
      Example(#"tiny.add_lora(targets: "no_such")"#, fails: "no projection matches"),
    ],
    seeAlso: ["methods", "merge", "unload", "save_adapter", "add_adapter"], makesNew: true
  ) { call in
    var settings = LoRASettings()
    settings.rank = try call.int("rank")
    settings.alpha = try call.floatIfAny("alpha")
    settings.dropout = try call.float("dropout")
    settings.targets = try patterns("targets", call)
    switch try call.string("kind") {
    case "rslora": settings.isRankStabilized = true
    case "dora": settings.isDoRA = true
    case "pissa": settings.initialization = .pissa
    default: break
    }
    if try call.string("init") == "gaussian" {
      guard settings.initialization != .pissa else { throw call.error("pissa has its own beginning", at: "init") }
      settings.initialization = .gaussian
    }
    settings.bias = LoRASettings.Bias(rawValue: try call.string("bias")) ?? .none
    return try attach(settings, call)
  }

  private static let addAdapter = Builtin(
    "add_adapter", area: .methods, on: [.model], returns: .model,
    summary: "Attach bottleneck adapters between the sub-layers and their residuals.",
    details: [
      besides,
      "pfeiffer stands after each feed-forward, houlsby after attention too, parallel beside the feed-forward.",
    ],
    parameters: [
      .named("kind", .choice(["pfeiffer", "houlsby", "parallel"]), default: "pfeiffer", "Where adapters stand."),
      .named("reduction", .float, default: 16.0, "The hidden size over the bottleneck's."),
      .named("activation", .string, shown: "the kind's", "relu, swish, gelu, tanh, ..."),
      full, name("adapter"), seed,
    ],
    keywords: [
      "peft", "adapters", "AdapterHub", "houlsby", "pfeiffer", "bottleneck", "BnConfig", "parameter-efficient",
    ],
    python: #"adapters.init(model); model.add_adapter("a", config="seq_bn"); model.train_adapter("a")"#,
    examples: [
      Example(#"m = tiny.add_adapter(kind: "houlsby"); m.parameters(trainable: true).len()"#, gives: 16),
      Example(#"tiny.add_adapter(activation: "no_such")"#, fails: "not known"),
    ],
    seeAlso: ["methods", "use", "save_adapter", "add_lora"], makesNew: true
  ) { call in
    guard var settings = AdapterSettings(form: try call.string("kind")) else {
      throw call.error("kind: pfeiffer, houlsby or parallel", at: "kind")
    }
    settings.reduction = try call.float("reduction")
    if let activation = try call.stringIfAny("activation") { settings.activation = activation }
    return try attach(settings, call)
  }

  private static let addPrefix = Builtin(
    "add_prefix", area: .methods, on: [.model], returns: .model,
    summary: "Attach a prefix: trained keys and values before those of every text, in every block.",
    details: [besides, "With projection they come from a small network, which trains more calmly."],
    parameters: [
      .named("length", .int, default: 20, "How many keys and values a block."),
      .named("projection", .bool, default: false, "Through a network of two layers."),
      full, name("prefix"), seed,
    ],
    keywords: [
      "peft", "prefix tuning", "PrefixTuningConfig", "virtual tokens", "past_key_values", "parameter-efficient",
    ],
    python: #"get_peft_model(model, PrefixTuningConfig(task_type="SEQ_CLS", num_virtual_tokens=20))"#,
    examples: [
      Example("m = tiny.add_prefix(length: 4); m.parameters(trainable: true).shape[0]", gives: "[4, 64]"),
      Example("tiny.add_prefix(length: 0)", fails: "length"),
    ],
    seeAlso: ["add_soft_prompt", "methods", "save_adapter"], makesNew: true
  ) { call in
    var settings = PrefixSettings()
    settings.length = try call.int("length")
    settings.projects = try call.bool("projection")
    return try attach(settings, call)
  }

  private static let addSoftPrompt = Builtin(
    "add_soft_prompt", area: .methods, on: [.model], returns: .model,
    summary: "Attach a soft prompt: trained vectors before the words of every text.",
    details: [besides, "init is \"vocabulary\" (words drawn by chance), \"random\", or a text to begin with."],
    parameters: [
      .named("length", .int, default: 20, "How many vectors."),
      .named("init", .string, default: "vocabulary", "vocabulary, random, or a text whose tokens begin it."),
      full, name("prompt"), seed,
    ],
    keywords: ["peft", "prompt tuning", "PromptTuningConfig", "virtual tokens", "soft prompts", "parameter-efficient"],
    python: #"get_peft_model(model, PromptTuningConfig(task_type="SEQ_CLS", num_virtual_tokens=20))"#,
    examples: [
      Example("m = tiny.add_soft_prompt(length: 4); m.parameters(trainable: true).shape[0]", gives: "[4, 16]"),
      Example(#"tiny.add_soft_prompt(length: 3, init: "a b").nearest_words().word[1]"#, gives: "a"),
    ],
    seeAlso: ["nearest_words", "add_prefix", "methods", "save_adapter"], makesNew: true
  ) { call in
    var settings = SoftPromptSettings()
    settings.length = try call.int("length")
    switch try call.string("init") {
    case "vocabulary": settings.initialization = .vocabulary
    case "random": settings.initialization = .random
    case let text: settings.initialization = .text(text)
    }
    return try attach(settings, call)
  }

  private static let addIA3 = Builtin(
    "add_ia3", area: .methods, on: [.model], returns: .model,
    summary: "Attach (IA)3: keys, values and the feed-forward's inner rows multiplied by trained vectors.",
    details: [besides], parameters: [full, name("ia3"), seed],
    keywords: ["peft", "ia3", "IA3Config", "rescaling", "scaling vectors", "parameter-efficient"],
    python: #"get_peft_model(model, IA3Config(task_type="SEQ_CLS"))"#,
    examples: [Example("m = tiny.add_ia3(); m.methods().method[0]", gives: "(IA)3")],
    seeAlso: ["add_lora", "methods", "merge"], makesNew: true
  ) { call in try attach(IA3Settings(), call) }

  /// A pattern or several; nil where none is given.
  private static func patterns(_ name: String, _ call: Call) throws -> [String]? {
    guard call.has(name) else { return nil }
    if case .string(let one) = call.value(name) { return [one] }
    let list: [String] = try call.strings(name)
    if list.isEmpty { throw call.error("\(name) is empty: name at least one", at: name) }
    return list
  }

  private static func attach(_ settings: some MethodSettings, _ call: Call) throws -> Value {
    let base: PretrainedModel = try call.receiver(as: ModelValue.self).model
    var settings = settings
    settings.full = try patterns("full", call)
    if let full = settings.full { try checkPatterns(full, base, call, at: "full") }
    do {
      let model = try base.adding(settings, name: try call.string("name"), seed: call.seedBits)
      for other in model.switchOffOtherAdapters(than: try call.string("name")) {
        call.note("\"\(other)\" stands at the same places and is out of use now")
      }
      return .object(ModelValue(model))
    } catch let error as TrainingError {
      if case .noTarget(let pattern, let available) = error {
        let near = Nearest.question(pattern, in: available)
        throw call.error(
          "no projection matches \"\(pattern)\"", at: "targets",
          help: near ?? "there are \(available.joined(separator: ", ")), and \"all-linear\" for all of the blocks")
      }
      throw call.failure(error)
    } catch let error as TransformerError {
      throw call.error("\(error)", at: "full")
    }
  }
}
