import TensorCore
import TestSupport
import Testing

/// Products with weights as they are stored against the same with their floats.
@Suite struct StoredMatrixTests {
  final class Bytes {
    let buffer: UnsafeMutableRawBufferPointer
    init(_ count: Int) { buffer = .allocate(byteCount: count, alignment: 16) }
    deinit { buffer.deallocate() }
  }

  /// Blocks of any content whose halves (all bytes, read two by two) are small finite numbers.
  static func matrix(
    _ format: StoredMatrix.Format, rows: Int, columns: Int, bits: Int, block: Int, order: [Int]? = nil
  ) throws -> StoredMatrix {
    let count = rows * columns / block * bits / 8
    let bytes = Bytes(count)
    let random = Philox(seed: 5, purpose: format.rawValue)
    for index in 0..<count {
      let byte = UInt8(truncatingIfNeeded: random.words(UInt32(index), 0, 0)[0])
      bytes.buffer[index] = format == .f32 || format == .bf16 ? byte & 0xbf : byte & 0xaf
    }
    return try StoredMatrix(
      UnsafeRawBufferPointer(bytes.buffer), format: format, rows: rows, columns: columns, owner: bytes, order: order)
  }

  static let formats: [(StoredMatrix.Format, bits: Int, block: Int)] = [
    (.f32, 32, 1), (.f16, 16, 1), (.bf16, 16, 1), (.q8_0, 34 * 8, 32), (.q4_0, 18 * 8, 32), (.q4_1, 20 * 8, 32),
    (.q5_0, 22 * 8, 32), (.q5_1, 24 * 8, 32), (.q4_k, 144 * 8, 256), (.q5_k, 176 * 8, 256), (.q6_k, 210 * 8, 256),
  ]

  static func input(_ rows: Int, _ columns: Int) throws -> Tensor {
    let random = Philox(seed: 1, purpose: "x")
    return try Tensor(
      (0..<(rows * columns)).map { Float(random.words(UInt32($0), 0, 0)[0]) * 0x1p-31 - 1 }, shape: [rows, columns])
  }

  @Test(arguments: StoredMatrixTests.formats)
  func productsAgreeWithFloats(_ format: StoredMatrix.Format, _ bits: Int, _ block: Int) throws {
    // Halves and floats need no whole groups; 21 groups are more than are scaled at once.
    for columns in block == 1 ? [5, 50, 640] : block == 32 ? [32, 64, 96, 224, 672] : [256, 768] {
      let order = [3, 0, 2, 1] + Array(4..<37)
      let matrix = try Self.matrix(format, rows: 37, columns: columns, bits: bits, block: block, order: order)
      let floats = try matrix.floats()
      #expect(try matrix.embedding([36, 0]).elements == floats.gatheredRows([36, 0]).elements)
      let plain = try Self.matrix(format, rows: 37, columns: columns, bits: bits, block: block).floats()
      #expect(try plain.gatheredRows(order).elements == floats.elements)
      let bias = try Self.input(1, 37).reshaped([37])
      for rows in [1, 2, 3, 4, 7, 8, 9, 30, 70, 300] {
        let x = try Self.input(rows, columns)
        let expected = try x.linear(weight: floats, bias: bias)
        let got = try x.linear(stored: matrix, bias: bias)
        let peak = expected.elements.reduce(1) { max($0, abs($1)) }
        // Many rows may go by tiles of split floats.
        let tolerance = (rows > 20 ? 2e-5 : 2e-6) * Double(peak)
        expectClose(got.elements, expected.elements, absolute: tolerance, "\(format) \(rows) rows of \(columns)")
        // Few rows: each is what it is alone, to the bit.
        for row in 0..<(rows <= 8 ? rows : 0) {
          let alone = try x.gatheredRows([row]).linear(stored: matrix, bias: bias).elements
          #expect(alone == Array(got.elements[(row * 37)..<(row * 37 + 37)]), "\(format) row \(row) of \(rows)")
        }
      }
    }
  }

