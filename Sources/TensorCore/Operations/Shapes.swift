import CKernels

extension Tensor {
  /// A shape in which one extent may be -1 for whatever is left.
  package static func resolved(_ shape: [Int], count: Int, operation: String) throws -> [Int] {
    var result = shape
    if let free = shape.firstIndex(of: -1) {
      result[free] = 1
      let rest = try Tensor.count(of: result, operation: operation)
      if rest > 0, count % rest == 0 { result[free] = count / rest } else { result[free] = -1 }
    }
    guard !result.contains(where: { $0 < 0 }), try Tensor.count(of: result, operation: operation) == count else {
      throw TensorError.shapeMismatch(operation: operation, shapes: [shape], expected: "a shape of \(count) elements")
    }
    return result
  }

  /// The same elements under another shape; one extent may be -1 for whatever is left. Shares storage.
  package func reshaped(_ shape: [Int]) throws -> Tensor {
    let shape = try Tensor.resolved(shape, count: count, operation: "reshape")
    let input = self
    return viewed(as: shape).recording("reshape", [self]) { g, gradients in
      try gradients.add(to: input.node) { g.viewed(as: input.shape) }
    }
  }

  /// The axes in another order; by default reversed.
  package func transposed(_ order: [Int]? = nil) throws -> Tensor {
    let axes = try (order ?? Array(shape.indices.reversed())).map { try axis($0, operation: "transpose") }
    guard axes.sorted() == Array(shape.indices) else {
      throw TensorError.invalidArgument(
        operation: "transpose", argument: "axes", got: "\(axes)", expected: "each axis once")
    }
    let result = try Tensor(uninitialized: axes.map { shape[$0] }, operation: "transpose")
    var steps = [Int](repeating: 1, count: shape.count)
    for i in stride(from: shape.count - 2, through: 0, by: -1) { steps[i] = steps[i + 1] * shape[i + 1] }
    copyStrided(axes.map { steps[$0] }, to: result)
    let input = self
    return result.recording("transpose", [self]) { g, gradients in
      try gradients.add(to: input.node) {
        var back = axes
        for (i, axis) in axes.enumerated() { back[axis] = i }
        return try g.transposed(back)
      }
    }
  }

  /// Fills `result` with the elements found by stepping `steps` along its axes.
  func copyStrided(_ steps: [Int], from start: Int = 0, to result: Tensor) {
    if result.count == 0 { return }
    let (x, y, shape) = (pointer + start, result.freshPointer, result.shape)
    guard let columns = shape.last, let step = steps.last else {
      y[0] = x[0]
      return
    }
    ThreadPool.runPieces(of: result.count / columns, size: rowPiece(columns)) { rows in
      for row in rows {
        var (rest, i) = (row, 0)
        for axis in stride(from: shape.count - 2, through: 0, by: -1) {
          i += rest % shape[axis] * steps[axis]
          rest /= shape[axis]
        }
        let (from, to) = (x + i, y + row * columns)
        if step == 1 { to.update(from: from, count: columns) } else { for k in 0..<columns { to[k] = from[k * step] } }
      }
    }
  }

  /// Every `step`-th index of `range` along an axis. Along the first axis with step 1 it shares storage.
  package func sliced(axis: Int, _ range: Range<Int>, step: Int = 1) throws -> Tensor {
    let axis = try self.axis(axis, operation: "slice")
    guard range.lowerBound >= 0, range.upperBound <= shape[axis] else {
      throw TensorError.indexOutOfRange(operation: "slice", index: range.upperBound, count: shape[axis])
    }
    guard step > 0 else {
      throw TensorError.invalidArgument(operation: "slice", argument: "step", got: "\(step)", expected: "at least 1")
    }
    if step != 1 {
      return try gathered(axis: axis, Array(stride(from: range.lowerBound, to: range.upperBound, by: step)))
    }
    let (outer, length, inner) = around(axis)
    var shape = self.shape
    shape[axis] = range.count
    let (start, width) = (range.lowerBound * inner, range.count * inner)
    let result: Tensor
    if outer == 1 {
      result = viewed(as: shape, from: start, count: width)
    } else {
      result = try Tensor(uninitialized: shape, operation: "slice")
      let (x, y) = (pointer + start, result.freshPointer)
      for block in 0..<outer { (y + block * width).update(from: x + block * length * inner, count: width) }
    }
    let input = self
    return result.recording("slice", [self]) { g, gradients in
      try gradients.accumulate(to: input.node) { buffer, holdsSum in
        if !holdsSum { buffer.initialize(repeating: 0, count: input.count) }
        let dy = g.pointer
        for block in 0..<outer {
          ck_accumulate(1, dy + block * width, buffer + block * length * inner + start, width)
        }
      }
    }
  }

