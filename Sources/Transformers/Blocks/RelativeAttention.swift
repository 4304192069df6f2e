import Glibc
import NeuralNetworks
import TensorCore

/// XLNet's attention: scores from content, from relative position and from whether two tokens share a segment.
///
/// Source: Dai et al. 2019, "Transformer-XL" (arXiv:1901.02860), appendix B; Yang et al. 2019. Checked against
/// transformers' `XLNetRelativeAttention.rel_attn_core`.
struct RelativeAttention {
  let keys: Tensor
  let values: Tensor
  let layout: RowLayout
  /// `[2, H, D]`: same segment, other segment.
  let segments: Tensor
  /// `[H, D]` each.
  let wordBias: Tensor
  let relativeBias: Tensor
  let segmentBias: Tensor
  /// Projects encodings of distances.
  let relative: Linear
  let settings: AttentionSettings
  let point: AttentionPoint
  /// The largest distance told apart; none below 1.
  let clamp: Int

  /// - Parameters:
  ///   - query: `[T, H · D]`.
  ///   - seesItself: whether a row sees its own key even where that is hidden: true for content, false for targets.
  func callAsFunction(_ query: Tensor, seesItself: Bool, _ pass: ForwardContext) throws -> Tensor {
    let heads = settings.headCount
    let prefix = try prefixRows(point, pass)
    var outputs: [Tensor] = []
    var kept: [Tensor] = []
    for sequence in 0..<layout.sequenceCount {
      let range = layout.range(sequence)
      var k = try keys.sliced(axis: 0, range)
      var v = try values.sliced(axis: 0, range)
      if let prefix {
        k = try Tensor.concatenated([prefix.key, k], axis: 0)
        v = try Tensor.concatenated([prefix.value, v], axis: 0)
      }
      let keyCount = k.shape[0]
      let q = try perHead(query, range, heads)
      let contentQuery = try q + bias(wordBias)
      var scores = try contentQuery.matmul(perHead(k, 0..<keyCount, heads).transposed([0, 2, 1]))
      scores = try scores + positional(q + bias(relativeBias), keyCount, pass)
      if let types = layout.types {
        let before = [Int](repeating: 0, count: keyCount - range.count)
        scores = try scores + segmental(q + bias(segmentBias), Array(types[range]), before + types[range])
      }
      scores = try scores * settings.scale
      if let mask = try mask(sequence, keyCount, seesItself) { scores = try scores + mask }
      var probabilities = try scores.softmax(axis: -1)
      if pass.keepsAttentions { kept.append(probabilities) }
      probabilities = try droppedProbabilities(probabilities, sequence, layout.offsets, settings, pass)
      outputs.append(try joinHeads(probabilities.matmul(perHead(v, 0..<keyCount, heads))))
    }
    if pass.keepsAttentions, seesItself { pass.attentions.append(kept) }
    return try Tensor.concatenated(outputs, axis: 0)
  }

  /// `[H, D]` → `[H, 1, D]`.
  private func bias(_ tensor: Tensor) throws -> Tensor {
    try tensor.reshaped([settings.headCount, 1, settings.headSize])
  }

  /// Scores by distance: `[H, T, keys]` for queries `[H, T, D]`.
  private func positional(_ query: Tensor, _ keyCount: Int, _ pass: ForwardContext) throws -> Tensor {
    let (heads, rows) = (settings.headCount, query.shape[1])
    let count = keyCount + rows
    let encodings = try RelativeAttention.encodings(
      from: keyCount, count: count, size: relative.inputSize, clamp: clamp)
    let projected = try perHead(relative(encodings, pass), 0..<count, heads)
    let all = try query.matmul(projected.transposed([0, 2, 1]))  // [H, T, keys + T], column c is distance keys - c
    // Row i wants column T - i + j for key j: dropping the first row of the matrix seen as [keys + T, T] shifts it so.
    let shifted = try all.reshaped([heads, count, rows]).sliced(axis: 1, 1..<count)
    return try shifted.reshaped([heads, rows, count - 1]).sliced(axis: 2, 0..<keyCount)
  }

  /// Scores by segment: `[H, T, keys]`.
  private func segmental(_ query: Tensor, _ own: [Int], _ others: [Int]) throws -> Tensor {
    let table = try segments.transposed([1, 2, 0])  // [H, D, 2]
    let both = try query.matmul(table)
    let same = try both.sliced(axis: 2, 0..<1)
    let other = try both.sliced(axis: 2, 1..<2)
    var differs = [Float](repeating: 0, count: own.count * others.count)
    for (i, a) in own.enumerated() {
      for (j, b) in others.enumerated() where a != b { differs[i * others.count + j] = 1 }
    }
    return try same + (other - same) * Tensor(differs, shape: [own.count, others.count])
  }

  private func mask(_ sequence: Int, _ keyCount: Int, _ seesItself: Bool) throws -> Tensor? {
    guard let visibility = layout.visibility else { return nil }
    let range = layout.range(sequence)
    let before = keyCount - range.count
    var mask = [Float](repeating: 0, count: range.count * keyCount)
    for row in 0..<range.count {
      for own in 0..<range.count where !(seesItself && row == own) {
        let isHidden = visibility.hiddenKeys?[range.lowerBound + own] ?? false
        let isBlocked = visibility.blocked?[sequence][row * range.count + own] ?? false
        if isHidden || isBlocked { mask[row * keyCount + before + own] = -1e30 }
      }
    }
    return try Tensor(mask, shape: [range.count, keyCount])
  }

  /// Sinusoids of the distances `from`, `from - 1`, ...: `[count, size]`, sines first, then cosines.
  static func encodings(from: Int, count: Int, size: Int, clamp: Int) throws -> Tensor {
    let half = (size + 1) / 2
    var values = [Float](repeating: 0, count: count * 2 * half)
    for row in 0..<count {
      var distance = Float(from - row)
      if clamp > 0 { distance = min(max(distance, -Float(clamp)), Float(clamp)) }
      for index in 0..<half {
        let frequency = 1 / powf(10_000, Float(2 * index) / Float(size))
        values[row * 2 * half + index] = sinf(distance * frequency)
        values[row * 2 * half + half + index] = cosf(distance * frequency)
      }
    }
    return try Tensor(values, shape: [count, 2 * half])
  }
}
