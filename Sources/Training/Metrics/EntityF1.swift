/// Precision, recall and F1 of named entities: an entity counts if its type and both its ends are right.
///
/// Source: Tjong Kim Sang & De Meulder 2003 (conlleval); checked against seqeval 1.2.2.
package struct EntityScores: Sendable {
  /// Types in alphabetical order, as they occur in labels or predictions.
  package let types: [String]
  /// Figures of each type.
  package let perType: [PrecisionRecallF1]
  /// How many entities of each type there are to find.
  package let support: [Int]
  /// Figures of all entities together.
  package let micro: PrecisionRecallF1

  /// - Throws: ``TrainingError/shapeMismatch`` if a sentence has more or fewer predicted tags than true ones.
  package init(truth: [[String]], predicted: [[String]], scheme: EntityScheme = .lenient) throws {
    try checkSentences(truth, predicted)
    let actual: Set<Entity> = Set(entities(in: truth, scheme: scheme))
    let guessed: Set<Entity> = Set(entities(in: predicted, scheme: scheme))
    let correct: Set<Entity> = actual.intersection(guessed)
    func countByType(_ set: Set<Entity>) -> [String: Int] {
      var counts: [String: Int] = [:]
      for entity in set { counts[entity.type, default: 0] += 1 }
      return counts
    }
    let actualCounts: [String: Int] = countByType(actual)
    let guessedCounts: [String: Int] = countByType(guessed)
    let correctCounts: [String: Int] = countByType(correct)
    types = Set(actualCounts.keys).union(guessedCounts.keys).sorted()
    support = types.map { actualCounts[$0] ?? 0 }
    perType = types.map {
      PrecisionRecallF1(
        correct: correctCounts[$0] ?? 0, predicted: guessedCounts[$0] ?? 0, actual: actualCounts[$0] ?? 0)
    }
    micro = PrecisionRecallF1(correct: correct.count, predicted: guessed.count, actual: actual.count)
  }

  /// Each type counts the same.
  package var macro: PrecisionRecallF1 { .mean(of: perType, weights: perType.map { _ in 1 }) }
  /// Each type counts as often as it occurs.
  package var weighted: PrecisionRecallF1 { .mean(of: perType, weights: support.map(Double.init)) }
}

/// The share of words with the right tag.
package func tagAccuracy(truth: [[String]], predicted: [[String]]) throws -> Double {
  try checkSentences(truth, predicted)
  var right: Int = 0
  var total: Int = 0
  for (a, b) in zip(truth, predicted) {
    total += a.count
    for (x, y) in zip(a, b) where x == y { right += 1 }
  }
  guard total > 0 else { throw TrainingError.empty(operation: "tag accuracy", what: "words") }
  return Double(right) / Double(total)
}

private func checkSentences(_ truth: [[String]], _ predicted: [[String]]) throws {
  guard truth.count == predicted.count else {
    throw TrainingError.shapeMismatch(
      operation: "entity F1", expected: "\(truth.count) sentences", got: "\(predicted.count)")
  }
  for (sentence, (a, b)) in zip(truth, predicted).enumerated() where a.count != b.count {
    throw TrainingError.shapeMismatch(
      operation: "entity F1", expected: "\(a.count) tags in sentence \(sentence)", got: "\(b.count)")
  }
}

extension Metric {
  static let entityFamily: [Metric] = [
    ofTags("entity_f1", "F1 of named entities, as conlleval counts.") {
      try EntityScores(truth: $0, predicted: $1).micro.f1
    },
    ofTags("entity_precision", "Precision of named entities.") {
      try EntityScores(truth: $0, predicted: $1).micro.precision
    },
    ofTags("entity_recall", "Recall of named entities.") {
      try EntityScores(truth: $0, predicted: $1).micro.recall
    },
    ofTags("entity_f1_strict", "F1 of named entities, strict IOB2.") {
      try EntityScores(truth: $0, predicted: $1, scheme: .strictIOB2).micro.f1
    },
    ofTags("tag_accuracy", "Share of words with the right tag.") { try tagAccuracy(truth: $0, predicted: $1) },
  ]

  private static func ofTags(
    _ name: String, _ summary: String, _ body: @escaping @Sendable ([[String]], [[String]]) throws -> Double
  ) -> Metric {
    Metric(name, summary) { input in
      guard case .tags(let truth, let predicted) = input else {
        throw TrainingError.shapeMismatch(operation: name, expected: "tags", got: input.kind)
      }
      return try body(truth, predicted)
    }
  }
}
