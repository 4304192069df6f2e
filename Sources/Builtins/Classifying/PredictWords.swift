import Files
import Language
import Tables
import TensorCore
import Training

extension Builtin {
  /// The word that predicts.
  static let predictWords: [Builtin] = [predict]

  private static let predict = Builtin(
    "predict", area: .using, on: [.classifier, .model], returns: .prediction,
    summary: "Predict labels with their probabilities.",
    details: [
      "Of one text, or one row of features: its labels, the most probable first.",
      "Of several: a table with the columns predicted and probability; of a table, its columns too.",
      "A tagger marks the words of a text; sentences that are split already it takes as lists of words.",
    ],
    parameters: [
      .positional(
        "x", .either([.string, .kind(.table), .kind(.tensor), .kind(.column), .list]),
        "a text, texts, features or a table"),
      .named("text", .string, default: "text", "the column that holds the text"),
      .named("pair", .string, default: "pair", "the column that holds a second text, where there is one"),
    ],
    keywords: ["predict_proba", "classify", "inference", "label"], python: "model.predict_proba(x)",
    examples: [
      Example(tinyClassifier + ".predict([3.5]).label", gives: .string("high")),
      Example(tinyClassifier + ".predict(tensor([[0.5], [3.5]])).predicted[0]", gives: .string("low")),
    ], seeAlso: ["evaluate", "errors", "logistic_regression"]
  ) { call in try call.task?.predict(call) ?? TaskPredictions.predicted(call) ?? predicted(call) }

  static func predicted(_ call: Call) throws -> Value {
    let judge: any Judging = try call.judging()
    let x: Value = call.value("x")
    let labels: LabelSet = try judge.labelSet
    let rows: [[Double]] = try judge.probabilities(of: x, in: call, "x")
    if isOne(x), let only = rows.first { return .object(PredictionValue(labels, only)) }
    var table: Table = try call.table(of: x)
    let best: [Int] = rows.map(mostProbable)
    table = try table.setting("predicted", labels.column(best), operation: "predict")
    table = try table.setting(
      "probability", .reals(zip(rows, best).map { $0[$1] }), operation: "predict")
    return .table(table)
  }

  /// Whether it is one text, or one row of features.
  private static func isOne(_ value: Value) -> Bool {
    switch value {
    case .string: return true
    case .object(let tensor as TensorValue): return tensor.extents.count == 1
    case .list(let list):
      guard let first = list.elements.first else { return false }
      return first.kind == .float || first.kind == .int
    default: return false
    }
  }
}

extension Call {
  /// A table as it is; of texts a table that holds them.
  func table(of value: Value) throws -> Table {
    switch value {
    case .object(let table as TableValue): return table.table
    case .string(let text): return try Table([("text", .strings([text]))])
    case .object(let column as ColumnValue):
      return try Table([(column.name.isEmpty ? "text" : column.name, column.column)])
    case .list(let list):
      guard list.elements.allSatisfy({ $0.kind == .string }) else { return try Table([]) }
      return try Table([("text", try Column(values: list.elements))])
    default: return try Table([])
    }
  }
}
