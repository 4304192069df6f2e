import NeuralNetworks
import TensorCore
import Transformers

/// How far a model's representations moved while it was trained, layer by layer: catastrophic forgetting made visible.
package struct Drift: Sendable, Equatable {
  /// One layer: 0 the embeddings' output, n the last block's.
  package struct Layer: Sendable, Equatable {
    package let layer: Int
    /// Mean over texts of 1 - cosine between the mean-pooled rows before and after: 0 unmoved, 1 unrelated.
    package let cosineDistance: Double
    /// Length of the change over the length before, over all rows.
    package let relativeChange: Double
  }

  package let layers: [Layer]

  /// - Parameters:
  ///   - before, after: of one family and size.
  ///   - batches: texts for both.
  /// - Throws: ``TrainingError/shapeMismatch`` for models of different sizes.
  package init(
    _ before: PretrainedModel, _ after: PretrainedModel, _ batches: [Batch],
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws {
    guard before.blockCount == after.blockCount, before.hiddenSize == after.hiddenSize else {
      throw TrainingError.shapeMismatch(
        operation: "drift", expected: "\(before.blockCount) blocks of size \(before.hiddenSize)",
        got: "\(after.blockCount) of size \(after.hiddenSize)")
    }
    guard !batches.isEmpty else { throw TrainingError.empty(operation: "drift", what: "texts") }
    let count: Int = before.blockCount + 1
    var cosines: [Double] = Array(repeating: 0, count: count)
    var (changes, lengths): ([Double], [Double]) = (cosines, cosines)
    var texts: Int = 0
    for (place, batch) in batches.enumerated() {
      try progress(place, batches.count)
      let (one, other) = (try Drift.states(before, batch), try Drift.states(after, batch))
      guard one.count == count, other.count == count else {
        throw TrainingError.shapeMismatch(operation: "drift", expected: "\(count) layers", got: "\(one.count)")
      }
      for layer in 0..<count {
        let (a, b) = (one[layer], other[layer])
        let means: (Tensor, Tensor) = (
          try a.segmentMean(offsets: batch.sequenceOffsets).normalized(axis: 1),
          try b.segmentMean(offsets: batch.sequenceOffsets).normalized(axis: 1)
        )
        // Of vectors of length 1; a product near 1 would keep but a few digits of what is left of it.
        cosines[layer] += try (means.0 - means.1).sumOfSquares() / 2
        changes[layer] += try (b - a).sumOfSquares()
        lengths[layer] += a.sumOfSquares()
      }
      texts += batch.sequenceCount
    }
    layers = (0..<count).map {
      Layer(
        layer: $0, cosineDistance: max(0, cosines[$0] / Double(texts)),
        relativeChange: lengths[$0] > 0 ? (changes[$0] / lengths[$0]).squareRoot() : 0)
    }
  }

  private static func states(_ model: PretrainedModel, _ batch: Batch) throws -> [Tensor] {
    let context = ForwardContext()
    context.keepsHiddenStates = true
    let stream = try model.stream(batch, context, trims: false)
    let virtual: Int = stream.layout.virtualRows
    guard virtual > 0 else { return context.hiddenStates }
    // A soft prompt's rows have none to be compared with.
    let rows: [Int] = (0..<batch.sequenceCount).flatMap { sequence in
      let range: Range<Int> = stream.layout.range(sequence)
      return (range.lowerBound + virtual)..<range.upperBound
    }
    return try context.hiddenStates.map { try $0.gatheredRows(rows) }
  }
}
