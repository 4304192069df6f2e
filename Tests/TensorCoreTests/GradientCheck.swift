import TensorCore
import Testing

/// One operation with inputs to check its gradients on.
struct GradientCase: CustomTestStringConvertible, Sendable {
  let operation: String
  let shapes: [[Int]]
  /// Where inputs are drawn from: most functions anywhere, some where they are smooth or defined.
  var range: ClosedRange<Float> = -1.5...1.5
  let body: @Sendable ([Tensor]) throws -> Tensor

  init(
    _ operation: String, _ shapes: [[Int]], in range: ClosedRange<Float> = -1.5...1.5,
    _ body: @escaping @Sendable ([Tensor]) throws -> Tensor
  ) {
    self.operation = operation
    self.shapes = shapes
    self.range = range
    self.body = body
  }

  var testDescription: String { "\(operation) \(shapes)" }

  /// Numbers of a range that keep apart from each other and from 0, so that kinks are not met.
  static func numbers(_ shape: [Int], in range: ClosedRange<Float>, seed: Int) throws -> Tensor {
    let count = shape.reduce(1, *)
    let random = Philox(seed: UInt64(seed), purpose: "gradient check")
    let order = random.permutation(count)
    let width = range.upperBound - range.lowerBound
    return try Tensor(
      order.map { i in
        let x = range.lowerBound + width * (Float(i) + 0.5) / Float(max(count, 1))
        return abs(x) < 0.03 ? x + 0.06 : x
      }, shape: shape)
  }

  /// Compares the recorded gradient of every input with central differences of Σ weights · output.
  func check() throws {
    let inputs = try shapes.enumerated().map { try Self.numbers($1, in: range, seed: $0) }
    let output = try body(inputs)
    let weights = Philox(seed: 1, purpose: "weights").normal(output.count)
    func value(_ inputs: [Tensor]) throws -> Double {
      zip(try body(inputs).elements, weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    // Every input alone, so that a gradient does not rely on another's node; then all together.
    for wanted in inputs.indices.map({ [$0] }) + [Array(inputs.indices)] {
      let leaves = inputs.map { GraphNode(leaf: "input", shape: $0.shape) }
      let recorded = inputs.enumerated().map { wanted.contains($0) ? $1.recorded(as: leaves[$0]) : $1 }
      let result = try body(recorded)
      let gradients = try result.backward(Tensor(weights, shape: result.shape))
      for i in inputs.indices where !wanted.contains(i) { #expect(gradients[leaves[i]] == nil) }
      for i in wanted {
        let gradient = try #require(gradients[leaves[i]], "\(operation): no gradient for input \(i)")
        #expect(gradient.shape == inputs[i].shape)
        let got = gradient.elements
        let peak = got.map(abs).max() ?? 0
        for k in got.indices {
          func moved(_ by: Float) throws -> Double {
            var changed = inputs
            try changed[i].withUnsafeMutableBuffer { $0[k] += by }
            return try value(changed)
          }
          let h: Float = 0.004
          let near = try (moved(h) - moved(-h)) / Double(2 * h)
          let far = try (moved(2 * h) - moved(-2 * h)) / Double(4 * h)
          let expected = (4 * near - far) / 3
          let difference = abs(Double(got[k]) - expected)
          #expect(
            difference < 1e-3 * max(1, Double(peak), abs(expected)),
            "\(operation): input \(i) element \(k): \(got[k]), by differences \(expected)")
        }
      }
    }
  }
}
