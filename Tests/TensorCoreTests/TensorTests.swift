import TensorCore
import Testing

@Suite struct TensorTests {
  @Test func sameBits() throws {
    let values: [Float] = [1, -0.0, .nan, 0]
    let (a, b) = (try Tensor(values), try Tensor(values))
    let (other, square) = (try Tensor([1, 0, .nan, 0]), try Tensor(values, shape: [2, 2]))
    #expect(a.hasSameBits(as: b))
    #expect(!a.hasSameBits(as: other))
    #expect(!a.hasSameBits(as: square))
  }

  @Test func `a write copies only what is shared`() throws {
    var a = try Tensor([1, 2, 3, 4], shape: [2, 2])
    let before = Tensor.copies
    try a.withUnsafeMutableBuffer { $0[0] = 5 }
    #expect(Tensor.copies == before)
    let b = a
    try a.withUnsafeMutableBuffer { $0[1] = 6 }
    #expect(b.elements == [5, 2, 3, 4])
    #expect(a.elements == [5, 6, 3, 4])
    var row = try a.sliced(axis: 0, 1..<2)
    #expect(row.sharesStorage(with: a))
    try row.withUnsafeMutableBuffer { $0[0] = 9 }
    #expect(a.elements == [5, 6, 3, 4])
  }

  @Test func `borrowed memory is read in place and copied before a write`() throws {
    final class Owner {
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 20, alignment: 16)
      deinit { memory.deallocate() }
    }
    let owner = Owner()
    let floats = owner.memory.bindMemory(to: Float.self)
    for i in 0..<5 { floats[i] = Float(i) }
    var a = try Tensor(borrowing: UnsafeRawBufferPointer(rebasing: owner.memory[4...]), shape: [4], owner: owner)
    #expect(a.elements == [1, 2, 3, 4])
    try a.withUnsafeMutableBuffer { $0[0] = 7 }
    #expect(floats[1] == 1 && a.elements == [7, 2, 3, 4])
    let crooked = UnsafeRawBufferPointer(rebasing: owner.memory[1..<5])
    #expect(try Tensor(borrowing: crooked, shape: [1], owner: owner).count == 1)
  }

  @Test func `sizes that cannot be are errors`() throws {
    #expect(throws: TensorError.self) { try Tensor(zeros: [1 << 40, 1 << 40]) }
    #expect(throws: TensorError.self) { try Tensor(zeros: [1 << 45]) }
    #expect(throws: TensorError.self) { try Tensor(zeros: [-1]) }
    #expect(throws: TensorError.self) { try Tensor([1, 2], shape: [3]) }
    #expect(throws: TensorError.self) { try Tensor([1, 2]).reshaped([0, -1]) }
    #expect(throws: TensorError.self) { try Tensor(zeros: [2, 3]).sum(axis: 2) }
    #expect(throws: TensorError.self) { try Tensor(zeros: [2, 3]).sum(axis: Int.min) }
    #expect(throws: TensorError.self) { try Tensor(zeros: [2, 3]) + Tensor(zeros: [2]) }
    #expect(throws: TensorError.self) { try Tensor(zeros: [2, 3]).embedding([2]) }
    #expect(throws: TensorError.self) { try Tensor(zeros: [2, 3]).crossEntropy([0, 3]) }
  }

  @Test func `axes without elements`() throws {
    #expect(try Tensor(zeros: [0, 3]).sum(axis: 0).elements == [0, 0, 0])
    #expect(try Tensor(zeros: [0, 3]).linear(weight: Tensor(zeros: [2, 3])).shape == [0, 2])
    #expect(try Tensor(zeros: [3, 0]).softmax().shape == [3, 0])
    #expect(try Tensor(zeros: [0]).mean().item().isNaN)
    #expect(throws: TensorError.self) { try Tensor(zeros: [0]).maximum(axis: 0) }
    #expect(try Tensor(zeros: [2, 0]).transposed().shape == [0, 2])
  }

  @Test func `broadcasting follows NumPy`() throws {
    let column = try Tensor([1, 2, 3], shape: [3, 1])
    let row = try Tensor([10, 20], shape: [2])
    #expect(try (column + row).elements == [11, 21, 12, 22, 13, 23])
    #expect(try (row - column).shape == [3, 2])
    let cube = try Tensor((0..<12).map { Float($0) }, shape: [2, 3, 2])
    #expect(try (cube * column).elements == [0, 1, 4, 6, 12, 15, 6, 7, 16, 18, 30, 33])
    #expect(try Tensor.elementwise(.less, column, row.sliced(axis: 0, 0..<1)).elements == [1, 1, 1])
  }

  @Test func `buffers are used again`() throws {
    let count = 3_000_017
    _ = try Tensor(zeros: [count])
    let waiting = Storage.statistics.waiting
    #expect(waiting >= count * 4)
    let again = try Tensor(zeros: [count])
    #expect(Storage.statistics.used >= again.count * 4)
  }

  @Test func `an extent of 0 excuses no others`() throws {
    for shape: [Int] in [[0, 1 << 62, 4], [1 << 62, 0], [0, Int.max, Int.max]] {
      #expect(throws: TensorError.self) { try Tensor(zeros: shape) }
    }
    let wide = try Tensor(zeros: [0, 1 << 59])
    #expect(try wide.sum(axis: 1).shape == [0])
    #expect(throws: TensorError.self) { try Tensor.concatenated(Array(repeating: wide, count: 16), axis: 1) }
  }

  @Test func `top k, argmax and order of equals`() throws {
    let x = try Tensor([3, 1, 3, .nan, 2, 2, 5, 5], shape: [2, 4])
    #expect(try x.topK(2).indices.elements == [3, 0, 2, 3])
    #expect(try x.argmax(axis: 1).elements == [3, 2])
  }

  @Test func `a long row is summed as closely as all elements`() throws {
    let mean = try Tensor(repeating: 0.1, shape: [1, 2_000_000]).mean(axis: 1).elements[0]
    #expect(abs(mean - 0.1) < 1e-7)
  }

  @Test func `a constant row is normalized to zeros`() throws {
    for value: Float in [0.1, 3.3, 1000.7, 1e6] {
      let row = try Tensor(repeating: value, shape: [1, 384])
      #expect(try row.layerNorm(weight: nil, bias: nil, epsilon: 1e-12).elements.allSatisfy { $0 == 0 })
    }
  }

  @Test func `a norm of a sum has the same bits with a record and without`() throws {
    let random = Philox(seed: 3, purpose: "norm")
    let x = try Tensor(random.normal(120), shape: [3, 40])
    let residual = try Tensor(random.normal(120, at: 1), shape: [3, 40])
    let weight = try Tensor(random.normal(40, at: 2))
    let recorded = x.recorded(as: GraphNode(leaf: "x", shape: [3, 40]))
    for bias in [nil, weight] {
      #expect(
        try x.layerNorm(residual: residual, weight: weight, bias: bias, epsilon: 1e-5).elements
          == recorded.layerNorm(residual: residual, weight: weight, bias: bias, epsilon: 1e-5).elements)
    }
  }
}
