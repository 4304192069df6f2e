/// What a metric is computed from.
package enum MetricInput: Sendable {
  /// Class indices below `classCount`, one per row.
  case classes(truth: [Int], predicted: [Int], classCount: Int)
  /// Class indices, and for each row the probability of every class.
  case probabilities(truth: [Int], probabilities: [[Double]])
  /// Real numbers, one per row.
  case numbers(truth: [Double], predicted: [Double])
  /// A tag (`B-PER`, `I-PER`, `O`) for each word of each sentence.
  case tags(truth: [[String]], predicted: [[String]])
  /// A predicted answer, and the answers that count as right.
  case answers(predicted: [String], accepted: [[String]])
}

/// A figure that says how good predictions are: one value with its name and how to compute it.
///
/// Every figure is computed in float64 and checked against scikit-learn, seqeval or SQuAD's evaluation.
package struct Metric: Sendable {
  /// The name in `evaluate` and in histories, as scikit-learn says it: `accuracy`, `f1_macro`.
  package let name: String
  /// One line of help.
  package let summary: String
  /// Whether more is better (accuracy) or less (log loss).
  package let higherIsBetter: Bool
  /// - Throws: ``TrainingError`` if the input is of another kind, empty, or leaves the figure undefined.
  package let compute: @Sendable (MetricInput) throws -> Double

  package init(
    _ name: String, _ summary: String, higherIsBetter: Bool = true,
    compute: @escaping @Sendable (MetricInput) throws -> Double
  ) {
    self.name = name
    self.summary = summary
    self.higherIsBetter = higherIsBetter
    self.compute = compute
  }

  /// Every metric there is.
  package static let all: [Metric] =
    accuracyFamily + precisionRecallFamily + agreementFamily + rankingFamily + lossFamily
    + regressionFamily + entityFamily + answerFamily

  /// - Throws: ``TrainingError/unknown`` with the names there are.
  package static func named(_ name: String) throws -> Metric {
    guard let found = all.first(where: { $0.name == name }) else {
      throw TrainingError.unknown(operation: "metric", what: "metric", name: name, known: all.map(\.name))
    }
    return found
  }
}

extension Metric {
  /// A metric over class indices, from their confusion matrix.
  static func ofClasses(
    _ name: String, _ summary: String, _ body: @escaping @Sendable (ConfusionMatrix) throws -> Double
  ) -> Metric {
    Metric(name, summary) { input in
      guard case .classes(let truth, let predicted, let classCount) = input else {
        throw TrainingError.shapeMismatch(operation: name, expected: "class labels", got: input.kind)
      }
      return try body(ConfusionMatrix(truth: truth, predicted: predicted, classCount: classCount))
    }
  }

  /// A metric over pairs of numbers.
  static func ofNumbers(
    _ name: String, _ summary: String, higherIsBetter: Bool,
    _ body: @escaping @Sendable ([Double], [Double]) throws -> Double
  ) -> Metric {
    Metric(name, summary, higherIsBetter: higherIsBetter) { input in
      guard case .numbers(let truth, let predicted) = input else {
        throw TrainingError.shapeMismatch(operation: name, expected: "numbers", got: input.kind)
      }
      return try body(truth, predicted)
    }
  }
}

extension MetricInput {
  /// What the input holds, for messages.
  var kind: String {
    switch self {
    case .classes: return "class labels"
    case .probabilities: return "probabilities"
    case .numbers: return "numbers"
    case .tags: return "tags"
    case .answers: return "answers"
    }
  }
}
