import Language
import NeuralNetworks
import Tables
import Transformers

extension Builtin {
  /// Words on models and their parameters.
  static let modelWords: [Builtin] = [copyModel, freezeModel, unfreezeModel, resetModel, modelParameters]

  private static let copyModel = Builtin(
    "copy", area: .models, on: [.model], returns: .model,
    summary: "The same model again; weights are shared until one of the two trains.",
    keywords: ["clone", "duplicate", "deepcopy"], python: "copy.deepcopy(model)",
    examples: [Example("copy(tiny)", kind: .model)], seeAlso: ["reset"], makesNew: true
  ) { call in .object(ModelValue(try call.receiver(as: ModelValue.self).model.copy())) }

  private static let freezeModel = Builtin(
    "freeze", area: .models, on: [.model], returns: .nothing,
    summary: "Keep parameters as they are: no gradient, no change.",
    details: [patternHelp],
    parameters: [.rest("patterns", .pattern, "which parameters; all where none is given")],
    keywords: ["requires_grad", "lock", "layers"], python: "for p in model.parameters(): p.requires_grad = False",
    examples: [
      Example(
        #"m = copy(tiny); m.freeze("embeddings", "encoder.layer.0"); m.parameters(trainable: true).len()"#, gives: 18)
    ],
    seeAlso: ["unfreeze", "parameters"]
  ) { call in
    let value = try call.receiver(as: ModelValue.self)
    let patterns = try call.restStrings()
    try checkPatterns(patterns, value.model, call)
    call.willChange(value)
    let count = try value.model.freeze(patterns)
    call.note(ModelReport.changed(value.model, count, "frozen", call.receiverName))
    return .nothing
  }

  private static let unfreezeModel = Builtin(
    "unfreeze", area: .models, on: [.model], returns: .nothing,
    summary: "Let parameters train: by name or group, the last blocks, or all.",
    details: [patternHelp],
    parameters: [
      .rest("patterns", .pattern, "which parameters; all where nothing is given"),
      .named("last_blocks", .int, shown: "", "How many of the last blocks, and the head."),
    ],
    keywords: ["requires_grad", "train", "layers", "thaw", "bitfit"],
    python: "for p in layer.parameters(): p.requires_grad = True",
    examples: [
      Example("m = copy(tiny); m.freeze(); m.unfreeze(last_blocks: 1); m.parameters(trainable: true).len()", gives: 16)
    ],
    seeAlso: ["freeze", "parameters"]
  ) { call in
    let value = try call.receiver(as: ModelValue.self)
    let patterns = try call.restStrings()
    let last = try call.intIfAny("last_blocks")
    try checkPatterns(patterns, value.model, call)
    call.willChange(value)
    try value.model.unfreeze(patterns, lastBlocks: last)
    call.note(ModelReport.trainable(value.model, call.receiverName))
    return .nothing
  }

  private static let resetModel = Builtin(
    "reset", area: .models, on: [.model], returns: .nothing,
    summary: "Back to how the model was loaded or made.",
    keywords: ["restore", "start over", "undo training"], python: "model.load_state_dict(initial)",
    examples: [Example("m = copy(tiny); m.freeze(); m.reset(); m.parameters(trainable: false).len()", gives: 0)],
    seeAlso: ["copy"]
  ) { call in
    let value = try call.receiver(as: ModelValue.self)
    call.willChange(value)
    value.model.reset()
    call.note("\(call.receiverName ?? value.model.name): as it was loaded or made")
    return .nothing
  }

  private static let modelParameters = Builtin(
    "parameters", area: .models, on: [.model], returns: .table,
    summary: "A table of parameters: name, shape, count, whether it trains.",
    details: [patternHelp],
    parameters: [
      .positional("pattern", .pattern, shown: "all", "which parameters"),
      .named("trainable", .bool, shown: "both", "Only those that train, or only those that don't."),
    ],
    keywords: ["named_parameters", "weights", "state_dict", "count"], python: "model.named_parameters()",
    examples: [
      Example("tiny.parameters().len()", gives: 39),
      Example(#"tiny.parameters("pooler").name"#, kind: .column),
    ],
    seeAlso: ["freeze", "unfreeze"]
  ) { call in
    let model = try call.receiver(as: ModelValue.self).model
    var chosen = model.parameters
    if let pattern = try call.stringIfAny("pattern") {
      try checkPatterns([pattern], model, call)
      chosen = try model.parameters(matching: pattern)
    }
    if call.has("trainable") {
      let wanted = try call.bool("trainable")
      chosen = chosen.filter { $0.isTrainable == wanted }
    }
    return .table(
      try Table([
        ("name", .strings(chosen.map(\.name))),
        ("shape", .strings(chosen.map { "\($0.shape)" })),
        ("count", .integers(chosen.map(\.count))),
        ("trainable", .bools(chosen.map(\.isTrainable))),
      ]))
  }

  private static let patternHelp =
    "A pattern is a dotted part of a name, a glob with *, or a group: head, embeddings, blocks, norms, biases."

  /// An error that lists what there is, for a pattern that names nothing.
  ///
  /// - Parameter name: of the argument that holds the patterns; nil where they are the rest.
  static func checkPatterns(
    _ patterns: [String], _ model: PretrainedModel, _ call: Call, at name: String? = nil
  ) throws {
    for pattern in patterns {
      do { _ = try model.parameters(matching: pattern) } catch let error as TransformerError {
        guard case .noMatch(_, let available) = error else { throw error }
        let groups = ParameterSelection.groups.filter { available.contains("\"\($0)\"") }
        let near = Nearest.question(pattern, in: groups + runs(model))
        throw call.error(
          "no parameter matches \"\(pattern)\"", at: name,
          help: near ?? "there are \(available.joined(separator: ", "))")
      }
    }
  }

  /// Runs of up to four parts of the parameters' names, each once: what a pattern can be.
  private static func runs(_ model: PretrainedModel) -> [String] {
    var found: [String] = []
    var seen: Set<String> = []
    for (name, _) in model.root.namedParameters() {
      let parts = name.split(separator: ".").map(String.init)
      for start in parts.indices {
        for end in (start + 1)...min(start + 4, parts.count) {
          let run = parts[start..<end].joined(separator: ".")
          if Int(run) == nil, seen.insert(run).inserted { found.append(run) }
        }
      }
    }
    return found
  }
}

/// One line on what changed in a model.
enum ModelReport {
  /// `clf: 22,713,986 parameters frozen; 0 trainable`.
  static func changed(_ model: PretrainedModel, _ count: Int, _ what: String, _ name: String?) -> String {
    "\(name ?? model.name): \(Numbers.grouped(count)) parameters \(what); \(Numbers.grouped(model.trainableCount)) trainable"
  }

  /// `clf: 148,610 of 22,713,986 trainable (0.65 %): pooler, classifier`.
  static func trainable(_ model: PretrainedModel, _ name: String?) -> String {
    let (count, all) = (model.trainableCount, model.parameterCount)
    let share = Numbers.percent(Double(count) / Double(max(all, 1)))
    let text = "\(name ?? model.name): \(Numbers.grouped(count)) of \(Numbers.grouped(all)) trainable (\(share))"
    let parts = trainableParts(model)
    return parts.isEmpty ? text : text + ": " + parts.joined(separator: ", ")
  }

  /// The parts of the tree that train, blocks by their numbers.
  private static func trainableParts(_ model: PretrainedModel) -> [String] {
    if model.trainableCount == model.parameterCount { return [] }
    var parts: [String] = []
    for parameter in model.parameters where parameter.isTrainable {
      var words = parameter.name.split(separator: ".").map(String.init)
      if model.headKind != nil, words.count > 1, words[0] == model.baseName { words.removeFirst() }
      let depth = words.firstIndex { Int($0) != nil }.map { $0 + 1 } ?? 1
      let shown = words.prefix(max(depth, 1)).joined(separator: ".")
      if !parts.contains(shown) { parts.append(shown) }
    }
    return parts.count > 8 ? Array(parts.prefix(7)) + ["… \(parts.count - 7) more"] : parts
  }
}
