import Foundation
import Language
import Plots
import Tables
import Training
import Transformers

/// Measures of a head that says of each label whether a text has it.
struct MultiLabelMeasures: TaskMeasures {
  let model: ModelValue

  private var names: [String] { model.model.labels }

  /// Rows judged: for each row and label the truth and the probability.
  private struct Judged {
    let truth: [[Bool]]
    let probabilities: [[Double]]
    let table: Table

    var predicted: [[Bool]] { probabilities.map { $0.map { $0 > 0.5 } } }
    var isRight: [Bool] { zip(predicted, truth).map { $0 == $1 } }
    var correct: Int { isRight.reduce(0) { $0 + ($1 ? 1 : 0) } }

    /// Mean binary cross-entropy of a row.
    func loss(_ row: Int) -> Double {
      let sum: Double = zip(truth[row], probabilities[row]).reduce(0) { total, pair in
        total - log(min(1, max(1e-15, pair.0 ? pair.1 : 1 - pair.1)))
      }
      return sum / Double(max(1, truth[row].count))
    }

    /// What a label's predictions come to.
    func matrix(_ label: Int) throws -> ConfusionMatrix {
      try ConfusionMatrix(
        truth: truth.map { $0[label] ? 1 : 0 }, predicted: predicted.map { $0[label] ? 1 : 0 }, classCount: 2)
    }
  }

  private func probabilities(_ call: Call, _ data: Value, _ name: String) throws -> [[Double]] {
    try model.logits(of: data, in: call, name).map { $0.map { 1 / (1 + exp(-$0)) } }
  }

  /// For `compare`: whether all labels of each row are right, and the mean log loss.
  func rightRows(_ call: Call, _ data: Value, _ name: String) throws -> (isRight: [Bool], loss: Double) {
    let judged: Judged = try judged(call, data, name)
    let loss: Double = judged.truth.indices.reduce(0) { $0 + judged.loss($1) }
    return (judged.isRight, loss / Double(judged.truth.count))
  }

  private func judged(_ call: Call) throws -> Judged { try judged(call, call.value("data"), "data") }

  private func judged(_ call: Call, _ given: Value, _ name: String) throws -> Judged {
    let rows = try call.judgedRows(
      given, name, of: "labels",
      truth: { try FitData.hotRows($0, labels: names, call, name).map { $0.map { $0 > 0.5 } } },
      said: { try probabilities(call, $0, name) })
    return Judged(truth: rows.truth, probabilities: rows.said, table: rows.table)
  }

  private func labels(_ row: [Bool]) -> [String] { zip(names, row).filter(\.1).map(\.0) }

  // MARK: Words

  func predict(_ call: Call) throws -> Value {
    let x: Value = call.value("x")
    let rows: [[Double]] = try probabilities(call, x, "x")
    if case .string = x, let only = rows.first { return .object(LabelsPrediction(names, only)) }
    var table: Table = try call.table(of: x)
    table = try table.setting("predicted", .lists(rows.map { labels($0.map { $0 > 0.5 }) }), operation: "predict")
    for (place, name) in names.enumerated() {
      table = try table.setting("probability_" + name, .reals(rows.map { $0[place] }), operation: "predict")
    }
    return .table(table)
  }

  func evaluate(_ call: Call) throws -> Value {
    let judged: Judged = try judged(call)
    let (each, micro, macro) = try figures(judged)
    let total: Int = judged.truth.count
    let wrong: Int = zip(judged.predicted, judged.truth).reduce(0) { sum, pair in
      sum + zip(pair.0, pair.1).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
    }
    let hamming: Double = Double(wrong) / Double(max(1, total * names.count))
    let loss: Double = judged.truth.indices.reduce(0) { $0 + judged.loss($1) } / Double(total)
    let interval = WilsonInterval(successes: judged.correct, trials: total)
    let weight: Int = each.reduce(0) { $0 + $1.rows }
    let weighted: Double = each.reduce(0) { $0 + $1.figures.f1 * Double($1.rows) } / Double(max(1, weight))
    var second = StyledText("F1 micro ")
    for (name, value) in [("", micro.f1), ("   macro ", macro.f1), ("   weighted ", weighted)] {
      second.append(name)
      second.append(Figures.three(value), .number)
    }
    var third = StyledText("labels wrong ")
    third.append(Numbers.percent(hamming), .number)
    third.append("   log loss ")
    third.append(Figures.three(loss), .number)
    return .object(
      ReportValue(
        "F1 micro \(Figures.three(micro.f1)), all labels right in \(judged.correct) of \(total)",
        fields: [
          ("accuracy", .float(Double(judged.correct) / Double(total))), ("correct", .int(judged.correct)),
          ("total", .int(total)), ("interval", .floats([interval.lower, interval.upper])),
          ("f1_micro", .float(micro.f1)), ("f1_macro", .float(macro.f1)), ("f1_weighted", .float(weighted)),
          ("hamming_loss", .float(hamming)), ("log_loss", .float(loss)),
        ], lines: [Figures.accuracy("of all labels of a text", correct: judged.correct, total: total), second, third]))
  }

