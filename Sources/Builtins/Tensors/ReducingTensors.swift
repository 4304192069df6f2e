import Language
import TensorCore

extension Builtin {
  /// Words that make fewer numbers of a tensor's.
  static let reducingTensors: [Builtin] = [
    reduction(
      "sum", "The sum of all elements, or along an axis.", python: "x.sum(0)", keywords: ["total", "add"],
      examples: [
        Example("tensor([[1.0, 2.0], [3.0, 4.0]]).sum()", gives: 10.0),
        Example("tensor([[1.0, 2.0], [3.0, 4.0]]).sum(axis: 0)[1]", gives: 6.0),
      ],
      all: { try $0.sum() }, along: { try $0.sum(axis: $1) }, ragged: { try $0.rows.segmentSum(offsets: $0.offsets) }),
    reduction(
      "mean", "The mean of all elements, or along an axis.", python: "x.mean(0)", keywords: ["average"],
      examples: [
        Example("tensor([1.0, 2.0, 6.0]).mean()", gives: 3.0),
        Example("tensor([[1.0, 2.0], [3.0, 4.0]]).mean(axis: 1)[0]", gives: 1.5),
      ],
      all: { try $0.mean() }, along: { try $0.mean(axis: $1) },
      ragged: { try $0.rows.segmentMean(offsets: $0.offsets) }),
    reduction(
      "max", "The largest element, or the largest along an axis.", python: "x.max(0).values",
      keywords: ["maximum", "largest"],
      examples: [
        Example("tensor([1.0, 7.0, 6.0]).max()", gives: 7.0),
        Example("tensor([[1, 2], [3, 4]]).max(axis: 0)[0]", gives: 3.0),
      ],
      all: { try $0.maximum() }, along: { try $0.maximum(axis: $1) },
      ragged: { try $0.rows.segmentMax(offsets: $0.offsets) }),
    reduction(
      "min", "The smallest element, or the smallest along an axis.", python: "x.min(0).values",
      keywords: ["minimum", "smallest"],
      examples: [
        Example("tensor([4.0, 2.0, 6.0]).min()", gives: 2.0),
        Example("tensor([[1, 2], [3, 4]]).min(axis: 1)[1]", gives: 3.0),
      ],
      all: { try $0.minimum() }, along: { try $0.minimum(axis: $1) },
      ragged: { try $0.rows.map(.negate).segmentMax(offsets: $0.offsets).map(.negate) }),
    argmax, norm, allTrue, anyTrue, floatOfTensor, intOfTensor,
  ]

  /// A word with a value for the whole tensor, along an axis, and for each sequence of a ragged one (axis 1).
  private static func reduction(
    _ name: String, _ summary: String, python: String, keywords: [String], examples: [Example],
    all: @escaping @Sendable (Tensor) throws -> Tensor, along: @escaping @Sendable (Tensor, Int) throws -> Tensor,
    ragged: @escaping @Sendable (RaggedTensor) throws -> Tensor
  ) -> Builtin {
    Builtin(
      name, area: .tensors, on: [.tensor], subject: "x", returns: .tensor, summary: summary,
      details: ["Axis 1 of a ragged tensor goes over the tokens of each sequence: mean(x, axis: 1) is mean pooling."],
      parameters: [.named("axis", .int, shown: "all elements", "The axis to go along; negative counts from the last.")],
      keywords: keywords, python: python, examples: examples
    ) { call in
      let x: TensorValue = try call.subject
      guard let axis = try call.axisIfAny else {
        if let whole = try wholeNumber(name, x) { return whole }
        return try TensorValue.value(all(x.floats()))
      }
      guard case .ragged(let sequences) = x.content else { return try TensorValue.value(along(x.floats(), axis)) }
      let rank = sequences.rows.shape.count + 1
      switch axis < 0 ? axis &+ rank : axis {
      case 1: return try TensorValue.value(ragged(sequences))
      case 2..<rank:
        let rows = try along(sequences.rows, axis < 0 ? axis : axis - 1)
        return .object(TensorValue(RaggedTensor(rows, offsets: sequences.offsets)))
      default: throw call.error("a ragged tensor is reduced along axis 1 to \(rank - 1), got \(axis)", at: "axis")
      }
    }
  }

