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
    let known: Set<String> = Set(FitArguments.parameters.map(\.name))
    var names: [String] = []
    var choices: [[Value]] = []
    for (name, value) in call.labels() {
      guard known.contains(name) else { throw call.error("fit has no setting \(name)") }
      guard case .list(let list) = value, list.count > 0 else { throw call.error("\(name): expected a list of values") }
      names.append(name)
      choices.append(list.elements)
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
      let before: [String: Value] = SweepOverrides.current
      SweepOverrides.current = overrides
      defer { SweepOverrides.current = before }
      let result: Value = try call.invoke(call.value("fit"), .object(ModelValue(try model.model.copy())))
      guard let run: RunValue = result.object() else {
        throw call.error("the function gives \(result.kind.phrase), expected the run that fit gives", at: "fit")
      }
      let line: TrainingHistory.Line? = run.history.lines.last
      for place in names.indices { columns[place].append(overrides[names[place]] ?? .nothing) }
      losses.append(line?.loss ?? .nan)
      valid.append(line?.validationLoss ?? .nan)
      metrics.append(line?.metricValue ?? .nan)
      seconds.append(run.seconds)
    }
    var table: [(name: String, column: Column)] = try zip(names, columns).map { ($0, try Column(values: $1)) }
    table.append(("loss", .reals(losses)))
    if valid.contains(where: { $0.isFinite }) { table.append(("valid_loss", .reals(valid))) }
    if metrics.contains(where: { $0.isFinite }) { table.append(("valid_metric", .reals(metrics))) }
    return try Table(table, operation: "sweep")
  }
}
