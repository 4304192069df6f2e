import TensorCore
import TestSupport
import Testing

/// Attention to rows as they are kept against attention over all rows at once.
@Suite struct KeptAttentionTests {
  private static func tensor(_ rows: Int, _ columns: Int, _ purpose: String) throws -> Tensor {
    let random = Philox(seed: 2, purpose: purpose)
    return try Tensor(
      (0..<(rows * columns)).map { Float(random.words(UInt32($0), 0, 0)[0]) * 0x1p-30 - 2 }, shape: [rows, columns])
  }

  @Test(arguments: [
    (heads: 4, keyHeads: 2, size: 8), (heads: 3, keyHeads: 1, size: 20), (heads: 2, keyHeads: 2, size: 64),
  ])
  func rowByRowIsAsAllAtOnce(_ heads: Int, _ keyHeads: Int, _ size: Int) throws {
    // 300 and 530 rows go over one and two pieces of keys.
    let lengths = [1, 7, 300, 530]
    for window in [nil, 5, 290] {
      let total = lengths.reduce(0, +)
      let query = try Self.tensor(total, heads * size, "q")
      let keys = try Self.tensor(total, keyHeads * size, "k")
      let values = try Self.tensor(total, keyHeads * size, "v")
      let offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
      let layout = AttentionLayout(
        offsets: offsets, keyOffsets: offsets, heads: heads, keyValueHeads: keyHeads, scale: 0.3, causal: true,
        window: window, dropout: nil)
      let expected = try Tensor.attention(query: query, key: keys, value: values, prefix: nil, layout: layout)
      var kept: [KeptRows] = []
      var last: [Int] = []
      for (sequence, length) in lengths.enumerated() {
        var rows = try KeptRows(width: keyHeads * size)
        // In parts, so that it grows and moves.
        for start in stride(from: 0, to: length, by: 33) {
          try rows.append(
            keys, values, (offsets[sequence] + start)..<(offsets[sequence] + min(start + 33, length)))
        }
        #expect(rows.count == length)
        kept.append(rows)
        last += (offsets[sequence + 1] - min(length, 3))..<offsets[sequence + 1]
      }
      let few = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + min($1, 3)) }
      let got = try Tensor.attention(
        query: query.gatheredRows(last), offsets: few, kept: kept, heads: heads, keyValueHeads: keyHeads, scale: 0.3,
        window: window)
      expectClose(got.elements, try expected.gatheredRows(last).elements, absolute: 1e-5, "window \(window ?? 0)")
    }
  }

  @Test func addingRowsLeavesCopiesAlone() throws {
    let rows = try Self.tensor(4, 2, "rows")
    var one = try KeptRows(width: 2)
    try one.append(rows, rows, 0..<2)
    var other = one
    try other.append(rows, rows, 2..<3)
    try one.append(rows, rows, 3..<4)
    #expect(one.views.keys.elements == (try rows.gatheredRows([0, 1, 3]).elements))
    #expect(other.views.values.elements == (try rows.gatheredRows([0, 1, 2]).elements))
    #expect(throws: TensorError.self) { try one.append(rows, rows, 3..<5) }
    #expect(throws: TensorError.self) { try one.append(Self.tensor(1, 3, "x"), Self.tensor(1, 3, "x"), 0..<1) }
  }
}
