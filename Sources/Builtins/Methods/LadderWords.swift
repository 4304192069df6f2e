import Language
import Plots
import Tables
import TensorCore
import Training
import Transformers

extension Builtin {
  /// Words that compare ways to finetune.
  static let ladderWords: [Builtin] = [ladder, plotLadder]

  private static let ladder = Builtin(
    "ladder", area: .methods, on: [.model], returns: .ladder,
    summary: "Fit copies of a model in every way, from features to all layers, and compare what each costs and gives.",
    details: [
      "Each rung is tried with several learning rates on the first seed; the best on the validation rows counts.",
      "Ctrl-C keeps the rungs that are finished; the same call again, also in another session, goes on with the rest.",
    ],
    parameters: [
      .positional("split", .record, "with train, valid and test"),
      .named("methods", .strings, shown: "all", "Rungs: " + LadderRung.all.map(\.name).joined(separator: " ") + "."),
      .named(
        "lrs", .either([.list(of: .float), .record]), shown: "usual / 3, usual, 3 x usual",
        "Learning rates to try: a list, or a record of lists by rung."),
      .named("seeds", .list(of: .int), shown: "[the session's]", "Each rung is fitted once for each."),
      .named("epochs", .int, default: 3, "How often each row is seen."),
      .named("batch", .int, default: 16, "Rows a step."),
      .named("max_length", .int, shown: "the model's", "Tokens a text is cut to."),
      .named("text", .string, default: "text", "The column that holds the text."),
      .named("pair", .string, default: "pair", "The column that holds a second text, where there is one."),
      .named("label", .string, default: "label", "The column that holds the label."),
    ],
    keywords: ["compare methods", "parameter-efficient", "benchmark", "trade-off", "catastrophic forgetting"],
    python: "for method in methods: for lr in lrs: for seed in seeds: ...",
    examples: [
      Example(
        "t = \(tinyRows); tiny.ladder({train: t, valid: t, test: t}, methods: [\"head\", \"lora\"], lrs: [1e-3], epochs: 1).table.len()",
        gives: 2),
      Example("t = \(tinyRows); tiny.ladder({train: t, valid: t}, methods: [\"no_such\"])", fails: "no rung"),
    ], seeAlso: ["sweep", "compare", "add_lora", "drift"]
  ) { call in
    let value: ModelValue = try call.receiver(as: ModelValue.self)
    let base: PretrainedModel = value.model
    guard base.methods.isEmpty else {
      let names: String = base.methods.map { "\"\($0.name)\"" }.joined(separator: ", ")
      throw call.error(
        "a ladder begins with a model without methods, \(base.name) has \(names)",
        help: "\(call.receiverName ?? "model").unload() gives it")
    }
    let split: DataSplit = try call.split("split")
    guard let valid = split.valid, valid.rowCount > 0 else {
      throw call.error("learning rates are chosen on validation rows: the split has no valid", at: "split")
    }
    if split.test == nil { call.note("the split has no test: accuracies are those of valid, which chose the rates") }
    let rungs: [LadderRung] = try rungs(call)
    let rates: [[Double]] = try rungs.map { try learningRates($0, call) }
    let labels: [String] = try ladderLabels(base, split, call)
    var settings = TrainingSettings()
    settings.epochs = try call.int("epochs")
    settings.batchSize = try call.int("batch")
    do { try settings.checked() } catch let error as TrainingError { throw call.failure(error) }
    let seeds: [UInt64] =
      call.has("seeds") ? try call.ints("seeds").map { UInt64(bitPattern: Int64($0)) } : [call.seedBits]
    guard !seeds.isEmpty else { throw call.error("seeds is empty", at: "seeds") }
    let parts: [Table] = [split.train, valid, split.test ?? valid]
    var encoded: [Int: Ladder.Rows] = [:]
    let ladder = Ladder(
      base, seeds: seeds, settings: settings,
      memory: call.ownFolder("ladder").map { LadderMemory(folder: $0.folder, access: $0.access) } ?? LadderMemory(),
      head: { try base.with(head: .sequenceClassification, labels: labels, seed: $0) },
      rows: { model in
        // Only a prefix or soft prompt leaves less room for the text.
        let room: Int = model.defaultMaxLength ?? 0
        if let known = encoded[room] { return known }
        let source = try FitData(model, call)
        let data: [TrainingData] = try parts.map { try source.data($0, "split") }
        let rows = Ladder.Rows(train: data[0], valid: data[1], test: data[2])
        encoded[room] = rows
        return rows
      },
      features: { try featuresRung(base, parts, labels, call) })
    var results: [Ladder.Result] = []
    for (place, rung) in rungs.enumerated() {
      do {
        results.append(
          try ladder.climb(rung, rates: rates[place]) { what, done, total in
            try call.progress("\(place + 1) of \(rungs.count) \(what)", done, total)
          })
      } catch LanguageError.interrupted {
        guard !results.isEmpty else { throw LanguageError.interrupted }
        call.noteStop(
          "stopped: \(results.count) of \(Words.count(rungs.count, "rung is", "rungs are")) finished; "
            + "the same call goes on with the rest")
        call.stoppedEarly(replayWith: "methods", .strings(results.map(\.rung)))
        break
      } catch let error as TrainingError {
        // One that learns nothing takes none of the others with it.
        guard error.isDivergence, rungs.count > 1 else { throw call.error("\(rung.name): \(error)") }
        call.note("\(rung.name) is left out: \(error)")
      }
    }
    guard !results.isEmpty else { throw call.error("no rung gave finite losses; try lower learning rates") }
    return .object(LadderValue(results, seeds: seeds.count))
  }

