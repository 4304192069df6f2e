import CKernels
import TensorCore

extension LogisticRegression {
  /// The probability of each class for each row: `[N][K]`.
  ///
  /// - Throws: ``TrainingError`` if the features have another number of columns, or one isn't finite.
  package func probabilities(of features: FeatureMatrix) throws -> [[Double]] {
    try check(features)
    let outputs: Int = coefficients.count
    let count: Int = features.rowCount
    var scores: [Double] = Array(repeating: 0, count: outputs * count)
    features.withUnsafeBuffer { values in
      scores.withUnsafeMutableBufferPointer { scores in
        nonisolated(unsafe) let scores = scores  // each piece has its own rows
        // A piece stays in the second-level cache while one output after the other passes over it.
        ThreadPool.runPieces(of: count, size: max(8, 65_536 / max(1, features.columnCount))) { piece in
          guard let base = values.baseAddress, let out = scores.baseAddress else { return }
          let rows: UnsafePointer<Float> = base + piece.lowerBound * features.columnCount
          for output in 0..<outputs {
            ck_rows_dot_f64(
              rows, piece.count, features.columnCount, coefficients[output], out + output * count + piece.lowerBound)
          }
        }
      }
    }
    return (0..<features.rowCount).map { row in
      if outputs == 1 {
        let score: Double = scores[row] + intercepts[0]
        let second: Double = LogisticProblem.binaryLoss(score: score, isSecond: false).residual
        let first: Double = LogisticProblem.binaryLoss(score: -score, isSecond: false).residual
        return [first, second]
      }
      return softmax((0..<outputs).map { scores[$0 * count + row] + intercepts[$0] })
    }
  }

  /// The most probable class of each row; the first of equals.
  package func predict(_ features: FeatureMatrix) throws -> [Int] {
    try probabilities(of: features).map(mostProbable)
  }

  /// The share of rows whose class is predicted right.
  package func score(_ features: FeatureMatrix, labels: [Int]) throws -> Double {
    guard labels.count == features.rowCount, !labels.isEmpty else {
      throw TrainingError.shapeMismatch(
        operation: "score", expected: "\(features.rowCount) labels", got: "\(labels.count)")
    }
    let predicted: [Int] = try predict(features)
    return Double(zip(predicted, labels).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }) / Double(labels.count)
  }

  private func check(_ features: FeatureMatrix) throws {
    guard features.columnCount == columnCount else {
      throw TrainingError.shapeMismatch(
        operation: "predict", expected: "\(columnCount) feature columns, as it was fitted with",
        got: "\(features.columnCount)")
    }
    if features.rowCount > 0 { try features.checked(for: "predict") }
  }
}
