import CKernels

extension Tensor {
  /// Of a row of this matrix, the place of its largest element and the logarithm of the sum of e^x.
  ///
  /// - Throws: ``TensorError/indexOutOfRange``.
  package func bestAndLogSum(row: Int) throws -> (best: Int, logSum: Float) {
    let (rows, columns) = rowsAndColumns
    guard row >= 0, row < rows, columns > 0 else {
      throw TensorError.indexOutOfRange(operation: "best", index: row, count: rows)
    }
    let start = pointer + row * columns
    defer { withExtendedLifetime(storage) {} }
    return (Int(ck_best(start, columns)), ck_log_sum(start, columns))
  }
}

extension Tensor {
  /// Softmax along an axis.
  package func softmax(axis: Int = -1) throws -> Tensor {
    try alongLast(axis, "softmax") { try $0.rowSoftmax(log: false) }
  }

  /// The logarithm of the softmax along an axis.
  package func logSoftmax(axis: Int = -1) throws -> Tensor {
    try alongLast(axis, "logSoftmax") { try $0.rowSoftmax(log: true) }
  }

  /// `body` of the tensor with `axis` moved to the end, and the axis moved back.
  private func alongLast(_ axis: Int, _ operation: String, _ body: (Tensor) throws -> Tensor) throws -> Tensor {
    let axis = try self.axis(axis, operation: operation)
    if axis == shape.count - 1 { return try body(self) }
    var order = Array(shape.indices)
    order.swapAt(axis, shape.count - 1)
    return try body(transposed(order)).transposed(order)
  }

  private func rowSoftmax(log: Bool) throws -> Tensor {
    let (rows, columns) = rowsAndColumns
    let result = try Tensor(uninitialized: shape, operation: "softmax")
    let (x, y) = (pointer, result.freshPointer)
    ThreadPool.runPieces(of: rows, size: rowPiece(columns)) { piece in
      let at = piece.lowerBound * columns
      (log ? ck_log_softmax : ck_softmax)(x + at, y + at, piece.count, columns)
    }
    let node = self.node
    return result.recording(log ? "logSoftmax" : "softmax", [self]) { g, gradients in
      try gradients.add(to: node) {
        let dx = try Tensor(uninitialized: g.shape)
        let (y, dy, out) = (result.pointer, g.pointer, dx.freshPointer)
        ThreadPool.runPieces(of: rows, size: rowPiece(columns)) { piece in
          let at = piece.lowerBound * columns
          (log ? ck_log_softmax_backward : ck_softmax_backward)(y + at, dy + at, out + at, piece.count, columns)
        }
        return dx
      }
    }
  }
}
