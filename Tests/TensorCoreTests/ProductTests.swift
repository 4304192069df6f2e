import TensorCore
import TestSupport
import Testing

/// Changes the number of threads, so its tests run one after the other.
@Suite(.serialized) struct ProductTests {
  static func random(_ shape: [Int], _ seed: UInt64) throws -> Tensor {
    try Tensor(Philox(seed: seed, purpose: "test").normal(shape.reduce(1, *)), shape: shape)
  }

  /// x Wᵀ + b in double precision.
  static func exact(_ x: Tensor, _ w: Tensor, _ b: Tensor?) -> [Float] {
    let (rows, depth, columns) = (x.shape[0], x.shape[1], w.shape[0])
    let (x, w) = (x.elements, w.elements)
    var result: [Float] = []
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = b.map { Double($0.elements[column]) } ?? 0
        for k in 0..<depth { sum += Double(x[row * depth + k]) * Double(w[column * depth + k]) }
        result.append(Float(sum))
      }
    }
    return result
  }

  @Test(arguments: [
    [1, 7, 3], [3, 64, 130], [17, 33, 16], [40, 20, 17], [300, 48, 100], [2, 0, 3], [0, 3, 2], [5, 1, 1],
  ])
  func `linear agrees with sums in double precision`(_ sizes: [Int]) throws {
    let x = try Self.random([sizes[0], sizes[1]], 1)
    let w = try Self.random([sizes[2], sizes[1]], 2)
    let b = try Self.random([sizes[2]], 3)
    expectClose(try x.linear(weight: w, bias: b).elements, Self.exact(x, w, b), absolute: 1e-5, ofPeak: 2e-6)
    expectClose(
      try x.linearTransposed(weight: w.transposed(), bias: b).elements, Self.exact(x, w, b), absolute: 1e-5,
      ofPeak: 2e-6)
  }

  /// Everything that is cut into pieces, forward and backward.
  static func step() throws -> [Float] {
    let offsets = [0, 250, 251, 600, 1100]
    let (x, w) = try (random([1100, 96], 1), random([192, 96], 2))
    let (v, gain) = try (random([96, 192], 3), random([96], 4))
    let inputs = [x, w, v, gain]
    let leaves = inputs.map { GraphNode(leaf: "leaf", shape: $0.shape) }
    let r = zip(inputs, leaves).map { $0.recorded(as: $1) }
    let places = RowPlaces(step: 0, offsets: offsets, examples: [0, 1, 2, 3])
    let dropout = Dropout(rate: 0.1, random: Philox(seed: 0, purpose: "test"), places: places)
    let hidden = try r[0].linear(weight: r[1]).map(.gelu).linear(weight: r[2])
    let attended = try Tensor.attention(
      query: hidden, key: r[0], value: hidden,
      layout: AttentionLayout(offsets: offsets, heads: 3, dropout: dropout))
    let normed = try attended.dropout(dropout).layerNorm(residual: r[0], weight: r[3], bias: nil, epsilon: 1e-5)
    let loss = try normed.segmentMean(offsets: offsets).crossEntropy([0, 5, 9, 95])
    let gradients = try loss.backward()
    return try [loss.item()] + leaves.flatMap { gradients[$0]?.elements ?? [] }
  }

  @Test func `bits are the same with one, two and three threads`() throws {
    let before = ThreadPool.threadCount
    defer { ThreadPool.threadCount = before }
    var results: [[UInt32]] = []
    for threads in [1, 2, 3, 2] {
      ThreadPool.threadCount = threads
      results.append(try Self.step().map(\.bitPattern))
    }
    #expect(results[0].count > 100_000)
    for result in results.dropFirst() { #expect(result == results[0]) }
  }

  @Test func `a narrow product does not depend on the rows beside it`() throws {
    let x = try Self.random([9, 100], 1)
    let w = try Self.random([5, 100], 2)
    let all = try x.linear(weight: w)
    for row in 0..<9 {
      let alone = try x.sliced(axis: 0, row..<row + 1).linear(weight: w)
      #expect(alone.elements == Array(all.elements[row * 5..<row * 5 + 5]))
    }
  }

  @Test func `a row's bits do not depend on the rows and columns beside it`() throws {
    let x = try Self.random([700, 800], 1)
    let w = try Self.random([70, 800], 2)
    let all = try x.linear(weight: w)
    let some = try x.sliced(axis: 0, 301..<340).linear(weight: w.sliced(axis: 0, 0..<40))
    for row in 0..<39 {
      let expected = all.elements[(301 + row) * 70..<(301 + row) * 70 + 40]
      #expect(Array(expected) == Array(some.elements[row * 40..<row * 40 + 40]))
    }
  }

  @Test func `shapes that do not go together are named`() throws {
    let error = #expect(throws: TensorError.self) {
      try Tensor(zeros: [8, 384]).matmul(Tensor(zeros: [768, 2]))
    }
    #expect("\(try #require(error))".hasPrefix("@: shapes [8, 384] and [768, 2]"))
  }
}
