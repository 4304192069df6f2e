import CKernels

/// Where the rows of a ragged batch stand in the data: what random draws are keyed by, so that they depend neither on
/// the composition of a batch nor on threads.
package struct RowPlaces: Sendable {
  /// The step or epoch of the draw.
  package let step: UInt32
  /// For each row, the number of its example in the data, modulo 2³².
  package let examples: [UInt32]
  /// For each row, its place in its sequence.
  package let tokens: [UInt32]

  /// - Parameters:
  ///   - offsets: first row of each sequence and, last, their number.
  ///   - examples: the number in the data of each sequence.
  package init(step: Int, offsets: [Int], examples: [Int]) {
    self.step = UInt32(truncatingIfNeeded: step)
    var (rows, tokens): ([UInt32], [UInt32]) = ([], [])
    for (example, (start, end)) in zip(examples, zip(offsets, offsets.dropFirst())) where start <= end {
      rows += repeatElement(UInt32(truncatingIfNeeded: example), count: end - start)
      tokens += (0..<end - start).map { UInt32(truncatingIfNeeded: $0) }
    }
    self.examples = rows
    self.tokens = tokens
  }

  private init(step: UInt32, examples: [UInt32], tokens: [UInt32]) {
    self.step = step
    self.examples = examples
    self.tokens = tokens
  }

  /// The places of some of the rows.
  package func selecting(_ rows: [Int]) -> RowPlaces {
    RowPlaces(step: step, examples: rows.map { examples[$0] }, tokens: rows.map { tokens[$0] })
  }
}

/// Dropout at one place of a model: how much, with which random numbers.
package struct Dropout: Sendable {
  package let rate: Float
  package let random: Philox
  package let places: RowPlaces

  package init(rate: Float, random: Philox, places: RowPlaces) {
    self.rate = rate
    self.random = random
    self.places = places
  }

  func apply(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    let (rate, key, step) = (rate, random.key, places.step)
    places.examples.withUnsafeBufferPointer { examples in
      places.tokens.withUnsafeBufferPointer { tokens in
        let (examples, tokens) = (examples, tokens)
        ThreadPool.runPieces(of: rows, size: max(1, rowPiece(columns) / 2)) { piece in
          for row in piece {
            let at = row * columns
            ck_dropout_row(x + at, y + at, nil, nil, columns, rate, tokens[row], examples[row], step, key)
          }
        }
      }
    }
  }
}

extension Tensor {
  /// Dropout: each element is 0 with probability `rate`, else divided by 1 - rate. `[rows, columns]`.
  ///
  /// Source: Srivastava et al. 2014. The mask is drawn again for the backward pass, not kept.
  /// - Throws: ``TensorError/shapeMismatch`` unless there is a place for each row.
  package func dropout(_ dropout: Dropout) throws -> Tensor {
    if dropout.rate <= 0 { return self }
    let (rows, columns) = rowsAndColumns
    guard dropout.places.tokens.count == rows, dropout.places.examples.count == rows else {
      throw TensorError.shapeMismatch(
        operation: "dropout", shapes: [shape], expected: "\(dropout.places.tokens.count) rows")
    }
    let result = try Tensor(uninitialized: shape, operation: "dropout")
    dropout.apply(pointer, result.freshPointer, rows: rows, columns: columns)
    let node = self.node
    return result.recording("dropout", [self]) { g, gradients in
      try gradients.add(to: node) {
        let dx = try Tensor(uninitialized: g.shape)
        dropout.apply(g.pointer, dx.freshPointer, rows: rows, columns: columns)
        return dx
      }
    }
  }
}