  private static func rungs(_ call: Call) throws -> [LadderRung] {
    guard call.has("methods") else { return LadderRung.all }
    let names: [String] = try call.strings("methods")
    guard !names.isEmpty else { throw call.error("methods is empty", at: "methods") }
    let known: [String] = LadderRung.all.map(\.name)
    if let wrong = names.first(where: { !known.contains($0) }) {
      throw call.error(
        "no rung \"\(wrong)\"", at: "methods",
        help: Nearest.question(wrong, in: known) ?? "there are \(known.joined(separator: ", "))")
    }
    return LadderRung.all.filter { names.contains($0.name) }
  }

  private static func learningRates(_ rung: LadderRung, _ call: Call) throws -> [Double] {
    func list(_ value: Value) throws -> [Double] {
      guard case .list(let list) = value, list.count > 0 else {
        throw call.error("lrs: expected a list of learning rates, got \(value.kind.phrase)", at: "lrs")
      }
      return try list.elements.map {
        switch $0 {
        case .float(let rate) where rate > 0 && rate.isFinite: return rate
        case .int(let rate) where rate > 0: return Double(rate)
        default: throw call.error("lrs: expected numbers above 0", at: "lrs")
        }
      }
    }
    switch call.value("lrs") {
    case .nothing: return rung.usualRates
    case .record(let record):
      let known: [String] = LadderRung.all.map(\.name)
      for key in record.keys where !known.contains(key.text) {
        throw call.error("lrs: no rung \"\(key.text)\"", at: "lrs", help: Nearest.question(key.text, in: known))
      }
      return try record[rung.name].map(list) ?? rung.usualRates
    case let value: return try list(value)
    }
  }

  private static func ladderLabels(_ base: PretrainedModel, _ split: DataSplit, _ call: Call) throws -> [String] {
    if base.headKind == .sequenceClassification { return base.labels }
    let name: String = try call.string("label")
    guard let column = split.train[name] else {
      throw call.error(
        "the table has no column \"\(name)\"", at: "split", help: "name one with label: \"...\"")
    }
    let labels: [String] = ColumnLabels.sorted(column)
    guard labels.count >= 2, labels.count <= 1000 else {
      throw call.error("a ladder compares classifiers: \(labels.count) labels are no classes", at: "split")
    }
    return labels
  }

  /// Features and a logistic regression over them.
  private static func featuresRung(
    _ base: PretrainedModel, _ parts: [Table], _ labels: [String], _ call: Call
  ) throws -> (valid: (Int, Int), test: (Int, Int), count: Int) {
    let set = LabelSet(names: labels)
    let pair: String = try call.string("pair")
    var made: [(x: FeatureMatrix, y: [Int])] = []
    for table in parts {
      let texts: [String] = try call.texts(of: table, column: try call.string("text"), at: "split")
      let pairs: [String]? = table[pair] == nil ? nil : try call.texts(of: table, column: pair, at: "split")
      var options = FeatureOptions()
      options.maxLength = try call.intIfAny("max_length")
      let features = try base.allFeatures(texts, pairs: pairs, options) { done, total in
        try call.progress("features", done, total)
      }
      let x = try FeatureMatrix(features.values)
      let column: Column = table[try call.string("label")] ?? .strings([])
      made.append((x, try LabelValues(column, in: call, "split").indices(in: set)))
    }
    let model = try LogisticRegression(features: made[0].x, labels: made[0].y, classCount: labels.count)
    func judged(_ place: Int) throws -> (Int, Int) {
      let found: [Int] = try model.predict(made[place].x)
      return (zip(found, made[place].y).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }, found.count)
    }
    let count: Int = model.coefficients.reduce(0) { $0 + $1.count } + model.intercepts.count
    return (try judged(1), try judged(2), count)
  }

  private static let plotLadder = Builtin(
    "plot", area: .looking, on: [.ladder], returns: .plot,
    summary: "Accuracy of each rung against how many parameters train.",
    keywords: ["trade-off", "pareto"], python: "plt.semilogx(trainable, accuracy)",
    examples: [
      Example(
        "t = \(tinyRows); plot(tiny.ladder({train: t, valid: t, test: t}, methods: [\"head\"], lrs: [1e-3], epochs: 1))",
        kind: .plot)
    ], seeAlso: ["ladder"]
  ) { call in .object(try call.receiver(as: LadderValue.self).plot) }
}
