import Language
import NeuralNetworks
import Tables
import TensorCore
import Training
import Transformers

extension Builtin {
  /// Words on methods that are attached.
  static let methodWords: [Builtin] = [
    listMethods, useMethods, scaleMethod, combineMethods, merge, unload, nearestWords,
  ]

  private static let listMethods = Builtin(
    "methods", area: .methods, on: [.model], returns: .table,
    summary: "A table of the methods attached to a model.",
    keywords: ["peft", "adapters", "active_adapters"], python: "model.peft_config",
    examples: [Example("tiny.add_lora().methods().name[0]", gives: "lora"), Example("tiny.methods().len()", gives: 0)],
    seeAlso: ["use", "scale", "merge", "unload"]
  ) { call in
    let methods: [AttachedMethod] = try call.receiver(as: ModelValue.self).model.methods
    return .table(
      try Table([
        ("name", .strings(methods.map(\.name))), ("method", .strings(methods.map(\.title))),
        ("parameters", .integers(methods.map(\.parameterCount))),
        ("in_use", .bools(methods.map(\.control.isActive))),
        ("scale", .reals(methods.map { Double($0.control.scale) })), ("settings", .strings(methods.map(\.summary))),
      ]))
  }

  private static let useMethods = Builtin(
    "use", area: .methods, on: [.model], returns: .nothing,
    summary: "Put the named methods in use and no others; with no name, the base alone.",
    details: ["What is in use trains, what isn't is frozen; the head stays as it is."],
    parameters: [.rest("names", .string, "names of methods, as methods(model) lists them")],
    keywords: ["set_adapter", "disable_adapter", "active", "switch"], python: #"model.set_adapter("lora")"#,
    examples: [
      Example(#"m = tiny.add_lora(rank: 2); m.use(); m.methods().in_use[0]"#, gives: false),
      Example(#"tiny.add_lora().use("other")"#, fails: "no method \"other\""),
    ], seeAlso: ["methods", "scale", "unload"]
  ) { call in
    let value: ModelValue = try call.receiver(as: ModelValue.self)
    let names: [String] = try call.restStrings()
    guard !value.model.methods.isEmpty else { throw call.error("\(value.model.name) has no method attached") }
    call.willChange(value)
    do { try value.model.use(names) } catch let error as TrainingError { throw call.failure(error) }
    let used: String = value.model.methods.filter(\.control.isActive).map(\.name).joined(separator: ", ")
    let isBase: Bool = !value.model.methods.contains(where: \.changesBase)
    let shown: String = used.isEmpty ? "no method in use" + (isBase ? ", the base alone" : "") : used + " in use"
    let (count, all) = (value.model.trainableCount, value.model.parameterCount)
    let share: String = Numbers.percent(Double(count) / Double(max(1, all)))
    call.note(
      "\(call.receiverName ?? value.model.name): \(shown); \(Numbers.grouped(count)) of \(Numbers.grouped(all)) trainable (\(share))"
    )
    call.noteTakenWeights(value.model)
    return .nothing
  }

  private static let scaleMethod = Builtin(
    "scale", area: .methods, on: [.model], returns: .nothing,
    summary: "Multiply a method's effect: 1 as trained, 0.5 half of it, 0 none.",
    parameters: [
      .positional("name", .string, "the method"), .positional("by", .float, "the factor, 1 as it was trained"),
    ],
    keywords: ["set_scale", "scaling", "strength"], python: #"layer.set_scale("lora", 0.5)"#,
    examples: [
      Example(#"m = tiny.add_lora(); m.scale("lora", 0.5); m.methods().scale[0]"#, gives: 0.5),
      Example(#"tiny.add_prefix(length: 2).scale("prefix", 0.5)"#, fails: "can't be scaled"),
    ], seeAlso: ["use", "combine", "methods"]
  ) { call in
    let value: ModelValue = try call.receiver(as: ModelValue.self)
    let name: String = try call.string("name")
    let factor: Double = try call.float("by")
    call.willChange(value)
    do { try value.model.scale(name, by: factor) } catch let error as TrainingError {
      throw call.failure(error, at: "name")
    }
    call.note("\(call.receiverName ?? value.model.name): \(name) counts \(Numbers.text(factor)) times")
    call.noteTakenWeights(value.model)
    return .nothing
  }

  private static let combineMethods = Builtin(
    "combine", area: .methods, on: [.model], returns: .model,
    summary: "Another model with one LoRA that is the weighted sum of several, and in use.",
    details: ["Ranks add up, so the sum is exact; the others stay attached, out of use."],
    parameters: [
      .positional("names", .strings, "LoRAs to add up"),
      .named("weights", .list(of: .float), shown: "1 each", "What each counts."),
      .named("name", .string, shown: "names joined", "Of the sum."),
    ],
    keywords: ["add_weighted_adapter", "task arithmetic", "merge adapters", "soup"],
    python: #"model.add_weighted_adapter(["a", "b"], [0.5, 0.5], "ab", combination_type="cat")"#,
    examples: [
      Example(
        #"m = tiny.add_lora(name: "a").add_lora(name: "b"); m.combine(["a", "b"], weights: [0.5, 0.5]).methods().len()"#,
        gives: 3)
    ], seeAlso: ["use", "scale", "merge"], makesNew: true
  ) { call in
    let model: PretrainedModel = try call.receiver(as: ModelValue.self).model
    let names: [String] = try call.strings("names")
    let weights: [Double] = call.has("weights") ? try call.floats("weights") : names.map { _ in 1 }
    do {
      let name: String = try call.stringIfAny("name") ?? names.joined(separator: "+")
      return .object(ModelValue(try model.combining(names, weights: weights, name: name)))
    } catch let error as TrainingError { throw call.failure(error, at: "names") }
  }

  private static let merge = Builtin(
    "merge", area: .methods, on: [.model], returns: .model,
    summary: "Another model without methods that gives the same: LoRA and (IA)3 taken into the weights.",
    details: ["The largest difference between the two models' logits on a fixed batch is said."],
    keywords: ["merge_and_unload", "fuse", "bake"], python: "model.merge_and_unload()",
    examples: [
      Example("merge(tiny.add_lora()).methods().len()", gives: 0),
      Example("merge(tiny.add_prefix(length: 2))", fails: "can't be merged"),
    ], seeAlso: ["unload", "use", "combine"], makesNew: true
  ) { call in
    let model: PretrainedModel = try call.receiver(as: ModelValue.self).model
    do {
      let merged: PretrainedModel = try model.merged()
      let difference: Double = try model.largestDifference(from: merged)
      let what: String = model.head == nil ? "difference of the last rows" : "logit difference"
      call.note(
        "merged \(model.methods.filter(\.control.isActive).map(\.name).joined(separator: ", ")); "
          + "largest \(what) \(Figures.rate(difference))")
      return .object(ModelValue(merged))
    } catch let error as TrainingError { throw call.error("\(error)") }
  }

  private static let unload = Builtin(
    "unload", area: .methods, on: [.model], returns: .model,
    summary: "Another model without methods: the base as it was, bit by bit, its head too.",
    keywords: ["remove", "detach", "base model"], python: "model.unload()",
    examples: [Example("unload(tiny.add_lora()).parameters().len()", gives: 39)],
    seeAlso: ["merge", "use", "methods"], makesNew: true
  ) { call in
    do { return .object(ModelValue(try call.receiver(as: ModelValue.self).model.unloaded())) } catch let error
      as TrainingError
    {
      throw call.error("\(error)")
    }
  }

  private static let nearestWords = Builtin(
    "nearest_words", area: .methods, on: [.model], returns: .table,
    summary: "For each vector of a soft prompt the words whose embeddings are nearest.",
    parameters: [.named("name", .string, shown: "the only one", "Which soft prompt.")],
    keywords: ["interpret", "decode prompt", "vocabulary"],
    python: "(F.normalize(prompt) @ F.normalize(words).T).topk(3)",
    examples: [
      Example("tiny.add_soft_prompt(length: 4).nearest_words().similarity[0] > 0.999", gives: true),
      Example("tiny.nearest_words()", fails: "no soft prompt"),
    ], seeAlso: ["add_soft_prompt"]
  ) { call in
    let model: PretrainedModel = try call.receiver(as: ModelValue.self).model
    let prompts: [AttachedMethod] = model.methods.filter { $0.kind == SoftPromptSettings.kind }
    guard let method = try call.chosen(of: prompts, "soft prompt"), let rows = try model.promptRows(method) else {
      throw call.error("\(model.name) has no soft prompt", help: "add_soft_prompt attaches one")
    }
    guard let tokenizer = model.tokenizer else { throw call.error("\(model.name) came without a tokenizer") }
    let table: Tensor = try model.backbone.wordEmbeddings.weight.value.detached.normalized(axis: 1)
    let cosines: Tensor = try rows.normalized(axis: 1).linear(weight: table)
    let (values, places) = try cosines.topK(min(3, table.shape[0]))
    let width: Int = values.shape[1]
    let words: [String] = places.elements.map { tokenizer.vocabulary.text(of: $0) ?? "" }
    let lines: Range<Int> = 0..<rows.shape[0]
    return .table(
      try Table([
        ("place", .integers(Array(lines))), ("word", .strings(lines.map { words[$0 * width] })),
        ("similarity", .reals(lines.map { Double(values.elements[$0 * width]) })),
        ("next", .strings(lines.map { words[($0 * width + 1)..<(($0 + 1) * width)].joined(separator: ", ") })),
      ]))
  }
}

extension Call {
  /// The method that `name:` says, else the only one; nil where there is none.
  ///
  /// - Parameter what: what such methods are called.
  /// - Throws: where there is none of that name, or several and no name.
  func chosen(of methods: [AttachedMethod], _ what: String) throws -> AttachedMethod? {
    let names: [String] = methods.map(\.name)
    guard let name = try stringIfAny("name"), !names.isEmpty else {
      if names.count <= 1 { return methods.first }
      throw error("which one? \(names.map { "name: \"\($0)\"" }.joined(separator: " or "))")
    }
    if let found = methods.first(where: { $0.name == name }) { return found }
    throw error(
      "no \(what) \"\(name)\"; there are: \(names.joined(separator: ", "))", at: "name",
      help: Nearest.question(name, in: names))
  }

  /// Says of methods that began with a part of the base's weights (PiSSA) what the model is where not all of that part
  /// counts.
  func noteTakenWeights(_ model: PretrainedModel) {
    for method in model.methods where method.changesBase {
      if method.control.isActive, method.control.scale == 1 { continue }
      note(
        "\"\(method.name)\" (\(method.title)) holds a part of the base's weights: without all of it the model is not "
          + "the base; unload gives that")
    }
  }
}
