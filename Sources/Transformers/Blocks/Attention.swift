import NeuralNetworks
import TensorCore

/// What a block's attention is, apart from its weights.
struct AttentionSettings {
  var headCount: Int
  var keyValueHeadCount: Int
  var headSize: Int
  var isCausal: Bool
  /// How many rows back a row sees, itself included; nil for all.
  var window: Int?
  var scale: Float
  var dropoutRate: Double
  /// Names the dropout.
  var module: String

  init(_ configuration: ModelConfiguration, isCausal: Bool, module: String) {
    headCount = configuration.headCount
    keyValueHeadCount = configuration.keyValueHeadCount
    headSize = configuration.headSize
    self.isCausal = isCausal
    scale = 1 / Float(configuration.headSize).squareRoot()
    dropoutRate = configuration.dropout.attention
    self.module = module
  }
}

/// Attention of a block over ragged sequences, with what hangs at its hook point and what came before.
///
/// - Parameters:
///   - query: `[R, H · D]`, all rows or the selected ones.
///   - key, value: `[T, Hk · D]`, all rows.
///   - layout: of all rows.
/// - Returns: `[R, H · D]`.
func attend(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, _ layout: RowLayout, selection: RowSelection?,
  at point: AttentionPoint, _ settings: AttentionSettings, _ pass: ForwardContext
) throws -> Tensor {
  if let branching = pass.cache as? BranchingCache {
    return try branching.attend(
      query, key, value, layout, selection: selection, layer: point.layer, settings)
  }
  var keys = key
  var values = value
  var keyOffsets = layout.offsets
  if let cache = pass.cache {
    if selection == nil, layout.hasFewRows, isPlain(point, layout, settings, pass),
      let kept = try cache.append(layer: point.layer, keys: keys, values: values, offsets: keyOffsets)
    {
      return try Tensor.attention(
        query: query, offsets: layout.offsets, kept: kept, heads: settings.headCount,
        keyValueHeads: settings.keyValueHeadCount, scale: settings.scale, window: settings.window)
    }
    (keys, values, keyOffsets) = try cache.extend(
      layer: point.layer, keys: keys, values: values, offsets: keyOffsets)
  }
  let queryOffsets = selection.map { Array(0...$0.rows.count) } ?? layout.offsets
  let isAligned = selection.map { chosen in
    !settings.isCausal || zip(chosen.rows, layout.offsets.dropFirst()).allSatisfy { $0 + 1 == $1 }
  }
  if layout.visibility == nil, isAligned ?? true {
    let shape = AttentionLayout(
      offsets: queryOffsets, keyOffsets: keyOffsets, heads: settings.headCount,
      keyValueHeads: settings.keyValueHeadCount, scale: settings.scale, causal: settings.isCausal,
      window: settings.window, dropout: pass.dropout(rate: settings.dropoutRate, module: settings.module),
      precision: pass.precision ?? .float32)
    let prefix = try prefixRows(point, pass)
    if pass.keepsAttentions {
      pass.attentions.append(
        try (0..<layout.sequenceCount).map {
          try Tensor.attentionProbabilities(query: query, key: keys, prefix: prefix?.key, layout: shape, sequence: $0)
        })
    }
    return try Tensor.attention(query: query, key: keys, value: values, prefix: prefix, layout: shape)
  }
  let prefix = point.prefixLength
  if prefix > 0 { (keys, values, keyOffsets) = try withPrefix(point, keys, values, keyOffsets, pass) }
  let rows = queryRows(layout, selection, keyOffsets)
  return try maskedAttention(
    query, keys, values, queryOffsets: queryOffsets, keyOffsets: keyOffsets, settings, pass
  ) { sequence, row, key in
    let place = rows[queryOffsets[sequence] + row]
    if settings.isCausal, key > place { return false }
    if let window = settings.window, key >= prefix, key <= place - window { return false }
    guard let visibility = layout.visibility, key >= prefix else { return true }
    let own = key - prefix
    if let hidden = visibility.hiddenKeys, hidden[layout.offsets[sequence] + own] { return false }
    if let blocked = visibility.blocked {
      let count = layout.range(sequence).count
      return !blocked[sequence][(place - prefix) * count + own]
    }
    return true
  }
}

/// Whether nothing is asked of attention but its result: no method, exception, record or gradient.
private func isPlain(
  _ point: AttentionPoint, _ layout: RowLayout, _ settings: AttentionSettings, _ pass: ForwardContext
) -> Bool {
  settings.isCausal && layout.visibility == nil && !pass.keepsAttentions && !pass.isRecording
    && pass.dropout == nil && point.prefixLength == 0
}

/// Of each query row, its place among its sequence's keys.
private func queryRows(_ layout: RowLayout, _ selection: RowSelection?, _ keyOffsets: [Int]) -> [Int] {
  var places: [Int] = []
  for sequence in 0..<layout.sequenceCount {
    let range = layout.range(sequence)
    let before = keyOffsets[sequence + 1] - keyOffsets[sequence] - range.count
    if let selection {
      places.append(before + selection.rows[sequence] - range.lowerBound)
    } else {
      places += before..<(before + range.count)
    }
  }
  return places
}

