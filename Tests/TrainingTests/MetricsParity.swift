import Foundation
import TestSupport
import Testing
import Training

private struct Three: Decodable {
  let precision: Double
  let recall: Double
  let f1: Double
}

private struct ThreeLists: Decodable {
  let precision: [Double]
  let recall: [Double]
  let f1: [Double]
}

private struct ClassificationCase: Decodable {
  let name: String
  let y_true: [Int]
  let y_pred: [Int]
  let labels: [Int]
  let accuracy: Double
  let balanced_accuracy: Double
  let mcc: Double
  let cohen_kappa: Double?
  let confusion_matrix: [[Int]]
  let confusion_matrix_default_labels: [[Int]]
  let macro: Three
  let macro_default_labels: Three
  let micro: Three
  let weighted: Three
  let weighted_default_labels: Three
  let per_class: ThreeLists
  let binary: Three?
}

private struct Classification: Decodable { let cases: [ClassificationCase] }

private struct Scores: Decodable {
  struct Binary: Decodable {
    let y_true: [Int]
    let y_score: [Double]
    let roc_auc: Double
    let log_loss: Double
  }
  struct Multiclass: Decodable {
    let y_true: [Int]
    let proba: [[Double]]
    let log_loss: Double
  }
  struct Regression: Decodable {
    let y_true: [Double]
    let y_pred: [Double]
    let mse: Double
    let mae: Double
    let r2: Double
    let pearson: Double
    let spearman: Double
  }
  let binary: Binary
  let multiclass: Multiclass
  let regression: Regression
}

private let tolerance: Double = 1e-12

private func expectSame(_ actual: PrecisionRecallF1, _ expected: Three, _ name: String) {
  expectClose(
    [actual.precision, actual.recall, actual.f1], [expected.precision, expected.recall, expected.f1],
    absolute: tolerance, name)
}

@Suite("Metrics parity") struct MetricsParity {
  @Test func classification() throws {
    var report = ParityReport("metrics/classification")
    for item in try decoded("metrics/classification.json", as: Classification.self).cases {
      let index: [Int: Int] = Dictionary(item.labels.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
      let truth: [Int] = try item.y_true.map { try #require(index[$0]) }
      let predicted: [Int] = try item.y_pred.map { try #require(index[$0]) }
      let matrix = try ConfusionMatrix(truth: truth, predicted: predicted, classCount: item.labels.count)
      #expect(matrix.counts == item.confusion_matrix, "\(item.name)")
      let seen: [Int] = matrix.seenClasses
      #expect(seen.map { row in seen.map { matrix.counts[row][$0] } } == item.confusion_matrix_default_labels)
      expectClose(matrix.accuracy, item.accuracy, absolute: tolerance, item.name)
      expectClose(matrix.balancedAccuracy, item.balanced_accuracy, absolute: tolerance, item.name)
      expectClose(matrix.matthewsCorrelation, item.mcc, absolute: tolerance, item.name)
      #expect((matrix.cohenKappa == nil) == (item.cohen_kappa == nil), "\(item.name) kappa")
      if let kappa = matrix.cohenKappa, let expected = item.cohen_kappa {
        expectClose(kappa, expected, absolute: tolerance, item.name)
      }
      let all: [Int] = Array(item.labels.indices)
      expectSame(matrix.averaged(.macro, over: all), item.macro, "\(item.name) macro")
      expectSame(matrix.averaged(.macro), item.macro_default_labels, "\(item.name) macro, seen")
      expectSame(matrix.averaged(.micro, over: all), item.micro, "\(item.name) micro")
      expectSame(matrix.averaged(.weighted, over: all), item.weighted, "\(item.name) weighted")
      expectSame(matrix.averaged(.weighted), item.weighted_default_labels, "\(item.name) weighted, seen")
      expectClose(matrix.perClass.map(\.precision), item.per_class.precision, absolute: tolerance, item.name)
      expectClose(matrix.perClass.map(\.recall), item.per_class.recall, absolute: tolerance, item.name)
      expectClose(matrix.perClass.map(\.f1), item.per_class.f1, absolute: tolerance, item.name)
      if let binary = item.binary { expectSame(try matrix.binary(), binary, "\(item.name) binary") }
      report.compared()
    }
    report.finish()
  }

  @Test func scores() throws {
    var report = ParityReport("metrics/scores")
    let scores = try decoded("metrics/scores.json", as: Scores.self)
    let auc: Double = try rocAUC(truth: scores.binary.y_true.map { $0 == 1 }, scores: scores.binary.y_score)
    expectClose(auc, scores.binary.roc_auc, absolute: tolerance, "ROC AUC")
    let pairs: [[Double]] = scores.binary.y_score.map { [1 - $0, $0] }
    expectClose(
      try logLoss(truth: scores.binary.y_true, probabilities: pairs), scores.binary.log_loss, absolute: tolerance)
    report.compared()
    expectClose(
      try logLoss(truth: scores.multiclass.y_true, probabilities: scores.multiclass.proba),
      scores.multiclass.log_loss, absolute: tolerance)
    report.compared()
    let r: Scores.Regression = scores.regression
    let input = MetricInput.numbers(truth: r.y_true, predicted: r.y_pred)
    for (name, expected) in [
      ("mse", r.mse), ("mae", r.mae), ("r2", r.r2), ("pearson", r.pearson), ("spearman", r.spearman),
    ] {
      expectClose(try Metric.named(name).compute(input), expected, absolute: tolerance, name)
    }
    report.compared()
    report.finish()
  }

  @Test func answers() throws {
    struct Case: Decodable {
      let prediction: String
      let golds: [String]
      let normalized: String
      let em: Double
      let f1: Double
    }
    struct File: Decodable {
      let cases: [Case]
      let exact_match: Double
      let f1: Double
    }
    var report = ParityReport("metrics/squad")
    let file = try decoded("metrics/squad.json", as: File.self)
    for item in file.cases {
      #expect(Array(AnswerMatch.normalized(item.prediction).utf8) == Array(item.normalized.utf8))
      #expect((AnswerMatch.exact(item.prediction, accepted: item.golds) ? 1 : 0) == item.em, "\(item.prediction)")
      expectClose(
        AnswerMatch.f1(item.prediction, accepted: item.golds), item.f1, absolute: tolerance, item.prediction)
      report.compared()
    }
    let input = MetricInput.answers(predicted: file.cases.map(\.prediction), accepted: file.cases.map(\.golds))
    expectClose(100 * (try Metric.named("exact_match").compute(input)), file.exact_match, absolute: 1e-10)
    expectClose(100 * (try Metric.named("answer_f1").compute(input)), file.f1, absolute: 1e-10)
    report.finish()
  }
}
