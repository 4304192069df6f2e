import Foundation

/// How the learning rate goes over the steps of a fit, after a linear rise; as transformers' schedules of these names.
package enum Schedule: String, CaseIterable, Sendable {
  /// Falls evenly to 0.
  case linear
  /// Falls to 0 along half a cosine (Loshchilov & Hutter 2017).
  case cosine
  /// Stays.
  case constant

  /// The share of the highest learning rate.
  ///
  /// - Parameters:
  ///   - step: from 0.
  ///   - warmup: steps of the rise; with a rise the first step has rate 0.
  ///   - total: all steps.
  package func factor(step: Int, warmup: Int, total: Int) -> Double {
    if step < warmup { return Double(step) / Double(max(1, warmup)) }
    switch self {
    case .constant: return 1
    case .linear: return max(0, Double(total - step) / Double(max(1, total - warmup)))
    case .cosine:
      let progress: Double = Double(step - warmup) / Double(max(1, total - warmup))
      return max(0, 0.5 * (1 + cos(Double.pi * min(1, progress))))
    }
  }

  /// Steps of the rise: a share of all, rounded up, or a number of steps.
  package static func warmupSteps(_ warmup: Double, total: Int) -> Int {
    let steps: Double = warmup < 1 ? (warmup * Double(total)).rounded(.up) : warmup.rounded()
    return Int(exactly: min(max(0, steps), Double(total))) ?? total  // Double(total) may be one more than an Int holds
  }
}
