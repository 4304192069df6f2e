import Language
import TensorCore

extension Builtin {
  /// Words that make tensors.
  static let makingTensors: [Builtin] = [tensor, zeros, ones, rand, randn, arange]

  static let tensor = Builtin(
    "tensor", area: .tensors, returns: .tensor,
    summary: "Make a tensor of numbers in lists: float32, or int64 where all are ints.",
    parameters: [
      .positional("values", .any, "A number, a list, lists in lists, or a list of tensors of one shape."), .trainable,
    ],
    keywords: ["array", "numpy", "torch.tensor", "matrix", "vector"], python: "torch.tensor([[1.0, 2.0], [3.0, 4.0]])",
    examples: [
      Example("tensor([[1.0, 2.0], [3.0, 4.0]]).shape", gives: .ints([2, 2])),
      Example("tensor([1, 2, 3]).dtype", gives: "int64"),
      Example("tensor([[1, 2], [3]])", fails: "different lengths"),
    ], seeAlso: ["zeros", "arange", "stack"]
  ) { call in
    let made: TensorValue = try call.tensor("values")
    return try call.bool("trainable") ? call.making(made.floats()) : .object(made)
  }

  static let zeros = Builtin(
    "zeros", area: .tensors, returns: .tensor, summary: "A tensor of zeros.",
    parameters: [.rest("shape", .either([.int, .list(of: .int)]), "Extents, or a list of them."), .trainable],
    keywords: ["torch.zeros", "empty", "fill"], python: "torch.zeros(2, 3)",
    examples: [Example("zeros(2, 3).shape", gives: .ints([2, 3])), Example("zeros([4]).sum()", gives: 0.0)],
    seeAlso: ["ones", "tensor"]
  ) { call in try call.making(Tensor(zeros: call.shape())) }

  static let ones = Builtin(
    "ones", area: .tensors, returns: .tensor, summary: "A tensor of ones.",
    parameters: [.rest("shape", .either([.int, .list(of: .int)]), "Extents, or a list of them."), .trainable],
    keywords: ["torch.ones", "fill"], python: "torch.ones(2, 3)",
    examples: [Example("ones(2, 3).sum()", gives: 6.0), Example("(ones(2) * 5)[1]", gives: 5.0)],
    seeAlso: ["zeros", "tensor"]
  ) { call in try call.making(Tensor(repeating: 1, shape: call.shape())) }

  static let rand = Builtin(
    "rand", area: .tensors, returns: .tensor, summary: "Random numbers, each equally likely between 0 and 1.",
    details: ["Without a seed each call in a session gives others, the same ones in every replay."],
    parameters: [
      .rest("shape", .either([.int, .list(of: .int)]), "Extents, or a list of them."),
      .named("seed", .int, shown: "the session's", "The same seed gives the same numbers."), .trainable,
    ],
    keywords: ["random", "uniform", "torch.rand"], python: "torch.rand(2, 3)",
    examples: [
      Example("rand(2, 3, seed: 1).shape", gives: .ints([2, 3])),
      Example("rand(4, seed: 1) == rand(4, seed: 1)", kind: .tensor),
    ], seeAlso: ["randn", "seed"]
  ) { call in try call.making(random(call) { stream, count, place in stream.uniform(count, at: place) }) }

  static let randn = Builtin(
    "randn", area: .tensors, returns: .tensor, summary: "Random numbers from the normal distribution.",
    details: ["Without a seed each call in a session gives others, the same ones in every replay."],
    parameters: [
      .rest("shape", .either([.int, .list(of: .int)]), "Extents, or a list of them."),
      .named("seed", .int, shown: "the session's", "The same seed gives the same numbers."), .trainable,
    ],
    keywords: ["random", "normal", "gaussian", "torch.randn"], python: "torch.randn(2, 3)",
    examples: [
      Example("randn(2, 3, seed: 1).shape", gives: .ints([2, 3])),
      Example("abs(randn(10000, seed: 2).mean()) < 0.05", gives: true),
    ], seeAlso: ["rand", "seed"]
  ) { call in try call.making(random(call) { stream, count, place in stream.normal(count, at: place) }) }

