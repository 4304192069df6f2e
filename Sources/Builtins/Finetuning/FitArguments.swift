import Foundation
import Language
import Tables
import Training
import Transformers

/// The arguments of `fit` and `trainer`, and what they come to.
enum FitArguments {
  static let parameters: [Language.Parameter] = [
    .positional(
      "data", .either([.kind(.table), .record, .string, .strings]),
      "rows to learn from, or a split (train, and valid where there is one); for a language model also a text"),
    .named("valid", .either([.kind(.table), .string, .strings]), shown: "the split's", "rows to measure on"),
    .named("epochs", .int, default: 3, "how often each row is seen"),
    .named("steps", .int, shown: "all", "stop after so many steps; the schedule stays that of the epochs"),
    .named("batch", .int, default: 16, "rows a step"),
    .named("lr", .float, shown: "auto", "the highest learning rate; auto goes by what trains"),
    .named("max_length", .int, shown: "the model's", "tokens a text is cut to; of a window, of a block of text"),
    .named("stride", .int, shown: "usual", "tokens that windows of a long text share: 128 for answers, 64 for tags"),
    .named("text", .string, default: "text", "the column that holds the text"),
    .named("pair", .string, default: "pair", "the column that holds a second text, where there is one"),
    .named("label", .string, default: "label", "the column that holds the label"),
    .named(
      "prompt", .kind(.prompt), shown: "none", "what a language model is asked of each row: it learns the answers"),
    .named("optimizer", .choice(["adamw", "adam", "sgd"]), default: "adamw", "how weights follow gradients"),
    .named("weight_decay", .float, default: 0.01, "how much weights shrink; biases and norms don't"),
    .named("schedule", .choice(["linear", "cosine", "constant"]), default: "linear", "how the learning rate goes"),
    .named("warmup", .float, default: 0.1, "steps of its rise; below 1 a share of all"),
    .named("clip", .either([.float, .nothing]), default: 1.0, "the largest norm of all gradients; none for no limit"),
    .named("dropout", .float, shown: "the configuration's", "share of activations left out"),
    .named(
      "frozen_dropout", .bool, default: false, "dropout in frozen blocks too, as Hugging Face does; turns the cache off"
    ),
    .named("label_smoothing", .float, default: 0.0, "share of a label spread over all"),
    .named(
      "class_weight", .either([.choice(["balanced"]), .record(of: .float)]), shown: "1 each",
      "how much each label counts"),
    .named("layer_decay", .float, shown: "none", "what each block's learning rate is of the one above"),
    .named("accumulate", .int, default: 1, "batches a step"),
    .named(
      "precision", .choice(["float32", "bf16"]), shown: "the model's",
      "what products' inputs are rounded to; weights and sums stay float32"),
    .named("early_stopping", .int, shown: "off", "stop after so many measurements without a lower loss"),
    .named(
      "eval_every", .either([.choice(["epoch"]), .int]), default: "epoch",
      "when to measure: each epoch, or every so many steps"),
    .named("keep", .choice(["last", "best"]), default: "last", "which weights stand at the end"),
    .named("checkpoint", .path, shown: "none", "a folder to go on from, whatever happens"),
    .named("checkpoint_every", .int, shown: "each epoch", "steps between checkpoints"),
    .named("seed", .int, shown: "the session's", "draws order and dropout"),
  ]

  /// A trainer for the call's model and data.
  static func trainer(_ call: Call) throws -> (trainer: Trainer, model: ModelValue, stop: Int?) {
    let value: ModelValue = try call.receiver(as: ModelValue.self)
    let model: PretrainedModel = value.model
    let split: DataSplit = try textTable("data", call).map { DataSplit(train: $0) } ?? call.split("data")
    let validTable: Table? = try call.has("valid") ? textTable("valid", call) ?? call.table("valid") : split.valid
    let source = try FitData(model, call)
    try call.noteLongWindow(model)
    let data: TrainingData = try source.data(split.train, "data")
    let valid: TrainingData? = try validation(validTable, source, call)
    var settings: TrainingSettings = try settings(call, model, data)
    if valid == nil, settings.keep == .best || settings.earlyStopping != nil {
      throw call.error(
        "without validation rows there is no best to keep or to stop at",
        help: "give valid: rows, or a split with valid")
    }
    let batches: Int = (data.count - 1) / max(1, settings.batchSize) + 1
    let steps: Int = ((batches - 1) / max(1, settings.accumulate) + 1).multipliedReportingOverflow(by: settings.epochs)
      .partialValue
    let stop: Int? = try call.intIfAny("steps")
    if let stop, stop > steps { settings.steps = stop }
    if let stop, stop < 1 { throw call.error("steps: expected at least 1, got \(stop)", at: "steps") }
    if settings.batchSize > data.count {
      let rows: String = Words.count(data.count, "row", "rows")
      call.note("batch is \(settings.batchSize), the data has \(rows): one batch an epoch")
    }
    if settings.learningRate > 0.1, settings.optimizer.name != "sgd" {
      call.note(
        "lr \(Figures.rate(settings.learningRate)) is very high; usual is \(Figures.rate(automaticRate(model)))")
    }
    let trainer = try Trainer(model, data, validation: valid, settings: settings)
    trainer.cacheProgress = { done, total in try call.progress("frozen part", done, total) }
    trainer.checkpoints = try checkpoints(call, trainer)
    if trainer.warmupSteps >= trainer.totalSteps {
      let what: String =
        trainer.totalSteps == 1
        ? "the only step is the first of the warm-up, at rate 0: nothing is learned"
        : "the warm-up takes all \(trainer.totalSteps) steps"
      call.note("\(what); warmup: 0 leaves it out")
    }
    return (trainer, value, stop)
  }

