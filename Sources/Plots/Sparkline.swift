/// A curve in one line of text: `▇▆▅▄▄▃▃▂`.
package enum Sparkline {
  /// - Parameters:
  ///   - values: shown from left to right; more than `width` are averaged in groups.
  ///   - range: what the lowest and the highest step stand for; nil for the values' own.
  ///   - width: how many characters at most.
  package static func text(
    _ values: [Double], range: ClosedRange<Double>? = nil, width: Int = 24, unicode: Bool = true
  ) -> String {
    guard !values.isEmpty, width > 0 else { return "" }
    let steps: [Character] =
      unicode ? ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] : ["_", ".", "-", "=", "+", "*", "#", "@"]
    let shownValues: [Double] =
      values.count <= width
      ? values
      : (0..<width).map { place in
        let start: Int = place * values.count / width
        let end: Int = max(start + 1, (place + 1) * values.count / width)
        return values[start..<end].reduce(0, +) / Double(end - start)
      }
    let finite: [Double] = values.filter { $0.isFinite }
    let low: Double = range?.lowerBound ?? finite.min() ?? 0
    let high: Double = range?.upperBound ?? finite.max() ?? 0
    var result: String = ""
    for value in shownValues {
      guard value.isFinite else {
        result.append("?")
        continue
      }
      let share: Double = Plots.share(of: value, from: low, to: high)
      result.append(steps[Int((share * Double(steps.count - 1)).rounded())])
    }
    return result
  }
}
