/// A row-major array of 64-bit integers: token ids, labels, positions of maxima. Shaped, indexed, compared and
/// gathered with; no arithmetic.
package struct IndexTensor: Equatable, Sendable {
  /// The elements, row by row.
  package private(set) var elements: [Int]
  /// The extent of each axis; `[]` for a single number.
  package private(set) var shape: [Int]

  /// - Throws: ``TensorError/shapeMismatch`` if the number of elements is not that of the shape.
  package init(_ elements: [Int], shape: [Int]) throws {
    guard try Tensor.count(of: shape) == elements.count else {
      throw TensorError.shapeMismatch(
        operation: "tensor", shapes: [shape], expected: "a shape of \(elements.count) elements")
    }
    self.elements = elements
    self.shape = shape
  }

  /// A vector of integers.
  package init(_ elements: [Int]) {
    self.elements = elements
    self.shape = [elements.count]
  }

  package var count: Int { elements.count }

  /// The same elements under another shape.
  package func reshaped(_ shape: [Int]) throws -> IndexTensor {
    try IndexTensor(elements, shape: Tensor.resolved(shape, count: count, operation: "reshape"))
  }

  /// The same numbers as floats.
  package func floats() throws -> Tensor { try Tensor(elements.map { Float($0) }, shape: shape) }
}