/// The keys and values that hang at a hook point, one after the other; nil for none.
func prefixRows(_ point: AttentionPoint, _ pass: ForwardContext) throws -> (key: Tensor, value: Tensor)? {
  let parts = try point.methods.filter(\.isActive).map { try $0.keysAndValues(layer: point.layer, pass) }
  guard let first = parts.first else { return nil }
  if parts.count == 1 { return (first.keys, first.values) }
  return (
    try Tensor.concatenated(parts.map(\.keys), axis: 0), try Tensor.concatenated(parts.map(\.values), axis: 0)
  )
}

/// Keys and values with the hook point's prefixes before those of every sequence.
private func withPrefix(
  _ point: AttentionPoint, _ keys: Tensor, _ values: Tensor, _ offsets: [Int], _ pass: ForwardContext
) throws -> (Tensor, Tensor, [Int]) {
  guard let prefix = try prefixRows(point, pass) else { return (keys, values, offsets) }
  let length = point.prefixLength
  var order: [Int] = []
  var longer: [Int] = [0]
  for sequence in 0..<(offsets.count - 1) {
    order += 0..<length
    order += (length + offsets[sequence])..<(length + offsets[sequence + 1])
    longer.append(order.count)
  }
  return (
    try Tensor.concatenated([prefix.key, keys], axis: 0).gatheredRows(order),
    try Tensor.concatenated([prefix.value, values], axis: 0).gatheredRows(order), longer
  )
}

/// Attention where any row may be kept from any key: composed of products sequence by sequence, for the rare cases.
///
/// - Parameter sees: whether a query row of a sequence sees one of its keys.
func maskedAttention(
  _ query: Tensor, _ keys: Tensor, _ values: Tensor, queryOffsets: [Int], keyOffsets: [Int],
  _ settings: AttentionSettings, _ pass: ForwardContext, sees: (_ sequence: Int, _ row: Int, _ key: Int) -> Bool
) throws -> Tensor {
  var outputs: [Tensor] = []
  var kept: [Tensor] = []
  let heads = settings.headCount
  let shared = heads / settings.keyValueHeadCount
  for sequence in 0..<(queryOffsets.count - 1) {
    let rows = queryOffsets[sequence]..<queryOffsets[sequence + 1]
    let columns = keyOffsets[sequence]..<keyOffsets[sequence + 1]
    let q = try perHead(query, rows, heads)
    let order = (0..<heads).map { $0 / shared }
    let k = try perHead(keys, columns, settings.keyValueHeadCount).gathered(axis: 0, order)
    let v = try perHead(values, columns, settings.keyValueHeadCount).gathered(axis: 0, order)
    var mask = [Float](repeating: 0, count: rows.count * columns.count)
    for row in 0..<rows.count {
      for column in 0..<columns.count where !sees(sequence, row, column) {
        mask[row * columns.count + column] = -1e30
      }
    }
    let scores = try q.matmul(k.transposed([0, 2, 1])) * settings.scale
    let masked = try scores + Tensor(mask, shape: [rows.count, columns.count])
    var probabilities = try masked.softmax(axis: -1)
    if pass.keepsAttentions { kept.append(probabilities) }
    probabilities = try droppedProbabilities(probabilities, sequence, queryOffsets, settings, pass)
    outputs.append(try joinHeads(probabilities.matmul(v)))
  }
  if pass.keepsAttentions { pass.attentions.append(kept) }
  return try Tensor.concatenated(outputs, axis: 0)
}

/// Rows of `[T, H · D]` as `[H, rows, D]`.
func perHead(_ tensor: Tensor, _ rows: Range<Int>, _ heads: Int) throws -> Tensor {
  let size = tensor.shape[1] / max(heads, 1)
  return try tensor.sliced(axis: 0, rows).reshaped([rows.count, heads, size]).transposed([1, 0, 2])
}

/// `[H, rows, D]` → `[rows, H · D]`.
func joinHeads(_ tensor: Tensor) throws -> Tensor {
  let shape = tensor.shape
  return try tensor.transposed([1, 0, 2]).reshaped([shape[1], shape[0] * shape[2]])
}

/// Dropout of `[H, rows, keys]`, keyed by the row and, within it, by head and key.
func droppedProbabilities(
  _ probabilities: Tensor, _ sequence: Int, _ offsets: [Int], _ settings: AttentionSettings, _ pass: ForwardContext
) throws -> Tensor {
  guard let dropout = pass.dropout(rate: settings.dropoutRate, module: settings.module) else {
    return probabilities
  }
  let (heads, rows, keys) = (probabilities.shape[0], probabilities.shape[1], probabilities.shape[2])
  let places = dropout.places.selecting(Array(offsets[sequence]..<offsets[sequence + 1]))
  let own = Dropout(rate: dropout.rate, random: dropout.random, places: places)
  let flat = try probabilities.transposed([1, 0, 2]).reshaped([rows, heads * keys])
  return try flat.dropout(own).reshaped([rows, heads, keys]).transposed([1, 0, 2])
}
