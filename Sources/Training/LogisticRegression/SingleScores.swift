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
    let scores = UnsafeMutablePointer<Float>.allocate(capacity: blockRows * width)
    let sums = UnsafeMutablePointer<Float>.allocate(capacity: outputs * columns)
    let row = UnsafeMutablePointer<Double>.allocate(capacity: outputs)
    defer {
      scores.deallocate()
      sums.deallocate()
      row.deallocate()
    }
    var loss: Double = 0
    problem.features.withUnsafeBuffer { values in
      guard let base = values.baseAddress, let g = gradient.baseAddress else { return }
      for first in Swift.stride(from: rows.lowerBound, to: rows.upperBound, by: blockRows) {
        let count: Int = min(blockRows, rows.upperBound - first)
        let x: UnsafePointer<Float> = base + first * columns
        intercepts.withUnsafeBufferPointer { intercepts in
          guard let start = intercepts.baseAddress else { return }
          for r in 0..<count { (scores + r * width).update(from: start, count: width) }
        }
        ck_class_scores(x, columns, count, columns, weights, width, scores)
        for r in 0..<count { loss += derive(scores + r * width, row, first + r, g) }
        sums.update(repeating: 0, count: outputs * columns)
        ck_class_gradient(x, columns, count, columns, scores, width, outputs, sums, columns)
        for k in 0..<outputs { ck_add_floats(sums + k * columns, g + k * stride, columns) }
      }
    }
    return loss
  }

  /// The weighted loss of a row; its scores become the derivatives by them.
  private func derive(
    _ scores: UnsafeMutablePointer<Float>, _ row: UnsafeMutablePointer<Double>, _ number: Int,
    _ g: UnsafeMutablePointer<Double>
  ) -> Double {
    let (outputs, columns, stride) = (problem.outputCount, problem.features.columnCount, problem.stride)
    let weight: Double = problem.sampleWeights[number]
    for k in 0..<outputs { row[k] = Double(scores[k]) }
    let loss: Double = LogisticProblem.softmaxLoss(row, count: outputs, label: problem.labels[number])
    for k in 0..<outputs {
      let residual: Double = weight * row[k]
      scores[k] = Float(residual)
      if problem.hasIntercept { g[k * stride + columns] += residual }
    }
    return weight * loss
  }
}
