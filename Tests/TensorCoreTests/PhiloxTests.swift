import TensorCore
import Testing

@Suite struct PhiloxTests {
  /// The known answers that come with Random123.
  @Test func `Philox gives the published words`() {
    #expect(Philox(key: 0).words(0) == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    let ones = UInt32.max
    #expect(
      Philox(key: .max).words(ones, ones, ones, ones) == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox(key: 0x299f_31d0_a409_3822).words(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344)
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func `streams differ by seed and purpose and places by number`() {
    let a = Philox(seed: 1, purpose: "shuffle").uniform(4)
    #expect(a == Philox(seed: 1, purpose: "shuffle").uniform(4))
    #expect(a != Philox(seed: 2, purpose: "shuffle").uniform(4))
    #expect(a != Philox(seed: 1, purpose: "init").uniform(4))
    #expect(a != Philox(seed: 1, purpose: "shuffle").uniform(4, at: 1))
    #expect(Array(a.prefix(3)) == Philox(seed: 1, purpose: "shuffle").uniform(3))
  }

  @Test func `uniform and normal have the moments they should`() {
    let uniform = Philox(seed: 3, purpose: "u").uniform(100_000)
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(uniform.reduce(0, +) / 100_000 - 0.5) < 0.005)
    let normal = Philox(seed: 3, purpose: "n").normal(100_001)
    #expect(abs(normal.reduce(0, +) / 100_001) < 0.02)
    #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / 100_001 - 1) < 0.02)
  }

  @Test func `a permutation holds every number once`() {
    let order = Philox(seed: 0, purpose: "shuffle").permutation(1000, at: 2)
    #expect(order.sorted() == Array(0..<1000))
    #expect(order != Array(0..<1000))
    #expect(Philox(seed: 0, purpose: "shuffle").permutation(0).isEmpty)
  }

  @Test func `dropout depends on the example and the token only`() throws {
    let x = try Tensor(repeating: 1, shape: [6, 100])
    let random = Philox(seed: 5, purpose: "dropout/test")
    func dropped(_ offsets: [Int], _ examples: [Int]) throws -> Tensor {
      let places = RowPlaces(step: 1, offsets: offsets, examples: examples)
      return try x.dropout(Dropout(rate: 0.25, random: random, places: places))
    }
    let a = try dropped([0, 2, 6], [10, 20])
    let b = try dropped([0, 4, 6], [20, 10])
    #expect(Array(a.elements[..<200]) == Array(b.elements[400...]))
    #expect(Array(a.elements[200...]) == Array(b.elements[..<400]))
    let kept = a.elements.filter { $0 != 0 }
    #expect(kept.allSatisfy { abs($0 - 4.0 / 3) < 1e-6 })
    #expect(abs(Double(kept.count) / 600 - 0.75) < 0.06)
  }
}
