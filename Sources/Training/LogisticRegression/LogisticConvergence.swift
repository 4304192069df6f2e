/// How the search for the best coefficients ended, in numbers and in words.
package struct LogisticConvergence: Sendable, Equatable {
  package let iterations: Int
  package let maximumIterations: Int
  package let converged: Bool
  /// The largest component of the gradient of the mean loss at the end.
  package let gradientPeak: Double
  package let tolerance: Double
  /// `C * Σ wᵢ lossᵢ + penalty`; without a penalty the sum of the losses.
  package let objective: Double
  package let solver: LogisticSettings.Solver
  package let hasPenalty: Bool
  /// The weighted mean loss, penalty included.
  package let meanLoss: Double

  package init(
    iterations: Int, maximumIterations: Int, converged: Bool, gradientPeak: Double, tolerance: Double,
    objective: Double, solver: LogisticSettings.Solver, hasPenalty: Bool, meanLoss: Double
  ) {
    self.iterations = iterations
    self.maximumIterations = maximumIterations
    self.converged = converged
    self.gradientPeak = gradientPeak
    self.tolerance = tolerance
    self.objective = objective
    self.solver = solver
    self.hasPenalty = hasPenalty
    self.meanLoss = meanLoss
  }

  /// One sentence: whether it arrived.
  package var summary: String {
    converged
      ? "converged after \(iterations) \(iterations == 1 ? "iteration" : "iterations")"
      : "stopped after \(iterations) iterations, before it converged"
  }

  /// Whether a mean loss without a penalty is that of classes told apart without error: there is no optimum, the
  /// coefficients grow as long as one goes on.
  static func runsAway(_ meanLoss: Double) -> Bool { meanLoss < 1e-3 }

  /// What to do where something is amiss; nil where all is well.
  package var advice: String? {
    if !hasPenalty, Self.runsAway(meanLoss) {
      return "the classes can be told apart without error, so without a penalty the coefficients grow without end; "
        + "give C, for example C: 1.0"
    }
    if converged { return nil }
    return "the largest gradient is \(gradientPeak), tol is \(tolerance): give max_iter: "
      + "\(maximumIterations > Int.max / 10 ? maximumIterations : maximumIterations * 10), "
      + "or scale the features (features(..., normalize: true)), or a smaller C"
  }
}
