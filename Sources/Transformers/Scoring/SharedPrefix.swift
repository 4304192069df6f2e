import NeuralNetworks
import TensorCore

/// What many sequences begin with, read once: the keys and values of each block for its tokens.
package final class SharedPrefix {
  package let ids: [Int]
  /// `[P, Hk · D]` each, by block.
  fileprivate let layers: [(keys: Tensor, values: Tensor)]

  fileprivate init(ids: [Int], layers: [(keys: Tensor, values: Tensor)]) {
    self.ids = ids
    self.layers = layers
  }

  package var count: Int { ids.count }
}

extension PretrainedModel {
  /// Whether sequences may share what they begin with: not where keys come from a prefix or soft prompt, or where a
  /// row sees only a window of `longest` rows.
  package func sharesPrefixes(longest: Int) -> Bool {
    backbone.hooks.prefixLength == 0 && backbone.hooks.promptLength == 0
      && (configuration.window.map { $0 > longest } ?? true)
  }

  /// Reads tokens that many sequences begin with.
  package func readPrefix(_ ids: [Int], checkInterruption: (() throws -> Void)? = nil) throws -> SharedPrefix {
    let cache = RaggedCache()
    let pass = ForwardContext()
    pass.cache = cache
    pass.checkInterruption = checkInterruption
    var stream = try backbone.embed(Batch([ids]), pass)
    let last = RowSelection.last(stream.layout)
    var layers: [(keys: Tensor, values: Tensor)] = []
    for index in 0..<blockCount {
      stream = try backbone.run(block: index, stream, pass, selection: index == blockCount - 1 ? last : nil)
      guard let rows = try cache.rows(layer: index) else {
        throw TransformerError.badInput(field: "prefix", expected: "a model that keeps keys and values", got: name)
      }
      layers.append((rows.keys, rows.values))
    }
    return SharedPrefix(ids: ids, layers: layers)
  }
}

/// Keys and values for sequences that branch: each trunk follows a prefix that all share, each branch follows a trunk
/// (or the prefix). The prefix is never copied; a trunk's keys are, once for each of its branches.
final class BranchingCache: KeyValueCache {
  /// A trunk or a branch: a sequence of the batch, and the one that it follows.
  struct Part {
    /// Its rows in the batch.
    var rows: Range<Int>
    /// The rows of what it follows.
    var trunk: Range<Int>?
  }

  private let prefix: SharedPrefix?
  private let parts: [Part]
  private let hasBranches: Bool
  private let keyOrder: [Int]
  private let keyOffsets: [Int]

  init(prefix: SharedPrefix?, parts: [Part]) {
    self.prefix = prefix
    self.parts = parts
    var order: [Int] = []
    var offsets: [Int] = [0]
    for part in parts {
      if let trunk = part.trunk { order += trunk }
      order += part.rows
      offsets.append(order.count)
    }
    keyOrder = order
    keyOffsets = offsets
    hasBranches = parts.contains { $0.trunk != nil }
  }

  /// Positions are given with the batch.
  func lengths() -> [Int] { [] }

  func extend(
    layer: Int, keys: Tensor, values: Tensor, offsets: [Int]
  ) throws -> (keys: Tensor, values: Tensor, offsets: [Int]) { (keys, values, offsets) }

  /// Attention of all rows of the batch, or of the selected ones, over the prefix, their trunk and their own part.
  func attend(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ layout: RowLayout, selection: RowSelection?, layer: Int,
    _ settings: AttentionSettings
  ) throws -> Tensor {
    var (keys, values) = (key, value)
    var (offsets, ends) = (layout.offsets, keyOffsets)
    if let selection {
      var order: [Int] = []
      (offsets, ends) = (Array(0...selection.rows.count), [0])
      var place = 0
      for row in selection.rows {
        while place + 1 < parts.count, parts[place].rows.upperBound <= row { place += 1 }
        if let trunk = parts[place].trunk { order += trunk }
        order += parts[place].rows.lowerBound...row
        ends.append(order.count)
      }
      (keys, values) = (try key.gatheredRows(order), try value.gatheredRows(order))
    } else if hasBranches {
      (keys, values) = (try key.gatheredRows(keyOrder), try value.gatheredRows(keyOrder))
    }
    let shared = prefix.flatMap { layer < $0.layers.count ? $0.layers[layer] : nil }
    return try Tensor.attention(
      query: query, key: keys, value: values, prefix: shared.map { (key: $0.keys, value: $0.values) },
      layout: AttentionLayout(
        offsets: offsets, keyOffsets: ends, heads: settings.headCount, keyValueHeads: settings.keyValueHeadCount,
        scale: settings.scale, causal: true))
  }
}
