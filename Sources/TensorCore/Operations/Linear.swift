import CKernels

extension Tensor {
  /// `x Wᵀ + b` over the last axis.
  ///
  /// - Parameters:
  ///   - weight: `[output, input]`, as in the checkpoints of most models.
  ///   - bias: `[output]`.
  ///   - plan: the precision, forward and backward.
  /// - Returns: `[..., output]` for `[..., input]`.
  /// - Throws: ``TensorError/shapeMismatch``.
  package func linear(weight: Tensor, bias: Tensor? = nil, _ plan: ProductPlan = ProductPlan()) throws -> Tensor {
    try linear(weight: weight, bias: bias, operation: "linear", transposed: true, plan)
  }

  /// `x W + b` over the last axis, for a weight stored `[input, output]` as GPT-2's Conv1D is.
  package func linearTransposed(
    weight: Tensor, bias: Tensor? = nil, _ plan: ProductPlan = ProductPlan()
  ) throws -> Tensor {
    try linear(weight: weight, bias: bias, operation: "linearTransposed", transposed: false, plan)
  }

  private func linear(
    weight: Tensor, bias: Tensor?, operation: String, transposed: Bool, _ plan: ProductPlan = ProductPlan()
  ) throws -> Tensor {
    guard weight.shape.count == 2, let depth = shape.last, depth == weight.shape[transposed ? 1 : 0] else {
      throw TensorError.shapeMismatch(
        operation: operation, shapes: [shape, weight.shape],
        expected: transposed ? "[..., input] and [output, input]" : "[..., input] and [input, output]")
    }
    let columns = weight.shape[transposed ? 0 : 1]
    if let bias, bias.shape != [columns] {
      throw TensorError.shapeMismatch(operation: operation, shapes: [bias.shape], expected: "a bias of [\(columns)]")
    }
    let rows = depth == 0 ? shape.dropLast().reduce(1, *) : count / depth
    let result = try Tensor(uninitialized: shape.dropLast() + [columns], operation: operation)
    try Product.rows(
      pointer, weight.pointer, transposed: transposed, bias: bias?.pointer, result.freshPointer, rows: rows,
      columns: columns, depth: depth, precision: plan.precision, packed: plan.forward)
    let input = self
    let kept = weight.node == nil ? nil : self.detached  // x is needed for the weight's gradient only
    let weightKept = node == nil ? nil : weight.detached
    let (inputNode, weightNode, biasNode, shape) = (input.node, weight.node, bias?.node, self.shape)
    return result.recording(operation, [self, weight, bias]) { g, gradients in
      if let weightKept {
        try gradients.add(to: inputNode) {
          let dx = try Tensor(uninitialized: shape)
          try Product.rows(
            g.pointer, weightKept.pointer, transposed: !transposed, dx.freshPointer, rows: rows, columns: depth,
            depth: columns, precision: plan.precision, packed: plan.backward?())
          return dx
        }
      }
      if let kept {
        try gradients.accumulate(to: weightNode) { buffer, holdsSum in
          let (left, right) = transposed ? (g, kept) : (kept, g)
          try Product.transposedLeft(
            left.pointer, right.pointer, buffer, rows: transposed ? columns : depth,
            columns: transposed ? depth : columns, depth: rows, holdsSum: holdsSum, precision: plan.precision)
        }
      }
      try gradients.accumulate(to: biasNode) { buffer, holdsSum in
        if !holdsSum { buffer.initialize(repeating: 0, count: columns) }
        Tensor.sumRows(g.pointer, buffer, rows, columns)
      }
    }
  }

  /// The matrix product, as NumPy's `@`: vectors stand for a row on the left and a column on the right, leading axes
  /// are batches and broadcast.
  /// - Throws: ``TensorError/shapeMismatch``.
  package func matmul(_ other: Tensor) throws -> Tensor {
    guard let depth = shape.last, !other.shape.isEmpty else {
      throw TensorError.shapeMismatch(operation: "@", shapes: [shape, other.shape], expected: "at least one axis each")
    }
    let mismatch = TensorError.shapeMismatch(
      operation: "@", shapes: [shape, other.shape], expected: "as many columns on the left as rows on the right")
    if shape.count == 1 {
      let product = try reshaped([1, depth]).matmul(other)
      guard other.shape.count > 1 else { return try product.reshaped([]) }
      return try product.reshaped(product.shape.dropLast(2) + [product.shape[product.shape.count - 1]])
    }
    if other.shape.count == 1 {
      guard other.shape[0] == depth else { throw mismatch }
      return try linear(weight: other.reshaped([1, depth])).reshaped(shape.dropLast())
    }
    guard other.shape[other.shape.count - 2] == depth else { throw mismatch }
    if other.shape.count == 2 { return try linear(weight: other, bias: nil, operation: "@", transposed: false) }
    let rows = shape[shape.count - 2]
    let columns = other.shape[other.shape.count - 1]
    let batch = try Tensor.broadcast(
      Array(shape.dropLast(2)), Array(other.shape.dropLast(2)), operation: "@")
    let left = try broadcast(to: batch + [rows, depth]).reshaped([-1, rows, depth])
    let right = try other.broadcast(to: batch + [depth, columns]).reshaped([-1, depth, columns])
    var products: [Tensor] = []
    for i in 0..<left.shape[0] {
      try products.append(left.selected(axis: 0, i).matmul(right.selected(axis: 0, i)))
    }
    if products.isEmpty { return try Tensor(zeros: batch + [rows, columns]) }
    return try Tensor.stacked(products).reshaped(batch + [rows, columns])
  }
}
