import CKernels

/// The same sums as ``LogisticProblem``'s with scores and gradients of a block of rows in float32: close enough to walk
/// by, twice as fast. Losses, and sums over blocks, are double.
struct SingleScores: @unchecked Sendable {
  private let problem: LogisticProblem
  /// `[D, width]`: a column of coefficients for each output, zeros behind them.
  private let weights: [Float]
  private let intercepts: [Float]
  private let width: Int
  private let blockRows: Int

  init(_ problem: LogisticProblem, _ parameters: [Double]) {
    self.problem = problem
    let (outputs, columns, stride) = (problem.outputCount, problem.features.columnCount, problem.stride)
    let width: Int = (outputs + 7) / 8 * 8
    self.width = width
    // A block of rows stays in the second-level cache.
    blockRows = max(8, min(512, 98_304 / max(1, columns)))
    var weights: [Float] = Array(repeating: 0, count: columns * width)
    var intercepts: [Float] = Array(repeating: 0, count: width)
    for output in 0..<outputs {
      for column in 0..<columns { weights[column * width + output] = Float(parameters[output * stride + column]) }
      if problem.hasIntercept { intercepts[output] = Float(parameters[output * stride + columns]) }
    }
    self.weights = weights
    self.intercepts = intercepts
  }

  /// Adds up some rows: their loss is returned, their gradient added to `gradient`.
  func addPart(_ rows: Range<Int>, gradient: UnsafeMutableBufferPointer<Double>) -> Double {
    let (outputs, columns, stride) = (problem.outputCount, problem.features.columnCount, problem.stride)
    var scores: [Float] = Array(repeating: 0, count: blockRows * width)
    var sums: [Float] = Array(repeating: 0, count: outputs * columns)
    var row: [Double] = Array(repeating: 0, count: outputs)
    var loss: Double = 0
    problem.features.withUnsafeBuffer { values in
      guard let base = values.baseAddress, let g = gradient.baseAddress else { return }
      for first in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: blockRows) {
        let count: Int = min(blockRows, rows.upperBound - first)
        let x: UnsafePointer<Float> = base + first * columns
        for r in 0..<count { for k in 0..<width { scores[r * width + k] = intercepts[k] } }
        ck_class_scores(x, columns, count, columns, weights, width, &scores)
        for r in 0..<count { loss += derive(&scores, r * width, &row, first + r, g) }
        sums.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        ck_class_gradient(x, columns, count, columns, scores, width, outputs, &sums, columns)
        sums.withUnsafeBufferPointer { sums in
          guard let sums = sums.baseAddress else { return }
          for k in 0..<outputs { ck_add_floats(sums + k * columns, g + k * stride, columns) }
        }
      }
    }
    return loss
  }

  /// The weighted loss of a row; its scores, from `place` on, become the derivatives by them.
  private func derive(
    _ scores: inout [Float], _ place: Int, _ row: inout [Double], _ number: Int, _ g: UnsafeMutablePointer<Double>
  ) -> Double {
    let (outputs, columns, stride) = (problem.outputCount, problem.features.columnCount, problem.stride)
    let weight: Double = problem.sampleWeights[number]
    for k in 0..<outputs { row[k] = Double(scores[place + k]) }
    let loss: Double = row.withUnsafeMutableBufferPointer { row in
      row.baseAddress.map { LogisticProblem.softmaxLoss($0, count: outputs, label: problem.labels[number]) } ?? 0
    }
    for k in 0..<outputs {
      let residual: Double = weight * row[k]
      scores[place + k] = Float(residual)
      if problem.hasIntercept { g[k * stride + columns] += residual }
    }
    return weight * loss
  }
}
