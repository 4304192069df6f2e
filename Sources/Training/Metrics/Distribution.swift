import Foundation

/// The softmax of logits, in float64.
func softmax(_ logits: some Collection<Float>) -> [Double] { softmax(logits.map { Double($0) }) }

/// The softmax of scores.
func softmax(_ scores: [Double]) -> [Double] {
  let peak: Double = scores.max() ?? 0
  let powers: [Double] = scores.map { exp($0 - peak) }
  let sum: Double = powers.reduce(0, +)
  return powers.map { $0 / sum }
}

/// Where the largest of probabilities, scores or logits stands: the first of equals.
package func mostProbable<Number: Comparable>(_ values: [Number]) -> Int {
  var best: Int = 0
  for k in values.indices where values[k] > values[best] { best = k }
  return best
}
