import Language
import Prompting
import Training

/// A trial as a table, a row for each prompt.
struct TrialDisplay {
  private let trial: Trial
  private let entries: [Trial.Line]
  private let frame: DisplayFrame
  private let isCalibrated: Bool
  private let showsF1: Bool
  private let width: Int

  init(_ trial: Trial, _ entries: [Trial.Line], _ frame: DisplayFrame) {
    self.trial = trial
    self.entries = entries
    self.frame = frame
    isCalibrated = entries.contains { $0.calibrated != nil }
    let names = entries.map { TextWidth.of($0.result.name) }.max() ?? 0
    let rest = 21 + (isCalibrated ? 12 : 0) + 7 + 10 + 9 + 2
    let wanted = max(8, min(names, 30))
    showsF1 = wanted + rest + 7 <= frame.width
    width = max(6, min(wanted, frame.width - rest - (showsF1 ? 7 : 0)))
  }

  func lines() -> [StyledText] {
    let end = ending()
    let room = max(1, frame.height - 1 - end.count)
    var shown: [StyledText] = [head()]
    let count = entries.count > room ? room - 1 : entries.count
    shown += entries.prefix(count).map(line)
    if count < entries.count { shown.append(StyledText("… \(entries.count - count) more prompts", .faint)) }
    return (shown + end).prefix(frame.height).map { $0.cut(to: frame.width) }
  }

  private func head() -> StyledText {
    var line = StyledText(String(repeating: " ", count: width) + "  accuracy   95 %      ")
    if showsF1 { line += StyledText("F1").padded(to: 7, alignRight: true) }
    if isCalibrated { line += StyledText("calibrated").padded(to: 12, alignRight: true) }
    line += StyledText("loss").padded(to: 7, alignRight: true)
    line += StyledText("tokens").padded(to: 10, alignRight: true)
    return line + StyledText("time").padded(to: 7, alignRight: true)
  }

  private func line(_ entry: Trial.Line) -> StyledText {
    let interval = entry.plain.interval
    var line = StyledText(entry.result.name, .name).cut(to: width).padded(to: width)
    line.append("  ")
    line.append(Figures.three(entry.plain.accuracy), .number)
    line.append("  \(Figures.three(interval.lower)) to \(Figures.three(interval.upper))")
    if showsF1 { line += right(Figures.three(entry.plain.f1), 7) }
    if isCalibrated { line += right(entry.calibrated.map { Figures.three($0.accuracy) } ?? "", 12) }
    line += right(Figures.three(entry.plain.loss), 7)
    line += right(Numbers.grouped(entry.result.tokens), 10)
    return line + StyledText(Numbers.fixed(entry.result.seconds, 1) + " s", .faint).padded(to: 9, alignRight: true)
  }

  private func right(_ text: String, _ width: Int) -> StyledText {
    StyledText(text, .number).padded(to: width, alignRight: true)
  }

  /// What holds for all of them.
  private func ending() -> [StyledText] {
    var end: [StyledText] = []
    for entry in entries.prefix(6) {
      guard let least = entry.byOrder.first, let most = entry.byOrder.last, let median = entry.median else { continue }
      end.append(
        StyledText(
          "\(entry.result.name): \(Figures.three(least)) least, \(Figures.three(median)) median, "
            + "\(Figures.three(most)) most in \(entry.byOrder.count) orders of the shots"))
    }
    for entry in entries where entry.result.shortened > 0 {
      end.append(
        StyledText(
          "\(entry.result.name): \(Numbers.grouped(entry.result.shortened)) rows got fewer shots, to fit the model",
          .warning))
    }
    var text =
      "chance \(Figures.three(trial.chance)), majority \(Figures.three(trial.majority)), "
      + "\(Numbers.grouped(trial.rowCount)) rows"
    var test = ""
    if entries.count > 1, let difference = try? trial.difference(entries[1].result, entries[0].result) {
      let p = difference.test.pValue
      test =
        "\(entries[0].result.name) - \(entries[1].result.name): \(p < 0.001 ? "p < 0.001" : "p = \(Figures.three(p))") (McNemar\(isCalibrated ? ", calibrated" : ""))"
    }
    if !test.isEmpty, TextWidth.of(text) + 2 + TextWidth.of(test) <= frame.width {
      text += "; " + test
      test = ""
    }
    end.append(StyledText(text, .faint))
    if !test.isEmpty { end.append(StyledText(test, .faint)) }
    let settings = settingsText
    if !settings.isEmpty { end.append(StyledText(settings, .faint)) }
    return end
  }

  private var settingsText: String {
    var parts: [String] = []
    if let shots = trial.settings.shots {
      parts.append("\(shots.count) \(shots.selection.rawValue) shot\(shots.count == 1 ? "" : "s")")
    }
    if trial.settings.scoring != .sum { parts.append("scored by \(trial.settings.scoring.rawValue)") }
    return parts.joined(separator: ", ")
  }
}
