import CKernels

extension Product {
  /// From so many rows on, products with stored weights go by the processor's tile instructions, where it has them.
  static let tiledRows = 24
  /// Bytes of the right side that are packed at a time.
  private static let packedBytes = 1 << 23

  /// c[rows, matrix.rows] = a[rows, matrix.columns] · matrixᵀ (+ bias), each float as two of 16 bits: see
  /// ck_tiles.h. What that leaves out is 2^-17 of a product, some ten times float32's own rounding.
  static func tiled(
    _ a: UnsafePointer<Float>, _ matrix: StoredMatrix, bias: UnsafePointer<Float>?, _ c: UnsafeMutablePointer<Float>,
    rows: Int
  ) throws {
    let (columns, depth) = (matrix.rows, matrix.columns)
    let chunk = min((columns + 31) / 32 * 32, max(32, packedBytes / (4 * depth) / 32 * 32))
    let leftMemory = try Tensor(uninitialized: [ck_tiles_bytes(depth, rows) / 4], operation: "product")
    let rightMemory = try Tensor(uninitialized: [ck_tiles_bytes(depth, chunk) / 4], operation: "product")
    let (left, right) = (
      UnsafeMutableRawPointer(leftMemory.freshPointer), UnsafeMutableRawPointer(rightMemory.freshPointer)
    )
    ThreadPool.runPieces(of: rows, size: 64) { piece in
      ck_tiles_pack_left(
        a + piece.lowerBound * depth, depth, depth, rows, piece.lowerBound, piece.upperBound, left)
    }
    let kernel = matrix.kernel
    for first in stride(from: 0, to: columns, by: chunk) {
      let width = min(chunk, columns - first)
      ThreadPool.runPieces(of: width, size: 32) { piece in
        let floats = UnsafeMutablePointer<Float>.allocate(capacity: piece.count * depth)
        defer { floats.deallocate() }
        withUnsafePointer(to: kernel) {
          ck_block_rows($0, first + piece.lowerBound, first + piece.upperBound, floats)
        }
        ck_tiles_pack_right(floats, depth, depth, width, piece.lowerBound, piece.upperBound, right)
      }
      let (tall, wide) = (256, 128)
      let (down, across) = ((rows + tall - 1) / tall, (width + wide - 1) / wide)
      ThreadPool.run(down * across) { index in
        let (top, from) = (index / across * tall, index % across * wide)
        ck_tiles_multiply(
          left, right, depth, top, min(top + tall, rows), from, min(from + wide, width), c + first, columns,
          bias.map { $0 + first }, 0)
      }
    }
    withExtendedLifetime((matrix, leftMemory, rightMemory)) {}
  }
}