  private static func random(
    _ call: Call, _ draw: (Philox, Int, UInt32) -> [Float]
  ) throws -> Tensor {
    let shape = try call.shape()
    let count = try Tensor.count(of: shape, operation: call.builtin.name)
    // Asks for the memory first, so that too much is an error and no crash.
    let result = try Tensor(uninitialized: shape, operation: call.builtin.name)
    let stream = Philox(seed: UInt64(bitPattern: Int64(call.seed)), purpose: call.builtin.name)
    let place: Int = call.has("seed") ? 0 : call.context.successes(of: call.builtin.name) + 1
    let numbers = draw(stream, count, UInt32(truncatingIfNeeded: place))
    if !call.has("seed") { call.context.countSuccess(of: call.builtin.name) }
    return try Tensor(numbers, shape: result.shape)
  }

  static let arange = Builtin(
    "arange", area: .tensors, returns: .tensor, summary: "Numbers at equal distances, as range, but a tensor.",
    parameters: [
      .positional("start", .either([.int, .float]), "First number; where it stands alone, the end, and 0 is first."),
      .positional("stop", .either([.int, .float]), shown: "start", "Where to end, not included."),
      .positional("step", .either([.int, .float]), default: 1, "The distance."),
    ],
    keywords: ["linspace", "range", "sequence"], python: "torch.arange(0, 10, 2)",
    examples: [
      Example("arange(4)[3]", gives: 3), Example("arange(0, 1, 0.25).shape", gives: .ints([4])),
      Example("arange(3, 0, -1)[0]", gives: 3),
    ], seeAlso: ["range", "tensor"]
  ) { call in
    let given: [Value] = [call.value("start"), call.value("stop"), call.value("step")]
    let (from, to): (Value, Value) = call.has("stop") ? (given[0], given[1]) : (.int(0), given[0])
    if case (.int(let start), .int(let stop), .int(let step)) = (from, to, given[2]) {
      guard step != 0 else { throw call.error("step can't be 0", at: "step") }
      let count = step > 0 ? Double(stop) - Double(start) : Double(start) - Double(stop)
      guard count / abs(Double(step)) <= Double(Limits.elementCount) else {
        throw call.error("that would be more than \(TensorValue.grouped(Limits.elementCount)) numbers")
      }
      return .object(TensorValue(IndexTensor(Array(stride(from: start, to: stop, by: step)))))
    }
    func number(_ value: Value) -> Double {
      switch value {
      case .int(let number): return Double(number)
      case .float(let number): return number
      default: return 0
      }
    }
    let (start, stop, step) = (number(from), number(to), number(given[2]))
    let count = ((stop - start) / step).rounded(.up)
    guard step != 0, count.isFinite else { throw call.error("step must lead from start to stop") }
    guard count <= Double(Limits.elementCount) else {
      throw call.error("that would be more than \(TensorValue.grouped(Limits.elementCount)) numbers")
    }
    let numbers = (0..<Int(max(0, count))).map { Float(start + Double($0) * step) }
    return try .object(TensorValue(Tensor(numbers)))
  }
}

extension Language.Parameter {
  /// Whether what is computed from a new tensor is recorded, so that `gradients` can be asked for it.
  static let trainable: Language.Parameter = .named(
    "trainable", .bool, default: false, "Record what is computed from it, for gradients.")
}

extension Call {
  /// A new tensor, as a leaf of the record where the call says `trainable: true`.
  func making(_ tensor: Tensor) throws -> Value {
    guard try bool("trainable") else { return .object(TensorValue(tensor)) }
    return .object(TensorValue(tensor.detached.recorded(as: GraphNode(leaf: builtin.name, shape: tensor.shape))))
  }
}