  /// The rows to measure on. What is wrong with a split's own is said of that part, at the argument that holds it.
  private static func validation(_ table: Table?, _ source: FitData, _ call: Call) throws -> TrainingData? {
    guard let table, table.rowCount > 0 else { return nil }
    do { return try source.data(table, "valid") } catch LanguageError.failure(var diagnostic) where !call.has("valid") {
      diagnostic.range = call.range(of: "data") ?? diagnostic.range
      let prefix: String = call.builtin.name + ": "
      if diagnostic.message.hasPrefix(prefix) {
        diagnostic.message = prefix + "valid: " + diagnostic.message.dropFirst(prefix.count)
      }
      throw LanguageError.failure(diagnostic)
    }
  }

  private static func checkpoints(_ call: Call, _ trainer: Trainer) throws -> CheckpointPlace? {
    let every: Int? = try call.intIfAny("checkpoint_every")
    if let every, every < 1 {
      throw call.error("checkpoint_every: expected at least 1, got \(every)", at: "checkpoint_every")
    }
    guard let folder = try call.stringIfAny("checkpoint") else {
      if every == nil { return nil }
      throw call.error(
        "checkpoint_every: says how often, but not where", at: "checkpoint_every", help: "give checkpoint: a folder")
    }
    return CheckpointPlace(folder: folder, every: every ?? trainer.stepsPerEpoch)
  }

  /// Texts given as such, as a table; nil where something else was given.
  private static func textTable(_ name: String, _ call: Call) throws -> Table? {
    try call.refuseFileName(name)
    switch call.value(name) {
    case .string, .list: return try Table([(try call.string("text"), .strings(try call.texts(name)))])
    default: return nil
    }
  }

  private static func settings(_ call: Call, _ model: PretrainedModel, _ data: TrainingData) throws -> TrainingSettings
  {
    var settings = TrainingSettings()
    settings.epochs = try call.int("epochs")
    settings.batchSize = try call.int("batch")
    settings.learningRate = try call.floatIfAny("lr") ?? automaticRate(model)
    switch try call.string("optimizer") {
    case "adam": settings.optimizer = .adam()
    case "sgd": settings.optimizer = .sgd()
    default: settings.optimizer = .adamW()
    }
    settings.weightDecay = try call.float("weight_decay")
    settings.schedule = Schedule(rawValue: try call.string("schedule")) ?? .linear
    settings.warmup = try call.float("warmup")
    settings.clip = try call.floatIfAny("clip")
    settings.dropout = try call.floatIfAny("dropout")
    settings.frozenDropout = try call.bool("frozen_dropout")
    settings.labelSmoothing = Float(try call.float("label_smoothing"))
    settings.precision = try call.precision() ?? model.precision
    settings.layerDecay = try call.floatIfAny("layer_decay")
    settings.accumulate = try call.int("accumulate")
    settings.earlyStopping = try call.intIfAny("early_stopping")
    if case .int(let steps) = call.value("eval_every") { settings.evaluation = .steps(steps) }
    settings.keep = TrainingSettings.Keep(rawValue: try call.string("keep")) ?? .last
    try checkLoss(call, model, data)
    settings.classWeights = try classWeights(call, model, data)
    settings.seed = call.seedBits
    do { try settings.checked() } catch let error as TrainingError { throw call.failure(error) }
    return settings
  }

