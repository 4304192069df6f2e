import CKernels

extension Tensor {
  /// Layer normalisation over the last axis, of `x` or of `x + residual`.
  ///
  /// Source: Ba et al. 2016, "Layer Normalization" (arXiv:1607.06450); the variance is the population's.
  ///
  /// - Parameters:
  ///   - residual: of the same shape; added before normalising.
  ///   - weight, bias: `[columns]`.
  /// - Throws: ``TensorError/shapeMismatch``.
  package func layerNorm(
    residual: Tensor? = nil, weight: Tensor?, bias: Tensor?, epsilon: Float
  ) throws -> Tensor {
    let (rows, columns) = rowsAndColumns
    for vector in [weight, bias].compactMap({ $0 }) where vector.shape != [columns] {
      throw TensorError.shapeMismatch(
        operation: "layerNorm", shapes: [shape, vector.shape], expected: "weight and bias of [\(columns)]")
    }
    if let residual, residual.shape != shape {
      throw TensorError.shapeMismatch(
        operation: "layerNorm", shapes: [shape, residual.shape], expected: "a residual of the same shape")
    }
    let recording = [self, residual, weight, bias].contains { $0?.node != nil }
    let result = try Tensor(uninitialized: shape, operation: "layerNorm")
    let writesSum = residual != nil && recording
    let sum = try writesSum ? Tensor(uninitialized: shape, operation: "layerNorm") : detached
    let means = try Tensor(uninitialized: [recording ? rows : 0])
    let scales = try Tensor(uninitialized: [recording ? rows : 0])
    do {
      let (x, r, s, y) = (pointer, residual?.pointer, sum.freshPointer, result.freshPointer)
      let (w, b) = (weight?.pointer, bias?.pointer)
      let (m, v) = (means.freshPointer, scales.freshPointer)
      ThreadPool.runPieces(of: rows, size: rowPiece(columns)) { piece in
        let (row, at) = (piece.lowerBound, piece.lowerBound * columns)
        ck_layer_norm(
          x + at, r.map { $0 + at }, writesSum ? s + at : nil, w, b, epsilon, y + at, recording ? m + row : nil,
          recording ? v + row : nil, piece.count, columns)
      }
    }
    if !recording { return result }
    // The gradient of x + residual is that of both.
    var total = self
    if residual != nil {
      let (a, b) = (node, residual?.node)
      total = sum.recording("add", [self, residual]) { g, gradients in
        try gradients.add(to: a) { g }
        try gradients.add(to: b) { g }
      }
    }
    let (kept, weightKept, inputNode) = (sum.detached, weight?.detached, total.node)
    let (weightNode, biasNode) = (weight?.node, bias?.node)
    return result.recording("layerNorm", [total, weight, bias]) { g, gradients in
      let dx = inputNode == nil ? nil : try Tensor(uninitialized: g.shape)
      let partial = try Tensor.rowSums(rows, columns, wanted: weightNode != nil || biasNode != nil)
      let (x, w, m, v) = (kept.pointer, weightKept?.pointer, means.pointer, scales.pointer)
      let (dy, out, sums) = (g.pointer, dx?.freshPointer, partial?.tensor.freshPointer)
      let size = partial?.pieceRows ?? rowPiece(columns)
      ThreadPool.runPieces(of: rows, size: size) { piece in
        let (row, at) = (piece.lowerBound, piece.lowerBound * columns)
        let place = sums.map { $0 + piece.lowerBound / size * 2 * columns }
        place?.initialize(repeating: 0, count: 2 * columns)
        ck_layer_norm_backward(
          x + at, w, m + row, v + row, dy + at, out.map { $0 + at }, place, place.map { $0 + columns }, piece.count,
          columns)
      }
      if let partial {
        try gradients.accumulate(to: weightNode) { partial.add(0, of: 2, to: $0, holdsSum: $1) }
        try gradients.accumulate(to: biasNode) { partial.add(1, of: 2, to: $0, holdsSum: $1) }
      }
      if let dx { try gradients.add(to: inputNode) { dx } }
    }
  }

  /// Root-mean-square normalisation over the last axis.
  ///
  /// Source: Zhang and Sennrich 2019, "Root Mean Square Layer Normalization" (arXiv:1910.07467).
  package func rmsNorm(weight: Tensor?, epsilon: Float) throws -> Tensor {
    let (rows, columns) = rowsAndColumns
    if let weight, weight.shape != [columns] {
      throw TensorError.shapeMismatch(
        operation: "rmsNorm", shapes: [shape, weight.shape], expected: "a weight of [\(columns)]")
    }
    let result = try Tensor(uninitialized: shape, operation: "rmsNorm")
    let scales = try Tensor(uninitialized: [rows])
    do {
      let (x, w, y, v) = (pointer, weight?.pointer, result.freshPointer, scales.freshPointer)
      ThreadPool.runPieces(of: rows, size: rowPiece(columns)) { piece in
        let at = piece.lowerBound * columns
        ck_rms_norm(x + at, w, epsilon, y + at, v + piece.lowerBound, piece.count, columns)
      }
    }
    let (kept, weightKept) = (detached, weight?.detached)
    let (inputNode, weightNode) = (node, weight?.node)
    return result.recording("rmsNorm", [self, weight]) { g, gradients in
      let dx = inputNode == nil ? nil : try Tensor(uninitialized: g.shape)
      let partial = try Tensor.rowSums(rows, columns, wanted: weightNode != nil)
      let (x, w, v) = (kept.pointer, weightKept?.pointer, scales.pointer)
      let (dy, out, sums) = (g.pointer, dx?.freshPointer, partial?.tensor.freshPointer)
      let size = partial?.pieceRows ?? rowPiece(columns)
      ThreadPool.runPieces(of: rows, size: size) { piece in
        let (row, at) = (piece.lowerBound, piece.lowerBound * columns)
        let place = sums.map { $0 + piece.lowerBound / size * 2 * columns }
        place?.initialize(repeating: 0, count: 2 * columns)
        ck_rms_norm_backward(x + at, w, v + row, dy + at, out.map { $0 + at }, place, piece.count, columns)
      }
      if let partial { try gradients.accumulate(to: weightNode) { partial.add(0, of: 2, to: $0, holdsSum: $1) } }
      if let dx { try gradients.add(to: inputNode) { dx } }
    }
  }

  /// Sums over rows in the making: a place for two rows of `columns` for each piece of the rows.
  struct RowSums {
    let tensor: Tensor
    let pieceRows: Int
    let columns: Int
    let pieces: Int

    /// Adds the sums number `part` of `parts` of all pieces, in order, to `buffer`.
    func add(_ part: Int, of parts: Int, to buffer: UnsafeMutablePointer<Float>, holdsSum: Bool) {
      if !holdsSum { buffer.initialize(repeating: 0, count: columns) }
      for piece in 0..<pieces {
        ck_accumulate(1, tensor.pointer + (piece * parts + part) * columns, buffer, columns)
      }
    }
  }

  static func rowSums(_ rows: Int, _ columns: Int, wanted: Bool) throws -> RowSums? {
    guard wanted else { return nil }
    let size = max(rowPiece(columns), 64)
    let pieces = (rows + size - 1) / size
    return try RowSums(
      tensor: Tensor(uninitialized: [pieces, 2, columns]), pieceRows: size, columns: columns, pieces: pieces)
  }
}
