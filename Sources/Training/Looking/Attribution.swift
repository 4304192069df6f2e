import NeuralNetworks
import TensorCore
import Transformers

/// Each token's share in a classifier's decision: integrated gradients over the embeddings' output.
///
/// The path goes from a baseline (the same text with every word replaced) to the text in equal steps; the shares add up
/// to the difference of the class's logit between the two ends, but for the steps' coarseness.
///
/// Source: Sundararajan et al. 2017, "Axiomatic Attribution for Deep Networks" (arXiv:1703.01365).
package struct Attribution: Sendable {
  /// Of each token.
  package let shares: [Double]
  /// The class explained.
  package let label: Int
  /// Of each class for the text as it is.
  package let probabilities: [Double]
  /// The class's logit for the text, and for the baseline.
  package let logit: Double
  package let baselineLogit: Double

  /// - Parameters:
  ///   - ids: the text's tokens, special ones included.
  ///   - baseline: as many tokens that say nothing.
  ///   - label: the class to explain; nil for the most probable.
  ///   - steps: how finely the path is cut.
  package init(
    _ model: PretrainedModel, ids: [Int], types: [Int]?, baseline: [Int], label wanted: Int? = nil, steps: Int = 32
  ) throws {
    guard ids.count == baseline.count, !ids.isEmpty, steps >= 1 else {
      throw TrainingError.shapeMismatch(operation: "explain", expected: "\(ids.count) tokens", got: "\(baseline.count)")
    }
    func batch(_ rows: [[Int]]) -> Batch {
      Batch(rows, tokenTypeIDs: types.map { Array(repeating: $0, count: rows.count) })
    }
    let ends: [[Float]] = try Attribution.rows(model.logits(batch([ids, baseline])))
    let top: Int = ends[0].indices.max { ends[0][$0] < ends[0][$1] } ?? 0
    let label: Int = wanted ?? top
    guard ends[0].indices.contains(label) else {
      throw TrainingError.invalidSetting(
        operation: "explain", setting: "the label", expected: "below \(ends[0].count)", got: "\(label)")
    }
    let text: Tensor = try model.backbone.embed(batch([ids]), ForwardContext()).hidden
    let empty: Tensor = try model.backbone.embed(batch([baseline]), ForwardContext()).hidden
    let difference: Tensor = try text - empty
    // Rows of a soft prompt stand before the tokens' own.
    let rowCount: Int = text.shape[0]
    let virtual: Int = rowCount - ids.count
    var sum: Tensor = try Tensor(zeros: text.shape)
    var done: Int = 0
    while done < steps {
      let group: Int = min(8, steps - done)
      let points: [Tensor] = try (0..<group).map { place in
        try empty + difference.scaled(by: (Float(done + place) + 0.5) / Float(steps))
      }
      let context = ForwardContext(isRecording: true)
      var stream = try model.backbone.embed(batch(Array(repeating: ids, count: group)), context)
      let leaf = GraphNode(leaf: "embeddings", shape: stream.hidden.shape)
      stream.hidden = try Tensor.concatenated(points, axis: 0).recorded(as: leaf)
      stream = try model.advance(stream, from: 1, upTo: model.headStage, context)
      let logits: Tensor = try model.logits(from: stream, context)
      let chosen: Tensor = try logits.sliced(axis: 1, label..<(label + 1)).sum()
      guard let gradient = try chosen.backward()[leaf] else { break }
      for place in 0..<group {
        try sum.accumulate(
          gradient.sliced(axis: 0, place * rowCount..<(place + 1) * rowCount), scale: 1 / Float(steps))
      }
      done += group
    }
    let products: Tensor = try sum * difference
    let width: Int = max(1, products.count / rowCount)
    shares = products.withUnsafeBuffer { values in
      ids.indices.map { token in (0..<width).reduce(0) { $0 + Double(values[(virtual + token) * width + $1]) } }
    }
    self.label = label
    probabilities = softmax(ends[0])
    logit = Double(ends[0][label])
    baselineLogit = Double(ends[1][label])
  }

  private static func rows(_ logits: Tensor) throws -> [[Float]] {
    let width: Int = max(1, logits.shape.last ?? 1)
    let flat: [Float] = logits.elements
    return stride(from: 0, to: flat.count, by: width).map { Array(flat[$0..<$0 + width]) }
  }
}
