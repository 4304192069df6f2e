import CKernels

extension Tensor {
  /// `function(self) · other` element by element: the gated unit of a feed-forward layer, piece by piece in the caches.
  /// What the function gives is not kept but computed again for the backward pass.
  ///
  /// Source: Shazeer 2020, "GLU Variants Improve Transformer" (arXiv:2002.05202).
  ///
  /// - Throws: ``TensorError/shapeMismatch`` unless both have one shape.
  package func gating(_ other: Tensor, by function: ElementFunction) throws -> Tensor {
    guard other.shape == shape else {
      throw TensorError.shapeMismatch(operation: "gate", shapes: [shape, other.shape], expected: "equal shapes")
    }
    let result = try Tensor(uninitialized: shape, operation: "gate")
    let (x, factor, y, kernel) = (pointer, other.pointer, result.freshPointer, function.kernel)
    ThreadPool.runPieces(of: count, size: elementPiece) { piece in
      let (at, length) = (piece.lowerBound, piece.count)
      ck_map(kernel, x + at, y + at, length)
      ck_binary(ck_multiply, y + at, 1, factor + at, 1, y + at, length)
    }
    let gate = self
    return result.recording("gate", [self, other]) { g, gradients in
      let dx = gate.node == nil ? nil : try Tensor(uninitialized: gate.shape)
      let dfactor = other.node == nil ? nil : try Tensor(uninitialized: gate.shape)
      let (x, factor, dy) = (gate.pointer, other.pointer, g.pointer)
      let (first, second) = (dx?.freshPointer, dfactor?.freshPointer)
      ThreadPool.runPieces(of: gate.count, size: elementPiece) { piece in
        let (at, length) = (piece.lowerBound, piece.count)
        if let second {
          ck_map(kernel, x + at, second + at, length)
          ck_binary(ck_multiply, dy + at, 1, second + at, 1, second + at, length)
        }
        if let first {
          ck_binary(ck_multiply, dy + at, 1, factor + at, 1, first + at, length)
          ck_map_backward(kernel, x + at, first + at, first + at, length)
        }
      }
      if let dx { try gradients.add(to: gate.node) { dx } }
      if let dfactor { try gradients.add(to: other.node) { dfactor } }
    }
  }
}
