/// How often each class was taken for each: `counts[truth][predicted]`.
package struct ConfusionMatrix: Equatable, Sendable {
  /// `[K, K]`: rows are the true classes, columns the predicted ones.
  package let counts: [[Int]]

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
    var counts: [[Int]] = Array(repeating: Array(repeating: 0, count: classCount), count: classCount)
    for (t, p) in zip(truth, predicted) {
      guard t >= 0, t < classCount, p >= 0, p < classCount else {
        throw TrainingError.invalidSetting(
          operation: operation, setting: "a class", expected: "from 0 to \(classCount - 1)", got: "\(t), \(p)")
      }
      counts[t][p] += 1
    }
    self.counts = counts
  }

  /// Number of classes, K.
  package var classCount: Int { counts.count }
  /// Rows that truly are of each class ("support").
  package var truthTotals: [Int] { counts.map { $0.reduce(0, +) } }
  /// Rows that were taken for each class.
  package var predictedTotals: [Int] {
    (0..<classCount).map { column in counts.reduce(0) { $0 + $1[column] } }
  }
  /// Rows that were taken for what they are.
  package var correct: Int { (0..<classCount).reduce(0) { $0 + counts[$1][$1] } }
  /// All rows.
  package var total: Int { truthTotals.reduce(0, +) }
  /// Classes that occur among the true or the predicted labels.
  package var seenClasses: [Int] {
    let truth: [Int] = truthTotals
    let predicted: [Int] = predictedTotals
    return (0..<classCount).filter { truth[$0] + predicted[$0] > 0 }
  }
}
