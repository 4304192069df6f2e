/// Ranks from 1; equal values share the mean of their ranks.
package func averageRanks(_ values: [Double]) -> [Double] {
  let order: [Int] = values.indices.sorted { values[$0] < values[$1] }
  var ranks: [Double] = Array(repeating: 0, count: values.count)
  var start: Int = 0
  while start < order.count {
    var end: Int = start + 1
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    let rank: Double = Double(start + 1 + end) / 2
    for place in start..<end { ranks[order[place]] = rank }
    start = end
  }
  return ranks
}

/// Area under the ROC curve: how often a positive row scores above a negative one, ties counting half.
///
/// By the rank sum of Mann and Whitney (Hanley & McNeil 1982), which is exact with ties.
///
/// - Throws: ``TrainingError`` if lengths differ, a score is NaN, or one of the two classes is missing.
package func rocAUC(truth: [Bool], scores: [Double]) throws -> Double {
  try checkPairs("ROC AUC", truth.count, scores)
  let positives: Int = truth.reduce(0) { $0 + ($1 ? 1 : 0) }
  let negatives: Int = truth.count - positives
  guard positives > 0, negatives > 0 else {
    throw TrainingError.undefined(
      operation: "ROC AUC", reason: "all rows are \(positives > 0 ? "positive" : "negative"); it needs both")
  }
  var rankSum: Double = 0
  for (isPositive, rank) in zip(truth, averageRanks(scores)) where isPositive { rankSum += rank }
  let least: Double = Double(positives) * Double(positives + 1) / 2
  return (rankSum - least) / (Double(positives) * Double(negatives))
}

/// Checks that `values` has `count` finite numbers, at least one.
func checkPairs(_ operation: String, _ count: Int, _ values: [Double]) throws {
  guard count == values.count else {
    throw TrainingError.shapeMismatch(
      operation: operation, expected: "\(count) values, as many as labels", got: "\(values.count)")
  }
  guard count > 0 else { throw TrainingError.empty(operation: operation, what: "rows") }
  if let row: Int = values.firstIndex(where: { !$0.isFinite }) {
    throw TrainingError.notFinite(operation: operation, row: row, column: nil)
  }
}

extension Metric {
  static let rankingFamily: [Metric] = [
    Metric("roc_auc", "Area under the ROC curve of two classes, ties counting half.") { input in
      guard case .probabilities(let truth, let probabilities) = input else {
        throw TrainingError.shapeMismatch(operation: "roc_auc", expected: "probabilities", got: input.kind)
      }
      guard probabilities.allSatisfy({ $0.count == 2 }) else {
        throw TrainingError.undefined(operation: "roc_auc", reason: "it is for two classes")
      }
      return try rocAUC(truth: truth.map { $0 == 1 }, scores: probabilities.map { $0[1] })
    }
  ]
}
