import CKernels

/// A decoder block of root-mean-square norms, rotary positions and a gated feed-forward (Llama's) for few rows with
/// weights as they are stored, in two operations around attention, so that hardly anything is allocated between the
/// products. Nothing is recorded.
package struct GatedRows {
  /// Root-mean-square normalisation; `weight: [C]`.
  package struct RootMeanSquare {
    let weight: Tensor
    let epsilon: Float

    package init(weight: Tensor, epsilon: Float) {
      self.weight = weight
      self.epsilon = epsilon
    }
  }

  package var firstNorm, secondNorm: RootMeanSquare
  package var query, key, value, output: Tensor.Projection
  package var gate, up, down: Tensor.Projection
  package var activation: ElementFunction
  package var headCount, keyValueHeadCount: Int

  package init(
    norms: (first: RootMeanSquare, second: RootMeanSquare),
    attention: (query: Tensor.Projection, key: Tensor.Projection, value: Tensor.Projection, output: Tensor.Projection),
    feedForward: (gate: Tensor.Projection, up: Tensor.Projection, down: Tensor.Projection),
    activation: ElementFunction, headCount: Int, keyValueHeadCount: Int
  ) {
    (firstNorm, secondNorm) = norms
    (query, key, value, output) = attention
    (gate, up, down) = feedForward
    self.activation = activation
    self.headCount = headCount
    self.keyValueHeadCount = keyValueHeadCount
  }

  /// What attention reads: queries and keys of the normed rows, turned by their positions, and values.
  ///
  /// - Parameter rows: `[R, C]`.
  /// - Returns: `[R, H · D]`, `[R, Hk · D]`, `[R, Hk · D]`.
  /// - Throws: ``TensorError/shapeMismatch``.
  package func attentionInputs(
    _ rows: Tensor, _ table: RotaryTable
  ) throws -> (query: Tensor, key: Tensor, value: Tensor) {
    let (count, size) = rows.rowsAndColumns
    for part in [query, key, value] { _ = try rows.checkedRows(part) }
    let widths = (query.matrix.rows, key.matrix.rows, value.matrix.rows)
    let heads = [(widths.0, headCount), (widths.1, keyValueHeadCount)]
    guard firstNorm.weight.shape == [size], table.cosines.count == count * table.rotated / 2,
      heads.allSatisfy({ $1 > 0 && $0 % $1 == 0 && $0 / $1 >= table.rotated })
    else {
      throw TensorError.shapeMismatch(
        operation: "rotary", shapes: [rows.shape], expected: "\(headCount) heads and a position for each row")
    }
    let memory = try Tensor(
      uninitialized: [count * (size + widths.0 + widths.1 + widths.2)], operation: "linear")
    let normed = memory.freshPointer
    let (q, k) = (normed + count * size, normed + count * (size + widths.0))
    let v = k + count * widths.1
    ck_rms_norm(rows.pointer, firstNorm.weight.pointer, firstNorm.epsilon, normed, nil, count, size)
    try Product.few(normed, [query.few(q), key.few(k), value.few(v)], rows: count)
    table.cosines.withUnsafeBufferPointer { cosines in
      table.sines.withUnsafeBufferPointer { sines in
        guard let c = cosines.baseAddress, let s = sines.baseAddress else { return }
        for (part, (width, heads)) in zip([q, k], heads) {
          ck_rotate(part, c, s, part, 1, count, heads, width / heads, table.rotated)
        }
      }
    }
    withExtendedLifetime((self, rows)) {}
    return (
      memory.viewed(as: [count, widths.0], from: count * size, count: count * widths.0),
      memory.viewed(as: [count, widths.1], from: count * (size + widths.0), count: count * widths.1),
      memory.viewed(
        as: [count, widths.2], from: count * (size + widths.0 + widths.1), count: count * widths.2)
    )
  }

  /// The block's result: with `x = rows + output(attended)` and `n` its norm, `x + down(activation(gate(n)) · up(n))`.
  ///
  /// - Parameters:
  ///   - rows: `[R, C]`, what the block got.
  ///   - attended: `[R, H · D]`.
  /// - Returns: `[R, C]`.
  /// - Throws: ``TensorError/shapeMismatch``.
  package func result(_ rows: Tensor, attended: Tensor) throws -> Tensor {
    let (count, size) = rows.rowsAndColumns
    let inner = gate.matrix.rows
    for part in [gate, up] { _ = try rows.checkedRows(part) }
    guard try attended.checkedRows(output) == count, output.matrix.rows == size, down.matrix.rows == size,
      up.matrix.rows == inner, down.matrix.columns == inner, down.bias.map({ $0.shape == [size] }) ?? true,
      secondNorm.weight.shape == [size]
    else {
      throw TensorError.shapeMismatch(
        operation: "linear", shapes: [rows.shape, attended.shape, [inner]], expected: "projections that fit together")
    }
    let result = try Tensor(uninitialized: rows.shape, operation: "linear")
    let memory = try Tensor(uninitialized: [count * (size + 3 * inner)], operation: "linear")
    let (x, normed) = (result.freshPointer, memory.freshPointer)
    let gates = normed + count * size
    let (ups, gated) = (gates + count * inner, gates + 2 * count * inner)
    x.update(from: rows.pointer, count: rows.count)
    try Product.few(attended.pointer, [output.few(x, accumulates: true)], rows: count)
    ck_rms_norm(x, secondNorm.weight.pointer, secondNorm.epsilon, normed, nil, count, size)
    try Product.few(normed, [gate.few(gates), up.few(ups)], rows: count)
    ck_map(activation.kernel, gates, gated, count * inner)
    ck_binary(ck_multiply, gated, 1, ups, 1, gated, count * inner)
    try Product.few(gated, [down.few(x, accumulates: true)], rows: count)
    withExtendedLifetime((self, attended, rows, memory)) {}
    return result
  }
}
