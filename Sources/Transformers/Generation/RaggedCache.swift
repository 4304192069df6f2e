import NeuralNetworks
import TensorCore

/// Keys and values of every block for the tokens that were read, ragged: sequences may have any lengths.
package final class RaggedCache: KeyValueCache {
  /// By block and sequence.
  private var layers: [[KeptRows]] = []
  private var counts: [Int] = []

  package init() {}

  package func lengths() -> [Int] { counts }

  /// Rows of a block: `[T, Hk · D]` each, with their sequences' offsets.
  package func rows(layer: Int) throws -> (keys: Tensor, values: Tensor, offsets: [Int])? {
    guard layers.indices.contains(layer), !layers[layer].isEmpty else { return nil }
    return try RaggedCache.joined(layers[layer])
  }

  /// What is kept of each sequence, one after the other.
  private static func joined(_ kept: [KeptRows]) throws -> (keys: Tensor, values: Tensor, offsets: [Int]) {
    if kept.count == 1 { return (kept[0].views.keys, kept[0].views.values, [0, kept[0].count]) }
    return (
      try Tensor.concatenated(kept.map(\.views.keys), axis: 0),
      try Tensor.concatenated(kept.map(\.views.values), axis: 0),
      kept.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    )
  }

  package func append(layer: Int, keys: Tensor, values: Tensor, offsets: [Int]) throws -> [KeptRows]? {
    try taking(layer, keys, values, offsets)
  }

  package func extend(
    layer: Int, keys: Tensor, values: Tensor, offsets: [Int]
  ) throws -> (keys: Tensor, values: Tensor, offsets: [Int]) {
    try RaggedCache.joined(taking(layer, keys, values, offsets))
  }

  private func taking(_ layer: Int, _ keys: Tensor, _ values: Tensor, _ offsets: [Int]) throws -> [KeptRows] {
    // Taken out while it changes: what is held twice would be copied.
    while layers.count <= layer { layers.append([]) }
    var kept: [KeptRows] = []
    swap(&kept, &layers[layer])
    let width = keys.shape.last ?? 0
    if kept.isEmpty { kept = try (1..<max(offsets.count, 1)).map { _ in try KeptRows(width: width) } }
    guard kept.count == offsets.count - 1 else {
      layers[layer] = kept
      throw TransformerError.badInput(
        field: "cache", expected: "\(kept.count) sequences", got: "\(offsets.count - 1)")
    }
    for sequence in kept.indices {
      try kept[sequence].append(keys, values, offsets[sequence]..<offsets[sequence + 1])
    }
    layers[layer] = kept
    if layer == 0 { pending = kept.map(\.count) }
    return kept
  }

  /// Lengths that hold from the next pass on.
  private var pending: [Int] = []

  /// Ends a pass: what was added counts as read.
  package func finishPass() { counts = pending }

  /// Forgets the last tokens of every sequence.
  package func dropLast(_ count: Int) {
    if count == 0 { return }
    for layer in layers.indices {
      for sequence in layers[layer].indices { layers[layer][sequence].dropLast(count) }
    }
    counts = counts.map { $0 - count }
    pending = counts
  }

  /// Keeps some sequences, in the order given; one may be kept several times (beams).
  package func select(_ sequences: [Int]) {
    if sequences == Array(0..<counts.count) { return }
    layers = layers.map { kept in kept.isEmpty ? [] : sequences.map { kept[$0] } }
    counts = sequences.map { counts[$0] }
    pending = counts
  }
}

extension PretrainedModel {
  /// Logits `[B, V]` of the token after each sequence; the cache, where given, holds what came before and takes in
  /// what is read.
  ///
  /// - Parameter everyRow: gives logits `[T, V]`, after every token that is read.
  package func nextLogits(
    _ sequences: [[Int]], cache: RaggedCache?, everyRow: Bool = false, checkInterruption: (() throws -> Void)? = nil
  ) throws -> Tensor {
    guard let head, head.kind == .causalLM else { throw noHead("generate") }
    let pass = ForwardContext()
    pass.cache = cache
    pass.checkInterruption = checkInterruption
    var stream = try backbone.embed(Batch(sequences), pass)
    // Where one row of each sequence is read there is nothing to choose.
    let chooses = !everyRow && stream.layout.rowCount > stream.layout.sequenceCount
    let last = chooses ? RowSelection.last(stream.layout) : nil
    for index in 0..<blockCount {
      stream = try backbone.run(block: index, stream, pass, selection: index == blockCount - 1 ? last : nil)
    }
    stream = try backbone.finish(stream, pass)
    cache?.finishPass()
    return try head(stream.hidden, pass)
  }
}
