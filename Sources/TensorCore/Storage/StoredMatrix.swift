import CKernels

/// A matrix of weights kept as a file stores it: blocks of quantised numbers, halves, or plain floats. It is multiplied
/// with as it is, and becomes floats only where something asks for them.
///
/// The layouts are those of ggml's block types, named as GGUF names them.
package final class StoredMatrix: @unchecked Sendable {
  package enum Format: String, Sendable, CaseIterable {
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"
    case q8_0 = "Q8_0"
    case q4_0 = "Q4_0"
    case q4_1 = "Q4_1"
    case q5_0 = "Q5_0"
    case q5_1 = "Q5_1"
    case q4_k = "Q4_K"
    case q5_k = "Q5_K"
    case q6_k = "Q6_K"

    var kind: ck_block_kind {
      switch self {
      case .f32: ck_f32
      case .f16: ck_f16
      case .bf16: ck_bf16
      case .q8_0: ck_q8_0
      case .q4_0: ck_q4_0
      case .q4_1: ck_q4_1
      case .q5_0: ck_q5_0
      case .q5_1: ck_q5_1
      case .q4_k: ck_q4_k
      case .q5_k: ck_q5_k
      case .q6_k: ck_q6_k
      }
    }
  }

  package let format: Format
  /// Of the matrix, as it is multiplied: `[output, input]`.
  package let rows: Int
  package let columns: Int
  /// Bytes as stored.
  package let byteCount: Int
  /// What kernels read; ``owner`` and ``order`` keep it valid.
  let kernel: ck_block_matrix
  private let owner: AnyObject
  private let order: UnsafeMutablePointer<Int32>?

  /// - Parameters:
  ///   - bytes: the matrix row by row, which `owner` keeps valid and unchanged.
  ///   - order: where row r is stored, for files that keep the rows in another order.
  /// - Throws: ``TensorError/shapeMismatch`` where the bytes are not as many as format and shape ask for.
  package init(
    _ bytes: UnsafeRawBufferPointer, format: Format, rows: Int, columns: Int, owner: AnyObject, order: [Int]? = nil
  ) throws {
    let kind = format.kind
    let count = try Tensor.count(of: [rows, columns])
    guard columns > 0, count > 0, columns % ck_block_columns(kind) == 0, let base = bytes.baseAddress,
      bytes.count == rows * ck_block_row_bytes(kind, columns), Int32(exactly: rows) != nil,
      order.map({ $0.count == rows && $0.allSatisfy { (0..<rows).contains($0) } }) ?? true
    else {
      throw TensorError.shapeMismatch(
        operation: "\(format.rawValue) matrix", shapes: [[rows, columns]],
        expected: "the size of its \(bytes.count) bytes"
      )
    }
    self.format = format
    self.rows = rows
    self.columns = columns
    self.owner = owner
    byteCount = bytes.count
    if let order {
      let memory = UnsafeMutablePointer<Int32>.allocate(capacity: rows)
      for (row, place) in order.enumerated() { memory[row] = Int32(truncatingIfNeeded: place) }
      self.order = memory
    } else {
      self.order = nil
    }
    kernel = ck_block_matrix(
      kind: kind, base: base.assumingMemoryBound(to: UInt8.self), order: UnsafePointer(self.order), columns: columns,
      row_bytes: ck_block_row_bytes(kind, columns))
  }

  deinit { order?.deallocate() }

  /// `count` weights that lie one after the other as floats; whole blocks only.
  package static func convert(
    _ source: UnsafeRawPointer, _ format: Format, into target: UnsafeMutablePointer<Float>, count: Int
  ) {
    ck_block_floats(format.kind, source, count, target)
  }

  /// The bytes as stored.
  package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeRawBufferPointer(start: kernel.base, count: byteCount))
  }

  /// The whole matrix as floats, `[rows, columns]`.
  package func floats() throws -> Tensor {
    let result = try Tensor(uninitialized: [rows, columns], operation: format.rawValue + " as floats")
    let (memory, kernel, columns) = (result.freshPointer, self.kernel, self.columns)
    ThreadPool.runPieces(of: rows, size: max(1, (1 << 16) / columns)) { piece in
      withUnsafePointer(to: kernel) {
        ck_block_rows($0, piece.lowerBound, piece.upperBound, memory + piece.lowerBound * columns)
      }
    }
    return result
  }

  /// Rows by id as floats: `[ids, columns]`.
  ///
  /// - Throws: ``TensorError/indexOutOfRange``.
  package func embedding(_ ids: [Int]) throws -> Tensor {
    if let wrong = ids.first(where: { $0 < 0 || $0 >= rows }) {
      throw TensorError.indexOutOfRange(operation: "embedding", index: wrong, count: rows)
    }
    let result = try Tensor(uninitialized: [ids.count, columns], operation: "embedding")
    let memory = result.freshPointer
    withUnsafePointer(to: kernel) { kernel in
      for (row, id) in ids.enumerated() { ck_block_rows(kernel, id, id + 1, memory + row * columns) }
    }
    return result
  }
}
