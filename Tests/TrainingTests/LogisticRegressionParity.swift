import Foundation
import TestSupport
import Testing
import Training

private struct Row: Decodable {
  struct Arguments: Decodable {
    let C: Number?
    let class_weight: String?
    let fit_intercept: Bool?
  }
  /// A number, or `"inf"`.
  struct Number: Decodable {
    let value: Double
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        value = number
      } else {
        value = Double(try container.decode(String.self)) ?? .nan
      }
    }
  }
  let dataset: String
  let `case`: String
  let kwargs: Arguments
  let classes: [Int]
  let class_weights: [Double]?
  let score_test: Double
  let predictions_test: [Int]
  let tight_predictions_test: [Int]
  let tight_objective: Double
  let separable_so_no_finite_optimum: Bool
  let max_coef_default_vs_tight: Double
  let max_proba_default_vs_tight: Double
}

private struct Dataset {
  let train: FeatureMatrix
  let test: FeatureMatrix
  let labels: [Int]
  let testLabels: [Int]
  let file: TensorFile

  init(_ row: Row) throws {
    let file = try TensorFile("logreg/\(row.dataset).safetensors")
    self.file = file
    func matrix(_ name: String) throws -> FeatureMatrix {
      let shape: [Int] = file.shape(name)
      return try FeatureMatrix(values: file.floats(name), rowCount: shape[0], columnCount: shape[1])
    }
    train = try matrix("X_train")
    test = try matrix("X_test")
    let set = LabelSet(integers: row.classes)
    labels = try set.indices(of: file.integers("y_train"))
    testLabels = try set.indices(of: file.integers("y_test"))
  }
}

@Suite("Logistic regression parity") struct LogisticRegressionParity {
  private func settings(_ row: Row) -> LogisticSettings {
    var settings = LogisticSettings()
    if let c = row.kwargs.C?.value { settings.c = c }
    if let fits = row.kwargs.fit_intercept { settings.fitsIntercept = fits }
    if row.kwargs.class_weight == "balanced" { settings.classWeight = .balanced }
    return settings
  }

  /// Of several classes only the differences of intercepts have a meaning.
  private func centred(_ intercepts: [Double]) -> [Double] {
    guard intercepts.count > 1 else { return intercepts }
    let mean: Double = intercepts.reduce(0, +) / Double(intercepts.count)
    return intercepts.map { $0 - mean }
  }

  private func difference(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
  }

  @Test(arguments: [LogisticSettings.Solver.automatic, .lbfgs]) func rows(solver: LogisticSettings.Solver) throws {
    struct File: Decodable { let rows: [Row] }
    var report = ParityReport("logreg")
    for row in try decoded("logreg/summary.json", as: File.self).rows {
      let name = "\(row.dataset) \(row.case) \(solver.rawValue)"
      let data = try Dataset(row)
      var settings: LogisticSettings = settings(row)
      settings.solver = solver
      let plain = try LogisticRegression(
        features: data.train, labels: data.labels, classCount: row.classes.count, settings: settings)
      settings.tolerance = 1e-8
      settings.maximumIterations = 200_000
      let tight = try LogisticRegression(
        features: data.train, labels: data.labels, classCount: row.classes.count, settings: settings)
      report.compared(name)
      if row.separable_so_no_finite_optimum {
        let score: Double = try plain.score(data.test, labels: data.testLabels)
        expectClose(score, row.score_test, absolute: 0.051, "\(name) accuracy")
        #expect(plain.convergence.advice != nil, "\(name) says that the classes are separable")
        continue
      }
      expectClose(
        tight.convergence.objective, row.tight_objective, relative: 1e-6, "\(name) objective")
      let coefficients: [Double] = try data.file.doubles("\(row.case).tight.coef")
      let probabilities: [Double] = try data.file.doubles("\(row.case).tight.proba_test")
      expectClose(tight.coefficients.flatMap { $0 }, coefficients, absolute: 1e-4, "\(name) tight coefficients")
      let intercepts: [Double] = try data.file.doubles("\(row.case).tight.intercept")
      expectClose(centred(tight.intercepts), centred(intercepts), absolute: 1e-3, "\(name) tight intercepts")
      let proba: [[Double]] = try tight.probabilities(of: data.test)
      expectClose(proba.flatMap { $0 }, probabilities, absolute: 1e-4, "\(name) tight probabilities")
      #expect(try tight.predict(data.test).map { row.classes[$0] } == row.tight_predictions_test, "\(name)")
      if solver == .automatic {
        let coefficientGap: Double = difference(plain.coefficients.flatMap { $0 }, coefficients)
        #expect(coefficientGap <= row.max_coef_default_vs_tight, "\(name) default coefficients")
        let gap: Double = difference(try plain.probabilities(of: data.test).flatMap { $0 }, probabilities)
        #expect(gap <= row.max_proba_default_vs_tight, "\(name) default probabilities")
      }
      #expect(tight.convergence.converged && tight.convergence.advice == nil, "\(name) converged")
    }
    report.finish()
  }
}
