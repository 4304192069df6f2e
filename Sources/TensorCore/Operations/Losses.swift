import CKernels

extension Tensor {
  /// Cross-entropy of each row of logits `[rows, classes]` with its label; the mean over rows that count.
  ///
  /// As torch.nn.functional.cross_entropy: with class weights the mean is weighted, and smoothing spreads that share
  /// of a label evenly over all classes (Szegedy et al. 2016, arXiv:1512.00567). NaN if no row counts.
  ///
  /// - Parameters:
  ///   - ignoring: the label of rows that do not count.
  ///   - weights: one for each class.
  ///   - divisor: divides the sum instead of the number of rows (or their weights) that count, for batches in parts.
  /// - Throws: ``TensorError/shapeMismatch``, ``TensorError/indexOutOfRange`` for a label that is no class.
  package func crossEntropy(
    _ labels: [Int], ignoring: Int = -100, weights: [Float]? = nil, smoothing: Float = 0, divisor: Float? = nil
  ) throws -> Tensor {
    guard shape.count == 2, labels.count == shape[0], weights.map({ $0.count == shape[1] }) ?? true else {
      throw TensorError.shapeMismatch(
        operation: "crossEntropy", shapes: [shape], expected: "[\(labels.count), classes]")
    }
    let (rows, classes) = (shape[0], shape[1])
    if let wrong = labels.first(where: { $0 != ignoring && ($0 < 0 || $0 >= classes) }) {
      throw TensorError.indexOutOfRange(operation: "crossEntropy", index: wrong, count: classes)
    }
    let logs = try Tensor(uninitialized: shape, operation: "crossEntropy")
    let (x, p) = (pointer, logs.freshPointer)
    let classWeights = weights ?? [Float](repeating: 1, count: classes)
    let allWeights = Double(classWeights.reduce(0, +))
    var rowLosses = [Double](repeating: 0, count: rows)
    rowLosses.withUnsafeMutableBufferPointer { buffer in
      let losses = buffer
      ThreadPool.runPieces(of: rows, size: rowPiece(classes)) { piece in
        for row in piece where labels[row] != ignoring {
          let at = row * classes
          ck_log_softmax(x + at, p + at, 1, classes)
          var loss = Double(classWeights[labels[row]]) * -Double(p[at + labels[row]])
          if smoothing > 0 {
            var even = 0.0
            for k in 0..<classes { even -= Double(classWeights[k]) * Double(p[at + k]) }
            loss = (1 - Double(smoothing)) * loss + Double(smoothing) / Double(classes) * even
          }
          losses[row] = loss
        }
      }
    }
    var total = Float(0)
    for label in labels where label != ignoring { total += classWeights[label] }
    let divided = divisor ?? total
    let result = try Tensor(scalar: Float(rowLosses.reduce(0, +) / Double(divided)))
    let node = self.node
    return result.recording("crossEntropy", [self]) { g, gradients in
      try gradients.add(to: node) {
        let dx = try Tensor(uninitialized: [rows, classes])
        let (p, out, scale) = (logs.pointer, dx.freshPointer, try g.item() / divided)
        let even = smoothing / Float(classes)
        ThreadPool.runPieces(of: rows, size: rowPiece(classes)) { piece in
          for row in piece {
            let at = row * classes
            if labels[row] == ignoring {
              (out + at).initialize(repeating: 0, count: classes)
              continue
            }
            // -Σ target log p with targets that sum to `mass`: its slope is mass · p - target.
            let hard = (1 - smoothing) * classWeights[labels[row]]
            let mass = hard + even * Float(allWeights)
            ck_map(ck_exp, p + at, out + at, classes)
            for k in 0..<classes { out[at + k] = scale * (mass * out[at + k] - even * classWeights[k]) }
            out[at + labels[row]] -= scale * hard
          }
        }
        return dx
      }
    }
  }

  /// The mean squared difference.
  package func meanSquaredError(_ targets: Tensor) throws -> Tensor {
    guard targets.count == count else {
      throw TensorError.shapeMismatch(
        operation: "meanSquaredError", shapes: [shape, targets.shape], expected: "equal shapes")
    }
    let difference = try self - targets.reshaped(shape)
    return try difference.map(.square).mean()
  }

  /// The mean binary cross-entropy of logits with targets in [0, 1], for several labels a row.
  package func binaryCrossEntropy(_ targets: Tensor) throws -> Tensor {
    guard targets.count == count else {
      throw TensorError.shapeMismatch(
        operation: "binaryCrossEntropy", shapes: [shape, targets.shape], expected: "equal shapes")
    }
    let targets = try targets.reshaped(shape)
    // t · softplus(-x) + (1 - t) · softplus(x)
    let positive = try targets * map(.negate).map(.softplus)
    let negative = try targets.scaled(by: -1, plus: 1) * map(.softplus)
    return try (positive + negative).mean()
  }
}
