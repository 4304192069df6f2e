import Foundation
import Language
import Plots
import Tables
import Training

/// What a ladder came to: a table of rungs, and a plot of accuracy against parameters.
package final class LadderValue: LanguageObject {
  private let results: [Ladder.Result]
  private let seeds: Int

  init(_ results: [Ladder.Result], seeds: Int) {
    self.results = results
    self.seeds = seeds
  }

  package var kind: Kind { .ladder }
  package var summary: String { "a ladder of \(Words.count(results.count, "rung", "rungs"))" }
  package var fieldNames: [String] { ["table", "plot"] }
  package func nextSteps(name: String) -> [String] {
    ["\(name).table.sort(by: \"accuracy\", descending: true)", "plot(\(name))"]
  }

  package func field(_ name: String) throws -> Value? {
    switch name {
    case "table": return .table(try table())
    case "plot": return .object(plot)
    default: return nil
    }
  }

  private func table() throws -> Table {
    try Table([
      ("rung", .strings(results.map(\.rung))), ("lr", .reals(results.map { $0.rate ?? .nan })),
      ("trains", .integers(results.map(\.trainable))),
      ("share", .reals(results.map { Double($0.trainable) / Double(max(1, $0.parameters)) })),
      ("accuracy", .reals(results.map(\.accuracy))), ("low", .reals(results.map(\.spread.lower))),
      ("high", .reals(results.map(\.spread.upper))), ("seconds", .reals(results.map(\.seconds))),
      ("peak_mb", .reals(results.map { Double($0.peakBytes) / 1e6 })),
      ("disk_mb", .reals(results.map { Double($0.diskBytes) / 1e6 })), ("drift", .reals(results.map(\.drift))),
    ])
  }

  var plot: PlotValue {
    let groups: [Series] = results.map { result in
      Series(result.rung, [Point(log10(Double(max(1, result.trainable))), result.accuracy)])
    }
    let chart = ScatterChart(
      title: "accuracy by what trains", xLabel: "log10 of parameters that train", yLabel: "accuracy", groups: groups)
    return PlotValue(chart, "a plot of \(Words.count(results.count, "rung", "rungs"))")
  }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    guard size == .full else { return [StyledText(summary).cut(to: frame.width)] }
    let heads: [String] = [
      "", "trains", "share", "accuracy", seeds > 1 ? "low - high" : "95 %", "s", "peak", "disk", "drift", "lr",
    ]
    var cells: [[String]] = [heads]
    for result in results {
      let share: Double = Double(result.trainable) / Double(max(1, result.parameters))
      cells.append([
        result.rung, LadderValue.brief(result.trainable),
        Numbers.percent(share, share < 0.1 ? 2 : share < 0.9995 ? 1 : 0), Figures.three(result.accuracy),
        "\(Figures.three(result.spread.lower)) - \(Figures.three(result.spread.upper))",
        String(format: result.seconds < 9.95 ? "%.1f" : "%.0f", result.seconds),
        LadderValue.megabytes(result.peakBytes), LadderValue.megabytes(result.diskBytes), Figures.three(result.drift),
        result.rate.map(Figures.rate) ?? "",
      ])
    }
    let widths: [Int] = heads.indices.map { column in cells.map { TextWidth.of($0[column]) }.max() ?? 0 }
    var lines: [StyledText] = []
    for (row, cell) in cells.enumerated() {
      var line = StyledText("")
      for (column, text) in cell.enumerated() {
        let shown = StyledText(text, row == 0 ? .faint : column == 0 ? .name : .number)
        // Times and memory differ from run to run.
        line +=
          (column > 0 ? StyledText(" ") : StyledText("")) + shown.padded(to: widths[column], alignRight: column > 0)
      }
      lines.append(line.varying().cut(to: frame.width))
    }
    let count: Int = results.first?.fits.first?.total ?? 0
    var last = "accuracy on \(Numbers.grouped(count)) rows"
    if seeds > 1 { last += ", mean of \(seeds) seeds" }
    lines.append(StyledText(last + "; lr the best on the validation rows; peak of the process", .faint))
    return lines
  }

  private static func brief(_ count: Int) -> String {
    if count < 10_000 { return Numbers.grouped(count) }
    return count < 1_000_000 ? "\(count / 1000) k" : String(format: "%.1f M", Double(count) / 1e6)
  }

  private static func megabytes(_ bytes: Int) -> String {
    let value: Double = Double(bytes) / 1e6
    return value < 0.095
      ? String(format: "%.2fM", value) : value < 9.95 ? String(format: "%.1fM", value) : String(format: "%.0fM", value)
  }
}
