import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct AttentionTests {
  /// Attention in double precision, one element after the other.
  static func exact(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, _ layout: AttentionLayout, prefix: (key: Tensor, value: Tensor)? = nil
  ) -> (result: [Float], probabilities: [Float]) {
    let size = q.shape[1] / layout.heads
    let (wide, few) = (q.shape[1], k.shape[1])
    let p = prefix?.key.shape[0] ?? 0
    let (query, keys, values) = (q.elements, k.elements, v.elements)
    let (beforeK, beforeV) = (prefix?.key.elements ?? [], prefix?.value.elements ?? [])
    var result = [Float](repeating: 0, count: q.count)
    var probabilities: [Float] = []
    for s in 0..<layout.offsets.count - 1 {
      let (from, to) = (layout.offsets[s], layout.offsets[s + 1])
      let (first, last) = (layout.keyOffsets[s], layout.keyOffsets[s + 1])
      for head in 0..<layout.heads {
        let place = head / (layout.heads / layout.keyValueHeads) * size
        for row in from..<to {
          let position = (last - first) - (to - from) + row - from
          var scores: [Double] = []
          for j in 0..<p + last - first {
            let key = j - p
            let hidden =
              key >= 0
              && (layout.causal && key > position
                || layout.window.map { position - key >= $0 || key - position >= $0 } ?? false)
            var sum = 0.0
            for i in 0..<size {
              let other = j < p ? beforeK[j * few + place + i] : keys[(first + key) * few + place + i]
              sum += Double(query[row * wide + head * size + i]) * Double(other)
            }
            scores.append(hidden ? -.infinity : sum * Double(layout.scale ?? 1 / Float(size).squareRoot()))
          }
          let most = scores.max() ?? 0
          let weights = scores.map { exp($0 - most) }
          let total = weights.reduce(0, +)
          probabilities += weights.map { Float($0 / total) }
          for i in 0..<size {
            var sum = 0.0
            for j in weights.indices {
              let value = j < p ? beforeV[j * few + place + i] : values[(first + j - p) * few + place + i]
              sum += weights[j] / total * Double(value)
            }
            result[row * wide + head * size + i] = Float(sum)
          }
        }
      }
    }
    return (result, probabilities)
  }

  @Test(arguments: [false, true], [nil, 1, 5, 400]) func `agrees with double precision`(causal: Bool, window: Int?)
    throws
  {
    let offsets = [0, 1, 30, 30, 330, 347]
    let q = try ProductTests.random([347, 24], 1)
    let k = try ProductTests.random([347, 12], 2)
    let v = try ProductTests.random([347, 12], 3)
    let prefix = try (key: ProductTests.random([3, 12], 4), value: ProductTests.random([3, 12], 5))
    let layout = AttentionLayout(offsets: offsets, heads: 4, keyValueHeads: 2, causal: causal, window: window)
    let plain = try Tensor.attention(query: q, key: k, value: v, layout: layout)
    expectClose(plain.elements, Self.exact(q, k, v, layout).result, absolute: 2e-6, relative: 1e-5)
    let prefixed = try Tensor.attention(query: q, key: k, value: v, prefix: prefix, layout: layout)
    expectClose(prefixed.elements, Self.exact(q, k, v, layout, prefix: prefix).result, absolute: 2e-6, relative: 1e-5)
  }

  @Test func `queries that are a sequence's last rows see the keys before them`() throws {
    let q = try ProductTests.random([9, 8], 1)
    let k = try ProductTests.random([9, 8], 2)
    let v = try ProductTests.random([9, 8], 3)
    let all = try Tensor.attention(
      query: q, key: k, value: v, layout: AttentionLayout(offsets: [0, 9], heads: 2, causal: true))
    let last = try Tensor.attention(
      query: q.sliced(axis: 0, 7..<9), key: k, value: v,
      layout: AttentionLayout(offsets: [0, 2], keyOffsets: [0, 9], heads: 2, causal: true))
    expectClose(last.elements, Array(all.elements[56...]), absolute: 1e-6)
  }

  @Test func `probabilities of one sequence`() throws {
    let q = try ProductTests.random([10, 8], 1)
    let k = try ProductTests.random([10, 8], 2)
    let layout = AttentionLayout(offsets: [0, 4, 10], heads: 2, causal: true)
    let got = try Tensor.attentionProbabilities(query: q, key: k, layout: layout, sequence: 1)
    #expect(got.shape == [2, 6, 6])
    expectClose(got.elements, Array(Self.exact(q, k, k, layout).probabilities[32...]), absolute: 1e-6)
  }

  @Test func `NaN in a key reaches every row that sees it`() throws {
    var k = try ProductTests.random([6, 4], 2)
    try k.withUnsafeMutableBuffer { $0[8] = .nan }
    let q = try ProductTests.random([6, 4], 1)
    let v = try ProductTests.random([6, 4], 3)
    let out = try Tensor.attention(
      query: q, key: k, value: v, layout: AttentionLayout(offsets: [0, 6], heads: 1, causal: true))
    #expect(out.elements[..<8].allSatisfy { $0.isFinite })
    #expect(out.elements[8...].allSatisfy { $0.isNaN })
  }
}
