import CKernels
import TensorCore

/// Features of N rows: float32 numbers, row after row.
package struct FeatureMatrix: Sendable {
  private let values: Tensor
  package let rowCount: Int
  package let columnCount: Int

  /// - Parameter values: `[N, D]`, row-major.
  /// - Throws: ``TrainingError/shapeMismatch`` if the numbers don't make `rowCount` rows of `columnCount`.
  package init(values: [Float], rowCount: Int, columnCount: Int) throws {
    let (product, overflow) = rowCount.multipliedReportingOverflow(by: columnCount)
    guard rowCount >= 0, columnCount >= 0, !overflow, product == values.count else {
      throw TrainingError.shapeMismatch(
        operation: "features", expected: "\(rowCount) rows of \(columnCount) numbers", got: "\(values.count) numbers")
    }
    self.init(unchecked: try Tensor(values), rowCount: rowCount, columnCount: columnCount)
  }

  /// - Parameter values: `[N, D]`; nothing is copied.
  /// - Throws: ``TrainingError/shapeMismatch`` for another number of axes.
  package init(_ values: Tensor) throws {
    guard values.shape.count == 2 else {
      throw TrainingError.shapeMismatch(
        operation: "features", expected: "a shape [rows, columns]", got: "\(values.shape)")
    }
    self.init(unchecked: values.detached, rowCount: values.shape[0], columnCount: values.shape[1])
  }

  private init(unchecked values: Tensor, rowCount: Int, columnCount: Int) {
    self.values = values
    self.rowCount = rowCount
    self.columnCount = columnCount
  }

  /// Gives `body` the numbers to read, row after row.
  package func withUnsafeBuffer<R, E: Error>(_ body: (UnsafeBufferPointer<Float>) throws(E) -> R) throws(E) -> R {
    try values.withUnsafeBuffer(body)
  }

  /// Some of the rows, in the order given.
  package func rows(_ chosen: [Int]) throws -> FeatureMatrix {
    var picked: [Float] = []
    picked.reserveCapacity(chosen.count * columnCount)
    withUnsafeBuffer { values in
      for row in chosen { picked.append(contentsOf: values[row * columnCount..<(row + 1) * columnCount]) }
    }
    return try FeatureMatrix(values: picked, rowCount: chosen.count, columnCount: columnCount)
  }

  /// - Throws: ``TrainingError`` if there are no rows or columns, or a number isn't finite.
  func checked(for operation: String) throws {
    guard rowCount > 0 else { throw TrainingError.empty(operation: operation, what: "rows") }
    guard columnCount > 0 else { throw TrainingError.empty(operation: operation, what: "feature columns") }
    let bad: Int? = withUnsafeBuffer { values in
      let size: Int = 1 << 16
      var finite: [Int32] = Array(repeating: 1, count: (values.count + size - 1) / size)
      finite.withUnsafeMutableBufferPointer { finite in
        nonisolated(unsafe) let finite = finite  // each piece has its own place
        ThreadPool.runPieces(of: values.count, size: size) { piece in
          guard let base = values.baseAddress else { return }
          finite[piece.lowerBound / size] = ck_all_finite(base + piece.lowerBound, piece.count)
        }
      }
      return finite.contains(0) ? values.firstIndex { !$0.isFinite } : nil
    }
    if let bad {
      throw TrainingError.notFinite(operation: operation, row: bad / columnCount, column: bad % columnCount)
    }
  }
}
