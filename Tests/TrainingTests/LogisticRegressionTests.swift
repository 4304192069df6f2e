import Foundation
import TensorCore
import TestSupport
import Testing
import Training

@Suite("Logistic regression") struct LogisticRegressionTests {
  /// Two noisy groups, drawn from a seed.
  private func data(rows: Int = 200, columns: Int = 6, classes: Int = 2) throws -> (FeatureMatrix, [Int]) {
    let random = Philox(seed: 5, purpose: "test")
    let labels: [Int] = (0..<rows).map { $0 % classes }
    var values: [Float] = random.normal(rows * columns)
    for row in 0..<rows { values[row * columns + labels[row] % columns] += 1 }
    return (try FeatureMatrix(values: values, rowCount: rows, columnCount: columns), labels)
  }

  @Test("L1 leaves coefficients at zero exactly, and its optimum satisfies the conditions of one")
  func lasso() throws {
    let (x, y) = try data()
    var settings = LogisticSettings()
    settings.penalty = .l1
    settings.c = 0.05
    settings.tolerance = 1e-9
    settings.maximumIterations = 10_000
    let fitted = try LogisticRegression(features: x, labels: y, classCount: 2, settings: settings)
    #expect(fitted.convergence.converged)
    #expect(fitted.coefficients[0].contains(0), "some are zero")
    #expect(fitted.coefficients[0].contains { $0 != 0 }, "not all are")
    // Moving any coefficient either way doesn't lower the objective.
    let numbers: [Float] = x.withUnsafeBuffer { Array($0) }
    func objective(_ w: [Double], _ b: Double) -> Double {
      var loss: Double = w.reduce(0) { $0 + abs($1) }
      for row in 0..<x.rowCount {
        var z: Double = b
        for column in 0..<x.columnCount { z += w[column] * Double(numbers[row * x.columnCount + column]) }
        let signed: Double = y[row] == 1 ? -z : z
        loss += settings.c * (max(signed, 0) + log1p(exp(-abs(signed))))
      }
      return loss
    }
    let best: Double = objective(fitted.coefficients[0], fitted.intercepts[0])
    for column in 0..<x.columnCount {
      for step in [-1e-3, 1e-3] {
        var moved: [Double] = fitted.coefficients[0]
        moved[column] += step
        #expect(objective(moved, fitted.intercepts[0]) >= best - 1e-12)
      }
    }
    expectClose(fitted.convergence.objective, best, relative: 1e-9, "objective")
  }

  @Test("many numbers are walked in float32, and the gradient in double is zero where the walk ends")
  func singleThenDouble() throws {
    let (rows, columns, classes) = (12_000, 60, 6)
    let (x, y) = try data(rows: rows, columns: columns, classes: classes)
    var settings = LogisticSettings()
    settings.solver = .lbfgs
    settings.tolerance = 1e-8
    settings.maximumIterations = 10_000
    let fitted = try LogisticRegression(features: x, labels: y, classCount: classes, settings: settings)
    #expect(fitted.convergence.converged)
    let numbers: [Float] = x.withUnsafeBuffer { Array($0) }
    var gradient: [Double] = fitted.coefficients.flatMap { $0.map { $0 / (settings.c * Double(rows)) } }
    for row in 0..<rows {
      let own: [Double] = (0..<columns).map { Double(numbers[row * columns + $0]) }
      let scores: [Double] = (0..<classes).map { k in
        var score: Double = fitted.intercepts[k]
        for column in 0..<columns { score += own[column] * fitted.coefficients[k][column] }
        return score
      }
      let sum: Double = scores.reduce(0) { $0 + exp($1) }
      for k in 0..<classes {
        let residual: Double = (exp(scores[k]) / sum - (y[row] == k ? 1 : 0)) / Double(rows)
        for column in 0..<columns { gradient[k * columns + column] += residual * own[column] }
      }
    }
    #expect((gradient.map { abs($0) }.max() ?? 1) <= 2e-8)
    let same = try LogisticRegression(features: x, labels: y, classCount: classes, settings: settings)
    #expect(same.coefficients == fitted.coefficients)
  }

  @Test("an elastic net with no L1 part is the L2 solution") func elasticNet() throws {
    let (x, y) = try data(classes: 3)
    var settings = LogisticSettings()
    settings.tolerance = 1e-10
    settings.maximumIterations = 10_000
    let ridge = try LogisticRegression(features: x, labels: y, classCount: 3, settings: settings)
    settings.penalty = .elasticNet
    settings.l1Ratio = 0
    let net = try LogisticRegression(features: x, labels: y, classCount: 3, settings: settings)
    expectClose(net.coefficients.flatMap { $0 }, ridge.coefficients.flatMap { $0 }, absolute: 1e-6)
    settings.l1Ratio = 1e-9
    let nearly = try LogisticRegression(features: x, labels: y, classCount: 3, settings: settings)
    expectClose(nearly.coefficients.flatMap { $0 }, ridge.coefficients.flatMap { $0 }, absolute: 1e-4)
  }

