import Builtins
import Language
import TensorCore
import Testing

@Suite struct TensorValueTests {
  static func cube() throws -> TensorValue {
    try TensorValue(Tensor((0..<24).map { Float($0) }, shape: [2, 3, 4]))
  }

  static func numbers(_ value: Value) throws -> (shape: [Int], elements: [Float]) {
    switch value {
    case .float(let number): return ([], [Float(number)])
    case .int(let number): return ([], [Float(number)])
    default:
      let tensor: TensorValue = try #require(value.object())
      return try (tensor.floats().shape, tensor.floats().elements)
    }
  }

  static func all(_ parts: Int?...) -> [Subscript] { parts.map { $0.map { .value(.int($0)) } ?? .slice(Slice()) } }

  @Test func `indexing follows NumPy`() throws {
    let x = try Self.cube()
    #expect(try Self.numbers(x.element(Self.all(1, 2, 3))).elements == [23])
    #expect(try Self.numbers(x.element(Self.all(-1, nil, 0))).elements == [12, 16, 20])
    let slices = try Self.numbers(
      x.element([.slice(Slice(start: 1)), .slice(Slice(step: -1)), .slice(Slice(start: 1, stop: 4, step: 2))]))
    #expect(slices.shape == [1, 3, 2])
    #expect(slices.elements == [21, 23, 17, 19, 13, 15])
    let list = try Self.numbers(x.element([.slice(Slice()), .value(.ints([2, 0, -1]))]))
    #expect(list.shape == [2, 3, 4])
    #expect(Array(list.elements[..<8]) == [8, 9, 10, 11, 0, 1, 2, 3])
    let pairs = try Self.numbers(x.element([.value(.ints([0, 1])), .value(.ints([1, 2]))]))
    #expect(pairs.shape == [2, 4])
    #expect(pairs.elements == [4, 5, 6, 7, 20, 21, 22, 23])
    #expect(throws: (any Error).self) { try x.element(Self.all(2)) }
    #expect(throws: (any Error).self) { try x.element(Self.all(0, 0, 0, 0)) }
    #expect(throws: (any Error).self) { try x.element([.slice(Slice(step: 0))]) }
    #expect(throws: (any Error).self) { try x.element([.value("a")]) }
  }

  @Test func `a comparison gives a mask, and a mask picks`() throws {
    let x = try Self.cube()
    let mask = try #require(try x.binary(.greater, 20, isRight: false))
    #expect(try Self.numbers(x.element([.value(mask)])).elements == [21, 22, 23])
    let rows = try TensorValue(Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2]))
    #expect(try Self.numbers(rows.element([.value(.list([true, false, true]))])).elements == [1, 2, 5, 6])
    #expect(throws: (any Error).self) { try rows.element([.value(.list([true]))]) }
    #expect(throws: (any Error).self) { try #require(mask.object(TensorValue.self)).truth() }
  }

  @Test func `integers stay exact in comparisons and become floats in arithmetic`() throws {
    let big = TensorValue(IndexTensor([1 << 60, (1 << 60) + 1]))
    let equal = try #require(try big.binary(.equal, .int(1 << 60), isRight: false))
    #expect(try Self.numbers(equal).elements == [1, 0])
    let half = try #require(try TensorValue(IndexTensor([1, 2])).binary(.divide, 2, isRight: false))
    #expect(try Self.numbers(half).elements == [0.5, 1])
    let from = try #require(try TensorValue(IndexTensor([1, 2])).binary(.subtract, 10, isRight: true))
    #expect(try Self.numbers(from).elements == [9, 8])
    #expect(try big.binary(.in, .int(1 << 60), isRight: true) != nil)
  }

  @Test func `ragged tensors are taken apart by sequence`() throws {
    let rows = try Tensor((0..<10).map { Float($0) }, shape: [5, 2])
    let x = TensorValue(RaggedTensor(rows, offsets: [0, 2, 5]))
    #expect(try Self.numbers(x.element(Self.all(1))).elements == [4, 5, 6, 7, 8, 9])
    #expect(try Self.numbers(x.element(Self.all(nil, 0))).elements == [0, 1, 4, 5])
    #expect(try Self.numbers(x.element(Self.all(nil, -1))).elements == [2, 3, 8, 9])
    #expect(try Self.numbers(x.element(Self.all(nil, 0, 1))).elements == [1, 5])
    #expect(try Self.numbers(x.element(Self.all(1, 2, 0))).elements == [8])
    #expect(throws: (any Error).self) { try x.element(Self.all(nil, 2)) }
    let swapped: TensorValue = try #require(try x.element([.value(.ints([1, 0]))]).object())
    #expect(swapped.extents == [2, nil, 2])
    #expect(try swapped.floats().elements == [4, 5, 6, 7, 8, 9, 0, 1, 2, 3])
  }

  static func text(_ x: TensorValue) -> [String] { x.display(.full, in: .standard).map(\.plain) }

  @Test func `displays`() throws {
    #expect(
      Self.text(try TensorValue(Tensor([1.5, -2.25, 0.125, 100], shape: [2, 2]))) == [
        "tensor [2, 2] float32", "[  1.5000,  -2.2500]", "[  0.1250, 100.0000]",
      ])
    #expect(Self.text(TensorValue(IndexTensor([1, 20, 300]))) == ["tensor [3] int64", "[  1,  20, 300]"])
    #expect(Self.text(try TensorValue(Tensor(zeros: [0, 3]))) == ["tensor [0, 3] float32"])
    #expect(Self.text(try Self.cube()).prefix(3) == ["tensor [2, 3, 4] float32", "[0]", "[ 0.,  1.,  2.,  3.]"])
    let long = Self.text(try TensorValue(Tensor(Philox(seed: 0, purpose: "t").normal(300 * 384), shape: [300, 384])))
    #expect(long.count == 20)
    #expect(long.last == "… 282 more rows")
    #expect(long.allSatisfy { $0.count <= 77 })
    #expect(long[1].hasSuffix("more]"))
    let odd = Self.text(try TensorValue(Tensor([.nan, .infinity, 1e-8, 1e9])))
    #expect(odd[1].contains("nan") && odd[1].contains("inf") && odd[1].contains("1.0000e-08"))
  }
}
