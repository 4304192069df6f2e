import Foundation

/// The mean of `-log p(true class)`, probabilities kept at least 2.2e-16 away from 0 and 1, as scikit-learn does.
///
/// - Parameters:
///   - truth: class indices.
///   - probabilities: `[N][K]`, a distribution for each row.
/// - Throws: ``TrainingError`` if sizes don't fit or a number isn't finite.
package func logLoss(truth: [Int], probabilities: [[Double]]) throws -> Double {
  let operation: String = "log loss"
  guard truth.count == probabilities.count else {
    throw TrainingError.shapeMismatch(
      operation: operation, expected: "\(truth.count) rows, as many as labels", got: "\(probabilities.count)")
  }
  guard !truth.isEmpty else { throw TrainingError.empty(operation: operation, what: "rows") }
  var sum: Double = 0
  for (row, (label, distribution)) in zip(truth, probabilities).enumerated() {
    guard label >= 0, label < distribution.count else {
      throw TrainingError.shapeMismatch(
        operation: operation, expected: "a probability for class \(label)", got: "\(distribution.count) classes")
    }
    let probability: Double = distribution[label]
    guard probability.isFinite else { throw TrainingError.notFinite(operation: operation, row: row, column: label) }
    sum -= log(min(max(probability, Double.ulpOfOne), 1 - Double.ulpOfOne))
  }
  return sum / Double(truth.count)
}

extension Metric {
  static let lossFamily: [Metric] = [
    Metric("log_loss", "Mean of -log p(true class).", higherIsBetter: false) { input in
      guard case .probabilities(let truth, let probabilities) = input else {
        throw TrainingError.shapeMismatch(operation: "log_loss", expected: "probabilities", got: input.kind)
      }
      return try logLoss(truth: truth, probabilities: probabilities)
    }
  ]
}
