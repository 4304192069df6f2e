import CKernels
import Glibc

extension Tensor {
  /// An axis counted from the front, where negative ones count from the back.
  package func axis(_ axis: Int, operation: String) throws -> Int {
    let resolved = axis < 0 ? axis &+ shape.count : axis
    guard shape.indices.contains(resolved) else {
      throw TensorError.axisOutOfRange(operation: operation, axis: axis, shape: shape)
    }
    return resolved
  }

  /// The tensor as `[outer, length, inner]` around an axis.
  func around(_ axis: Int) -> (outer: Int, length: Int, inner: Int) {
    let outer = shape[..<axis].reduce(1, *)
    let inner = shape[(axis + 1)...].reduce(1, *)
    return (outer, shape[axis], inner)
  }

  private func reducedShape(_ axis: Int, keepingAxis: Bool) -> [Int] {
    var result = shape
    if keepingAxis { result[axis] = 1 } else { result.remove(at: axis) }
    return result
  }

  /// The sum of all elements, shape `[]`.
  package func sum() throws -> Tensor {
    let x = pointer
    let pieces = (count + elementPiece - 1) / elementPiece
    var partial = [Double](repeating: 0, count: pieces)
    partial.withUnsafeMutableBufferPointer { buffer in
      let sums = buffer
      ThreadPool.run(pieces) { piece in
        let start = piece * elementPiece
        sums[piece] = Tensor.total(x + start, min(elementPiece, count - start))
      }
    }
    let result = try Tensor(scalar: Float(partial.reduce(0, +)))
    let input = self
    return result.recording("sum", [self]) { g, gradients in
      try gradients.add(to: input.node) { try Tensor(repeating: g.item(), shape: input.shape) }
    }
  }

  /// The sum of numbers beside each other: of 1,024 at a time in float32, of these sums in float64.
  private static func total(_ x: UnsafePointer<Float>, _ count: Int) -> Double {
    var sum = 0.0
    for start in stride(from: 0, to: count, by: 1024) { sum += Double(ck_sum(x + start, min(1024, count - start))) }
    return sum
  }

  /// The mean of all elements, shape `[]`; NaN if there are none.
  package func mean() throws -> Tensor {
    try sum().scaled(by: 1 / Float(count))
  }

  /// The sum along an axis.
  package func sum(axis: Int, keepingAxis: Bool = false) throws -> Tensor {
    let axis = try self.axis(axis, operation: "sum")
    let (outer, length, inner) = around(axis)
    let result = try Tensor(zeros: reducedShape(axis, keepingAxis: keepingAxis))
    let (x, y) = (pointer, result.freshPointer)
    if inner == 1 {
      ThreadPool.runPieces(of: outer, size: rowPiece(length)) { rows in
        for row in rows { y[row] = Float(Tensor.total(x + row * length, length)) }
      }
    } else {
      for block in 0..<outer { Tensor.sumRows(x + block * length * inner, y + block * inner, length, inner) }
    }
    let input = self
    return result.recording("sum", [self]) { g, gradients in
      try gradients.add(to: input.node) {
        var shape = input.shape
        shape[axis] = 1
        return try g.viewed(as: shape).broadcast(to: input.shape)
      }
    }
  }

  /// Adds the rows of `[rows, columns]` to `sum`, in pieces of fixed size in a fixed order.
  static func sumRows(
    _ x: UnsafePointer<Float>, _ sum: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int
  ) {
    let size = 64
    if rows <= size { return ck_sum_rows(x, sum, rows, columns) }
    let pieces = (rows + size - 1) / size
    let partial = UnsafeMutablePointer<Float>.allocate(capacity: pieces * columns)
    defer { partial.deallocate() }
    partial.initialize(repeating: 0, count: pieces * columns)
    ThreadPool.run(pieces) { piece in
      let start = piece * size
      ck_sum_rows(x + start * columns, partial + piece * columns, min(size, rows - start), columns)
    }
    sumRows(partial, sum, pieces, columns)
  }

  /// The mean along an axis.
  package func mean(axis: Int, keepingAxis: Bool = false) throws -> Tensor {
    let axis = try self.axis(axis, operation: "mean")
    return try sum(axis: axis, keepingAxis: keepingAxis).scaled(by: 1 / Float(shape[axis]))
  }

  /// The largest elements along an axis.
  package func maximum(axis: Int, keepingAxis: Bool = false) throws -> Tensor {
    try extreme(axis, keepingAxis, "max", >)
  }

  /// The smallest elements along an axis.
  package func minimum(axis: Int, keepingAxis: Bool = false) throws -> Tensor {
    try extreme(axis, keepingAxis, "min", <)
  }

  /// The largest element, shape `[]`.
  package func maximum() throws -> Tensor { try overall(detached.reshaped([count]).maximum(axis: 0), "max") }

  /// The smallest element, shape `[]`.
  package func minimum() throws -> Tensor { try overall(detached.reshaped([count]).minimum(axis: 0), "min") }

  /// `extreme` of all elements, recorded: its gradient goes in equal parts to those equal to it, as in PyTorch.
  private func overall(_ extreme: Tensor, _ operation: String) throws -> Tensor {
    let input = self
    return extreme.recording(operation, [self]) { g, gradients in
      try gradients.add(to: input.node) {
        let equal = try Tensor.elementwise(.equal, input.detached, extreme)
        return try equal * (g / equal.sum())
      }
    }
  }

