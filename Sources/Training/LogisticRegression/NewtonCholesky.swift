import COpenBLAS
import Foundation

/// Newton's method with the exact Hessian, for problems with few parameters: a handful of steps to full precision.
///
/// Where the optimum is only determined up to a common shift of all classes (softmax intercepts; coefficients without
/// a penalty), the shift is pinned in the Hessian; gradients don't have it, so steps are the same.
struct NewtonCholesky {
  let problem: LogisticProblem
  var tolerance: Double
  var maximumIterations: Int
  var progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }

  /// - Returns: nil if the Hessian couldn't be factored (then L-BFGS goes on from `start`).
  func minimize(from start: inout [Double]) throws -> SolverResult? {
    let count: Int = problem.parameterCount
    var gradient: [Double] = Array(repeating: 0, count: count)
    var value: Double = problem.value(at: start, gradient: &gradient)
    var trial: [Double] = gradient
    for iteration in 0...maximumIterations {
      let peak: Double = gradient.reduce(0) { max($0, abs($1)) }
      if peak <= tolerance || iteration == maximumIterations {
        return SolverResult(
          parameters: start, value: value, gradientPeak: peak, iterations: iteration, converged: peak <= tolerance)
      }
      var matrix: [Double] = hessian(at: start)
      guard cholesky(&matrix, size: count) else { return nil }
      var step: [Double] = gradient
      solve(matrix, size: count, &step)
      let rate: Double = -dot(step, gradient)
      guard rate < 0 else { return nil }
      var length: Double = 1
      var moved: Bool = false
      for _ in 0..<30 {
        var next: [Double] = start
        add(-length, step, to: &next)
        let nextValue: Double = problem.value(at: next, gradient: &trial)
        // Near the optimum the value no longer tells; there a smaller gradient does.
        let isLower: Bool = nextValue <= value + 1e-4 * length * rate
        let isFlat: Bool =
          abs(nextValue - value) <= 16 * Double.ulpOfOne * max(1, abs(value))
          && trial.reduce(0) { max($0, abs($1)) } < peak
        if isLower || isFlat {
          start = next
          value = nextValue
          gradient = trial
          moved = true
          break
        }
        length *= 0.5
      }
      if !moved {
        let enough: Bool = peak <= tolerance * 100
        return enough
          ? SolverResult(
            parameters: start, value: value, gradientPeak: peak, iterations: iteration, converged: true) : nil
      }
      try progress(iteration + 1, maximumIterations)
    }
    return nil
  }

  // MARK: The Hessian

  private func hessian(at parameters: [Double]) -> [Double] {
    let rows: Int = problem.features.rowCount
    let columns: Int = problem.features.columnCount
    let stride: Int = problem.stride
    let outputs: Int = problem.outputCount
    let size: Int = problem.parameterCount
    var x: [Double] = Array(repeating: 1, count: rows * stride)
    problem.features.withUnsafeBuffer { values in
      for row in 0..<rows {
        for column in 0..<columns { x[row * stride + column] = Double(values[row * columns + column]) }
      }
    }
    let probabilities: [Double] = self.probabilities(x, parameters)
    var matrix: [Double] = Array(repeating: 0, count: size * size)
    var scaled: [Double] = x
    for a in 0..<outputs {
      for b in 0...a {
        for row in 0..<rows {
          let pa: Double = probabilities[row * outputs + a]
          let pb: Double = probabilities[row * outputs + b]
          let curvature: Double = outputs == 1 || a == b ? pa * (1 - pa) : -pa * pb
          let factor: Double = problem.sampleWeights[row] / problem.totalWeight * curvature
          for column in 0..<stride { scaled[row * stride + column] = factor * x[row * stride + column] }
        }
        matrix.withUnsafeMutableBufferPointer { buffer in
          guard let base = buffer.baseAddress else { return }
          cblas_dgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, blasint(stride), blasint(stride), blasint(rows), 1, x,
            blasint(stride), scaled, blasint(stride), 0, base + a * stride * size + b * stride, blasint(size))
        }
      }
    }
    addPenalty(&matrix)
    return matrix
  }

  private func addPenalty(_ matrix: inout [Double]) {
    let columns: Int = problem.features.columnCount
    let stride: Int = problem.stride
    let outputs: Int = problem.outputCount
    let size: Int = problem.parameterCount
    var pin: [Double] = Array(repeating: 0, count: stride)
    if outputs > 1 {
      let trace: Double = (0..<size).reduce(0) { $0 + matrix[$1 * size + $1] } / Double(size)
      if problem.hasIntercept { pin[columns] = max(trace, 1e-8) }
      if problem.l2 == 0 { for column in 0..<columns { pin[column] = max(trace, 1e-8) } }
    }
    for a in 0..<outputs {
      for column in 0..<columns { matrix[(a * stride + column) * size + a * stride + column] += problem.l2 }
      for b in 0...a where outputs > 1 {
        for column in 0..<stride where pin[column] > 0 {
          matrix[(a * stride + column) * size + b * stride + column] += pin[column] / Double(outputs)
        }
      }
    }
  }

  /// `[N, outputs]`; for two classes the probability of the second.
  private func probabilities(_ x: [Double], _ parameters: [Double]) -> [Double] {
    let rows: Int = problem.features.rowCount
    let outputs: Int = problem.outputCount
    let stride: Int = problem.stride
    var z: [Double] = Array(repeating: 0, count: rows * outputs)
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(outputs), blasint(stride), 1, x,
      blasint(stride), parameters, blasint(stride), 0, &z, blasint(outputs))
    for row in 0..<rows {
      if outputs == 1 {
        z[row] = LogisticProblem.binaryLoss(score: z[row], isSecond: false).residual
      } else {
        z.withUnsafeMutableBufferPointer { buffer in
          guard let base = buffer.baseAddress else { return }
          _ = LogisticProblem.softmaxLoss(base + row * outputs, count: outputs, label: 0)
          base[row * outputs] += 1
        }
      }
    }
    return z
  }

  // MARK: Factoring

  /// Replaces the lower triangle of a symmetric matrix by its Cholesky factor, in blocks of 64.
  ///
  /// - Returns: false if the matrix isn't positive definite.
  private func cholesky(_ matrix: inout [Double], size: Int) -> Bool {
    matrix.withUnsafeMutableBufferPointer { buffer in
      guard let m = buffer.baseAddress else { return false }
      let block: Int = 64
      var start: Int = 0
      var largest: Double = 0
      for i in 0..<size { largest = max(largest, m[i * size + i]) }
      while start < size {
        let width: Int = min(block, size - start)
        for j in start..<(start + width) {
          var pivot: Double = m[j * size + j]
          for k in start..<j { pivot -= m[j * size + k] * m[j * size + k] }
          guard pivot > largest * 1e-15, pivot.isFinite else { return false }
          let root: Double = pivot.squareRoot()
          m[j * size + j] = root
          for i in (j + 1)..<max(j + 1, start + width) {
            var sum: Double = m[i * size + j]
            for k in start..<j { sum -= m[i * size + k] * m[j * size + k] }
            m[i * size + j] = sum / root
          }
        }
        let below: Int = size - start - width
        if below > 0 {
          let panel = m + (start + width) * size + start
          cblas_dtrsm(
            CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, blasint(below), blasint(width), 1,
            m + start * size + start, blasint(size), panel, blasint(size))
          cblas_dsyrk(
            CblasRowMajor, CblasLower, CblasNoTrans, blasint(below), blasint(width), -1, panel, blasint(size), 1,
            m + (start + width) * size + start + width, blasint(size))
        }
        start += width
      }
      return true
    }
  }

  private func solve(_ factor: [Double], size: Int, _ vector: inout [Double]) {
    cblas_dtrsv(
      CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, blasint(size), factor, blasint(size), &vector, 1)
    cblas_dtrsv(CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, blasint(size), factor, blasint(size), &vector, 1)
  }
}
