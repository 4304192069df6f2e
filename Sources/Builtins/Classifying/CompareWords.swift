import Language
import Tables
import Training

extension Builtin {
  /// The word that sets classifiers and models side by side.
  static let compareWords: [Builtin] = [compare]

  private static let compare = Builtin(
    "compare", area: .using, on: [.record], subject: "models", returns: .report,
    summary: "Set classifiers and models side by side on the same rows.",
    details: [
      "What differs from the best by more than chance (exact McNemar test, p < 0.05) is marked.",
      "With several labels a row is right where all are; numbers are compared by how often one comes closer.",
      "A trial of prompts on the same rows counts with each of its prompts, before and after calibration.",
    ],
    parameters: [
      .named(
        "test", .either([.kind(.table), .record, .kind(.tensor), .kind(.column), .list]),
        "rows with text and label, or features")
    ] + Parameter.truth,
    keywords: ["significance", "p-value", "mcnemar", "benchmark", "side by side"],
    python: "mcnemar(table, exact=True)",
    examples: [
      Example(
        "c = \(tinyClassifier)\ncompare({one: c, two: c}, test: tensor([[0.5], [3.5]]), y: [\"low\", \"high\"]).p.two",
        gives: 1.0)
    ], seeAlso: ["evaluate", "report"]
  ) { call in .object(try comparison(call)) }

  private static func comparison(_ call: Call) throws -> ReportValue {
    let models: [(name: String, value: Value)] = try call.record("models").fields.map { ($0.text, $1) }
    let numbers: [(String, RegressionMeasures)] = models.compactMap { name, value in
      let model: ModelValue? = value.object()
      return (model?.task as? RegressionMeasures).map { (name, $0) }
    }
    if !numbers.isEmpty {
      guard numbers.count == models.count else {
        throw call.error("some of these predict numbers and some labels", at: "models")
      }
      return try RegressionMeasures.compare(numbers, call)
    }
    let entries: [ComparisonEntry] = try models.flatMap {
      try ComparisonEntry.entries(of: $0.value, named: $0.name, in: call)
    }
    guard let first = entries.first else { throw call.error("there is nothing to compare", at: "models") }
    guard entries.allSatisfy({ $0.isRight.count == first.isRight.count }) else {
      throw call.error("they were not measured on the same rows", at: "models")
    }
    let sorted: [ComparisonEntry] = entries.enumerated().sorted {
      ($1.element.correct, $0.offset) < ($0.element.correct, $1.offset)
    }.map(\.element)
    let best: ComparisonEntry = sorted[0]
    let tests: [McNemar] = try sorted.map { try McNemar(first: best.isRight, second: $0.isRight) }
    return try ReportValue(
      "comparison of \(entries.count) on \(Numbers.grouped(first.isRight.count)) rows",
      fields: [
        ("accuracy", .record(sorted.map { ($0.name, .float($0.accuracy)) })),
        ("loss", .record(sorted.map { ($0.name, .float($0.loss)) })),
        ("p", .record(zip(sorted, tests).map { ($0.name, .float($1.pValue)) })), ("best", .string(best.name)),
        ("seconds", .record(sorted.map { ($0.name, .float($0.seconds)) })),
        ("trained", .record(sorted.map { ($0.name, .int($0.trained)) })),
      ], lines: lines(sorted, tests))
  }

  private static func lines(_ sorted: [ComparisonEntry], _ tests: [McNemar]) -> [StyledText] {
    let width: Int = max(8, min(24, sorted.map { TextWidth.of($0.name) }.max() ?? 0))
    var head = StyledText(String(repeating: " ", count: width))
    head.append("  accuracy   95 %              right    loss   p against \(sorted[0].name)")
    var lines: [StyledText] = [head]
    for (entry, test) in zip(sorted, tests) {
      let interval = WilsonInterval(successes: entry.correct, trials: entry.isRight.count)
      var line: StyledText = StyledText(entry.name, .name).cut(to: width).padded(to: width)
      line += StyledText(Figures.three(entry.accuracy), .number).padded(to: 10, alignRight: true)
      line.append("   \(Figures.three(interval.lower)) to \(Figures.three(interval.upper))")
      line += StyledText(Numbers.grouped(entry.correct), .number).padded(to: 8, alignRight: true)
      line += StyledText(Figures.three(entry.loss), .number).padded(to: 8, alignRight: true)
      if entry.name != sorted[0].name {
        line.append("   " + pText(test.pValue))
        if test.pValue < 0.05 { line.append("  differs", .accent) }
      }
      lines.append(line)
    }
    let rows: String = "\(Numbers.grouped(sorted[0].isRight.count)) rows; p: exact McNemar test on the same rows"
    if let chance = sorted[0].chance, let majority = sorted[0].majority {
      lines.append(
        StyledText("chance \(Figures.three(chance)), majority \(Figures.three(majority)), " + rows, .faint))
    } else {
      lines.append(StyledText("right: all labels of a text; " + rows, .faint))
    }
    return lines + ComparisonEntry.costs(sorted)
  }

  static func pText(_ p: Double) -> String { p < 0.001 ? "p < 0.001" : "p = \(Figures.three(p))" }
}
