import CKernels
import COpenBLAS
import Foundation
import TensorCore

/// The weighted mean of the logistic or softmax loss plus half an L2 penalty, with its gradient: what a solver minimises.
///
/// Parameters are one row for each of `outputCount` outputs, the coefficients and, if there is one, the intercept:
/// `[outputs, D (+ 1)]`. Two classes have one output, more have one each. Rows are cut into parts by the shape of the
/// problem alone and the parts are added in order, so the sums don't depend on threads.
final class LogisticProblem {
  let features: FeatureMatrix
  let labels: [Int]
  let outputCount: Int
  let hasIntercept: Bool
  let sampleWeights: [Double]
  let totalWeight: Double
  let l2: Double
  /// Calls of ``value(at:gradient:)`` so far.
  private(set) var evaluationCount: Int = 0

  private let partRows: Int
  private let blockRows: Int

  init(
    features: FeatureMatrix, labels: [Int], classCount: Int, hasIntercept: Bool, sampleWeights: [Double],
    totalWeight: Double, l2: Double
  ) {
    self.features = features
    self.labels = labels
    self.outputCount = classCount == 2 ? 1 : classCount
    self.hasIntercept = hasIntercept
    self.sampleWeights = sampleWeights
    self.totalWeight = totalWeight
    self.l2 = l2
    // A block of widened rows stays in the second-level cache; a part is what one thread adds up.
    blockRows = max(8, min(256, 32_768 / max(1, features.columnCount)))
    let gradientBytes: Int = outputCount * (features.columnCount + 1) * 8
    let mostParts: Int = max(1, min(16, (64 << 20) / max(1, gradientBytes)))
    let rows: Int = features.rowCount
    partRows = max(blockRows, (rows + mostParts - 1) / mostParts)
  }

  /// Whether ``Arithmetic/single`` is worth its while: it saves half the time of many products.
  var gainsFromSingle: Bool { outputCount > 1 && features.rowCount * features.columnCount >= (1 << 22) / outputCount }

  /// What scores and gradients of several outputs are computed in, block by block; sums over blocks are double.
  enum Arithmetic {
    case single
    case double
  }

  /// Length of one output's row of parameters.
  var stride: Int { features.columnCount + (hasIntercept ? 1 : 0) }
  var parameterCount: Int { outputCount * stride }

  /// The objective at `parameters`, and its gradient.
  func value(at parameters: [Double], gradient: inout [Double], _ arithmetic: Arithmetic = .double) -> Double {
    evaluationCount += 1
    let parts: Int = (features.rowCount + partRows - 1) / partRows
    let count: Int = parameterCount
    var losses: [Double] = Array(repeating: 0, count: parts)
    var sums: [Double] = Array(repeating: 0, count: parts * count)
    let single = arithmetic == .single ? SingleScores(self, parameters) : nil
    parameters.withUnsafeBufferPointer { parameters in
      losses.withUnsafeMutableBufferPointer { losses in
        sums.withUnsafeMutableBufferPointer { sums in
          // Each part writes to its own places only.
          nonisolated(unsafe) let losses = losses
          nonisolated(unsafe) let sums = sums
          nonisolated(unsafe) let parameters = parameters
          ThreadPool.run(parts) { part in
            let slice = UnsafeMutableBufferPointer(rebasing: sums[part * count..<(part + 1) * count])
            losses[part] =
              single.map { $0.addPart(self.rows(of: part), gradient: slice) }
              ?? self.addPart(part, parameters: parameters, gradient: slice)
          }
        }
      }
    }
    let scale: Double = 1 / totalWeight
    var value: Double = losses.reduce(0, +) * scale
    for index in 0..<count { gradient[index] = 0 }
    for part in 0..<parts {
      for index in 0..<count { gradient[index] += sums[part * count + index] }
    }
    for index in 0..<count { gradient[index] *= scale }
    if l2 > 0 {
      var squares: Double = 0
      for output in 0..<outputCount {
        for column in 0..<features.columnCount {
          let place: Int = output * stride + column
          squares += parameters[place] * parameters[place]
          gradient[place] += l2 * parameters[place]
        }
      }
      value += 0.5 * l2 * squares
    }
    return value
  }

  private func rows(of part: Int) -> Range<Int> {
    part * partRows..<min((part + 1) * partRows, features.rowCount)
  }

