import Language
import Prompting
import Tables
import Training

/// What a second prompt of a trial gets right that the first gets wrong, and the other way round.
struct TrialDifference {
  private let trial: Trial
  private let first: PromptResult
  private let second: PromptResult
  private let fixed: [Int]
  private let broken: [Int]
  private let test: McNemar

  init(_ trial: Trial, _ first: PromptResult, _ second: PromptResult) throws {
    self.trial = trial
    self.first = first
    self.second = second
    (fixed, broken, test) = try trial.difference(first, second)
  }

  func report() throws -> ReportValue {
    ReportValue(
      "\(second.name) against \(first.name): fixes \(fixed.count), breaks \(broken.count)",
      fields: [
        ("fixed", .table(try trial.table(of: second, rows: fixed))),
        ("broken", .table(try trial.table(of: second, rows: broken))), ("p", .float(test.pValue)),
        ("n", .int(trial.rowCount)),
      ], lines: lines())
  }

  private func lines() -> [StyledText] {
    let p = test.pValue < 0.001 ? "p < 0.001" : "p = \(Figures.three(test.pValue))"
    var head = StyledText("\(second.name) against \(first.name)", .heading)
    head.append("   fixes \(fixed.count), breaks \(broken.count) of \(Numbers.grouped(trial.rowCount)) rows")
    var lines = [head, StyledText(p + " (exact McNemar test)", .faint)]
    for (title, rows, style) in [("fixes", fixed, TextStyle.good), ("breaks", broken, .warning)] where !rows.isEmpty {
      lines.append(StyledText(title, style))
      // The clearest first: where the second is surest of what it chose.
      let sure = second.deciding
      let order = rows.sorted { one, other in
        let (a, b) = (sure[one].max() ?? 0, sure[other].max() ?? 0)
        return a == b ? one < other : a > b
      }
      lines += order.prefix(7).map(line)
      if rows.count > 7 { lines.append(StyledText("  … \(rows.count - 7) more", .faint)) }
    }
    return lines
  }

  private func line(_ row: Int) -> StyledText {
    let chosen = [first, second].map { trial.labels[LabelScores.largest($0.deciding[row])] }
    var line = StyledText("  \(chosen[0]) → \(chosen[1])  ", .name)
    let fields = second.prompt.template.fields
    let text = fields.compactMap { trial.table[$0]?.strings[row] }.joined(separator: " | ")
    line.append(TextLines.of(text).joined(separator: " "))
    return line
  }
}