  @Test("the bits don't depend on the number of threads") func threads() throws {
    let (x, y) = try data(rows: 3000, columns: 80, classes: 4)
    let before: Int = ThreadPool.threadCount
    defer { ThreadPool.threadCount = before }
    var results: [[[Double]]] = []
    for count in [1, 2, 3] {
      ThreadPool.threadCount = count
      results.append(try LogisticRegression(features: x, labels: y, classCount: 4).coefficients)
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test("what can't be fitted is said") func refused() throws {
    let x = try FeatureMatrix(values: [0, 1, 2, 3], rowCount: 4, columnCount: 1)
    #expect(throws: TrainingError.self) { try LogisticRegression(features: x, labels: [0, 0, 0, 0], classCount: 2) }
    #expect(throws: TrainingError.self) { try LogisticRegression(features: x, labels: [0, 1], classCount: 2) }
    #expect(throws: TrainingError.self) { try LogisticRegression(features: x, labels: [0, 1, 2, 1], classCount: 2) }
    let bad = try FeatureMatrix(values: [0, .nan, 2, 3], rowCount: 4, columnCount: 1)
    #expect(throws: TrainingError.notFinite(operation: "logistic_regression", row: 1, column: 0)) {
      try LogisticRegression(features: bad, labels: [0, 1, 0, 1], classCount: 2)
    }
    #expect(throws: TrainingError.self) { try FeatureMatrix(values: [1], rowCount: Int.max, columnCount: 2) }
    for change: (inout LogisticSettings) -> Void in [
      { $0.c = 0 }, { $0.c = .nan }, { $0.tolerance = 0 }, { $0.maximumIterations = 0 }, { $0.l1Ratio = 2 },
      { $0.classWeight = .weights([1]) }, { $0.classWeight = .weights([-1, 1]) },
    ] {
      var settings = LogisticSettings()
      change(&settings)
      #expect(throws: TrainingError.self) {
        try LogisticRegression(features: x, labels: [0, 1, 0, 1], classCount: 2, settings: settings)
      }
    }
  }

  @Test("without a penalty, classes told apart without error are left to L-BFGS, which stops early")
  func toldApart() throws {
    let noise: [Float] = Philox(seed: 3, purpose: "apart").normal(200)
    let labels: [Int] = (0..<100).map { $0 % 2 }
    var settings = LogisticSettings()
    settings.c = .infinity
    for (gap, solver) in [(Float(20), LogisticSettings.Solver.lbfgs), (1, .newton)] {
      let values: [Float] = labels.indices.flatMap { [noise[2 * $0] + gap * Float(labels[$0]), noise[2 * $0 + 1]] }
      let x = try FeatureMatrix(values: values, rowCount: 100, columnCount: 2)
      settings.solver = .automatic
      let fitted = try LogisticRegression(features: x, labels: labels, classCount: 2, settings: settings)
      #expect(fitted.convergence.solver == solver)
      #expect((fitted.convergence.advice != nil) == (solver == .lbfgs))
      settings.solver = solver
      let same = try LogisticRegression(features: x, labels: labels, classCount: 2, settings: settings)
      #expect(fitted.coefficients == same.coefficients && fitted.intercepts == same.intercepts)
    }
  }

  @Test("too few iterations are said in words, with what to do") func unfinished() throws {
    let (x, y) = try data()
    var settings = LogisticSettings()
    settings.maximumIterations = 1
    settings.solver = .lbfgs
    let fitted = try LogisticRegression(features: x, labels: y, classCount: 2, settings: settings)
    #expect(!fitted.convergence.converged)
    #expect(fitted.convergence.advice?.contains("max_iter: 10") == true)
  }

  @Test("cross-validation deals every class evenly, and prefers what does best") func crossValidation() throws {
    let (x, y) = try data()
    let tried = try CrossValidation(
      features: x, labels: y, classCount: 2, settings: LogisticSettings(), strengths: [10, 1e-6, 0.1], seed: 1)
    #expect(tried.candidates.map(\.c) == [1e-6, 0.1, 10] && tried.foldCount == 5)
    #expect(tried.candidates.map(\.accuracy).max() == tried.candidates.first { $0.c == tried.best }?.accuracy)
    let again = try CrossValidation(
      features: x, labels: y, classCount: 2, settings: LogisticSettings(), strengths: [10, 1e-6, 0.1], seed: 1)
    #expect(tried == again)
    #expect(throws: TrainingError.self) {
      try CrossValidation(
        features: x, labels: [1] + Array(repeating: 0, count: 199), classCount: 2, settings: LogisticSettings(),
        strengths: [1], seed: 1)
    }
  }

  @Test("principal components find the direction of most change") func components() throws {
    let random = Philox(seed: 2, purpose: "components")
    let along: [Float] = random.normal(300)
    let noise: [Float] = random.normal(600, at: 1)
    var values: [Float] = []
    for row in 0..<300 {
      values += [3 * along[row] + 0.1 * noise[2 * row] + 7, 4 * along[row] + 0.1 * noise[2 * row + 1] - 2]
    }
    let found = try PrincipalComponents(FeatureMatrix(values: values, rowCount: 300, columnCount: 2))
    expectClose(found.directions[0], [0.6, 0.8], absolute: 0.01)
    #expect(found.explained[0] > 0.99)
    let constant = try PrincipalComponents(FeatureMatrix(values: [1, 1, 1, 1], rowCount: 2, columnCount: 2))
    #expect(constant.coordinates.allSatisfy { $0.allSatisfy { $0 == 0 } })
  }
}
