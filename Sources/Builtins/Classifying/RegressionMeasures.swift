import Foundation
import Language
import Plots
import Tables
import Training
import Transformers

/// Measures of a head that predicts numbers, one or several for each text.
struct RegressionMeasures: TaskMeasures {
  let model: ModelValue

  private var names: [String] { model.model.labels }

  private struct Judged {
    /// `[N][L]`.
    let truth: [[Double]]
    let predicted: [[Double]]
    let table: Table

    /// The mean over a row's numbers of how far they are off.
    func error(_ row: Int) -> Double {
      zip(truth[row], predicted[row]).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(max(1, truth[row].count))
    }
  }

  private func judged(_ call: Call) throws -> Judged { try judged(call, call.value("data"), "data") }

  private func judged(_ call: Call, _ given: Value, _ name: String) throws -> Judged {
    let rows = try call.judgedRows(
      given, name, of: "numbers", truth: { try FitData.numbers($0, count: names.count, call, name) },
      said: { try model.logits(of: $0, in: call, name) })
    return Judged(truth: rows.truth, predicted: rows.said, table: rows.table)
  }

  // MARK: Words

  func predict(_ call: Call) throws -> Value {
    let x: Value = call.value("x")
    let rows: [[Double]] = try model.logits(of: x, in: call, "x")
    if case .string = x, let only = rows.first {
      return only.count == 1 ? .float(only[0]) : try .record(zip(names, only).map { ($0, .float($1)) })
    }
    var table: Table = try call.table(of: x)
    for (place, name) in names.enumerated() {
      let column: String = names.count == 1 ? "predicted" : "predicted_" + name
      table = try table.setting(column, .reals(rows.map { $0[place] }), operation: "predict")
    }
    return .table(table)
  }

  func evaluate(_ call: Call) throws -> Value {
    let judged: Judged = try judged(call)
    let truth: [Double] = judged.truth.flatMap { $0 }
    let predicted: [Double] = judged.predicted.flatMap { $0 }
    let error: Double = try RegressionMetrics.meanSquaredError(truth: truth, predicted: predicted)
    let absolute: Double = try RegressionMetrics.meanAbsoluteError(truth: truth, predicted: predicted)
    // What always saying the mean would give, output by output.
    let mean: Double =
      names.indices.reduce(0) { sum, place in
        let own: [Double] = judged.truth.map { $0[place] }
        let middle: Double = own.reduce(0, +) / Double(own.count)
        return sum + own.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / Double(own.count)
      } / Double(max(1, names.count))
    let explained: Double? = self.explained(judged)
    let pearson: Double? = names.count == 1 ? try? RegressionMetrics.pearson(truth, predicted) : nil
    let spearman: Double? = names.count == 1 ? try? RegressionMetrics.spearman(truth, predicted) : nil
    var fields: [(name: String, value: Value)] = [
      ("mse", .float(error)), ("rmse", .float(error.squareRoot())), ("mae", .float(absolute)),
      ("r2", explained.map { .float($0) } ?? .nothing), ("total", .int(judged.truth.count)),
      ("mse_of_mean", .float(mean)),
    ]
    if let pearson { fields.append(("pearson", .float(pearson))) }
    if let spearman { fields.append(("spearman", .float(spearman))) }
    func line(_ parts: [(String, Double?)]) -> StyledText {
      var line = StyledText()
      for (place, part) in parts.enumerated() {
        line.append((place == 0 ? "" : "   ") + part.0 + " ")
        line.append(part.1.map(Figures.three) ?? "none", .number)
      }
      return line
    }
    var lines: [StyledText] = [
      line([("MSE", error), ("RMSE", error.squareRoot()), ("MAE", absolute), ("R2", explained)])
    ]
    if names.count == 1 { lines.append(line([("Pearson", pearson), ("Spearman", spearman)])) }
    let rows: Int = judged.truth.count
    lines.append(
      StyledText(
        "\(Numbers.grouped(rows)) row\(rows == 1 ? "" : "s"); MSE of their mean \(Figures.three(mean))", .faint))
    return .object(ReportValue("MSE \(Figures.three(error)) on \(rows) rows", fields: fields, lines: lines))
  }

  /// R2, the mean over the outputs; nil where all true values are the same.
  private func explained(_ judged: Judged) -> Double? {
    let each: [Double] = names.indices.compactMap { place in
      try? RegressionMetrics.rSquared(
        truth: judged.truth.map { $0[place] }, predicted: judged.predicted.map { $0[place] })
    }
    return each.count == names.count ? each.reduce(0, +) / Double(each.count) : nil
  }

