import CKernels

extension Tensor {
  /// One of the projections that ``projections(_:)`` computes.
  package struct Projection {
    let matrix: StoredMatrix
    let bias: Tensor?

    package init(_ matrix: StoredMatrix, bias: Tensor? = nil) {
      self.matrix = matrix
      self.bias = bias
    }
  }

  /// `x Wᵀ + b` with a weight as it is stored, `[output, input]`. Nothing is recorded.
  ///
  /// - Parameter residual: `[..., output]`, added to the result.
  /// - Throws: ``TensorError/shapeMismatch``.
  package func linear(stored matrix: StoredMatrix, bias: Tensor? = nil, residual: Tensor? = nil) throws -> Tensor {
    let rows = try checkedRows(matrix, bias)
    let result = try Tensor(uninitialized: shape.dropLast() + [matrix.rows], operation: "linear")
    if let residual {
      guard residual.shape == result.shape else {
        throw TensorError.shapeMismatch(
          operation: "linear", shapes: [residual.shape], expected: "a residual of \(result.shape)")
      }
      result.storage.base.update(from: residual.pointer, count: residual.count)
    }
    try Product.stored(
      pointer, matrix, bias: bias?.pointer, result.freshPointer, rows: rows, holdsSum: residual != nil)
    return result
  }

  /// One projection, added to a residual.
  package func projected(_ part: Projection, residual: Tensor) throws -> Tensor {
    try linear(stored: part.matrix, bias: part.bias, residual: residual)
  }

  /// Several projections of the same rows, few rows in one go.
  package func projections(_ parts: [Projection]) throws -> [Tensor] {
    var rows = 0
    for part in parts { rows = try checkedRows(part.matrix, part.bias) }
    let results = try parts.map {
      try Tensor(uninitialized: shape.dropLast() + [$0.matrix.rows], operation: "linear")
    }
    guard rows <= Product.fewStoredRows else {
      for (part, result) in zip(parts, results) {
        try Product.stored(pointer, part.matrix, bias: part.bias?.pointer, result.freshPointer, rows: rows)
      }
      return results
    }
    try Product.few(
      zip(parts, results).map {
        Product.FewRows(
          x: pointer, matrix: $0.matrix, bias: $0.bias?.pointer, out: $1.freshPointer, rows: rows, holdsSum: false)
      })
    return results
  }

  private func checkedRows(_ matrix: StoredMatrix, _ bias: Tensor?) throws -> Int {
    guard let depth = shape.last, depth == matrix.columns, bias.map({ $0.shape == [matrix.rows] }) ?? true else {
      throw TensorError.shapeMismatch(
        operation: "linear", shapes: [shape, [matrix.rows, matrix.columns]] + (bias.map { [$0.shape] } ?? []),
        expected: "[..., input] and [output, input]")
    }
    return count / depth
  }
}

extension Product {
  /// Up to so many rows are multiplied with stored weights directly; for more the weights become floats tile by tile.
  static let fewStoredRows = 8

  /// A product of few rows with a stored matrix.
  struct FewRows {
    let x: UnsafePointer<Float>
    let matrix: StoredMatrix
    let bias: UnsafePointer<Float>?
    let out: UnsafeMutablePointer<Float>
    let rows: Int
    let holdsSum: Bool
    /// What kernels read beside `x`.
    var prepared: Tensor?

    /// Pieces of some 128 KB of weights, an equal share of them for each thread: one more for one thread than for
    /// another would be a tenth of a small product's time, and where a piece begins the processor's own reading ahead
    /// begins anew.
    var pieces: Int {
      let threads = ThreadPool.threadCount
      let wanted = matrix.rows * matrix.kernel.row_bytes / (1 << 17)
      return max(1, min((wanted + threads - 1) / threads * threads, matrix.rows / 8))
    }
  }

  /// c[rows, matrix.rows] = a[rows, matrix.columns] · matrixᵀ (+ bias) (+ c).
  static func stored(
    _ a: UnsafePointer<Float>, _ matrix: StoredMatrix, bias: UnsafePointer<Float>?, _ c: UnsafeMutablePointer<Float>,
    rows: Int, holdsSum: Bool = false
  ) throws {
    if rows == 0 { return }
    if rows <= fewStoredRows {
      return try few([FewRows(x: a, matrix: matrix, bias: bias, out: c, rows: rows, holdsSum: holdsSum)])
    }
    if rows >= tiledRows, ck_tiles_available() != 0 {
      return try tiled(a, matrix, bias: bias, c, rows: rows, holdsSum: holdsSum)
    }
    let (columns, depth, panel) = (matrix.rows, matrix.columns, ck_panel_columns())
    let chunk = min(columns, max(panel, packedCount / depth / panel * panel))
    let buffer = try Tensor(uninitialized: [ck_packed_count(depth, chunk)], operation: "product")
    let memory = buffer.freshPointer
    let kernel = matrix.kernel
    for first in stride(from: 0, to: columns, by: chunk) {
      let width = min(chunk, columns - first)
      let panels = (width + panel - 1) / panel
      ThreadPool.runPieces(of: panels, size: max(1, (1 << 15) / (depth * panel))) { piece in
        let (from, to) = (piece.lowerBound * panel, min(piece.upperBound * panel, width))
        let floats = UnsafeMutablePointer<Float>.allocate(capacity: (to - from) * depth)
        defer { floats.deallocate() }
        withUnsafePointer(to: kernel) { ck_block_rows($0, first + from, first + to, floats) }
        ck_pack(floats - from * depth, depth, 1, depth, width, piece.lowerBound, piece.upperBound, memory)
      }
      multiply(
        a, depth, false, packed: memory, c + first, step: columns, bias: bias.map { $0 + first }, rows: rows,
        width: width, depth: depth, holdsSum: holdsSum)
    }
    withExtendedLifetime(matrix) {}
  }

  /// Several products at once.
  static func few(_ given: [FewRows]) throws {
    var products = given
    for index in products.indices {
      // Mostly all have the same input.
      let twin = products[..<index].first { $0.readsAlike(products[index]) }
      products[index].prepared = try twin?.prepared ?? products[index].preparation()
    }
    let work = products
    ThreadPool.run(work.reduce(0) { $0 + $1.pieces }) { index in
      var piece = index
      for product in work {
        let pieces = product.pieces
        if piece < pieces {
          product.compute(piece, of: pieces)
          return
        }
        piece -= pieces
      }
    }
  }
}

extension Product.FewRows {
  fileprivate func readsAlike(_ other: Self) -> Bool {
    x == other.x && rows == other.rows && matrix.kernel.kind == other.matrix.kernel.kind
      && matrix.columns == other.matrix.columns
  }

  fileprivate func preparation() throws -> Tensor? {
    let count = ck_block_prepared_count(matrix.kernel.kind, matrix.columns)
    if count == 0 { return nil }
    let memory = try Tensor(uninitialized: [rows, count], operation: "product")
    ck_block_prepare(matrix.kernel.kind, matrix.columns, x, matrix.columns, rows, memory.freshPointer)
    return memory
  }

  fileprivate func compute(_ piece: Int, of pieces: Int) {
    let size = (matrix.rows + pieces - 1) / pieces
    let first = piece * size
    let last = min(first + size, matrix.rows)
    if first >= last { return }
    withUnsafePointer(to: matrix.kernel) {
      ck_block_product(
        $0, first, last, x, matrix.columns, prepared?.pointer, rows, bias, out, matrix.rows, holdsSum ? 1 : 0)
    }
  }
}
