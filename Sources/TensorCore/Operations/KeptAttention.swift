import CKernels

/// Keys and values of one sequence as they grow: room for more stands behind them, so that adding a row moves nothing.
package struct KeptRows {
  private var keys: Tensor
  private var values: Tensor
  package private(set) var count = 0
  /// Of a row: heads of the keys times their size.
  let width: Int

  /// - Parameter width: of a row: heads of the keys times their size.
  package init(width: Int) throws {
    self.width = width
    keys = try Tensor(uninitialized: [0, width], operation: "cache")
    values = keys
  }

  /// `[count, width]` each. Let go of them before the next ``append(_:_:_:)``, or it has to copy.
  package var views: (keys: Tensor, values: Tensor) {
    (keys.viewed(as: [count, width], count: count * width), values.viewed(as: [count, width], count: count * width))
  }

  /// The first key and value, valid as long as the rows are held and not added to.
  var pointers: (keys: UnsafePointer<Float>, values: UnsafePointer<Float>) { (keys.pointer, values.pointer) }

  /// Adds rows of `[T, width]` each.
  package mutating func append(_ newKeys: Tensor, _ newValues: Tensor, _ rows: Range<Int>) throws {
    guard newKeys.shape.last == width, newValues.shape == newKeys.shape, newKeys.shape.count == 2,
      rows.lowerBound >= 0, rows.upperBound <= newKeys.shape[0]
    else {
      throw TensorError.shapeMismatch(
        operation: "cache", shapes: [newKeys.shape, newValues.shape], expected: "[T, \(width)] each")
    }
    let needed = count + rows.count
    if needed > keys.shape[0] {
      let room = max(needed, 2 * count, 64)
      keys = try KeptRows.moved(keys, count, to: [room, width])
      values = try KeptRows.moved(values, count, to: [room, width])
    }
    try KeptRows.put(newKeys, rows, into: &keys, at: count, width)
    try KeptRows.put(newValues, rows, into: &values, at: count, width)
    count = needed
  }

  /// Forgets the last rows.
  package mutating func dropLast(_ rows: Int) { count -= min(rows, count) }

  private static func moved(_ old: Tensor, _ count: Int, to shape: [Int]) throws -> Tensor {
    let new = try Tensor(uninitialized: shape, operation: "cache")
    new.freshPointer.update(from: old.pointer, count: count * shape[1])
    return new
  }

  private static func put(
    _ rows: Tensor, _ range: Range<Int>, into target: inout Tensor, at place: Int, _ width: Int
  ) throws {
    try target.withUnsafeMutableBuffer { buffer in
      buffer.baseAddress.map {
        ($0 + place * width).update(from: rows.pointer + range.lowerBound * width, count: range.count * width)
      }
    }
  }
}

extension Tensor {
  /// Rows of keys that one task of ``attention(query:offsets:kept:heads:keyValueHeads:scale:window:)`` looks at, at most.
  private static let keptPiece = 256

  /// Causal attention of the last rows of each sequence to what is kept of it, themselves included.
  ///
  /// - Parameters:
  ///   - query: `[R, H · D]`.
  ///   - offsets: first row of each sequence and, last, R.
  ///   - kept: of each sequence, at least as many rows as it has in `query`.
  ///   - window: how many rows back a row sees, itself included; nil for all.
  /// - Returns: `[R, H · D]`. Nothing is recorded.
  package static func attention(
    query: Tensor, offsets: [Int], kept: [KeptRows], heads: Int, keyValueHeads: Int, scale: Float, window: Int?
  ) throws -> Tensor {
    guard query.shape.count == 2, heads > 0, keyValueHeads > 0, heads % keyValueHeads == 0,
      query.shape[1] % heads == 0, offsets.count == kept.count + 1, offsets.first == 0, offsets.last == query.shape[0]
    else {
      throw TensorError.shapeMismatch(
        operation: "attention", shapes: [query.shape], expected: "[R, H · D] and offsets from 0 to R")
    }
    struct Piece {
      var row: Int, head: Int, first: Int, last: Int
      var keys: UnsafePointer<Float>, values: UnsafePointer<Float>
    }
    let (size, group) = (query.shape[1] / heads, heads / keyValueHeads)
    let (step, partSize) = (keyValueHeads * size, group * (2 + size))
    var pieces: [Piece] = []
    var joins: [(row: Int, head: Int, place: Int, count: Int)] = []
    pieces.reserveCapacity(4 * keyValueHeads * query.shape[0])
    joins.reserveCapacity(keyValueHeads * query.shape[0])
    for sequence in kept.indices {
      let rows = offsets[sequence + 1] - offsets[sequence]
      let all = kept[sequence].count
      guard rows >= 0, rows <= all, kept[sequence].width == step else {
        throw TensorError.shapeMismatch(
          operation: "attention", shapes: [query.shape, [all, kept[sequence].width]], expected: "keys of each row")
      }
      let (keys, values) = kept[sequence].pointers
      for row in 0..<rows {
        let last = all - rows + row + 1
        let first = window.map { max(last - $0, 0) } ?? 0
        // Two pieces or more, by the number of keys alone: an odd number of heads then has an even number of tasks.
        let length = min(keptPiece, max((last - first + 1) / 2, 32))
        for head in 0..<keyValueHeads {
          let place = pieces.count
          for start in stride(from: first, to: last, by: length) {
            pieces.append(
              Piece(
                row: offsets[sequence] + row, head: head, first: start, last: min(start + length, last),
                keys: keys + head * size, values: values + head * size))
          }
          joins.append((offsets[sequence] + row, head, place, pieces.count - place))
        }
      }
    }
    let result = try Tensor(uninitialized: query.shape, operation: "attention")
    let parts = try Tensor(uninitialized: [pieces.count, partSize], operation: "attention")
    let scores = try Tensor(uninitialized: [pieces.count, group * keptPiece], operation: "attention")
    let (from, to, memory, scratch) = (query.pointer, result.freshPointer, parts.freshPointer, scores.freshPointer)
    let (work, width) = (pieces, query.shape[1])
    ThreadPool.run(work.count) { index in
      let piece = work[index]
      ck_attend_part(
        from + piece.row * width + piece.head * group * size, piece.keys, piece.values, step, piece.first, piece.last,
        group, size, scale, scratch + index * group * keptPiece, memory + index * partSize)
    }
    for join in joins {
      ck_attend_join(
        memory + join.place * partSize, join.count, group, size, to + join.row * width + join.head * group * size)
    }
    withExtendedLifetime((kept, query, parts, scores)) {}
    return result
  }
}
