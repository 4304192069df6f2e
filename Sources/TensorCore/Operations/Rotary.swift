import CKernels
import Glibc

/// Cosines and sines for rotary positions.
///
/// Source: Su et al. 2021, "RoFormer" (arXiv:2104.09864), with the pairs (i, i + rotated / 2) of Llama.
package struct RotaryTable: Sendable {
  let cosines: [Float]
  let sines: [Float]
  /// How many columns of each head turn.
  package let rotated: Int

  /// - Parameters:
  ///   - positions: the position of each row.
  ///   - inverseFrequencies: one for each pair of columns, in radians a position.
  ///   - scale: what cosines and sines are multiplied with (1, but for some kinds of rope scaling).
  package init(positions: [Int], inverseFrequencies: [Double], scale: Double = 1) {
    var (cosines, sines): ([Float], [Float]) = ([], [])
    cosines.reserveCapacity(positions.count * inverseFrequencies.count)
    sines.reserveCapacity(positions.count * inverseFrequencies.count)
    for position in positions {
      for frequency in inverseFrequencies {
        let angle = Double(position) * frequency
        cosines.append(Float(cos(angle) * scale))
        sines.append(Float(sin(angle) * scale))
      }
    }
    self.cosines = cosines
    self.sines = sines
    self.rotated = 2 * inverseFrequencies.count
  }
}

extension Tensor {
  /// Each head of each row turned by its position: `[rows, heads · size]`.
  package func rotary(_ table: RotaryTable, heads: Int) throws -> Tensor {
    let (rows, columns) = rowsAndColumns
    guard heads > 0, columns % heads == 0, columns / heads >= table.rotated,
      table.cosines.count == rows * table.rotated / 2
    else {
      throw TensorError.shapeMismatch(
        operation: "rotary", shapes: [shape], expected: "\(heads) heads and a position for each row")
    }
    func turned(_ x: Tensor, _ direction: Float) throws -> Tensor {
      let result = try Tensor(uninitialized: x.shape, operation: "rotary")
      let (from, to, half) = (x.pointer, result.freshPointer, table.rotated / 2)
      table.cosines.withUnsafeBufferPointer { cosines in
        table.sines.withUnsafeBufferPointer { sines in
          guard let c = cosines.baseAddress, let s = sines.baseAddress else { return }
          ThreadPool.runPieces(of: rows, size: rowPiece(columns)) { piece in
            let row = piece.lowerBound
            ck_rotate(
              from + row * columns, c + row * half, s + row * half, to + row * columns, direction, piece.count, heads,
              columns / heads, table.rotated)
          }
        }
      }
      return result
    }
    if table.rotated == 0 { return self }
    let node = self.node
    return try turned(self, 1).recording("rotary", [self]) { g, gradients in
      try gradients.add(to: node) { try turned(g, -1) }
    }
  }
}
