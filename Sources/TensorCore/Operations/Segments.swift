import CKernels

extension Tensor {
  /// Throws unless `offsets` rise from 0 to the number of rows.
  func checkOffsets(_ offsets: [Int], operation: String) throws {
    let rises = zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 }
    guard !shape.isEmpty, offsets.first == 0, offsets.last == shape[0], rises else {
      throw TensorError.shapeMismatch(
        operation: operation, shapes: [shape], expected: "\(offsets.last ?? 0) rows, offsets that rise from 0")
    }
  }

  /// The mean of the rows of each sequence: `[B, columns]`. The mean of no rows is 0.
  package func segmentMean(offsets: [Int]) throws -> Tensor {
    try checkOffsets(offsets, operation: "segmentMean")
    let columns = rowsAndColumns.rows == 0 ? shape.dropFirst().reduce(1, *) : count / shape[0]
    let result = try Tensor(zeros: [offsets.count - 1] + shape.dropFirst())
    let (x, y) = (pointer, result.freshPointer)
    ThreadPool.run(offsets.count - 1) { i in
      let rows = offsets[i + 1] - offsets[i]
      if rows == 0 { return }
      ck_sum_rows(x + offsets[i] * columns, y + i * columns, rows, columns)
      ck_scale(1 / Float(rows), 0, y + i * columns, y + i * columns, columns)
    }
    let input = self
    return result.recording("segmentMean", [self]) { g, gradients in
      try gradients.add(to: input.node) {
        let dx = try Tensor(uninitialized: input.shape)
        let (dy, out) = (g.pointer, dx.freshPointer)
        for i in 0..<offsets.count - 1 {
          let scale = 1 / Float(offsets[i + 1] - offsets[i])
          for row in offsets[i]..<offsets[i + 1] {
            ck_scale(scale, 0, dy + i * columns, out + row * columns, columns)
          }
        }
        return dx
      }
    }
  }

  /// The largest of each column in the rows of each sequence: `[B, columns]`. Every sequence has a row.
  package func segmentMax(offsets: [Int]) throws -> Tensor {
    try checkOffsets(offsets, operation: "segmentMax")
    guard zip(offsets, offsets.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw TensorError.invalidArgument(
        operation: "segmentMax", argument: "offsets", got: "an empty sequence", expected: "a row in each")
    }
    let columns = shape[0] == 0 ? shape.dropFirst().reduce(1, *) : count / shape[0]
    let result = try Tensor(uninitialized: [offsets.count - 1] + shape.dropFirst())
    var places = [Int](repeating: 0, count: result.count)
    let (x, y) = (pointer, result.freshPointer)
    for i in 0..<offsets.count - 1 {
      for column in 0..<columns {
        var best = offsets[i] * columns + column
        for row in offsets[i]..<offsets[i + 1] where !(x[row * columns + column] <= x[best]) {
          best = row * columns + column
        }
        places[i * columns + column] = best
        y[i * columns + column] = x[best]
      }
    }
    let (input, chosen) = (self, places)
    return result.recording("segmentMax", [self]) { g, gradients in
      try gradients.add(to: input.node) {
        let dx = try Tensor(zeros: input.shape)
        let (dy, out) = (g.pointer, dx.freshPointer)
        for (i, place) in chosen.enumerated() { out[place] = dy[i] }
        return dx
      }
    }
  }

  /// The sum of the rows of each sequence: `[B, columns]`.
  package func segmentSum(offsets: [Int]) throws -> Tensor {
    let lengths = zip(offsets, offsets.dropFirst()).map { Float($1 - $0) }
    let means = try segmentMean(offsets: offsets)
    return try means * Tensor(lengths, shape: [lengths.count] + Array(repeating: 1, count: shape.count - 1))
  }
}
