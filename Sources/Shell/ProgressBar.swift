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

extension Numbers {
  /// A rate with three digits that matter.
  package static func rate(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    if value >= 100 { return grouped(Int(min(value, 1e15))) }
    return fixed(value, value >= 10 ? 1 : 2)
  }

  /// `4 ms`, `6.1 s`, `2 min 5 s`, `1 h 12 min`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "long" }
    if seconds < 1 { return "\(Int((seconds * 1000).rounded())) ms" }
    if seconds < 10 { return fixed(seconds, 1) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }

  /// `90.9 MB`, in powers of 1000.
  package static func bytes(_ count: Int) -> String {
    let size = Double(count)
    if size < 1e3 { return "\(count) B" }
    if size < 1e6 { return fixed(size / 1e3, 1) + " kB" }
    if size < 1e9 { return fixed(size / 1e6, 1) + " MB" }
    return fixed(size / 1e9, 1) + " GB"
  }
}
