import CKernels

extension Tensor {
  /// A projection whose weight is kept as it is stored.
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
  /// - Throws: ``TensorError/shapeMismatch``.
  package func linear(stored matrix: StoredMatrix, bias: Tensor? = nil) throws -> Tensor {
    let part = Projection(matrix, bias: bias)
    let rows = try checkedRows(part)
    let result = try Tensor(uninitialized: shape.dropLast() + [matrix.rows], operation: "linear")
    try Product.stored(pointer, part, result.freshPointer, rows: rows)
    withExtendedLifetime(self) {}
    return result
  }

  /// How many rows these are for a projection that reads them.
  func checkedRows(_ part: Projection) throws -> Int {
    let matrix = part.matrix
    guard let depth = shape.last, depth == matrix.columns, part.bias.map({ $0.shape == [matrix.rows] }) ?? true else {
      throw TensorError.shapeMismatch(
        operation: "linear", shapes: [shape, [matrix.rows, matrix.columns]] + (part.bias.map { [$0.shape] } ?? []),
        expected: "[..., input] and [output, input]")
    }
    return count / depth
  }
}

extension Product {
  /// Up to so many rows are multiplied with stored weights directly; for more the weights become floats tile by tile.
  static let fewStoredRows = 8

  /// c[rows, matrix.rows] = a[rows, matrix.columns] · matrixᵀ (+ bias).
  static func stored(
    _ a: UnsafePointer<Float>, _ part: Tensor.Projection, _ c: UnsafeMutablePointer<Float>, rows: Int
  ) throws {
    defer { withExtendedLifetime(part) {} }
    if rows == 0 { return }
    if rows <= fewStoredRows { return try few(a, [part.few(c)], rows: rows) }
    let (matrix, bias) = (part.matrix, part.bias?.pointer)
    if rows >= tiledRows, ck_tiles_available() != 0 { return try tiled(a, matrix, bias: bias, c, rows: rows) }
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
        width: width, depth: depth, holdsSum: false)
    }
    withExtendedLifetime(buffer) {}
  }

  /// Several products of the same few rows `x` at once.
  ///
  /// - Throws: ``TensorError/outOfMemory``.
  static func few(_ x: UnsafePointer<Float>, _ products: [ck_few_product], rows: Int) throws {
    var products = products
    ThreadPool.configure()
    let isDone = products.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { ck_few_products($0, buffer.count, x, rows) != 0 } ?? true
    }
    if !isDone {
      let counts = products.map { ck_block_prepared_count($0.matrix.kind, $0.matrix.columns) }
      let shape = [rows, counts.reduce(0, +)]
      throw TensorError.outOfMemory(
        operation: "linear", shape: shape, bytes: 4 * shape[0] * shape[1], available: Storage.availableMemory())
    }
  }
}

extension Tensor.Projection {
  /// This product for few rows; `out` is `[rows, output]`.
  func few(_ out: UnsafeMutablePointer<Float>, accumulates: Bool = false) -> ck_few_product {
    ck_few_product(
      matrix: matrix.kernel, rows: matrix.rows, bias: bias?.pointer, out: out, accumulate: accumulates ? 1 : 0,
      prepared: nil, pieces: 0)
  }
}