  /// Sums and extremes of integers and masks are exact.
  private static func wholeNumber(_ name: String, _ x: TensorValue) throws -> Value? {
    let numbers: [Int]
    switch x.content {
    case .integers(let tensor): numbers = tensor.elements
    case .mask(let mask): numbers = mask.elements.map { $0 ? 1 : 0 }
    default: return nil
    }
    switch name {
    case "sum":
      var total = 0
      for number in numbers {
        let (sum, overflow) = total.addingReportingOverflow(number)
        if overflow { throw LanguageError.message("sum: the sum is beyond 64-bit integers") }
        total = sum
      }
      return .int(total)
    case "max": return numbers.max().map { .int($0) }
    case "min": return numbers.min().map { .int($0) }
    case "mean" where !numbers.isEmpty:
      return .float(numbers.reduce(0.0) { $0 + Double($1) } / Double(numbers.count))
    default: return nil
    }
  }

  static let argmax = Builtin(
    "argmax", area: .tensors, on: [.tensor], subject: "x", returns: .tensor,
    summary: "Where the largest element stands, in all or along an axis; the first of equals.",
    parameters: [.named("axis", .int, shown: "all elements", "The axis to go along; negative counts from the last.")],
    keywords: ["largest", "predicted class"], python: "x.argmax(-1)",
    examples: [
      Example("tensor([1.0, 7.0, 6.0]).argmax()", gives: 1),
      Example("tensor([[1.0, 2.0], [4.0, 3.0]]).argmax(axis: 1)[0]", gives: 1),
    ], seeAlso: ["max", "topk"]
  ) { call in
    let x: TensorValue = try call.subject
    let floats: Tensor = try x.floats()
    guard let axis = try call.axisIfAny else {
      return try TensorValue.value(floats.reshaped([floats.count]).argmax(axis: 0))
    }
    if case .ragged = x.content {
      throw call.error("a ragged tensor has no argmax along an axis", help: "use the rows, x.flat")
    }
    return try TensorValue.value(floats.argmax(axis: axis))
  }

  static let norm = Builtin(
    "norm", area: .tensors, on: [.tensor], subject: "x", returns: .float,
    summary: "The Euclidean length of all elements, or along an axis.",
    parameters: [.named("axis", .int, shown: "all elements", "The axis to go along; negative counts from the last.")],
    keywords: ["length", "l2", "torch.linalg.norm"], python: "torch.linalg.norm(x)",
    examples: [
      Example("norm(tensor([3.0, 4.0]))", gives: 5.0),
      Example("norm(tensor([[3.0, 4.0], [0.0, 2.0]]), axis: 1)[1]", gives: 2.0),
    ], seeAlso: ["normalize"]
  ) { call in
    let x: TensorValue = try call.subject
    guard let axis = try call.axisIfAny else {
      let floats: Tensor = try x.floats()
      guard floats.node != nil else { return .float(floats.norm()) }
      return try TensorValue.value(floats.reshaped([floats.count]).norm(axis: 0))
    }
    return try TensorValue.value(x.floats().norm(axis: axis))
  }

  static let allTrue = Builtin(
    "all", area: .tensors, on: [.tensor], subject: "x", returns: .bool,
    summary: "Whether every element is true (or not zero).", keywords: ["every"], python: "x.all()",
    examples: [
      Example("all(tensor([1.0, 2.0]) > 0)", gives: true), Example("all(tensor([1.0, 2.0]) > 1)", gives: false),
    ], seeAlso: ["any", "close"]
  ) { call in .bool(try call.subject.floats().elements.allSatisfy { $0 != 0 }) }

  static let anyTrue = Builtin(
    "any", area: .tensors, on: [.tensor], subject: "x", returns: .bool,
    summary: "Whether some element is true (or not zero).", keywords: ["some", "exists"], python: "x.any()",
    examples: [
      Example("any(tensor([1.0, 2.0]) > 1)", gives: true), Example("any(tensor([1.0, 2.0]) > 2)", gives: false),
    ], seeAlso: ["all", "close"]
  ) { call in .bool(try call.subject.floats().elements.contains { $0 != 0 }) }
}
