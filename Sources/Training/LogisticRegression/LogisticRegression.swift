import CKernels
import Foundation

/// Logistic regression: a linear map of features to the log-odds of each class, fitted by maximum likelihood.
///
/// The objective is scikit-learn's, `C * Σ wᵢ lossᵢ + ½ ‖coefficients‖²` (L2), intercepts without penalty; two classes
/// have one row of coefficients, for the second class, more have one each under a softmax. All in float64.
package struct LogisticRegression: Sendable {
  package let settings: LogisticSettings
  package let classCount: Int
  package let columnCount: Int
  /// `[1 or K][D]`.
  package let coefficients: [[Double]]
  /// `[1 or K]`; zeros if none was fitted.
  package let intercepts: [Double]
  package let convergence: LogisticConvergence

  /// - Parameters:
  ///   - features: `[N, D]`.
  ///   - labels: a class from 0 up to `classCount` for each row.
  ///   - start: parameters to begin with, as of another fit on such features; nil for zeros.
  ///   - progress: called after each iteration; throwing from it stops.
  /// - Throws: ``TrainingError`` for sizes that don't fit, numbers that aren't finite, one class only, or settings out
  ///   of range.
  package init(
    features: FeatureMatrix, labels: [Int], classCount: Int, settings: LogisticSettings = LogisticSettings(),
    start: LogisticRegression? = nil, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws {
    let operation: String = "logistic_regression"
    try settings.checked(classCount: classCount)
    try features.checked(for: operation)
    guard labels.count == features.rowCount else {
      throw TrainingError.shapeMismatch(
        operation: operation, expected: "\(features.rowCount) labels, one for each row of features",
        got: "\(labels.count)")
    }
    guard classCount >= 2 else { throw TrainingError.oneClass(operation: operation, label: "\(labels.first ?? 0)") }
    var counts: [Int] = Array(repeating: 0, count: classCount)
    for label in labels {
      guard counts.indices.contains(label) else {
        throw TrainingError.invalidSetting(
          operation: operation, setting: "a class", expected: "from 0 to \(classCount - 1)", got: "\(label)")
      }
      counts[label] += 1
    }
    if counts.filter({ $0 > 0 }).count < 2 {
      throw TrainingError.oneClass(operation: operation, label: "\(labels.first ?? 0)")
    }
    let classWeights: [Double] = LogisticRegression.weights(settings.classWeight, counts: counts)
    let sampleWeights: [Double] = labels.map { classWeights[$0] }
    let totalWeight: Double = sampleWeights.reduce(0, +)
    let strengths = settings.strengths(totalWeight: totalWeight)
    let problem = LogisticProblem(
      features: features, labels: labels, classCount: classCount, hasIntercept: settings.fitsIntercept,
      sampleWeights: sampleWeights, totalWeight: totalWeight, l2: strengths.l2)
    var parameters: [Double] = Array(repeating: 0, count: problem.parameterCount)
    if let start, start.columnCount == features.columnCount, start.classCount == classCount {
      for (output, row) in start.coefficients.enumerated() {
        for (column, value) in row.enumerated() { parameters[output * problem.stride + column] = value }
        if settings.fitsIntercept { parameters[output * problem.stride + row.count] = start.intercepts[output] }
      }
    }
    let (result, solver) = try LogisticRegression.search(
      problem, l1: strengths.l1, settings: settings, start: parameters, progress: progress)

    self.settings = settings
    self.classCount = classCount
    columnCount = features.columnCount
    let columns: Int = features.columnCount
    coefficients = (0..<problem.outputCount).map {
      Array(result.parameters[$0 * problem.stride..<$0 * problem.stride + columns])
    }
    intercepts = (0..<problem.outputCount).map {
      settings.fitsIntercept ? result.parameters[$0 * problem.stride + columns] : 0
    }
    convergence = LogisticConvergence(
      iterations: result.iterations, maximumIterations: settings.maximumIterations, converged: result.converged,
      gradientPeak: result.gradientPeak, tolerance: settings.tolerance,
      objective: result.value * totalWeight * (settings.c.isInfinite || settings.penalty == .none ? 1 : settings.c),
      solver: solver, hasPenalty: strengths.l1 + strengths.l2 > 0,
      meanLoss: result.value)
  }

  private static func weights(_ setting: LogisticSettings.ClassWeight, counts: [Int]) -> [Double] {
    switch setting {
    case .uniform: return counts.map { _ in 1 }
    case .weights(let weights): return weights
    case .balanced:
      let present: Int = counts.filter { $0 > 0 }.count
      let total: Int = counts.reduce(0, +)
      return counts.map { $0 > 0 ? Double(total) / (Double(present) * Double($0)) : 0 }
    }
  }

  private static func search(
    _ problem: LogisticProblem, l1: Double, settings: LogisticSettings, start: [Double],
    progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> (SolverResult, LogisticSettings.Solver) {
    try withoutActuallyEscaping(progress) { progress in
      let beginning: [Double] = start
      var start: [Double] = start
      if l1 == 0, wantsNewton(problem, settings) {
        // The last step of Newton's method is nearly free and gains half the digits, so it goes on below the tolerance.
        let newton = NewtonCholesky(
          problem: problem, tolerance: settings.tolerance * 0.01, maximumIterations: settings.maximumIterations,
          progress: progress)
        let found: SolverResult? = try newton.minimize(from: &start)
        if let found, problem.l2 > 0 || settings.solver == .newton || !LogisticConvergence.runsAway(found.value) {
          return (found, .newton)
        }
        // Newton's large steps end far out, where new rows are told apart less well than along the gradient.
        if problem.l2 == 0 { start = beginning }
      }
      var search = LBFGS(tolerance: settings.tolerance, maximumIterations: settings.maximumIterations)
      search.progress = progress
      if l1 > 0 {
        search.l1 = (0..<problem.parameterCount).map {
          $0 % problem.stride < problem.features.columnCount ? l1 : 0
        }
      }
      let rough: LBFGS.Objective? =
        l1 == 0 && problem.gainsFromSingle ? { problem.value(at: $0, gradient: &$1, .single) } : nil
      let result: SolverResult = try search.minimize(from: start, rough: rough) { problem.value(at: $0, gradient: &$1) }
      return (result, l1 > 0 ? .owlqn : .lbfgs)
    }
  }

  /// Newton's method pays where its matrix is small: a step costs N P² + P³ / 3 operations.
  private static func wantsNewton(_ problem: LogisticProblem, _ settings: LogisticSettings) -> Bool {
    let size: Double = Double(problem.parameterCount)
    if settings.solver == .newton { return size <= 8192 }
    let cost: Double = Double(problem.features.rowCount) * size * size + size * size * size / 3
    return settings.solver == .automatic && size <= 2048 && cost <= 2e9
  }
}
