import Language
import Tables
import Training

extension Builtin {
  /// The word that sets classifiers and models side by side.
  static let compareWords: [Builtin] = [compare]

  private static let compare = Builtin(
    "compare", area: .using, on: [.record], subject: "models", returns: .report,
    summary: "Set classifiers and models side by side on the same rows.",
    details: ["What differs from the best by more than chance (exact McNemar test, p < 0.05) is marked."],
    parameters: [
      .named(
        "test", .either([.kind(.table), .record, .kind(.tensor), .kind(.column), .list]),
        "rows with text and label, or features"),
      .named(
        "y", .either([.kind(.column), .list, .kind(.tensor), .kind(.table), .record]), shown: "the column label",
        "the true labels"),
      .named("text", .string, default: "text", "the column that holds the text"),
      .named("pair", .string, default: "pair", "the column that holds a second text, where there is one"),
      .named("label", .string, default: "label", "the column that holds the label"),
    ],
    keywords: ["significance", "mcnemar", "benchmark", "side by side"], python: "mcnemar(table, exact=True)",
    examples: [
      Example(
        "c = \(tinyClassifier)\ncompare({one: c, two: c}, test: tensor([[0.5], [3.5]]), y: [\"low\", \"high\"]).p.two",
        gives: 1.0)
    ], seeAlso: ["evaluate", "report"]
  ) { call in .object(try comparison(call)) }

  private struct Entry {
    let name: String
    let judged: Judgement
    let loss: Double
  }

  private static func comparison(_ call: Call) throws -> ReportValue {
    var entries: [Entry] = []
    for (key, value) in try call.record("models").fields {
      guard case .object(let object) = value, let judge = object as? any Judging else {
        throw call.error("\(key.text) is \(value.kind.phrase), expected a classifier or a model", at: "models")
      }
      let judged: Judgement = try call.judgement(of: judge, call.value("test"), "test")
      let loss: Double = try logLoss(truth: judged.truth, probabilities: judged.probabilities)
      entries.append(Entry(name: key.text, judged: judged, loss: loss))
    }
    guard let first = entries.first else { throw call.error("there is nothing to compare", at: "models") }
    guard entries.allSatisfy({ $0.judged.truth.count == first.judged.truth.count }) else {
      throw call.error("they were not measured on the same rows", at: "models")
    }
    let sorted: [Entry] = entries.enumerated().sorted {
      ($1.element.judged.correct, $0.offset) < ($0.element.judged.correct, $1.offset)
    }.map(\.element)
    let best: Entry = sorted[0]
    let tests: [McNemar] = try sorted.map { try McNemar(first: best.judged.isRight, second: $0.judged.isRight) }
    return try ReportValue(
      "comparison of \(entries.count) on \(Numbers.grouped(first.judged.truth.count)) rows",
      fields: [
        (
          "accuracy",
          .record(sorted.map { ($0.name, .float(Double($0.judged.correct) / Double($0.judged.truth.count))) })
        ),
        ("loss", .record(sorted.map { ($0.name, .float($0.loss)) })),
        ("p", .record(zip(sorted, tests).map { ($0.name, .float($1.pValue)) })), ("best", .string(best.name)),
      ], lines: lines(sorted, tests))
  }

  private static func lines(_ sorted: [Entry], _ tests: [McNemar]) -> [StyledText] {
    let width: Int = max(8, min(24, sorted.map { TextWidth.of($0.name) }.max() ?? 0))
    var head = StyledText(String(repeating: " ", count: width))
    head.append("  accuracy   95 %              right    loss   p against \(sorted[0].name)")
    var lines: [StyledText] = [head]
    for (entry, test) in zip(sorted, tests) {
      let total: Int = entry.judged.truth.count
      let interval = WilsonInterval(successes: entry.judged.correct, trials: total)
      var line: StyledText = StyledText(entry.name, .name).cut(to: width).padded(to: width)
      line += StyledText(Figures.three(Double(entry.judged.correct) / Double(total)), .number).padded(
        to: 10, alignRight: true)
      line.append("   \(Figures.three(interval.lower)) to \(Figures.three(interval.upper))")
      line += StyledText(Numbers.grouped(entry.judged.correct), .number).padded(to: 8, alignRight: true)
      line += StyledText(Figures.three(entry.loss), .number).padded(to: 8, alignRight: true)
      if entry.name != sorted[0].name {
        line.append("   " + pText(test.pValue))
        if test.pValue < 0.05 { line.append("  differs", .accent) }
      }
      lines.append(line)
    }
    let total: Int = sorted[0].judged.truth.count
    var counts: [Int] = Array(repeating: 0, count: sorted[0].judged.labels.count)
    for label in sorted[0].judged.truth { counts[label] += 1 }
    let majority: Double = Double(counts.max() ?? 0) / Double(max(1, total))
    let chance: Double = 1 / Double(max(1, counts.count))
    lines.append(
      StyledText(
        "chance \(Figures.three(chance)), majority \(Figures.three(majority)), \(Numbers.grouped(total)) rows; "
          + "p: exact McNemar test on the same rows", .faint))
    return lines
  }

  private static func pText(_ p: Double) -> String { p < 0.001 ? "p < 0.001" : "p = \(Figures.three(p))" }
}