  /// Adds up one part: its loss is returned, its gradient added to `gradient`.
  private func addPart(
    _ part: Int, parameters: UnsafeBufferPointer<Double>, gradient: UnsafeMutableBufferPointer<Double>
  ) -> Double {
    let (first, end) = (rows(of: part).lowerBound, rows(of: part).upperBound)
    let scores = UnsafeMutableBufferPointer<Double>.allocate(capacity: blockRows * outputCount)
    let wide = UnsafeMutableBufferPointer<Double>.allocate(
      capacity: outputCount == 1 ? 1 : blockRows * features.columnCount)
    defer {
      scores.deallocate()
      wide.deallocate()
    }
    var loss: Double = 0
    features.withUnsafeBuffer { values in
      var row: Int = first
      while row < end {
        let rows: Int = min(blockRows, end - row)
        if let base = values.baseAddress {
          loss += addBlock(
            base + row * features.columnCount, row: row, rows: rows, parameters: parameters, gradient: gradient,
            scores: scores, wide: wide)
        }
        row += rows
      }
    }
    return loss
  }

  private func addBlock(
    _ x: UnsafePointer<Float>, row: Int, rows: Int, parameters: UnsafeBufferPointer<Double>,
    gradient: UnsafeMutableBufferPointer<Double>, scores: UnsafeMutableBufferPointer<Double>,
    wide: UnsafeMutableBufferPointer<Double>
  ) -> Double {
    guard let w = parameters.baseAddress, let g = gradient.baseAddress, let z = scores.baseAddress,
      let block = wide.baseAddress
    else { return 0 }
    let columns: Int = features.columnCount
    var loss: Double = 0
    if outputCount == 1 {
      ck_rows_dot_f64(x, rows, columns, w, z)
      let intercept: Double = hasIntercept ? w[columns] : 0
      var residuals: Double = 0
      for r in 0..<rows {
        let weight: Double = sampleWeights[row + r]
        let score: Double = z[r] + intercept
        let (rowLoss, residual) = LogisticProblem.binaryLoss(score: score, isSecond: labels[row + r] == 1)
        loss += weight * rowLoss
        z[r] = weight * residual
        residuals += z[r]
      }
      ck_rows_add_f64(x, rows, columns, z, g)
      if hasIntercept { g[columns] += residuals }
      return loss
    }
    let outputs: Int = outputCount
    ck_widen(x, block, rows * columns)
    for r in 0..<rows {
      for k in 0..<outputs { z[r * outputs + k] = hasIntercept ? w[k * stride + columns] : 0 }
    }
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(outputs), blasint(columns), 1, block,
      blasint(columns), w, blasint(stride), 1, z, blasint(outputs))
    for r in 0..<rows {
      let weight: Double = sampleWeights[row + r]
      loss += weight * LogisticProblem.softmaxLoss(z + r * outputs, count: outputs, label: labels[row + r])
      for k in 0..<outputs {
        z[r * outputs + k] *= weight
        if hasIntercept { g[k * stride + columns] += z[r * outputs + k] }
      }
    }
    cblas_dgemm(
      CblasRowMajor, CblasTrans, CblasNoTrans, blasint(outputs), blasint(columns), blasint(rows), 1, z,
      blasint(outputs), block, blasint(columns), 1, g, blasint(stride))
    return loss
  }

  /// The loss of one row with two classes, and its derivative by the score.
  @inline(__always)
  static func binaryLoss(score: Double, isSecond: Bool) -> (loss: Double, residual: Double) {
    let e: Double = exp(-abs(score))
    let probability: Double = score >= 0 ? 1 / (1 + e) : e / (1 + e)
    let signed: Double = isSecond ? -score : score
    return (max(signed, 0) + log1p(e), probability - (isSecond ? 1 : 0))
  }

  /// The loss of one row with several classes; its scores become the derivatives by them.
  @inline(__always)
  static func softmaxLoss(_ z: UnsafeMutablePointer<Double>, count: Int, label: Int) -> Double {
    var peak: Double = z[0]
    for k in 1..<count { peak = max(peak, z[k]) }
    let own: Double = z[label] - peak
    var sum: Double = 0
    for k in 0..<count {
      z[k] = exp(z[k] - peak)
      sum += z[k]
    }
    let inverse: Double = 1 / sum
    for k in 0..<count { z[k] *= inverse }
    z[label] -= 1
    return log(sum) - own
  }
}
