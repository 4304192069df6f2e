/// How often each class was taken for each.
package struct ConfusionMatrix: Equatable, Sendable {
  /// Rows that truly are of each class ("support"): `[K]`.
  package private(set) var truthTotals: [Int]
  /// Rows that were taken for each class: `[K]`.
  package private(set) var predictedTotals: [Int]
  /// Rows of each class that were taken for it, the diagonal: `[K]`.
  package private(set) var hits: [Int]
  private let truth: [Int]
  private let predicted: [Int]

  /// - Parameters:
  ///   - truth, predicted: class indices from 0 up to `classCount`, one for each row.
  ///   - classCount: how many classes there are, K.
  /// - Throws: ``TrainingError`` if the lists differ in length, are empty, or hold an index out of range.
  package init(truth: [Int], predicted: [Int], classCount: Int) throws {
    let operation: String = "confusion matrix"
    guard truth.count == predicted.count else {
      throw TrainingError.shapeMismatch(
        operation: operation, expected: "\(truth.count) predictions, as many as labels", got: "\(predicted.count)")
    }
    guard !truth.isEmpty else { throw TrainingError.empty(operation: operation, what: "rows") }
    guard classCount > 0, classCount <= 100_000 else {
      throw TrainingError.invalidSetting(
        operation: operation, setting: "the number of classes", expected: "from 1 to 100,000", got: "\(classCount)")
    }
    let zeros: [Int] = Array(repeating: 0, count: classCount)
    (truthTotals, predictedTotals, hits) = (zeros, zeros, zeros)
    (self.truth, self.predicted) = (truth, predicted)
    for (t, p) in zip(truth, predicted) {
      guard t >= 0, t < classCount, p >= 0, p < classCount else {
        throw TrainingError.invalidSetting(
          operation: operation, setting: "a class", expected: "from 0 to \(classCount - 1)", got: "\(t), \(p)")
      }
      truthTotals[t] += 1
      predictedTotals[p] += 1
      if t == p { hits[t] += 1 }
    }
  }

  /// `counts[truth][predicted]`, `[K, K]`: made when asked for, as no figure needs more than the totals.
  package var counts: [[Int]] {
    var counts: [[Int]] = Array(repeating: Array(repeating: 0, count: classCount), count: classCount)
    for (t, p) in zip(truth, predicted) { counts[t][p] += 1 }
    return counts
  }

  /// Number of classes, K.
  package var classCount: Int { hits.count }
  /// Rows that were taken for what they are.
  package var correct: Int { hits.reduce(0, +) }
  /// All rows.
  package var total: Int { truth.count }
  /// Classes that occur among the true or the predicted labels.
  package var seenClasses: [Int] {
    (0..<classCount).filter { truthTotals[$0] + predictedTotals[$0] > 0 }
  }
}