  /// What weighs and smooths labels is for one label a text or word; elsewhere it would have no effect.
  private static func checkLoss(_ call: Call, _ model: PretrainedModel, _ data: TrainingData) throws {
    let learned: String
    switch data.targets {
    case .classes: return
    case .tokens:
      if model.headKind == .tokenClassification || !call.has("class_weight") { return }
      throw call.error("class_weight: a language model has no labels to weigh", at: "class_weight")
    case .multiLabel: learned = "several labels a text"
    case .values: learned = "numbers"
    case .spans: learned = "places of answers"
    }
    if call.has("class_weight") {
      throw call.error("class_weight: this head learns \(learned), not one label of several", at: "class_weight")
    }
    if try call.float("label_smoothing") != 0 {
      throw call.error("label_smoothing: this head learns \(learned), not one label of several", at: "label_smoothing")
    }
  }

  private static func classWeights(_ call: Call, _ model: PretrainedModel, _ data: TrainingData) throws -> [Float]? {
    switch call.value("class_weight") {
    case .string:
      guard case .classes(let classes) = data.targets else {
        throw call.error("class_weight: \"balanced\" is for classes of texts", at: "class_weight")
      }
      var counts: [Int] = Array(repeating: 0, count: model.labels.count)
      for label in classes { counts[label] += 1 }
      let present: Int = counts.filter { $0 > 0 }.count
      return counts.map { $0 > 0 ? Float(classes.count) / Float(present * $0) : 0 }
    case .record(let record):
      var weights: [Float] = Array(repeating: 1, count: model.labels.count)
      for (key, value) in record.fields {
        let index: Int = try call.place(of: key.text, among: model.labels, at: "class_weight")
        if case .float(let weight) = value { weights[index] = Float(weight) }
      }
      return weights
    default: return nil
    }
  }

  // MARK: What trains

  /// What trains, in words: `head only`, `all layers`, `last 2 blocks`.
  static func trainable(_ model: PretrainedModel) -> String {
    let names: [String] = model.parameters.filter(\.isTrainable).map(\.name)
    if names.count == model.parameters.count { return "all layers" }
    if let method = methodRate(model) { return method.name }
    let head: Set<String> = Set(model.group("head").map(\.name))
    let rest: [String] = names.filter { !head.contains($0) }
    if rest.isEmpty { return "head only" }
    if rest.allSatisfy({ $0.hasSuffix("bias") }) { return "biases" }
    let norms: Set<String> = Set(model.group("norms").map(\.name))
    if rest.allSatisfy({ norms.contains($0) }) { return "norms" }
    if let first = model.firstTrainableStage, first >= 1, first <= model.blockCount {
      let blocks: Int = model.blockCount - first + 1
      return blocks == 1 ? "last block" : "last \(blocks) blocks"
    }
    return "\(names.count) of \(model.parameters.count) parameters"
  }

  /// The learning rate by what trains.
  ///
  /// Measured with MiniLM on the sample reviews (three epochs, 63 steps, test accuracy): the last two blocks reach 0.71
  /// at 5e-5, 0.82 at 2e-4 and 0.85 at 5e-4; the head alone 0.73 at 1e-3 and 0.74 at 3e-3.
  static func automaticRate(_ model: PretrainedModel) -> Double {
    if let method = methodRate(model) { return method.rate }
    switch trainable(model) {
    case "head only", "biases", "norms": return 1e-3
    case let some where some.hasPrefix("last "): return 2e-4
    default: return 5e-5
    }
  }

  /// Of the methods in use that train: their names and the lowest of their usual rates.
  private static func methodRate(_ model: PretrainedModel) -> (name: String, rate: Double)? {
    let training = model.methods.filter { $0.control.isActive && $0.parameters.contains(where: \.isTrainable) }
    let rates = training.compactMap { Method.named($0.kind)?.learningRate }
    guard let rate = rates.min() else { return nil }
    return (training.map(\.title).joined(separator: " + "), rate)
  }
}

extension Figures {
  /// A learning rate: `1e-3`, `5e-5`, `0.01`.
  static func rate(_ value: Double) -> String {
    if value == 0 { return "0" }
    if value >= 0.01 && value < 1000 { return Numbers.text(value) }
    var digits: Int = 0
    while digits < 4 {
      let text: String = scientific(value, digits)
      if let back = Double(text), abs(back - value) <= 1e-9 * value { return text }
      digits += 1
    }
    return scientific(value, 3)
  }

  private static func scientific(_ value: Double, _ digits: Int) -> String {
    let text: String = String(format: "%.\(digits)e", value)
    guard let e = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: e)...]) else { return text }
    return "\(text[..<e])e\(exponent)"
  }
}
