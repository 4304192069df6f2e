import Foundation

/// Whether two classifiers differ on the same rows by more than chance: the exact test of McNemar.
///
/// Under the null hypothesis each row on which only one is right is a fair coin (McNemar 1947; exact binomial form).
package struct McNemar: Equatable, Sendable {
  /// Rows that only the first, and only the second, got right.
  package let onlyFirst: Int
  package let onlySecond: Int
  /// Two-sided p value.
  package let pValue: Double

  package init(onlyFirst: Int, onlySecond: Int) {
    self.onlyFirst = max(0, onlyFirst)
    self.onlySecond = max(0, onlySecond)
    pValue = McNemar.twoSided(self.onlyFirst, self.onlySecond)
  }

  /// - Parameters:
  ///   - first, second: for each row, whether the classifier was right.
  /// - Throws: ``TrainingError/shapeMismatch`` if the lists differ in length.
  package init(first: [Bool], second: [Bool]) throws {
    guard first.count == second.count else {
      throw TrainingError.shapeMismatch(
        operation: "McNemar", expected: "\(first.count) rows, the same for both", got: "\(second.count)")
    }
    self.init(
      onlyFirst: zip(first, second).reduce(0) { $0 + ($1.0 && !$1.1 ? 1 : 0) },
      onlySecond: zip(first, second).reduce(0) { $0 + (!$1.0 && $1.1 ? 1 : 0) })
  }

  private static func twoSided(_ b: Int, _ c: Int) -> Double {
    let n: Int = b + c
    let least: Int = min(b, c)
    if n == 0 || b == c { return 1 }
    // The terms are summed from the largest down; those that no longer count end the sum.
    let logN: Double = lgamma(Double(n) + 1)
    var sum: Double = 0
    var i: Int = least
    while i >= 0 {
      let logTerm: Double = logN - lgamma(Double(i) + 1) - lgamma(Double(n - i) + 1) - Double(n) * M_LN2
      let term: Double = exp(logTerm)
      sum += term
      if term < sum * 1e-18 { break }
      i -= 1
    }
    return min(1, 2 * sum)
  }
}
