import CKernels

/// One projection of a feed-forward layer: x Wᵀ + b, or x W + b.
package struct FeedForwardPart {
  let weight: Tensor
  let bias: Tensor?
  /// Whether the weight is `[output, input]`.
  let isTransposed: Bool
  let plan: ProductPlan

  package init(weight: Tensor, bias: Tensor?, isTransposed: Bool, plan: ProductPlan) {
    self.weight = weight
    self.bias = bias
    self.isTransposed = isTransposed
    self.plan = plan
  }

  var input: Int { weight.shape[isTransposed ? 1 : 0] }
  var output: Int { weight.shape[isTransposed ? 0 : 1] }
  var kernel: ProductKernel { plan.precision.kernel }
  var hasShape: Bool { weight.shape.count == 2 && bias.map { $0.shape == [output] } ?? true }

  /// The packed weight for products with rows of inputs, or of gradients of outputs.
  func packed(backward: Bool) throws -> Tensor {
    if !backward, let ready = plan.forward { return ready.buffer }
    if backward, let ready = try plan.backward?() { return ready.buffer }
    let (depth, columns) = backward ? (output, input) : (input, output)
    let buffer = try Tensor(uninitialized: [kernel.packedCount(depth, columns)], operation: "product")
    Product.pack(
      weight.pointer, weight.shape[1], isTransposed != backward, depth, columns, into: buffer.freshPointer, kernel)
    return buffer
  }
}

extension Tensor {
  /// The feed-forward layer of a transformer: down(activation(up(x))), block of rows by block of rows, so that what is
  /// between the two projections stays in the second-level cache. For the backward pass only the activation's input is
  /// kept, in bf16 where the projections are.
  ///
  /// Source: Vaswani et al. 2017, "Attention Is All You Need", eq. 2 (arXiv:1706.03762).
  ///
  /// - Returns: `[T, output of down]` for `[T, input of up]`.
  /// - Throws: ``TensorError/shapeMismatch``.
  package func feedForward(_ up: FeedForwardPart, _ activation: ElementFunction, _ down: FeedForwardPart) throws
    -> Tensor
  {
    guard up.hasShape, down.hasShape, shape.count == 2, shape[1] == up.input, up.output == down.input,
      up.plan.precision == down.plan.precision
    else {
      throw TensorError.shapeMismatch(
        operation: "feedForward", shapes: [shape, up.weight.shape, down.weight.shape],
        expected: "[rows, input] and two projections that fit one after the other")
    }
    let work = try FeedForwardWork(self, up, activation, down)
    let inputs = [self, up.weight, up.bias, down.weight, down.bias]
    let result = try Tensor(uninitialized: [shape[0], down.output], operation: "feedForward")
    let kept = try work.forward(into: result, keeps: inputs.contains { $0?.node != nil })
    guard let kept else { return result }
    return result.recording("feedForward", inputs) { try work.backward($0, kept, $1) }
  }
}

/// A feed-forward layer over some rows and how it is cut into blocks of rows.
private struct FeedForwardWork {
  let x: Tensor
  let up: FeedForwardPart, down: FeedForwardPart
  let nodes: (x: GraphNode?, up: GraphNode?, upBias: GraphNode?, down: GraphNode?, downBias: GraphNode?)
  let activation: ck_function
  let kernel: ProductKernel
  let isHalf: Bool
  let rows: Int, inner: Int, blockRows: Int

  init(_ x: Tensor, _ up: FeedForwardPart, _ activation: ElementFunction, _ down: FeedForwardPart) throws {
    self.x = x.detached
    self.up = FeedForwardPart(
      weight: up.weight.detached, bias: up.bias?.detached, isTransposed: up.isTransposed, plan: up.plan)
    self.down = FeedForwardPart(
      weight: down.weight.detached, bias: down.bias?.detached, isTransposed: down.isTransposed, plan: down.plan)
    nodes = (x.node, up.weight.node, up.bias?.node, down.weight.node, down.bias?.node)
    self.activation = activation.kernel
    kernel = up.kernel
    isHalf = up.plan.precision.supported == .bf16
    rows = x.shape[0]
    inner = up.output
    // Two blocks of scores would not fit beside the weights' panels: 384 thousand floats are 1.5 MB.
    let step = kernel.rowStep
    blockRows = max(step, min(kernel.tileRows / 2, 393_216 / max(inner, 1)) / step * step)
  }

  var blocks: Int { (rows + blockRows - 1) / blockRows }

