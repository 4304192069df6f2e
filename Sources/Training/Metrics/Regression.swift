/// How near predicted numbers come to true ones.
package enum RegressionMetrics {
  /// Mean of the squared differences.
  package static func meanSquaredError(truth: [Double], predicted: [Double]) throws -> Double {
    try check("MSE", truth, predicted)
    return zip(truth, predicted).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(truth.count)
  }

  /// Mean of the absolute differences.
  package static func meanAbsoluteError(truth: [Double], predicted: [Double]) throws -> Double {
    try check("MAE", truth, predicted)
    return zip(truth, predicted).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(truth.count)
  }

  /// The share of the variance that is explained: 1 minus squared error over squared distance to the mean.
  package static func rSquared(truth: [Double], predicted: [Double]) throws -> Double {
    try check("R2", truth, predicted)
    let mean: Double = truth.reduce(0, +) / Double(truth.count)
    let residual: Double = zip(truth, predicted).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let total: Double = truth.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    guard total > 0 else {
      throw TrainingError.undefined(operation: "R2", reason: "all true values are the same")
    }
    return 1 - residual / total
  }

  /// Pearson's linear correlation, from -1 to 1.
  package static func pearson(_ x: [Double], _ y: [Double]) throws -> Double {
    try check("Pearson correlation", x, y)
    let meanX: Double = x.reduce(0, +) / Double(x.count)
    let meanY: Double = y.reduce(0, +) / Double(y.count)
    var xx: Double = 0
    var yy: Double = 0
    var xy: Double = 0
    for (a, b) in zip(x, y) {
      xx += (a - meanX) * (a - meanX)
      yy += (b - meanY) * (b - meanY)
      xy += (a - meanX) * (b - meanY)
    }
    guard xx > 0, yy > 0 else {
      throw TrainingError.undefined(
        operation: "correlation", reason: "all \(xx > 0 ? "predicted" : "true") values are the same")
    }
    return max(-1, min(1, xy / (xx.squareRoot() * yy.squareRoot())))
  }

  /// Spearman's correlation: Pearson's of the ranks, ties sharing their mean rank.
  package static func spearman(_ x: [Double], _ y: [Double]) throws -> Double {
    try check("Spearman correlation", x, y)
    return try pearson(averageRanks(x), averageRanks(y))
  }

  private static func check(_ operation: String, _ x: [Double], _ y: [Double]) throws {
    try checkPairs(operation, x.count, y)
    try checkPairs(operation, y.count, x)
  }
}

extension Metric {
  static let regressionFamily: [Metric] = [
    .ofNumbers("mse", "Mean squared error.", higherIsBetter: false) {
      try RegressionMetrics.meanSquaredError(truth: $0, predicted: $1)
    },
    .ofNumbers("mae", "Mean absolute error.", higherIsBetter: false) {
      try RegressionMetrics.meanAbsoluteError(truth: $0, predicted: $1)
    },
    .ofNumbers("r2", "Share of the variance that is explained.", higherIsBetter: true) {
      try RegressionMetrics.rSquared(truth: $0, predicted: $1)
    },
    .ofNumbers("pearson", "Linear correlation.", higherIsBetter: true) { try RegressionMetrics.pearson($0, $1) },
    .ofNumbers("spearman", "Correlation of the ranks.", higherIsBetter: true) {
      try RegressionMetrics.spearman($0, $1)
    },
  ]
}
