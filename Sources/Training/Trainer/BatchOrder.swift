import TensorCore

/// In which batches the examples of an epoch are seen: drawn from (seed, epoch) alone.
package struct BatchOrder: Sendable, Equatable {
  package let exampleCount: Int
  package let batchSize: Int
  package let seed: UInt64
  package let shuffles: Bool
  /// Lengths by which batches are made alike; nil for chance alone.
  package let lengths: [Int]?

  package init(exampleCount: Int, batchSize: Int, seed: UInt64, shuffles: Bool, lengths: [Int]? = nil) {
    self.exampleCount = exampleCount
    self.batchSize = max(1, batchSize)
    self.seed = seed
    self.shuffles = shuffles
    self.lengths = lengths
  }

  /// Batches in an epoch; the last may be smaller.
  package var batchCount: Int { exampleCount / batchSize + (exampleCount % batchSize == 0 ? 0 : 1) }

  /// The rows of each batch of an epoch.
  package func batches(epoch: Int) -> [[Int]] {
    let random = Philox(seed: seed, purpose: "shuffle")
    let place = UInt32(truncatingIfNeeded: epoch)
    var order: [Int] = shuffles ? random.permutation(exampleCount, at: place) : Array(0..<exampleCount)
    guard let lengths, lengths.count == exampleCount else { return cut(order) }
    // Long stretches of the random order are sorted by length, cut, and the batches come in random order again.
    let stretch: Int = min(exampleCount, 64) * batchSize
    var start: Int = 0
    while start < exampleCount {
      let end: Int = min(start + max(1, stretch), exampleCount)
      order[start..<end].sort { (lengths[$0], $0) < (lengths[$1], $1) }
      start = end
    }
    let batches: [[Int]] = cut(order)
    return shuffles ? random.permutation(batches.count, at: place, 1).map { batches[$0] } : batches
  }

  private func cut(_ order: [Int]) -> [[Int]] {
    stride(from: 0, to: order.count, by: batchSize).map { Array(order[$0..<min($0 + batchSize, order.count)]) }
  }
}