  /// - Returns: the activation's input `[rows, inner]`, in halves where products are, if it is to be kept.
  func forward(into result: Tensor, keeps: Bool) throws -> Tensor? {
    let (first, second) = try (up.packed(backward: false), down.packed(backward: false))
    let kept = keeps ? try Tensor(uninitialized: [isHalf ? (rows * inner + 1) / 2 : rows * inner]) : nil
    let scratch = try BlockScratch(count: blockRows * inner)
    let (bias, lastBias) = (up.bias?.pointer, down.bias?.pointer)
    let (input, out, width) = (up.input, result.freshPointer, down.output)
    ThreadPool.runPieces(of: rows, size: blockRows) { piece in
      let (row, count) = (piece.lowerBound, piece.count)
      scratch.with { memory in
        let keptFloats = isHalf ? nil : kept.map { $0.freshPointer + row * inner }
        let before = keptFloats ?? memory
        kernel.multiply(
          x.pointer + row * input, input, 0, first.pointer, input, input, inner, 0, inner, before, inner, count, bias,
          0)
        if isHalf, let kept { ck_to_half(before, kept.freshPointer, row * inner, count * inner) }
        ck_map(activation, before, memory, count * inner)
        kernel.multiply(
          memory, inner, 0, second.pointer, inner, inner, width, 0, width, out + row * width, width, count, lastBias, 0)
      }
    }
    return kept
  }

  func backward(_ g: Tensor, _ kept: Tensor, _ gradients: Gradients) throws {
    let (input, width) = (up.input, down.output)
    let wantsInner = nodes.x != nil || nodes.up != nil || nodes.upBias != nil
    let after = nodes.down == nil ? nil : try Tensor(uninitialized: [rows, inner])
    let slopes = nodes.up == nil ? nil : try Tensor(uninitialized: [rows, inner])
    let dx = nodes.x == nil ? nil : try Tensor(uninitialized: [rows, input])
    let sums = nodes.upBias == nil ? nil : try Tensor(zeros: [blocks, inner])
    let back = wantsInner ? try down.packed(backward: true) : nil
    let further = dx == nil ? nil : try up.packed(backward: true)
    let scratch = try BlockScratch(count: 3 * blockRows * inner)
    if wantsInner || after != nil {
      ThreadPool.runPieces(of: rows, size: blockRows) { piece in
        let (row, count) = (piece.lowerBound, piece.count)
        let all = count * inner
        scratch.with { memory in
          var before = kept.pointer + row * inner
          if isHalf {
            ck_from_half(kept.pointer, row * inner, memory, all)
            before = UnsafePointer(memory)
          }
          if let after { ck_map(activation, before, after.freshPointer + row * inner, all) }
          guard let back else { return }
          let outer = memory + blockRows * inner
          let slope = slopes.map { $0.freshPointer + row * inner } ?? outer + blockRows * inner
          kernel.multiply(
            g.pointer + row * width, width, 0, back.pointer, width, width, inner, 0, inner, outer, inner, count, nil, 0)
          ck_map_backward(activation, before, outer, slope, all)
          if let sums { ck_sum_rows(slope, sums.freshPointer + row / blockRows * inner, count, inner) }
          if let dx, let further {
            kernel.multiply(
              slope, inner, 0, further.pointer, inner, inner, input, 0, input, dx.freshPointer + row * input, input,
              count, nil, 0)
          }
        }
      }
    }
    if let dx { try gradients.add(to: nodes.x) { dx } }
    if let after { try weightGradient(of: down, nodes.down, after, g, gradients) }
    if let slopes { try weightGradient(of: up, nodes.up, x, slopes, gradients) }
    if let sums {
      try gradients.accumulate(to: nodes.upBias) { buffer, holdsSum in
        if !holdsSum { buffer.initialize(repeating: 0, count: inner) }
        for block in 0..<blocks { ck_accumulate(1, sums.pointer + block * inner, buffer, inner) }
      }
    }
    try gradients.accumulate(to: nodes.downBias) { buffer, holdsSum in
      if !holdsSum { buffer.initialize(repeating: 0, count: width) }
      Tensor.sumRows(g.pointer, buffer, rows, width)
    }
  }

  /// Adds that of a projection from rows of its input and of its output's gradient.
  private func weightGradient(
    of projection: FeedForwardPart, _ node: GraphNode?, _ input: Tensor, _ g: Tensor, _ gradients: Gradients
  ) throws {
    let isTransposed = projection.isTransposed
    try gradients.accumulate(to: node) { buffer, holdsSum in
      let (left, right) = isTransposed ? (g, input) : (input, g)
      try Product.transposedLeft(
        left.pointer, right.pointer, buffer, rows: isTransposed ? projection.output : projection.input,
        columns: isTransposed ? projection.input : projection.output, depth: rows, holdsSum: holdsSum,
        precision: projection.plan.precision)
    }
  }
}
