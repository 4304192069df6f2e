import TensorCore

/// How well each strength of penalty did on rows left out of its fit, and which is best.
package struct CrossValidation: Sendable, Equatable {
  /// One strength and the mean accuracy over the folds.
  package struct Candidate: Sendable, Equatable {
    package let c: Double
    package let accuracy: Double
  }

  package let candidates: [Candidate]
  package let foldCount: Int
  /// The strength with the highest accuracy, the strongest penalty among equals.
  package let best: Double

  /// Fits each strength on all folds but one, in turn, and measures it on that one.
  ///
  /// Folds are stratified: each has nearly the same share of every class; which row goes where is drawn from the seed.
  ///
  /// - Throws: ``TrainingError`` where a class has fewer than two rows, and whatever a fit throws.
  package init(
    features: FeatureMatrix, labels: [Int], classCount: Int, settings: LogisticSettings, strengths: [Double],
    folds wanted: Int = 5, seed: UInt64, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws {
    guard !strengths.isEmpty else { throw TrainingError.empty(operation: "logistic_regression", what: "values of C") }
    let sorted: [Double] = strengths.sorted()
    let folds: [Int] = try CrossValidation.folds(labels, classCount: classCount, wanted: wanted, seed: seed)
    foldCount = (folds.max() ?? 0) + 1
    var scores: [[Double]] = Array(repeating: [], count: sorted.count)
    var done: Int = 0
    for fold in 0..<foldCount {
      let inside: [Int] = labels.indices.filter { folds[$0] != fold }
      let outside: [Int] = labels.indices.filter { folds[$0] == fold }
      let (train, test) = (try features.rows(inside), try features.rows(outside))
      var previous: LogisticRegression?
      for (place, c) in sorted.enumerated() {
        var own: LogisticSettings = settings
        own.c = c
        let fitted = try LogisticRegression(
          features: train, labels: inside.map { labels[$0] }, classCount: classCount, settings: own, start: previous)
        scores[place].append(try fitted.score(test, labels: outside.map { labels[$0] }))
        previous = fitted
        done += 1
        try progress(done, foldCount * sorted.count)
      }
    }
    candidates = sorted.indices.map {
      Candidate(c: sorted[$0], accuracy: scores[$0].reduce(0, +) / Double(scores[$0].count))
    }
    let highest: Double = candidates.map(\.accuracy).max() ?? 0
    best = candidates.first { $0.accuracy >= highest - 1e-12 }?.c ?? sorted[0]
  }

  /// The fold of each row: the rows of every class in random order are dealt out in turn.
  static func folds(_ labels: [Int], classCount: Int, wanted: Int, seed: UInt64) throws -> [Int] {
    var members: [[Int]] = Array(repeating: [], count: classCount)
    for (row, label) in labels.enumerated() where members.indices.contains(label) { members[label].append(row) }
    let smallest: Int = members.filter { !$0.isEmpty }.map(\.count).min() ?? 0
    guard smallest >= 2 else {
      throw TrainingError.undefined(
        operation: "logistic_regression",
        reason: "to choose C by cross-validation each class needs at least 2 rows; one has \(smallest)")
    }
    let count: Int = max(2, min(wanted, smallest))
    let random = Philox(seed: seed, purpose: "folds")
    var folds: [Int] = Array(repeating: 0, count: labels.count)
    var next: Int = 0
    for (label, rows) in members.enumerated() {
      for place in random.permutation(rows.count, at: UInt32(truncatingIfNeeded: label)) {
        folds[rows[place]] = next % count
        next += 1
      }
    }
    return folds
  }
}
