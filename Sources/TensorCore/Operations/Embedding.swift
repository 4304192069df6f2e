import CKernels

extension Tensor {
  /// Rows of this table, `[entries, columns]`, by id: `[ids, columns]`.
  ///
  /// - Parameter paddingIndex: an id whose row gets no gradient from this lookup, as nn.Embedding's `padding_idx`.
  /// - Throws: ``TensorError/indexOutOfRange``.
  package func embedding(_ ids: [Int], paddingIndex: Int? = nil) throws -> Tensor {
    guard shape.count == 2 else {
      throw TensorError.shapeMismatch(operation: "embedding", shapes: [shape], expected: "a table [entries, columns]")
    }
    let (entries, columns) = (shape[0], shape[1])
    if let wrong = ids.first(where: { $0 < 0 || $0 >= entries }) {
      throw TensorError.indexOutOfRange(operation: "embedding", index: wrong, count: entries)
    }
    let result = try Tensor(uninitialized: [ids.count, columns], operation: "embedding")
    let (table, y) = (pointer, result.freshPointer)
    ids.withUnsafeBufferPointer { ids in
      let ids = ids
      ThreadPool.runPieces(of: ids.count, size: rowPiece(columns)) { rows in
        for row in rows { (y + row * columns).update(from: table + ids[row] * columns, count: columns) }
      }
    }
    let input = self
    return result.recording("embedding", [self]) { g, gradients in
      try gradients.accumulate(to: input.node) { buffer, holdsSum in
        if !holdsSum {
          ThreadPool.runPieces(of: entries * columns, size: 1 << 18) { piece in
            (buffer + piece.lowerBound).initialize(repeating: 0, count: piece.count)
          }
        }
        let dy = g.pointer
        for (row, id) in ids.enumerated() where id != paddingIndex {
          ck_accumulate(1, dy + row * columns, buffer + id * columns, columns)
        }
      }
    }
  }
}
