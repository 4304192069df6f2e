/// Where a share that was seen in a sample likely lies: the score interval, good also near 0 and 1.
///
/// Source: Wilson 1927.
package struct WilsonInterval: Equatable, Sendable {
  package let lower: Double
  package let upper: Double

  /// The 97.5 % point of the normal distribution: two-sided 95 %.
  package static let z95: Double = 1.959963984540054

  /// - Parameters:
  ///   - successes: how many of the trials succeeded.
  ///   - trials: how many there were; with none the interval is 0 to 1.
  ///   - z: normal quantile; 1.96 for 95 %.
  package init(successes: Int, trials: Int, z: Double = WilsonInterval.z95) {
    guard trials > 0 else {
      lower = 0
      upper = 1
      return
    }
    let n: Double = Double(trials)
    let share: Double = Double(min(max(successes, 0), trials)) / n
    let scale: Double = 1 + z * z / n
    let centre: Double = (share + z * z / (2 * n)) / scale
    let half: Double = z / scale * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    lower = successes <= 0 ? 0 : max(0, centre - half)
    upper = successes >= trials ? 1 : min(1, centre + half)
  }
}