  private func figures(_ judged: Judged) throws -> (
    each: [(figures: PrecisionRecallF1, rows: Int)], micro: PrecisionRecallF1, macro: PrecisionRecallF1
  ) {
    var each: [(figures: PrecisionRecallF1, rows: Int)] = []
    var (hits, said, real): (Int, Int, Int) = (0, 0, 0)
    for label in names.indices {
      let matrix: ConfusionMatrix = try judged.matrix(label)
      each.append((matrix.perClass[1], matrix.truthTotals[1]))
      hits += matrix.hits[1]
      said += matrix.predictedTotals[1]
      real += matrix.truthTotals[1]
    }
    let ones: [Double] = Array(repeating: 1, count: each.count)
    let macro: PrecisionRecallF1 = .mean(of: each.map(\.figures), weights: ones)
    return (each, PrecisionRecallF1(correct: hits, predicted: said, actual: real), macro)
  }

  func score(_ call: Call) throws -> Value {
    let judged: Judged = try judged(call)
    call.note(Figures.accuracy("of all labels of a text", correct: judged.correct, total: judged.truth.count).plain)
    return .float(Double(judged.correct) / Double(judged.truth.count))
  }

  func report(_ call: Call) throws -> Value {
    let judged: Judged = try judged(call)
    let (each, micro, macro) = try figures(judged)
    let rows: Int = each.reduce(0) { $0 + $1.rows }
    var lines: [(String, PrecisionRecallF1, Int)] = zip(names, each).map { ($0, $1.figures, $1.rows) }
    lines.append(("micro", micro, rows))
    lines.append(("macro", macro, rows))
    let named: [(String, Value)] = try zip(names, each).map { ($0, try Builtin.figuresRecord($1.figures, $1.rows)) }
    return .object(
      ReportValue(
        "precision, recall and F1 of \(names.count) labels",
        fields: [("f1_micro", .float(micro.f1)), ("f1_macro", .float(macro.f1)), ("labels", try .record(named))],
        lines: Builtin.figureLines(lines)
          + [Figures.accuracy("of all labels of a text", correct: judged.correct, total: judged.truth.count)]))
  }

  func confusion(_ call: Call) throws -> Value {
    let judged: Judged = try judged(call)
    let counts: [[[Int]]] = try names.indices.map { try judged.matrix($0).counts }
    func column(_ truth: Int, _ predicted: Int) -> Column { .integers(counts.map { $0[truth][predicted] }) }
    return .table(
      try Table([
        ("label", .strings(names)), ("rightly", column(1, 1)), ("wrongly", column(0, 1)), ("missed", column(1, 0)),
        ("rightly_not", column(0, 0)),
      ]))
  }

  func errors(_ call: Call) throws -> Value {
    let judged: Judged = try judged(call)
    let wrong: [Int] = judged.isRight.indices.filter { !judged.isRight[$0] }
      .sorted { (judged.loss($1), $0) < (judged.loss($0), $1) }
    var table: Table = judged.table
    table = try table.setting("label", .lists(judged.truth.map(labels)), operation: "errors")
    table = try table.setting("predicted", .lists(judged.predicted.map(labels)), operation: "errors")
    table = try table.setting("loss", .reals(judged.truth.indices.map { judged.loss($0) }), operation: "errors")
    return .table(try table.gathering(wrong, operation: "errors"))
  }
}

/// What is predicted of one text by a head with several labels: how probable each is by itself.
package final class LabelsPrediction: LanguageObject {
  private let names: [String]
  private let probabilities: [Double]

  init(_ names: [String], _ probabilities: [Double]) {
    self.names = names
    self.probabilities = probabilities
  }

  private var chosen: [String] { zip(names, probabilities).filter { $0.1 > 0.5 }.map(\.0) }

  package var kind: Kind { .prediction }
  package var summary: String {
    chosen.isEmpty ? "a prediction: none of the labels" : "a prediction: \(chosen.joined(separator: ", "))"
  }
  package var fieldNames: [String] { ["labels", "probabilities"] }

  package func field(_ name: String) throws -> Value? {
    switch name {
    case "labels": return .strings(chosen)
    case "probabilities": return try .record(zip(names, probabilities).map { ($0, .float($1)) })
    default: return nil
    }
  }

  package func isEqual(to other: any LanguageObject) -> Bool {
    guard let other = other as? LabelsPrediction else { return false }
    return other.names == names && other.probabilities == probabilities
  }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    if size != .full {
      return [StyledText(chosen.isEmpty ? "none" : chosen.joined(separator: ", ")).cut(to: frame.width)]
    }
    let bars: [BarChart.Bar] = zip(names, probabilities).map { name, probability in
      BarChart.Bar((probability > 0.5 ? "* " : "  ") + name, probability, label: Figures.two(probability))
    }
    let style = Plots.TextStyle(width: frame.width, unicode: frame.unicode)
    return BarChart(bars: bars, full: 1).text(style).prefix(frame.height).map { StyledText($0) }
  }
}
