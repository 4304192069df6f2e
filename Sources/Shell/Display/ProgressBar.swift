import Foundation
import Language

import struct Language.Progress

/// One line that moves while work goes on: label, bar, share, rate, time left.
package struct ProgressBar {
  /// Work that ends sooner shows no bar.
  static let delay = 0.3
  private static let interval = 0.1

  private var label = ""
  private var started = 0.0
  private var drawn = 0.0
  /// Whether a bar stands on the line now.
  private(set) var isShown = false

  /// The line to draw for a report, or nil where it is too soon.
  mutating func line(for progress: Progress, now: Double, width: Int, unicode: Bool) -> String? {
    if progress.label != label || progress.done == 0 && !isShown {
      label = progress.label
      started = now
      drawn = 0
    }
    guard now - started >= Self.delay, now - drawn >= Self.interval else { return nil }
    drawn = now
    isShown = true
    return Self.line(progress, seconds: now - started, width: width, unicode: unicode)
  }

  mutating func cleared() {
    isShown = false
    label = ""
  }

  package static func line(_ progress: Progress, seconds: Double, width: Int, unicode: Bool) -> String {
    let done = max(0, progress.done)
    let label = TextWidth.cut(TextWidth.visible(progress.label), to: max(10, width / 2))
    guard progress.total > 0 else {
      return "\(label)  \(Numbers.grouped(done))" + (progress.rate.isEmpty ? "" : "  \(progress.rate)")
    }
    let share = min(1, Double(done) / Double(progress.total))
    var tail = String(Int(share * 100)) + " %"
    tail = String(repeating: " ", count: max(0, 5 - tail.count)) + tail
    let rate = progress.rate.isEmpty && seconds > 0 ? "\(Numbers.rate(Double(done) / seconds))/s" : progress.rate
    if !rate.isEmpty { tail += "  " + rate }
    if share > 0, share < 1 { tail += "  " + Numbers.duration(seconds * (1 - share) / share) + " left" }
    let room = min(30, width - TextWidth.of(label) - TextWidth.of(tail) - 4)
    guard room >= 5 else { return TextWidth.cut(label + "  " + tail, to: width) }
    let filled = Int((share * Double(room)).rounded(.down))
    let full: String = String(repeating: unicode ? "█" : "#", count: filled)
    let empty: String = String(repeating: unicode ? "░" : ".", count: room - filled)
    return "\(label)  \(full)\(empty) \(tail)"
  }
}
