/// A weight kept as it is stored: a matrix, and whether the model has it the other way round.
package struct StoredWeight: Sendable {
  package let matrix: StoredMatrix
  /// Whether the weight is the matrix transposed: GPT-2's projections are `[input, output]`, files keep them
  /// `[output, input]`.
  package let isTransposed: Bool

  package init(_ matrix: StoredMatrix, isTransposed: Bool = false) {
    self.matrix = matrix
    self.isTransposed = isTransposed
  }

  package var shape: [Int] { isTransposed ? [matrix.columns, matrix.rows] : [matrix.rows, matrix.columns] }

  /// The weight as floats.
  package func floats() throws -> Tensor {
    let floats = try matrix.floats()
    return isTransposed ? try floats.transposed([1, 0]) : floats
  }
}

extension Tensor {
  /// A tensor without elements, for where none can be made.
  package static var none: Tensor {
    Tensor(
      storage: Storage(borrowing: UnsafeBufferPointer(start: nil, count: 0), owner: NoOwner.shared), offset: 0,
      shape: [0], count: 0)
  }
}

private final class NoOwner: Sendable {
  static let shared = NoOwner()
}
