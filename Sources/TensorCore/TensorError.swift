/// What can go wrong in tensor operations.
package enum TensorError: Error, CustomStringConvertible, Equatable {
  /// Shapes that do not go together; `expected` says in words what would.
  case shapeMismatch(operation: String, shapes: [[Int]], expected: String)
  /// An axis that the shape does not have.
  case axisOutOfRange(operation: String, axis: Int, shape: [Int])
  /// An index or range outside of an axis.
  case indexOutOfRange(operation: String, index: Int, count: Int)
  /// An argument with a value that the operation cannot take.
  case invalidArgument(operation: String, argument: String, got: String, expected: String)
  /// A tensor that would not fit into memory.
  case outOfMemory(operation: String, shape: [Int], bytes: Int, available: Int)
  /// A graph whose backward pass has run already and freed what it needed.
  case graphConsumed(operation: String)

  package var description: String {
    switch self {
    case .shapeMismatch(let operation, let shapes, let expected):
      let list = shapes.map { "\($0)" }.joined(separator: " and ")
      let noun = shapes.count == 1 ? "shape" : "shapes"
      return "\(operation): \(noun) \(list), expected \(expected)"
    case .axisOutOfRange(let operation, let axis, let shape):
      if shape.isEmpty { return "\(operation): axis \(axis) of a tensor without axes" }
      return "\(operation): axis \(axis) is out of range for shape \(shape), which has axes 0 to \(shape.count - 1)"
    case .indexOutOfRange(let operation, let index, let count):
      if count == 0 { return "\(operation): index \(index) is out of range: there are no elements" }
      return "\(operation): index \(index) is out of range: there are \(count), 0 to \(count - 1)"
    case .invalidArgument(let operation, let argument, let got, let expected):
      return "\(operation): \(argument) is \(got), expected \(expected)"
    case .outOfMemory(let operation, let shape, let bytes, let available):
      let needed = bytes == Int.max ? "more memory than there can be" : "\(bytes >> 20) MiB"
      return "\(operation): shape \(shape) needs \(needed), there are \(available >> 20) MiB"
    case .graphConsumed(let operation):
      return "\(operation): its gradients have been computed already; compute the loss again"
    }
  }
}
