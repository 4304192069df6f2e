import CKernels

/// The right side of a product in bf16 as its kernel reads it: made once for a weight that doesn't change.
package final class PackedMatrix: Sendable {
  let buffer: Tensor

  /// - Parameters:
  ///   - weight: `[output, input]`, or `[input, output]`.
  ///   - transposed: whether products are with the weight's transpose: x Wᵀ rather than x W.
  /// - Throws: ``TensorError/outOfMemory``.
  package init(_ weight: Tensor, transposed: Bool) throws {
    let (rows, columns) = (weight.shape[0], weight.shape[1])
    let (depth, width) = transposed ? (columns, rows) : (rows, columns)
    let kernel = ProductKernel.half
    buffer = try Tensor(uninitialized: [kernel.packedCount(depth, width)], operation: "product")
    if depth == 0 || width == 0 { return }
    Product.pack(weight.pointer, columns, transposed, depth, width, into: buffer.freshPointer, kernel)
  }
}

/// How a projection's products are computed, with what was packed for them before, if anything.
package struct ProductPlan {
  package var precision: Precision
  /// For x Wᵀ and for the gradient's product with W.
  package var forward: PackedMatrix?
  package var backward: (() throws -> PackedMatrix)?

  package init(
    precision: Precision = .float32, forward: PackedMatrix? = nil, backward: (() throws -> PackedMatrix)? = nil
  ) {
    self.precision = precision
    self.forward = forward
    self.backward = backward
  }
}
