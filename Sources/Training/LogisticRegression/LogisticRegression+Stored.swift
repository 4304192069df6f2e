extension LogisticRegression {
  /// One that was fitted before, from its numbers.
  ///
  /// - Throws: ``TrainingError/shapeMismatch`` where they don't fit together.
  package init(
    coefficients: [[Double]], intercepts: [Double], classCount: Int, settings: LogisticSettings,
    convergence: LogisticConvergence
  ) throws {
    let outputs: Int = classCount == 2 ? 1 : classCount
    let columns: Int = coefficients.first?.count ?? 0
    guard classCount >= 2, coefficients.count == outputs, intercepts.count == outputs, columns > 0,
      coefficients.allSatisfy({ $0.count == columns })
    else {
      throw TrainingError.shapeMismatch(
        operation: "load", expected: "coefficients of \(classCount) classes", got: "\(coefficients.count) rows")
    }
    self.settings = settings
    self.classCount = classCount
    columnCount = columns
    self.coefficients = coefficients
    self.intercepts = intercepts
    self.convergence = convergence
  }
}
