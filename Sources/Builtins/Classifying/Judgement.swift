import Language
import Tables
import Training

/// What a classifier or a model says of labelled rows.
struct Judgement {
  let labels: LabelSet
  let truth: [Int]
  /// `[N][K]`.
  let probabilities: [[Double]]
  /// What was judged, where it was text.
  let texts: [String]?
  let table: Table?

  var predicted: [Int] { probabilities.map(mostProbable) }
  var isRight: [Bool] { zip(predicted, truth).map { $0 == $1 } }
  var correct: Int { isRight.reduce(0) { $0 + ($1 ? 1 : 0) } }

  func matrix() throws -> ConfusionMatrix {
    try ConfusionMatrix(truth: truth, predicted: predicted, classCount: labels.count)
  }
}

/// What can be asked for labels: classifiers, and models with a classification head.
protocol Judging: LanguageObject {
  var labelSet: LabelSet { get throws }
  /// The probability of each class for each row of features or texts.
  func probabilities(of data: Value, in call: Call, _ name: String) throws -> [[Double]]
}

extension Call {
  /// The first argument, asked for labels.
  func judging() throws -> any Judging {
    guard case .object(let object) = first, let judge = object as? any Judging else {
      throw error("\(first.kind.phrase) doesn't predict labels", at: builtin.parameters.first?.name)
    }
    return judge
  }

  /// What the first argument says of the rows in `data`, whose labels stand beside them or in `y`.
  func judgement() throws -> Judgement { try judgement(of: judging(), value("data"), "data") }

  func judgement(of judge: any Judging, _ data: Value, _ name: String) throws -> Judgement {
    let data: Value = testPart(data)
    let labels: LabelSet = try judge.labelSet
    let given: LabelValues
    if has("y") {
      given = try LabelValues(testPart(value("y")), in: self, "y")
    } else if let table: TableValue = data.object() {
      given = try LabelValues(table.column(try string("label")), in: self, name)
    } else {
      throw error(
        "there are no labels to compare with", at: name, help: "give a table with a column label, or y: labels")
    }
    guard given.count > 0 else { throw error("there are no rows", at: name) }
    let truth: [Int] = try given.indices(in: labels)
    let probabilities: [[Double]] = try judge.probabilities(of: data, in: self, name)
    guard probabilities.count == truth.count else {
      throw error("\(truth.count) labels for \(probabilities.count) rows", at: name)
    }
    let table: Table? = data.object(TableValue.self)?.table
    return Judgement(
      labels: labels, truth: truth, probabilities: probabilities, texts: try? textsIfAny(data), table: table)
  }

  /// A table as it is; of a split the rows held back for the end.
  func testPart(_ value: Value) -> Value {
    guard case .record(let record) = value else { return value }
    return record["test"] ?? record["valid"] ?? value
  }

  private func textsIfAny(_ value: Value) throws -> [String]? {
    if let table: TableValue = value.object() { return table.table[try string("text")]?.strings }
    if case .list(let list) = value {
      return list.elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
    return value.object(ColumnValue.self)?.column.strings
  }
}

extension Parameter {
  /// What words that measure take beside the thing measured.
  static let judged: [Parameter] = measured([])

  /// The same of a word that also measures a language model on one text.
  static let judgedOrText: [Parameter] = measured([.string])

  private static func measured(_ more: [ValueType]) -> [Parameter] {
    let kinds: [ValueType] = [.kind(.table), .record, .kind(.tensor), .kind(.column), .list]
    let rows: Parameter = .positional(
      "data", .either(kinds + more), "rows with text and label, a split (its test part), features, or texts")
    return [rows] + truth
  }

  /// Where the truth stands, and the texts.
  static let truth: [Parameter] = [
    .named(
      "y", .either([.kind(.column), .list, .kind(.tensor), .kind(.table), .record]), shown: "the column label",
      "the true labels"),
    .named("text", .string, default: "text", "the column that holds the text"),
    .named("pair", .string, default: "pair", "the column that holds a second text, where there is one"),
    .named("label", .string, default: "label", "the column that holds the label"),
  ]
}
