import CKernels
import TensorCore
import TestSupport
import Testing

/// Products with inputs rounded to bf16. For processors that have them; changes threads and instructions, so one after
/// the other.
@Suite(.serialized) struct HalfProductTests {
  /// The nearest number with 8 bits of mantissa, ties to even.
  static func rounded(_ x: Tensor) throws -> Tensor {
    try Tensor(
      x.elements.map { value in
        let bits = value.bitPattern
        return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
      }, shape: x.shape)
  }

  static var plan: ProductPlan { ProductPlan(precision: .bf16) }
  static let instructions: [ck_half_kind] = {
    let most = ck_half_support()
    return [ck_half_tiles, ck_half_dots].filter { $0.rawValue <= most.rawValue && most != ck_half_none }
  }()

  @Test(arguments: [
    [5, 7, 30], [17, 33, 65], [40, 20, 17], [300, 48, 100], [600, 900, 40], [33, 1600, 32], [64, 64, 64],
  ])
  func `linear is exact in its rounded inputs`(_ sizes: [Int]) throws {
    defer { ck_half_limit(ck_half_tiles) }
    let x = try ProductTests.random([sizes[0], sizes[1]], 1)
    let w = try ProductTests.random([sizes[2], sizes[1]], 2)
    let b = try ProductTests.random([sizes[2]], 3)
    let exact = ProductTests.exact(try Self.rounded(x), try Self.rounded(w), b)
    for kind in Self.instructions {
      ck_half_limit(kind)
      let packed = ProductPlan(precision: .bf16, forward: try PackedMatrix(w, transposed: true))
      for plan in [Self.plan, packed] {
        expectClose(try x.linear(weight: w, bias: b, plan).elements, exact, absolute: 1e-5, ofPeak: 2e-6)
      }
      expectClose(
        try x.linearTransposed(weight: w.transposed(), bias: b, Self.plan).elements, exact, absolute: 1e-5,
        ofPeak: 2e-6)
    }
  }

  /// Gradients are products of rounded inputs too.
  @Test func `gradients are exact in their rounded inputs`() throws {
    defer { ck_half_limit(ck_half_tiles) }
    let x = try Self.rounded(ProductTests.random([70, 50], 1))
    let w = try Self.rounded(ProductTests.random([45, 50], 2))
    let g = try Self.rounded(ProductTests.random([70, 45], 3))
    func gradients(_ plan: ProductPlan) throws -> [Float] {
      let leaves = [x, w].map { GraphNode(leaf: "leaf", shape: $0.shape) }
      let y = try x.recorded(as: leaves[0]).linear(weight: w.recorded(as: leaves[1]), plan)
      let result = try y.backward(g)
      return leaves.flatMap { result[$0]?.elements ?? [] }
    }
    let expected = try gradients(ProductPlan())
    for kind in Self.instructions {
      ck_half_limit(kind)
      expectClose(try gradients(Self.plan), expected, absolute: 1e-5, ofPeak: 2e-6)
      let ready = ProductPlan(
        precision: .bf16, forward: try PackedMatrix(w, transposed: true),
        backward: { try PackedMatrix(w, transposed: false) })
      expectClose(try gradients(ready), expected, absolute: 1e-5, ofPeak: 2e-6)
    }
  }

  /// The block-wise layer against one operation after the other: what is kept is rounded once more.
  @Test(arguments: [Precision.float32, .bf16]) func `feed-forward is its parts`(_ precision: Precision) throws {
    guard precision.isSupported else { return }
    let shapes = [[300, 40], [96, 40], [96], [40, 96], [40]]
    let inputs = try shapes.enumerated().map { try ProductTests.random($1, UInt64($0)) * 0.3 }
    let plan = ProductPlan(precision: precision)
    func result(_ body: ([Tensor]) throws -> Tensor) throws -> [[Float]] {
      let leaves = inputs.map { GraphNode(leaf: "leaf", shape: $0.shape) }
      let y = try body(zip(inputs, leaves).map { $0.recorded(as: $1) })
      let gradients = try y.map(.square).sum().backward()
      return [y.elements] + leaves.map { gradients[$0]?.elements ?? [] }
    }
    let parts = try result {
      try $0[0].linear(weight: $0[1], bias: $0[2], plan).map(.gelu).linear(weight: $0[3], bias: $0[4], plan)
    }
    let whole = try result {
      try $0[0].feedForward(
        FeedForwardPart(weight: $0[1], bias: $0[2], isTransposed: true, plan: plan), .gelu,
        FeedForwardPart(weight: $0[3], bias: $0[4], isTransposed: true, plan: plan))
    }
    for (a, b) in zip(whole, parts) { expectClose(a, b, ofPeak: precision == .float32 ? 2e-6 : 1e-2) }
  }

  static func step() throws -> [Float] {
    let offsets = [0, 250, 251, 600, 1100]
    let (x, w) = try (ProductTests.random([1100, 96], 1), ProductTests.random([192, 96], 2))
    let v = try ProductTests.random([96, 192], 3)
    let leaves = [x, w, v].map { GraphNode(leaf: "leaf", shape: $0.shape) }
    let r = zip([x, w, v], leaves).map { $0.recorded(as: $1) }
    let hidden = try r[0].linear(weight: r[1], plan).map(.gelu).linear(weight: r[2], plan)
    let places = RowPlaces(step: 0, offsets: offsets, examples: [0, 1, 2, 3])
    let dropout = Dropout(rate: 0.1, random: Philox(seed: 0, purpose: "test"), places: places)
    let attended = try Tensor.attention(
      query: hidden, key: r[0], value: hidden,
      layout: AttentionLayout(offsets: offsets, heads: 3, dropout: dropout, precision: .bf16))
    let gradients = try attended.segmentMean(offsets: offsets).crossEntropy([0, 5, 9, 95]).backward()
    return try [attended.sum().item()] + leaves.flatMap { gradients[$0]?.elements ?? [] }
  }

  @Test func `bits are the same with one, two and three threads`() throws {
    let before = ThreadPool.threadCount
    defer { ThreadPool.threadCount = before }
    ThreadPool.threadCount = 1
    let one = try Self.step().map(\.bitPattern)
    for threads in [2, 3] {
      ThreadPool.threadCount = threads
      #expect(try Self.step().map(\.bitPattern) == one, "\(threads) threads")
    }
  }

  @Test(arguments: [false, true]) func `attention is near to float32's`(_ causal: Bool) throws {
    guard Precision.bf16.isSupported else { return }
    let offsets = [0, 40, 41, 300]
    let inputs = try (0..<3).map { try ProductTests.random([300, 48], UInt64($0)) }
    func result(_ precision: Precision) throws -> [Float] {
      let leaves = inputs.map { GraphNode(leaf: "leaf", shape: $0.shape) }
      let r = zip(inputs, leaves).map { $0.recorded(as: $1) }
      let attended = try Tensor.attention(
        query: r[0], key: r[1], value: r[2],
        layout: AttentionLayout(offsets: offsets, heads: 4, causal: causal, precision: precision))
      let gradients = try attended.map(.square).sum().backward()
      return attended.elements + leaves.flatMap { gradients[$0]?.elements ?? [] }
    }
    expectClose(try result(.bf16), try result(.float32), ofPeak: 2e-2)
  }
}
