/// Precision, recall and their harmonic mean. What would divide by zero is 0.
package struct PrecisionRecallF1: Equatable, Sendable {
  /// Of what was predicted, the share that is right.
  package let precision: Double
  /// Of what there was to find, the share that was found.
  package let recall: Double
  /// `2 tp / (2 tp + fp + fn)`.
  package let f1: Double

  package init(precision: Double, recall: Double, f1: Double) {
    self.precision = precision
    self.recall = recall
    self.f1 = f1
  }

  /// - Parameters:
  ///   - correct: true positives.
  ///   - predicted: how many were predicted.
  ///   - actual: how many there were to find.
  package init(correct: Int, predicted: Int, actual: Int) {
    precision = predicted > 0 ? Double(correct) / Double(predicted) : 0
    recall = actual > 0 ? Double(correct) / Double(actual) : 0
    f1 = predicted + actual > 0 ? 2 * Double(correct) / Double(predicted + actual) : 0
  }

  /// The mean of several, each with its weight; 0 if all weights are.
  package static func mean(of parts: [PrecisionRecallF1], weights: [Double]) -> PrecisionRecallF1 {
    let total: Double = weights.reduce(0, +)
    guard total > 0 else { return PrecisionRecallF1(precision: 0, recall: 0, f1: 0) }
    var precision: Double = 0
    var recall: Double = 0
    var f1: Double = 0
    for (part, weight) in zip(parts, weights) {
      precision += part.precision * weight
      recall += part.recall * weight
      f1 += part.f1 * weight
    }
    return PrecisionRecallF1(precision: precision / total, recall: recall / total, f1: f1 / total)
  }
}

/// How the figures of several classes become one, by scikit-learn's names.
package enum Average: String, CaseIterable, Sendable {
  /// All rows together.
  case micro
  /// Each class counts the same.
  case macro
  /// Each class counts as often as it occurs.
  case weighted
}

extension ConfusionMatrix {
  /// Precision, recall and F1 of each class.
  package var perClass: [PrecisionRecallF1] {
    (0..<classCount).map {
      PrecisionRecallF1(correct: hits[$0], predicted: predictedTotals[$0], actual: truthTotals[$0])
    }
  }

  /// - Parameter classes: the classes that take part; nil for those seen in labels or predictions, as scikit-learn
  ///   does when it is given no list.
  package func averaged(_ average: Average, over classes: [Int]? = nil) -> PrecisionRecallF1 {
    let chosen: [Int] = (classes ?? seenClasses).filter { $0 >= 0 && $0 < classCount }
    switch average {
    case .micro:
      return PrecisionRecallF1(
        correct: chosen.reduce(0) { $0 + hits[$1] }, predicted: chosen.reduce(0) { $0 + predictedTotals[$1] },
        actual: chosen.reduce(0) { $0 + truthTotals[$1] })
    case .macro, .weighted:
      let each: [PrecisionRecallF1] = perClass
      let weights: [Double] = chosen.map { average == .macro ? 1 : Double(truthTotals[$0]) }
      return .mean(of: chosen.map { each[$0] }, weights: weights)
    }
  }

  /// The figures of one class against all others; by default class 1, as in scikit-learn's `average="binary"`.
  package func binary(positive: Int = 1) throws -> PrecisionRecallF1 {
    guard classCount == 2, positive >= 0, positive < 2 else {
      throw TrainingError.undefined(
        operation: "binary F1", reason: "there are \(classCount) classes; use macro, micro or weighted")
    }
    return perClass[positive]
  }
}

extension Metric {
  static let precisionRecallFamily: [Metric] =
    Average.allCases.flatMap { average in
      let over: String = "\(average.rawValue) average over classes"
      return [
        Metric.ofClasses("precision_\(average.rawValue)", "Precision, \(over).") { $0.averaged(average).precision },
        Metric.ofClasses("recall_\(average.rawValue)", "Recall, \(over).") { $0.averaged(average).recall },
        Metric.ofClasses("f1_\(average.rawValue)", "F1, \(over).") { $0.averaged(average).f1 },
      ]
    } + [
      .ofClasses("precision", "Precision of the second of two classes.") { try $0.binary().precision },
      .ofClasses("recall", "Recall of the second of two classes.") { try $0.binary().recall },
      .ofClasses("f1", "F1 of the second of two classes.") { try $0.binary().f1 },
    ]
}
