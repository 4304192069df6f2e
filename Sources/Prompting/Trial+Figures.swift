import Files
import Tables
import Training

extension Trial {
  /// The figures of one prompt.
  package struct Line {
    package let result: PromptResult
    package let plain: ChoiceFigures
    package let calibrated: ChoiceFigures?
    /// Accuracies in the orders of the shots that were tried, the least first; empty where only one was.
    package let byOrder: [Double]

    /// What decides: calibrated where there is such.
    package var deciding: ChoiceFigures { calibrated ?? plain }

    /// The middle of the accuracies by order.
    package var median: Double? {
      guard !byOrder.isEmpty else { return nil }
      let half = byOrder.count / 2
      return byOrder.count % 2 == 1 ? byOrder[half] : (byOrder[half - 1] + byOrder[half]) / 2
    }
  }

  /// A line for each prompt, the best first: by accuracy, then by log loss, as they were given where equal.
  package func lines() throws -> [Line] {
    let lines = try results.map { result in
      let orders = result.choicesByOrder
      return Line(
        result: result, plain: try ChoiceFigures(result.probabilities, truth: truth, labels: labels.count),
        calibrated: try result.calibrated.map { try ChoiceFigures($0, truth: truth, labels: labels.count) },
        byOrder: orders.count < 2
          ? []
          : orders.map { choices in
            Double(zip(choices, truth).count { $0 == $1 }) / Double(max(1, truth.count))
          }.sorted())
    }
    return lines.enumerated().sorted { one, other in
      let (a, b) = (one.element.deciding, other.element.deciding)
      if a.correct != b.correct { return a.correct > b.correct }
      if a.loss != b.loss { return a.loss < b.loss }
      return one.offset < other.offset
    }.map(\.element)
  }

  package var chance: Double { 1 / Double(max(1, labels.count)) }

  /// The share of the most frequent label.
  package var majority: Double {
    var counts = Array(repeating: 0, count: labels.count)
    for label in truth { counts[label] += 1 }
    return Double(counts.max() ?? 0) / Double(max(1, truth.count))
  }

  /// The result of a name, or an error that lists them.
  package func result(named name: String) throws -> PromptResult {
    if let found = results.first(where: { $0.name == name }) { return found }
    throw PromptingError.data(
      "the trial has no prompt \"\(name)\"",
      help: "it has " + results.map { "\"\($0.name)\"" }.joined(separator: ", "))
  }

  /// Rows with what a prompt chose, its labels' probabilities, and the truth's; by themselves or some of them.
  package func table(of result: PromptResult, rows: [Int]? = nil) throws -> Table {
    var wide = table
    let deciding = result.deciding
    wide = try wide.setting("chosen", .strings(deciding.map { labels[LabelScores.largest($0)] }), operation: "trial")
    for (place, label) in labels.enumerated() {
      wide = try wide.setting("p(\(label))", .reals(deciding.map { $0[place] }), operation: "trial")
    }
    wide = try wide.setting(
      "true_probability", .reals(zip(deciding, truth).map { $0[$1] }), operation: "trial")
    return try rows.map { try wide.gathering($0, operation: "trial") } ?? wide
  }

  /// Rows that a prompt chose wrong, the truth's probability least first.
  package func mistakes(of result: PromptResult) -> [Int] {
    let deciding = result.deciding
    return hardest(deciding).filter { LabelScores.largest(deciding[$0]) != truth[$0] }
  }

  /// All rows, those whose truth got least probability first.
  package func hardest(_ probabilities: [[Double]]) -> [Int] {
    truth.indices.sorted { one, other in
      let (a, b) = (probabilities[one][truth[one]], probabilities[other][truth[other]])
      return a == b ? one < other : a < b
    }
  }

  /// Rows that the prompts together find hardest: by the mean of the truth's probability.
  package func hardestForAll() -> [Int] {
    let all = results.map(\.deciding)
    let means = truth.indices.map { row in
      all.reduce(0) { $0 + $1[row][truth[row]] } / Double(max(1, all.count))
    }
    return truth.indices.sorted { means[$0] == means[$1] ? $0 < $1 : means[$0] < means[$1] }
  }

  /// Rows that only the second of two prompts has right, and only the first; and whether that is chance.
  package func difference(_ first: PromptResult, _ second: PromptResult) throws -> (
    fixed: [Int], broken: [Int], test: McNemar
  ) {
    let right = [first, second].map { result in
      zip(result.deciding, truth).map { LabelScores.largest($0) == $1 }
    }
    return (
      truth.indices.filter { !right[0][$0] && right[1][$0] }, truth.indices.filter { right[0][$0] && !right[1][$0] },
      try McNemar(first: right[0], second: right[1])
    )
  }

  /// The figures as a table, a row for each prompt.
  package func summary() throws -> Table {
    let lines = try lines()
    var columns: [(name: String, column: Column)] = [
      ("prompt", .strings(lines.map(\.result.name))), ("accuracy", .reals(lines.map(\.plain.accuracy))),
      ("low", .reals(lines.map(\.plain.interval.lower))), ("high", .reals(lines.map(\.plain.interval.upper))),
      ("f1", .reals(lines.map(\.plain.f1))), ("loss", .reals(lines.map(\.plain.loss))),
    ]
    let calibrated = lines.compactMap(\.calibrated)
    if calibrated.count == lines.count {
      columns.append(("calibrated", .reals(calibrated.map(\.accuracy))))
      columns.append(("calibrated_f1", .reals(calibrated.map(\.f1))))
      columns.append(("calibrated_loss", .reals(calibrated.map(\.loss))))
    }
    if lines.allSatisfy({ !$0.byOrder.isEmpty }) {
      columns.append(("order_min", .reals(lines.map { $0.byOrder.first ?? 0 })))
      columns.append(("order_median", .reals(lines.map { $0.median ?? 0 })))
      columns.append(("order_max", .reals(lines.map { $0.byOrder.last ?? 0 })))
    }
    columns.append(("tokens", .integers(lines.map(\.result.tokens))))
    columns.append(("seconds", .reals(lines.map(\.result.seconds))))
    return try Table(columns, operation: "trial")
  }
}
