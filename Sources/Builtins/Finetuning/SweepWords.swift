import Language
import Tables
import Training
import Transformers

extension Builtin {
  static let sweep = Builtin(
    "sweep", area: .training, on: [.model], returns: .table,
    summary: "Fit copies of a model with each combination of settings.",
    details: [
      "The settings stand in for arguments that the function doesn't give to fit. The model itself stays as it is."
    ],
    parameters: [
      .positional("fit", .function, "fits a copy: m -> m.fit(reviews, epochs: 2)"),
      .labels("settings", .list, "lists of values: lr: [1e-4, 1e-3], seed: [0, 1]"),
    ],
    keywords: ["grid search", "hyperparameters", "search", "optuna"], python: "for lr in [1e-4, 1e-3]: ...",
    examples: [
      Example(
        "\(tinyHead); m.sweep(x -> x.fit(\(tinyRows), epochs: 1), lr: [1e-4, 1e-3], seed: [0, 1]).len()", gives: 4)
    ], seeAlso: ["fit", "compare"]
  ) { call in .table(try sweepTable(call)) }

  private static func sweepTable(_ call: Call) throws -> Table {
    let model: ModelValue = try call.receiver(as: ModelValue.self)
    var names: [String] = []
    var choices: [[Value]] = []
    for (name, value) in call.labels() {
      names.append(name)
      choices.append(try values(of: name, value, call))
    }
    guard !names.isEmpty else { throw call.error("name settings to vary", help: "lr: [1e-4, 1e-3], seed: [0, 1]") }
    let total: Int = choices.reduce(1) { $0.multipliedReportingOverflow(by: $1.count).partialValue }
    guard total > 0, total <= 1000 else { throw call.error("\(total) combinations are too many; at most 1,000") }
    var columns: [[Value]] = Array(repeating: [], count: names.count)
    var (losses, valid, metrics, seconds): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
    for index in 0..<total {
      try call.progress("sweep", index, total)
      var rest: Int = index
      var overrides: [String: Value] = [:]
      for place in names.indices.reversed() {
        overrides[names[place]] = choices[place][rest % choices[place].count]
        rest /= choices[place].count
      }
      let (result, used) = try SweepOverrides.applying(overrides) {
        try call.invoke(call.value("fit"), .object(ModelValue(try model.model.copy())))
      }
      guard let run: RunValue = result.object() else {
        throw call.error("the function gives \(result.kind.phrase), expected the run that fit gives", at: "fit")
      }
      // A fit that Ctrl-C cut short is no result to compare with the others.
      if run.reason == .interrupted { throw LanguageError.interrupted }
      if let unused = names.first(where: { !used.contains($0) }) {
        throw call.error(
          "the function gives \(unused) itself, so the values here have no effect", at: unused,
          help: "leave \(unused) out of the call of fit")
      }
      let line: TrainingHistory.Line? = run.history.lines.last
      for place in names.indices { columns[place].append(overrides[names[place]] ?? .nothing) }
      losses.append(line?.loss ?? .nan)
      valid.append(line?.validationLoss ?? .nan)
      metrics.append(line?.metricValue ?? .nan)
      seconds.append(run.seconds)
    }
    var table: [(name: String, column: Column)] = zip(names, columns).map { name, values in
      (name, (try? Column(values: values)) ?? .strings(values.map { $0.inline(width: 40) }))
    }
    table.append(("loss", .reals(losses)))
    if valid.contains(where: { $0.isFinite }) { table.append(("valid_loss", .reals(valid))) }
    if metrics.contains(where: { $0.isFinite }) { table.append(("valid_metric", .reals(metrics))) }
    return try Table(table, operation: "sweep")
  }

  /// The values of a setting, as fit takes them.
  private static func values(of name: String, _ given: Value, _ call: Call) throws -> [Value] {
    let known: [Language.Parameter] = FitArguments.parameters.filter { $0.name != "data" }
    guard let parameter = known.first(where: { $0.name == name }) else {
      throw call.error("fit has no setting \(name)", at: name, help: Nearest.question(name, in: known.map(\.name)))
    }
    guard case .list(let list) = given, list.count > 0 else {
      throw call.error("\(name): expected a list of values", at: name)
    }
    return try list.elements.map { (item: Value) -> Value in
      if let value = parameter.type.accept(item) ?? (item.isNothing ? parameter.defaultValue : nil) { return value }
      throw call.error(
        "\(name) takes \(parameter.type.phrase), not \(item.inline(width: 30))", at: name,
        help: "\(name): \(parameter.help)")
    }
  }
}

/// What a sweep puts in the place of arguments that its function doesn't give.
enum SweepOverrides {
  nonisolated(unsafe) private static var current: [String: Value] = [:]  // only the interpreter's thread runs calls
  nonisolated(unsafe) private static var used: Set<String> = []

  /// Runs a function under such values; gives its result and which of them a fit took.
  static func applying(_ values: [String: Value], _ body: () throws -> Value) throws -> (Value, used: Set<String>) {
    let before = (current, used)
    (current, used) = (values, [])
    defer { (current, used) = before }
    let result: Value = try body()
    return (result, used)
  }

  /// A call of fit as it stands within a sweep.
  static func filled(_ call: Call) -> Call {
    if current.isEmpty { return call }
    used.formUnion(current.keys.filter { !call.isGiven($0) })
    return call.filled(with: current)
  }
}
