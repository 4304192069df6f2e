import CKernels

/// An operation of two numbers that applies element by element, with broadcasting as in NumPy.
package enum ElementOperation: String, CaseIterable, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case power = "**"
  case maximum, minimum
  case equal = "=="
  case unequal = "!="
  case less = "<"
  case lessEqual = "<="
  case greater = ">"
  case greaterEqual = ">="
  case remainder = "%"
  case floorDivide = "//"

  /// Whether the slope is 0 wherever there is one: comparisons and rounding. No gradient flows through these.
  package var isFlat: Bool {
    switch self {
    case .equal, .unequal, .less, .lessEqual, .greater, .greaterEqual, .floorDivide: true
    default: false
    }
  }

  var kernel: ck_operation {
    switch self {
    case .add: ck_add
    case .subtract: ck_subtract
    case .multiply: ck_multiply
    case .divide: ck_divide
    case .power: ck_power
    case .maximum: ck_maximum
    case .minimum: ck_minimum
    case .equal: ck_equal
    case .unequal: ck_unequal
    case .less: ck_less
    case .lessEqual: ck_less_equal
    case .greater: ck_greater
    case .greaterEqual: ck_greater_equal
    case .remainder: ck_remainder
    case .floorDivide: ck_floor_divide
    }
  }
}

extension Tensor {
  /// The shape that two shapes broadcast to.
  package static func broadcast(_ a: [Int], _ b: [Int], operation: String) throws -> [Int] {
    let rank = max(a.count, b.count)
    var shape = [Int](repeating: 1, count: rank)
    for i in 0..<rank {
      let x = i < rank - a.count ? 1 : a[i - (rank - a.count)]
      let y = i < rank - b.count ? 1 : b[i - (rank - b.count)]
      guard x == y || x == 1 || y == 1 else {
        throw TensorError.shapeMismatch(
          operation: operation, shapes: [a, b], expected: "axes that are equal or 1, counted from the last")
      }
      shape[i] = x == 1 ? y : x
    }
    return shape
  }

  /// `operation` element by element; comparisons give 1 and 0.
  /// - Throws: ``TensorError/shapeMismatch`` if the shapes do not broadcast.
  package static func elementwise(_ operation: ElementOperation, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    let shape = try a.shape == b.shape ? a.shape : broadcast(a.shape, b.shape, operation: operation.rawValue)
    let result = try Tensor(uninitialized: shape, operation: operation.rawValue)
    Tensor.fill(result, operation.kernel, a, b)
    if (a.node == nil && b.node == nil) || operation.isFlat { return result }
    let value = result
    return result.recording(operation.rawValue, [a, b]) { g, gradients in
      switch operation {
      case .add:
        try gradients.add(to: a.node) { try g.summed(to: a.shape) }
        try gradients.add(to: b.node) { try g.summed(to: b.shape) }
      case .subtract:
        try gradients.add(to: a.node) { try g.summed(to: a.shape) }
        try gradients.add(to: b.node) { try g.map(.negate).summed(to: b.shape) }
      case .multiply:
        try gradients.add(to: a.node) { try elementwise(.multiply, g, b.detached).summed(to: a.shape) }
        try gradients.add(to: b.node) { try elementwise(.multiply, g, a.detached).summed(to: b.shape) }
      case .divide:
        try gradients.add(to: a.node) { try elementwise(.divide, g, b.detached).summed(to: a.shape) }
        try gradients.add(to: b.node) {
          let ratio = try elementwise(.divide, elementwise(.multiply, g, value), b.detached)
          return try ratio.map(.negate).summed(to: b.shape)
        }
      case .power:
        // Where b aᵇ⁻¹ or aᵇ log a would be 0 times infinity, the gradient is 0, as in PyTorch.
        let zero = try Tensor(scalar: 0)
        try gradients.add(to: a.node) {
          let exponent = try b.detached.scaled(by: 1, plus: -1) + elementwise(.equal, b.detached, zero)
          let less = try elementwise(.power, a.detached, exponent)
          return try elementwise(.multiply, g, elementwise(.multiply, less, b.detached)).summed(to: a.shape)
        }
        try gradients.add(to: b.node) {
          let isFlat = try elementwise(.equal, a.detached, zero) * elementwise(.greaterEqual, b.detached, zero)
          let slope = try elementwise(.multiply, value, (a.detached + isFlat).map(.log))
          return try elementwise(.multiply, g, slope).summed(to: b.shape)
        }
      case .maximum, .minimum:
        let first: ElementOperation = operation == .maximum ? .greaterEqual : .lessEqual
        let fromA = try elementwise(first, a.detached, b.detached)
        try gradients.add(to: a.node) { try elementwise(.multiply, g, fromA).summed(to: a.shape) }
        try gradients.add(to: b.node) {
          try elementwise(.multiply, g, fromA.scaled(by: -1, plus: 1)).summed(to: b.shape)
        }
      case .remainder:
        try gradients.add(to: a.node) { try g.summed(to: a.shape) }
        try gradients.add(to: b.node) {
          let quotient = try elementwise(.floorDivide, a.detached, b.detached)
          return try elementwise(.multiply, g, quotient).map(.negate).summed(to: b.shape)
        }
      case .equal, .unequal, .less, .lessEqual, .greater, .greaterEqual, .floorDivide:
        break  // never recorded
      }
    }
  }

