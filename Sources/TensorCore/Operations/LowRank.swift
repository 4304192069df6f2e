extension Tensor {
  /// `self + scale · (x Aᵀ) Bᵀ`: a low-rank update added to what a projection gave, as two thin products.
  ///
  /// Source: Hu et al. 2021, "LoRA" (arXiv:2106.09685), eq. 3. The sum is made in place where nothing else holds this
  /// tensor; the product B A is never formed.
  ///
  /// - Parameters:
  ///   - rows: `[T, input]`, x.
  ///   - down: `[rank, input]`, A.
  ///   - up: `[output, rank]`, B.
  /// - Returns: `[T, output]`.
  /// - Throws: ``TensorError/shapeMismatch``.
  package consuming func addingLowRank(_ rows: Tensor, down: Tensor, up: Tensor, scale: Float) throws -> Tensor {
    guard rows.shape.count == 2, down.shape.count == 2, up.shape.count == 2, down.shape[1] == rows.shape[1],
      up.shape[1] == down.shape[0], shape == [rows.shape[0], up.shape[0]]
    else {
      throw TensorError.shapeMismatch(
        operation: "lowRank", shapes: [shape, rows.shape, down.shape, up.shape],
        expected: "[T, output], [T, input], [rank, input] and [output, rank]")
    }
    let (count, input) = (rows.shape[0], rows.shape[1])
    let (rank, output) = (down.shape[0], up.shape[0])
    var hidden = try Tensor(uninitialized: [count, rank], operation: "lowRank")
    try Product.rows(
      rows.pointer, down.pointer, transposed: true, hidden.freshPointer, rows: count, columns: rank, depth: input)
    if scale != 1 { hidden = try hidden.scaled(by: scale) }
    let ownNode = node
    node = nil
    try makeUnique()
    try Product.rows(
      hidden.pointer, up.pointer, transposed: true, freshPointer, rows: count, columns: output, depth: rank,
      holdsSum: true)
    let (rowsNode, downNode, upNode) = (rows.node, down.node, up.node)
    let (downKept, upKept, rowsKept) = (down.detached, up.detached, downNode == nil ? nil : rows.detached)
    let shape = rows.shape
    let result = self
    var before = result
    before.node = ownNode
    return result.recording("lowRank", [before, rows, down, up]) { g, gradients in
      try gradients.accumulate(to: upNode) { buffer, holdsSum in
        try Product.transposedLeft(
          g.pointer, hidden.pointer, buffer, rows: output, columns: rank, depth: count, holdsSum: holdsSum)
      }
      if rowsNode != nil || downNode != nil {
        var dh = try Tensor(uninitialized: [count, rank])
        let across = try upKept.transposed()
        try Product.rows(
          g.pointer, across.pointer, transposed: true, dh.freshPointer, rows: count, columns: rank, depth: output)
        if scale != 1 { dh = try dh.scaled(by: scale) }
        if let rowsKept {
          try gradients.accumulate(to: downNode) { buffer, holdsSum in
            try Product.transposedLeft(
              dh.pointer, rowsKept.pointer, buffer, rows: rank, columns: input, depth: count, holdsSum: holdsSum)
          }
        }
        try gradients.accumulate(to: rowsNode) { buffer, holdsSum in
          try Product.rows(
            dh.pointer, downKept.pointer, transposed: false, buffer, rows: shape[0], columns: input, depth: rank,
            holdsSum: holdsSum)
        }
      }
      if let ownNode { try gradients.add(to: ownNode, tensor: g) }
    }
  }
}
