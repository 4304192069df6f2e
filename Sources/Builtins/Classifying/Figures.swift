import Foundation
import Language
import Training

/// How figures are written: metrics with three decimals, shares with how many of how many and their interval.
enum Figures {
  static func three(_ value: Double) -> String { value.isFinite ? String(format: "%.3f", value) : "none" }

  /// A setting: `1.0`, `0.1`, `1e-05`.
  static func plain(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e6 ? String(format: "%.1f", value) : String(format: "%g", value)
  }

  /// `0.850   68 of 80   95 % 0.756 to 0.912`.
  static func share(correct: Int, total: Int) -> StyledText {
    let interval = WilsonInterval(successes: correct, trials: total)
    var text = StyledText(total > 0 ? three(Double(correct) / Double(total)) : "none", .number)
    text.append("  \(Numbers.grouped(correct)) of \(Numbers.grouped(total))")
    text.append("  95 % \(three(interval.lower)) to \(three(interval.upper))", .faint)
    return text
  }

  static func accuracy(_ place: String, correct: Int, total: Int) -> StyledText {
    StyledText("accuracy " + (place.isEmpty ? "" : place + " ")) + share(correct: correct, total: total)
  }
}

extension Figures {
  /// An amount of memory: `1.5 MB`, `12 kB`.
  static func bytes(_ count: Int) -> String {
    if count < 1_000_000 { return "\(max(1, count / 1000)) kB" }
    if count < 1_000_000_000 { return Numbers.fixed(Double(count) / 1e6, 1) + " MB" }
    return Numbers.fixed(Double(count) / 1e9, 1) + " GB"
  }

  static func two(_ value: Double) -> String { String(format: "%.2f", value) }
}
