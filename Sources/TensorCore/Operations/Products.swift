import COpenBLAS
import CKernels

/// Matrix products, cut into tiles by shape alone so that the bits do not depend on the number of threads.
enum Product {
  /// Rows of a tile of a product with as many rows as there are tokens.
  static let tileRows = 256
  /// Products with at most so many columns are summed by our own kernel: OpenBLAS would take other kernels for few
  /// rows or columns, and an element would depend on what stands beside it.
  static let narrow = 16

  /// How `[rows, columns]` is cut: tiles of at most `tileRows` rows, and columns too where there are few rows.
  static func tiles(rows: Int, columns: Int) -> (rows: Int, columns: Int) {
    let pieces = max(1, (rows + tileRows - 1) / tileRows)
    if pieces >= 4 { return (tileRows, columns) }
    let rowSize = pieces > 1 ? ((rows + pieces - 1) / pieces + 7) / 8 * 8 : max(rows, 1)
    let parts = max(1, min(8 / pieces, columns / 96))
    return (rowSize, max(1, ((columns + parts - 1) / parts + 15) / 16 * 16))
  }

  /// c[rows, columns] = a[rows, depth] · b (+ c), where b is `[columns, depth]` if `transposed`, else `[depth, columns]`.
  static func rows(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, transposed: Bool, bias: UnsafePointer<Float>? = nil,
    _ c: UnsafeMutablePointer<Float>, rows: Int, columns: Int, depth: Int, holdsSum: Bool = false
  ) {
    if rows == 0 || columns == 0 { return }
    if depth == 0 {
      if !holdsSum { c.initialize(repeating: 0, count: rows * columns) }
      if let bias { for row in 0..<rows { ck_accumulate(1, bias, c + row * columns, columns) } }
      return
    }
    if transposed, columns <= narrow || rows <= 4 {
      let size = rows <= 4 ? max(16, 65536 / depth / 4 * 4) : columns
      let height = rows <= 4 ? rows : max(1, 65536 / depth)
      let across = (columns + size - 1) / size
      let down = (rows + height - 1) / height
      ThreadPool.run(across * down) { tile in
        let (row, column) = (tile / across * height, tile % across * size)
        ck_narrow_product(
          a + row * depth, depth, b + column * depth, depth, bias.map { $0 + column }, c + row * columns + column,
          columns, min(height, rows - row), min(size, columns - column), depth, holdsSum ? 1 : 0)
      }
      return
    }
    let tile = tiles(rows: rows, columns: columns)
    let across = (columns + tile.columns - 1) / tile.columns
    let down = (rows + tile.rows - 1) / tile.rows
    ThreadPool.run(across * down) { index in
      let (row, column) = (index / across * tile.rows, index % across * tile.columns)
      let height = min(tile.rows, rows - row)
      let width = min(tile.columns, columns - column)
      var beta: Float = holdsSum ? 1 : 0
      if let bias {
        for r in row..<row + height { (c + r * columns + column).update(from: bias + column, count: width) }
        beta = 1
      }
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans, Int32(height), Int32(width),
        Int32(depth), 1, a + row * depth, Int32(depth), transposed ? b + column * depth : b + column,
        Int32(transposed ? depth : columns), beta, c + row * columns + column, Int32(columns))
    }
  }

  /// c[rows, columns] = a[depth, rows]ᵀ · b[depth, columns] (+ c): a weight's gradient, each tile over the whole depth.
  static func transposedLeft(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>, rows: Int, columns: Int,
    depth: Int, holdsSum: Bool
  ) {
    if rows == 0 || columns == 0 { return }
    if depth == 0 {
      if !holdsSum { c.initialize(repeating: 0, count: rows * columns) }
      return
    }
    let height = min(rows, 384)
    let width = min(columns, 384)
    let across = (columns + width - 1) / width
    let down = (rows + height - 1) / height
    ThreadPool.run(across * down) { index in
      let (row, column) = (index / across * height, index % across * width)
      cblas_sgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, Int32(min(height, rows - row)), Int32(min(width, columns - column)),
        Int32(depth), 1, a + row, Int32(rows), b + column, Int32(columns), holdsSum ? 1 : 0,
        c + row * columns + column, Int32(columns))
    }
  }

  /// Extents that the library's 32-bit sizes cannot hold.
  static func check(_ operation: String, _ shapes: [Int]...) throws {
    for shape in shapes where shape.contains(where: { $0 > Int(Int32.max) }) {
      throw TensorError.invalidArgument(
        operation: operation, argument: "shape", got: "\(shape)", expected: "extents below 2,147,483,648")
    }
  }
}