  /// A decoder block's two operations beside the same put together of single ones; rows alone are the same to the bit.
  @Test(arguments: [StoredMatrix.Format.q4_1, .q4_0, .q8_0, .q6_k, .f16])
  func gatedRowsAgreeWithSingleOperations(_ format: StoredMatrix.Format) throws {
    let (size, inner, headSize) = (256, 512, 64)
    let made = try #require(Self.formats.first { $0.0 == format })
    func part(_ rows: Int, _ columns: Int, bias: Bool = false, as other: StoredMatrix.Format? = nil) throws
      -> (part: Tensor.Projection, weight: Tensor, bias: Tensor?)
    {
      let kind = try other.map { other in try #require(Self.formats.first { $0.0 == other }) } ?? made
      let matrix = try Self.matrix(kind.0, rows: rows, columns: columns, bits: kind.1, block: kind.2)
      let added = bias ? try Self.input(1, rows).reshaped([rows]) : nil
      return (.init(matrix, bias: added), try matrix.floats(), added)
    }
    // One of another format, as files mix them.
    let (q, k, v) = try (part(256, size, bias: true), part(128, size), part(128, size, as: .q8_0))
    let (o, gate, up, down) = try (part(size, 256), part(inner, size), part(inner, size), part(size, inner, bias: true))
    let norm = try Self.input(1, size).reshaped([size])
    let rows = GatedRows(
      norms: (.init(weight: norm, epsilon: 1e-5), .init(weight: norm, epsilon: 1e-6)),
      attention: (q.part, k.part, v.part, o.part), feedForward: (gate.part, up.part, down.part), activation: .silu,
      headCount: 4, keyValueHeadCount: 2)
    let frequencies = (0..<(headSize / 2)).map { 1 / Double($0 + 1) }
    var first: [Float] = []
    for count in [1, 3, 8] {
      let x = try Self.input(count, size)
      let table = RotaryTable(positions: Array(5..<(5 + count)), inverseFrequencies: frequencies)
      let normed = try x.rmsNorm(weight: norm, epsilon: 1e-5)
      let inputs = try rows.attentionInputs(x, table)
      let query = try normed.linear(weight: q.weight, bias: q.bias).rotary(table, heads: 4)
      let key = try normed.linear(weight: k.weight, bias: nil).rotary(table, heads: 2)
      let value = try normed.linear(weight: v.weight, bias: nil)
      let middle = try x + query.linear(weight: o.weight, bias: nil)
      let second = try middle.rmsNorm(weight: norm, epsilon: 1e-6)
      let gated = try second.linear(weight: gate.weight, bias: nil)
        .gating(second.linear(weight: up.weight, bias: nil), by: .silu)
      let expected = try middle + gated.linear(weight: down.weight, bias: down.bias)
      let result = try rows.result(x, attended: query)
      for (got, wanted) in [(inputs.query, query), (inputs.key, key), (inputs.value, value), (result, expected)] {
        let peak = Double(wanted.elements.reduce(1) { max($0, abs($1)) })
        #expect(got.shape == wanted.shape)
        expectClose(got.elements, wanted.elements, absolute: 4e-6 * peak, "\(format), \(count) rows")
      }
      if first.isEmpty { first = inputs.query.elements }
      #expect(Array(inputs.query.elements.prefix(256)) == first)
    }
    #expect(throws: TensorError.self) { try rows.result(Self.input(2, size), attended: Self.input(1, 256)) }
    let short = RotaryTable(positions: [0], inverseFrequencies: frequencies)
    #expect(throws: TensorError.self) { try rows.attentionInputs(Self.input(2, size), short) }
  }

  @Test func wrongSizesAreRefused() throws {
    let bytes = Bytes(34)
    let raw = UnsafeRawBufferPointer(bytes.buffer)
    for (rows, columns) in [(1, 31), (2, 32), (0, 32), (1, 0), (-1, 32), (Int.max, 32)] {
      #expect(throws: TensorError.self) {
        try StoredMatrix(raw, format: .q8_0, rows: rows, columns: columns, owner: bytes)
      }
    }
    #expect(throws: TensorError.self) {
      try StoredMatrix(raw, format: .q8_0, rows: 1, columns: 32, owner: bytes, order: [1])
    }
    let matrix = try StoredMatrix(raw, format: .q8_0, rows: 1, columns: 32, owner: bytes)
    #expect(throws: TensorError.self) { try matrix.embedding([1]) }
    #expect(throws: TensorError.self) { try Self.input(1, 31).linear(stored: matrix) }
  }
}
