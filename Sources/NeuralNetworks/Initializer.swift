import TensorCore

/// How a parameter that no checkpoint holds gets its first value.
package enum Initializer: Equatable {
  case zeros
  case ones
  case constant(Float)
  /// Normal with mean 0; transformers' `initializer_range` for projections and embeddings.
  case normal(standardDeviation: Double)
  /// Normal, but one row (the padding token's) is zero.
  case normalExceptRow(standardDeviation: Double, row: Int)
  /// Uniform between -bound and bound; PyTorch's default for Linear has bound 1/√fan-in.
  case uniform(bound: Double)

  /// The value of the parameter `name`, the same for the same seed, name and shape whatever else is made.
  ///
  /// - Throws: ``TensorError/outOfMemory`` where there is no room for it and for the numbers it is drawn from.
  package func makeValue(shape: [Int], name: String, seed: UInt64) throws -> Tensor {
    let random = Philox(seed: seed, purpose: "init/" + name)
    let count = try Tensor.count(of: shape, operation: "init")
    if isDrawn { try checkRoom(for: count, shape) }
    switch self {
    case .zeros: return try Tensor(zeros: shape)
    case .ones: return try Tensor(repeating: 1, shape: shape)
    case .constant(let value): return try Tensor(repeating: value, shape: shape)
    case .normal(let deviation):
      return try Tensor(random.normal(count).map { $0 * Float(deviation) }, shape: shape)
    case .normalExceptRow(let deviation, let row):
      var values = random.normal(count).map { $0 * Float(deviation) }
      if shape.count == 2, row >= 0, row < shape[0] {
        for place in (row * shape[1])..<((row + 1) * shape[1]) { values[place] = 0 }
      }
      return try Tensor(values, shape: shape)
    case .uniform(let bound):
      return try Tensor(random.uniform(count).map { (2 * $0 - 1) * Float(bound) }, shape: shape)
    }
  }

  private var isDrawn: Bool {
    switch self {
    case .zeros, .ones, .constant: false
    case .normal, .normalExceptRow, .uniform: true
    }
  }

  /// Arrays, unlike tensors, end the process where memory is short: words, numbers, scaled numbers and the tensor.
  private func checkRoom(for count: Int, _ shape: [Int]) throws {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 4 * MemoryLayout<Float>.stride)
    guard overflow || bytes > 1 << 28 else { return }
    let available = Storage.availableMemory()
    if overflow || bytes > available {
      throw TensorError.outOfMemory(
        operation: "init", shape: shape, bytes: overflow ? Int.max : bytes, available: available)
    }
  }
}