  /// The given indices along an axis, in the given order; repeats allowed.
  package func gathered(axis: Int, _ indices: [Int]) throws -> Tensor {
    let axis = try self.axis(axis, operation: "gather")
    let (outer, length, inner) = around(axis)
    if let wrong = indices.first(where: { $0 < 0 || $0 >= length }) {
      throw TensorError.indexOutOfRange(operation: "gather", index: wrong, count: length)
    }
    var shape = self.shape
    shape[axis] = indices.count
    let result = try Tensor(uninitialized: shape, operation: "gather")
    let (x, y) = (pointer, result.freshPointer)
    for block in 0..<outer {
      for (i, index) in indices.enumerated() {
        (y + (block * indices.count + i) * inner).update(from: x + (block * length + index) * inner, count: inner)
      }
    }
    let input = self
    return result.recording("gather", [self]) { g, gradients in
      try gradients.accumulate(to: input.node) { buffer, holdsSum in
        if !holdsSum { buffer.initialize(repeating: 0, count: input.count) }
        let dy = g.pointer
        for block in 0..<outer {
          for (i, index) in indices.enumerated() {
            ck_accumulate(
              1, dy + (block * indices.count + i) * inner, buffer + (block * length + index) * inner, inner)
          }
        }
      }
    }
  }

  /// Rows (along the first axis) by number.
  package func gatheredRows(_ rows: [Int]) throws -> Tensor { try gathered(axis: 0, rows) }

  /// One index of an axis, which disappears.
  package func selected(axis: Int, _ index: Int) throws -> Tensor {
    let axis = try self.axis(axis, operation: "index")
    let resolved = index < 0 ? index &+ shape[axis] : index
    guard resolved >= 0, resolved < shape[axis] else {
      throw TensorError.indexOutOfRange(operation: "index", index: index, count: shape[axis])
    }
    let row = try sliced(axis: axis, resolved..<resolved + 1)
    var shape = self.shape
    shape.remove(at: axis)
    return try row.reshaped(shape)
  }

  /// Tensors one after the other along an axis; their other axes agree.
  package static func concatenated(_ tensors: [Tensor], axis: Int = 0) throws -> Tensor {
    guard let first = tensors.first else {
      throw TensorError.invalidArgument(operation: "cat", argument: "tensors", got: "none", expected: "at least one")
    }
    let axis = try first.axis(axis, operation: "cat")
    var shape = first.shape
    shape[axis] = 0
    for tensor in tensors {
      var others = tensor.shape
      guard others.count == shape.count else {
        throw TensorError.shapeMismatch(
          operation: "cat", shapes: [first.shape, tensor.shape], expected: "the same number of axes")
      }
      let (extent, overflow) = shape[axis].addingReportingOverflow(others[axis])
      guard !overflow else {
        throw TensorError.outOfMemory(
          operation: "cat", shape: tensor.shape, bytes: Int.max, available: Storage.physicalMemory)
      }
      shape[axis] = extent
      others[axis] = extent
      guard others == shape else {
        throw TensorError.shapeMismatch(
          operation: "cat", shapes: [first.shape, tensor.shape], expected: "shapes that differ along axis \(axis) only")
      }
    }
    let result = try Tensor(uninitialized: shape, operation: "cat")
    let (outer, length, inner) = result.around(axis)
    var starts: [Int] = []
    var start = 0
    for tensor in tensors {
      let (x, y) = (tensor.pointer, result.freshPointer)
      let width = tensor.shape[axis] * inner
      for block in 0..<outer { (y + block * length * inner + start).update(from: x + block * width, count: width) }
      starts.append(start)
      start += width
    }
    let places = starts
    return result.recording("cat", tensors) { g, gradients in
      for (tensor, start) in zip(tensors, places) {
        let from = start / Swift.max(inner, 1)
        try gradients.add(to: tensor.node) { try g.sliced(axis: axis, from..<from + tensor.shape[axis]) }
      }
    }
  }

  /// Tensors of one shape along a new axis.
  package static func stacked(_ tensors: [Tensor], axis: Int = 0) throws -> Tensor {
    guard let first = tensors.first else {
      throw TensorError.invalidArgument(operation: "stack", argument: "tensors", got: "none", expected: "at least one")
    }
    let rank = first.shape.count + 1
    let place = axis < 0 ? axis &+ rank : axis
    guard place >= 0, place < rank else {
      throw TensorError.axisOutOfRange(operation: "stack", axis: axis, shape: first.shape)
    }
    let parts = try tensors.map { tensor in
      guard tensor.shape == first.shape else {
        throw TensorError.shapeMismatch(
          operation: "stack", shapes: [first.shape, tensor.shape], expected: "equal shapes")
      }
      var shape = tensor.shape
      shape.insert(1, at: place)
      return try tensor.reshaped(shape)
    }
    return try concatenated(parts, axis: place)
  }
}