  func score(_ call: Call) throws -> Value {
    guard let explained = try explained(judged(call)) else {
      throw call.error("all true values are the same, so R2 says nothing", help: "see evaluate")
    }
    call.note("R2, the share of the variance that is explained")
    return .float(explained)
  }

  func report(_ call: Call) throws -> Value { throw labelsWanted(call) }

  func confusion(_ call: Call) throws -> Value { throw labelsWanted(call) }

  private func labelsWanted(_ call: Call) -> LanguageError {
    call.error("\(call.builtin.name) is for labels; this model predicts numbers", help: "see evaluate and errors")
  }

  func errors(_ call: Call) throws -> Value {
    let judged: Judged = try judged(call)
    var table: Table = judged.table
    for (place, name) in names.enumerated() {
      let column: String = names.count == 1 ? "predicted" : "predicted_" + name
      table = try table.setting(column, .reals(judged.predicted.map { $0[place] }), operation: "errors")
    }
    let errors: [Double] = judged.truth.indices.map { judged.error($0) }
    table = try table.setting("error", .reals(errors), operation: "errors")
    let order: [Int] = errors.indices.sorted { (errors[$1], $0) < (errors[$0], $1) }
    return .table(try table.gathering(order, operation: "errors"))
  }
}

extension RegressionMeasures {
  /// `compare` of models that predict numbers: their errors, and how often the best one comes closer than each other.
  static func compare(_ models: [(name: String, measures: RegressionMeasures)], _ call: Call) throws -> ReportValue {
    var entries: [(name: String, errors: [Double], mse: Double, mae: Double, r2: Double?)] = []
    for (name, measures) in models {
      let judged: Judged = try measures.judged(call, call.value("test"), "test")
      let errors: [Double] = judged.truth.indices.map { judged.error($0) }
      let (truth, predicted) = (judged.truth.flatMap { $0 }, judged.predicted.flatMap { $0 })
      entries.append(
        (
          name, errors, try RegressionMetrics.meanSquaredError(truth: truth, predicted: predicted),
          try RegressionMetrics.meanAbsoluteError(truth: truth, predicted: predicted), measures.explained(judged)
        ))
    }
    guard entries.allSatisfy({ $0.errors.count == entries[0].errors.count }) else {
      throw call.error("they were not measured on the same rows", at: "models")
    }
    entries.sort { $0.mse < $1.mse }
    let best = entries[0]
    let width: Int = max(8, min(24, entries.map { TextWidth.of($0.name) }.max() ?? 0))
    var lines: [StyledText] = [
      StyledText(String(repeating: " ", count: width) + "       MSE       MAE        R2   \(best.name) closer in")
    ]
    var tests: [McNemar] = []
    for entry in entries {
      // A sign test: on each row one of the two comes closer, by chance each as often as the other.
      let test = McNemar(
        onlyFirst: zip(best.errors, entry.errors).reduce(0) { $0 + ($1.0 < $1.1 ? 1 : 0) },
        onlySecond: zip(best.errors, entry.errors).reduce(0) { $0 + ($1.0 > $1.1 ? 1 : 0) })
      tests.append(test)
      var line: StyledText = StyledText(entry.name, .name).cut(to: width).padded(to: width)
      for figure in [entry.mse, entry.mae, entry.r2 ?? .nan] {
        line += StyledText(Figures.three(figure), .number).padded(to: 10, alignRight: true)
      }
      if entry.name != best.name {
        line.append("   \(test.onlyFirst) of \(test.onlyFirst + test.onlySecond)   \(Builtin.pText(test.pValue))")
        if test.pValue < 0.05 { line.append("  differs", .accent) }
      }
      lines.append(line)
    }
    lines.append(StyledText("\(Numbers.grouped(best.errors.count)) rows; p: exact sign test on the same rows", .faint))
    return try ReportValue(
      "comparison of \(entries.count) on \(Numbers.grouped(best.errors.count)) rows",
      fields: [
        ("mse", .record(entries.map { ($0.name, .float($0.mse)) })),
        ("mae", .record(entries.map { ($0.name, .float($0.mae)) })),
        ("p", .record(zip(entries, tests).map { ($0.name, .float($1.pValue)) })), ("best", .string(best.name)),
      ], lines: lines)
  }
}
