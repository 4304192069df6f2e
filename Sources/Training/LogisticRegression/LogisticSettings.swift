/// How a logistic regression is fitted; defaults as scikit-learn's `LogisticRegression`.
package struct LogisticSettings: Sendable, Equatable {
  /// What keeps the coefficients small.
  package enum Penalty: String, CaseIterable, Sendable {
    /// Half the squared length of the coefficients.
    case l2
    /// The sum of their magnitudes: many become zero.
    case l1
    /// Both, in the share that `l1Ratio` says.
    case elasticNet = "elasticnet"
    /// Nothing.
    case none
  }

  /// How much each class counts.
  package enum ClassWeight: Sendable, Equatable {
    /// Every row counts 1.
    case uniform
    /// Rows count inversely to how often their class occurs: `N / (K * count)`.
    case balanced
    /// A weight for each class.
    case weights([Double])
  }

  /// How the optimum is searched.
  package enum Solver: String, Sendable {
    /// Newton's method where its matrix is small and there is an optimum, else L-BFGS; OWL-QN with an L1 part.
    case automatic
    case lbfgs
    case newton = "newton-cholesky"
    case owlqn
  }

  /// Inverse strength of the penalty: the objective is `C * Σ wᵢ lossᵢ + penalty`. Infinite: no penalty.
  package var c: Double = 1
  package var penalty: Penalty = .l2
  /// Share of the L1 part in an elastic net, from 0 to 1.
  package var l1Ratio: Double = 0.5
  /// The search ends when no component of the gradient of the mean loss is larger.
  package var tolerance: Double = 1e-4
  package var maximumIterations: Int = 100
  package var classWeight: ClassWeight = .uniform
  package var fitsIntercept: Bool = true
  package var solver: Solver = .automatic

  package init() {}

  /// - Throws: ``TrainingError/invalidSetting`` for a setting out of its range.
  func checked(classCount: Int) throws {
    func fail(_ setting: String, _ expected: String, _ got: String) -> TrainingError {
      .invalidSetting(operation: "logistic_regression", setting: setting, expected: expected, got: got)
    }
    guard c > 0 else { throw fail("C", "above 0 (small = strong penalty)", "\(c)") }
    guard l1Ratio >= 0, l1Ratio <= 1 else { throw fail("l1_ratio", "from 0 to 1", "\(l1Ratio)") }
    guard tolerance > 0, tolerance.isFinite else { throw fail("tol", "above 0", "\(tolerance)") }
    guard maximumIterations >= 1 else { throw fail("max_iter", "at least 1", "\(maximumIterations)") }
    if case .weights(let weights) = classWeight {
      guard weights.count == classCount else {
        throw fail("class_weight", "\(classCount) weights, one for each class", "\(weights.count)")
      }
      guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }), weights.contains(where: { $0 > 0 }) else {
        throw fail("class_weight", "numbers from 0 up, not all 0", "\(weights)")
      }
    }
  }

  /// Factors of the squared and the absolute part of the penalty, for an objective that is the weighted mean loss.
  func strengths(totalWeight: Double) -> (l2: Double, l1: Double) {
    let strength: Double = c.isInfinite ? 0 : 1 / (c * totalWeight)
    switch penalty {
    case .l2: return (strength, 0)
    case .l1: return (0, strength)
    case .elasticNet: return (strength * (1 - l1Ratio), strength * l1Ratio)
    case .none: return (0, 0)
    }
  }
}
