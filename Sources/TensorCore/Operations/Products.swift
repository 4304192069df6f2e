import CKernels

/// Matrix products. The right side is packed once, then tiles of the result are computed from it, on all threads.
///
/// Each element is one chain of multiply-adds whose order depends on the depth alone (see ck_gemm.h), so the bits are
/// the same with any number of threads and whatever rows and columns stand beside it.
enum Product {
  /// Products with at most so many columns, or rows, are summed without packing.
  static let narrow = 16
  static let fewRows = 4
  /// Floats of the right side that are packed at a time: they stay in the last-level cache.
  static let packedCount = 1 << 22
  /// c[rows, columns] = a[rows, depth] · b (+ c), where b is `[columns, depth]` if `transposed`, else `[depth, columns]`.
  static func rows(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, transposed: Bool, bias: UnsafePointer<Float>? = nil,
    _ c: UnsafeMutablePointer<Float>, rows: Int, columns: Int, depth: Int, holdsSum: Bool = false,
    precision: Precision = .float32, packed ready: PackedMatrix? = nil
  ) throws {
    if transposed, depth > 0, columns <= narrow || rows <= fewRows {
      return sums(a, b, bias, c, rows: rows, columns: columns, depth: depth, holdsSum: holdsSum)
    }
    try packed(
      a, depth, false, b, transposed ? depth : columns, transposed, bias, c, rows: rows, columns: columns,
      depth: depth, holdsSum: holdsSum, precision.kernel, ready)
  }

  /// c[rows, columns] = a[depth, rows]ᵀ · b[depth, columns] (+ c): a weight's gradient.
  static func transposedLeft(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>, rows: Int, columns: Int,
    depth: Int, holdsSum: Bool, precision: Precision = .float32
  ) throws {
    try packed(
      a, rows, true, b, columns, false, nil, c, rows: rows, columns: columns, depth: depth, holdsSum: holdsSum,
      precision.kernel)
  }

  private static func packed(
    _ a: UnsafePointer<Float>, _ stepA: Int, _ transposedA: Bool, _ b: UnsafePointer<Float>, _ stepB: Int,
    _ transposedB: Bool, _ bias: UnsafePointer<Float>?, _ c: UnsafeMutablePointer<Float>, rows: Int, columns: Int,
    depth: Int, holdsSum: Bool, _ kernel: ProductKernel, _ ready: PackedMatrix? = nil
  ) throws {
    if rows == 0 || columns == 0 { return }
    if depth == 0 {
      if !holdsSum { c.initialize(repeating: 0, count: rows * columns) }
      if let bias { for row in 0..<rows { ck_accumulate(1, bias, c + row * columns, columns) } }
      return
    }
    let panel = kernel.panelColumns
    let chunk = ready == nil ? min(columns, max(panel, packedCount / depth / panel * panel)) : columns
    let buffer = try ready?.buffer ?? Tensor(uninitialized: [kernel.packedCount(depth, chunk)], operation: "product")
    let memory = buffer.freshPointer
    for first in stride(from: 0, to: columns, by: chunk) {
      let width = min(chunk, columns - first)
      if ready == nil {
        pack(transposedB ? b + first * stepB : b + first, stepB, transposedB, depth, width, into: memory, kernel)
      }
      multiply(
        a, stepA, transposedA, packed: memory, c + first, step: columns, bias: bias.map { $0 + first }, rows: rows,
        width: width, depth: depth, holdsSum: holdsSum, kernel)
    }
  }

  /// Tiles of c, whose rows lie `step` apart, from a right side that is packed.
  static func multiply(
    _ a: UnsafePointer<Float>, _ stepA: Int, _ transposedA: Bool, packed: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, step: Int, bias: UnsafePointer<Float>?, rows: Int, width: Int, depth: Int,
    holdsSum: Bool, _ kernel: ProductKernel = .single
  ) {
    let panel = kernel.panelColumns
    let panels = (width + panel - 1) / panel
    let tile = tiles(rows: rows, panels: panels, kernel)
    let across = (panels + tile.panels - 1) / tile.panels
    let down = (rows + tile.rows - 1) / tile.rows
    ThreadPool.run(across * down) { index in
      let (row, from) = (index / across * tile.rows, index % across * tile.panels * panel)
      kernel.multiply(
        transposedA ? a + row : a + row * stepA, stepA, transposedA ? 1 : 0, packed, depth, depth, width, from,
        min(from + tile.panels * panel, width), c + row * step, step, min(tile.rows, rows - row), bias,
        holdsSum ? 1 : 0)
    }
  }

  /// Packs a right side on all threads.
  static func pack(
    _ b: UnsafePointer<Float>, _ step: Int, _ transposed: Bool, _ depth: Int, _ columns: Int,
    into memory: UnsafeMutablePointer<Float>, _ kernel: ProductKernel
  ) {
    let panel = kernel.panelColumns
    ThreadPool.runPieces(of: (columns + panel - 1) / panel, size: max(1, (1 << 15) / (depth * panel))) { piece in
      kernel.pack(b, step, transposed ? 1 : 0, depth, columns, piece.lowerBound, piece.upperBound, memory)
    }
  }

  /// Rows and panels of a tile: all panels, but where there are few rows they are shared out too.
  private static func tiles(rows: Int, panels: Int, _ kernel: ProductKernel) -> (rows: Int, panels: Int) {
    let down = (rows + kernel.tileRows - 1) / kernel.tileRows
    let height = ((rows + down - 1) / down + kernel.rowStep - 1) / kernel.rowStep * kernel.rowStep
    let across = max(1, min(8 / down, panels / 4))
    return (height, (panels + across - 1) / across)
  }

  private static func sums(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?,
    _ c: UnsafeMutablePointer<Float>, rows: Int, columns: Int, depth: Int, holdsSum: Bool
  ) {
    if rows == 0 || columns == 0 { return }
    let few = rows <= fewRows
    let size = few ? max(16, 65536 / depth / 4 * 4) : columns
    let height = few ? rows : max(1, 65536 / depth)
    let across = (columns + size - 1) / size
    let down = (rows + height - 1) / height
    ThreadPool.run(across * down) { tile in
      let (row, column) = (tile / across * height, tile % across * size)
      ck_narrow_product(
        a + row * depth, depth, b + column * depth, depth, bias.map { $0 + column }, c + row * columns + column,
        columns, min(height, rows - row), min(size, columns - column), depth, holdsSum ? 1 : 0)
    }
  }
}
