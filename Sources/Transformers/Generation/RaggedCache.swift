import NeuralNetworks
import TensorCore

/// Keys and values of every block for the tokens that were read, ragged: sequences may have any lengths.
package final class RaggedCache: KeyValueCache {
  private struct Layer {
    var keys: Tensor
    var values: Tensor
    var offsets: [Int]
  }

  private var layers: [Int: Layer] = [:]
  private var counts: [Int] = []

  package init() {}

  package func lengths() -> [Int] { counts }

  /// Rows of a block: `[T, Hk · D]` each, with their sequences' offsets.
  package func rows(layer: Int) -> (keys: Tensor, values: Tensor, offsets: [Int])? {
    layers[layer].map { ($0.keys, $0.values, $0.offsets) }
  }

  package func extend(
    layer: Int, keys: Tensor, values: Tensor, offsets: [Int]
  ) throws -> (keys: Tensor, values: Tensor, offsets: [Int]) {
    var merged = Layer(keys: keys.detached, values: values.detached, offsets: offsets)
    if let old = layers[layer] {
      guard old.offsets.count == offsets.count else {
        throw TransformerError.badInput(
          field: "cache", expected: "\(old.offsets.count - 1) sequences", got: "\(offsets.count - 1)")
      }
      merged.keys = try Tensor.concatenated([old.keys, merged.keys], axis: 0)
      merged.values = try Tensor.concatenated([old.values, merged.values], axis: 0)
      let before = old.keys.shape[0]
      var order: [Int] = []
      var longer: [Int] = [0]
      for sequence in 0..<(offsets.count - 1) {
        order += old.offsets[sequence]..<old.offsets[sequence + 1]
        order += (before + offsets[sequence])..<(before + offsets[sequence + 1])
        longer.append(order.count)
      }
      if offsets.count > 2 {
        merged.keys = try merged.keys.gatheredRows(order)
        merged.values = try merged.values.gatheredRows(order)
      }
      merged.offsets = longer
    }
    layers[layer] = merged
    if layer == 0 { pending = zip(merged.offsets, merged.offsets.dropFirst()).map { $1 - $0 } }
    return (merged.keys, merged.values, merged.offsets)
  }

  /// Lengths that hold from the next pass on.
  private var pending: [Int] = []

  /// Ends a pass: what was added counts as read.
  package func finishPass() { counts = pending }

  /// Keeps some sequences, in the order given; one may be kept several times (beams).
  package func select(_ sequences: [Int]) throws {
    if sequences == Array(0..<counts.count) { return }
    for (index, layer) in layers {
      var order: [Int] = []
      var offsets: [Int] = [0]
      for sequence in sequences {
        order += layer.offsets[sequence]..<layer.offsets[sequence + 1]
        offsets.append(order.count)
      }
      layers[index] = Layer(
        keys: try layer.keys.gatheredRows(order), values: try layer.values.gatheredRows(order), offsets: offsets)
    }
    counts = sequences.map { counts[$0] }
    pending = counts
  }
}

extension PretrainedModel {
  /// Logits `[B, V]` of the token after each sequence; the cache, where given, holds what came before and takes in
  /// what is read.
  package func nextLogits(
    _ sequences: [[Int]], cache: RaggedCache?, checkInterruption: (() throws -> Void)? = nil
  ) throws -> Tensor {
    guard let head, head.kind == .causalLM else { throw noHead("generate") }
    let pass = ForwardContext()
    pass.cache = cache
    pass.checkInterruption = checkInterruption
    var stream = try backbone.embed(Batch(sequences), pass)
    let last = RowSelection.last(stream.layout)
    for index in 0..<blockCount {
      stream = try backbone.run(
        block: index, stream, pass, selection: index == blockCount - 1 ? last : nil)
    }
    stream = try backbone.finish(stream, pass)
    cache?.finishPass()
    return try head(stream.hidden, pass)
  }
}