  package static func + (a: Tensor, b: Tensor) throws -> Tensor { try elementwise(.add, a, b) }
  package static func - (a: Tensor, b: Tensor) throws -> Tensor { try elementwise(.subtract, a, b) }
  package static func * (a: Tensor, b: Tensor) throws -> Tensor { try elementwise(.multiply, a, b) }
  package static func / (a: Tensor, b: Tensor) throws -> Tensor { try elementwise(.divide, a, b) }
  package static func + (a: Tensor, b: Float) throws -> Tensor { try a.scaled(by: 1, plus: b) }
  package static func - (a: Tensor, b: Float) throws -> Tensor { try a.scaled(by: 1, plus: -b) }
  package static func * (a: Tensor, b: Float) throws -> Tensor { try a.scaled(by: b) }

  /// Writes `a op b` into `result`, whose shape both broadcast to.
  private static func fill(_ result: Tensor, _ kernel: ck_operation, _ a: Tensor, _ b: Tensor) {
    let (x, y, out) = (a.pointer, b.pointer, result.freshPointer)
    if result.count == 0 { return }
    if (a.count == result.count || a.count == 1) && (b.count == result.count || b.count == 1) {
      let (s, t) = (a.count == result.count ? 1 : 0, b.count == result.count ? 1 : 0)
      ThreadPool.runPieces(of: result.count, size: elementPiece) { piece in
        let i = piece.lowerBound
        ck_binary(kernel, x + s * i, s, y + t * i, t, out + i, piece.count)
      }
      return
    }
    // Row by row, where a row is the longest run along which each side either moves or stands still.
    let shape = result.shape
    let stepsA = broadcastSteps(a.shape, to: shape)
    let stepsB = broadcastSteps(b.shape, to: shape)
    var axis = shape.count - 1
    while axis > 0 && shape[axis] == 1 { axis -= 1 }
    var columns = shape[axis]
    let (s, t) = (min(stepsA[axis], 1), min(stepsB[axis], 1))
    while axis > 0, s == 0 ? stepsA[axis - 1] == 0 : stepsA[axis - 1] == columns,
      t == 0 ? stepsB[axis - 1] == 0 : stepsB[axis - 1] == columns
    {
      axis -= 1
      columns *= shape[axis]
    }
    let outer = Array(shape[..<axis])
    ThreadPool.runPieces(of: result.count / columns, size: rowPiece(columns)) { rows in
      for row in rows {
        var (rest, i, j) = (row, 0, 0)
        for axis in stride(from: outer.count - 1, through: 0, by: -1) {
          let index = rest % outer[axis]
          rest /= outer[axis]
          i += index * stepsA[axis]
          j += index * stepsB[axis]
        }
        ck_binary(kernel, x + i, s, y + j, t, out + row * columns, columns)
      }
    }
  }

  /// How far apart the neighbours along each axis of `shape` lie in a tensor of shape `source`; 0 where it repeats.
  static func broadcastSteps(_ source: [Int], to shape: [Int]) -> [Int] {
    var steps = [Int](repeating: 0, count: shape.count)
    var step = 1
    for back in 1...max(source.count, 1) where back <= source.count {
      let extent = source[source.count - back]
      if extent != 1 { steps[shape.count - back] = step }
      step *= extent
    }
    return steps
  }

  /// The sum over the axes along which `shape` was broadcast to this shape.
  package func summed(to shape: [Int]) throws -> Tensor {
    if shape == self.shape { return detached }
    var sum = detached
    let extra = self.shape.count - shape.count
    for axis in 0..<self.shape.count where axis < extra || shape[axis - extra] != self.shape[axis] {
      sum = try sum.sum(axis: axis, keepingAxis: true)
    }
    return sum.viewed(as: shape)
  }

  /// This tensor repeated along axes of extent 1 to fill `shape`.
  package func broadcast(to shape: [Int]) throws -> Tensor {
    let joint = try Tensor.broadcast(self.shape, shape, operation: "broadcast")
    guard joint == shape else {
      throw TensorError.shapeMismatch(
        operation: "broadcast", shapes: [self.shape, shape], expected: "a shape it can fill")
    }
    return try Tensor.elementwise(.add, self, Tensor(zeros: shape))
  }
}