  /// Where the largest elements along an axis stand: the first of equals.
  package func argmax(axis: Int, keepingAxis: Bool = false) throws -> IndexTensor {
    let axis = try self.axis(axis, operation: "argmax")
    return try IndexTensor(
      extremePlaces(axis, "argmax", >), shape: reducedShape(axis, keepingAxis: keepingAxis))
  }

  private func extremePlaces(_ axis: Int, _ operation: String, _ better: (Float, Float) -> Bool) throws -> [Int] {
    let (outer, length, inner) = around(axis)
    guard length > 0 else {
      throw TensorError.shapeMismatch(operation: operation, shapes: [shape], expected: "an axis with elements")
    }
    let x = pointer
    var places = [Int](repeating: 0, count: outer * inner)
    for block in 0..<outer {
      for i in 0..<inner {
        let column = x + block * length * inner + i
        var place = 0
        for k in 0..<length where !column[place * inner].isNaN {
          let candidate = column[k * inner]
          if candidate.isNaN || better(candidate, column[place * inner]) { place = k }
        }
        places[block * inner + i] = place
      }
    }
    return places
  }

  private func extreme(
    _ axis: Int, _ keepingAxis: Bool, _ operation: String, _ better: (Float, Float) -> Bool
  ) throws -> Tensor {
    let axis = try self.axis(axis, operation: operation)
    let places = try extremePlaces(axis, operation, better)
    let (_, length, inner) = around(axis)
    let result = try Tensor(uninitialized: reducedShape(axis, keepingAxis: keepingAxis))
    let (x, y) = (pointer, result.freshPointer)
    for (i, place) in places.enumerated() { y[i] = x[(i / inner * length + place) * inner + i % inner] }
    let input = self
    return result.recording(operation, [self]) { g, gradients in
      try gradients.add(to: input.node) {
        let dx = try Tensor(zeros: input.shape)
        let (dy, out) = (g.pointer, dx.freshPointer)
        for (i, place) in places.enumerated() { out[(i / inner * length + place) * inner + i % inner] = dy[i] }
        return dx
      }
    }
  }

  /// The `count` largest elements along the last axis, in falling order, and where they stand.
  package func topK(_ k: Int) throws -> (values: Tensor, indices: IndexTensor) {
    let (rows, columns) = rowsAndColumns
    guard !shape.isEmpty, k >= 0, k <= columns else {
      throw TensorError.invalidArgument(
        operation: "topk", argument: "k", got: "\(k)", expected: "0 to \(shape.last ?? 0)")
    }
    let x = pointer
    var places: [Int] = []
    for row in 0..<rows {
      let values = x + row * columns
      let order = (0..<columns).sorted { a, b in
        if values[a].isNaN || values[b].isNaN { return values[a].isNaN && (!values[b].isNaN || a < b) }
        return values[a] == values[b] ? a < b : values[a] > values[b]
      }
      places += order.prefix(k)
    }
    let indices = try IndexTensor(places, shape: shape.dropLast() + [k])
    return (try gathered(places, per: k), indices)
  }

  /// The elements of each row that stand at `places`, `k` for each row.
  private func gathered(_ places: [Int], per k: Int) throws -> Tensor {
    let columns = rowsAndColumns.columns
    let result = try Tensor(uninitialized: shape.dropLast() + [k])
    let (x, y) = (pointer, result.freshPointer)
    for (i, place) in places.enumerated() { y[i] = x[i / k * columns + place] }
    let input = self
    return result.recording("topk", [self]) { g, gradients in
      try gradients.add(to: input.node) {
        let dx = try Tensor(zeros: input.shape)
        let (dy, out) = (g.pointer, dx.freshPointer)
        for (i, place) in places.enumerated() { out[i / k * columns + place] += dy[i] }
        return dx
      }
    }
  }

  /// The Euclidean norm of all elements, computed in float64.
  package func norm() -> Double { sumOfSquares().squareRoot() }

  /// The sum of the squares of all elements, in float64 and in a fixed order.
  package func sumOfSquares() -> Double {
    let pieces = (count + elementPiece - 1) / elementPiece
    var partial = [Double](repeating: 0, count: pieces)
    let x = pointer
    partial.withUnsafeMutableBufferPointer { buffer in
      let sums = buffer
      ThreadPool.run(pieces) { piece in
        let start = piece * elementPiece
        sums[piece] = ck_sum_of_squares(x + start, min(elementPiece, count - start))
      }
    }
    return partial.reduce(0, +)
  }

  /// Whether there is no NaN or infinity.
  package var isFinite: Bool { ck_all_finite(pointer, count) != 0 }

  /// The Euclidean norms along an axis. Where one is 0 its gradient is taken as 0, as in PyTorch.
  package func norm(axis: Int, keepingAxis: Bool = false) throws -> Tensor {
    let axis = try self.axis(axis, operation: "norm")
    let kept = try detached.map(.square).sum(axis: axis, keepingAxis: true).map(.sqrt)
    let result = kept.viewed(as: reducedShape(axis, keepingAxis: keepingAxis))
    let input = self
    return result.recording("norm", [self]) { g, gradients in
      try gradients.add(to: input.node) {
        let divisor = try kept + Tensor.elementwise(.equal, kept, Tensor(scalar: 0))
        return try input.detached * (g.viewed(as: kept.shape) / divisor)
      }
    }
  }

  /// Each vector along an axis divided by its Euclidean norm, or by `epsilon` if that is larger.
  package func normalized(axis: Int = -1, epsilon: Float = 1e-12) throws -> Tensor {
    let norms = try norm(axis: axis, keepingAxis: true)
    return try self / Tensor.elementwise(.maximum, norms, Tensor(scalar: epsilon))
  }
}
