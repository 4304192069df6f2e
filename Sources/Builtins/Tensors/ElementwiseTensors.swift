import Language
import TensorCore

extension Builtin {
  /// Words that give a tensor of the same shape.
  static let elementwiseTensors: [Builtin] = [
    function("log", .log, "The natural logarithm of each element.", python: "x.log()", ["ln"], "log(ones(2))[0]", 0),
    function("exp", .exp, "e to the power of each element.", python: "x.exp()", ["exponential"], "exp(zeros(2))[0]", 1),
    function(
      "sqrt", .sqrt, "The square root of each element.", python: "x.sqrt()", ["root"], "sqrt(ones(2) * 9)[1]", 3),
    function(
      "abs", .abs, "The size of each element, without its sign.", python: "x.abs()", ["absolute", "magnitude"],
      "abs(tensor([-2.5]))[0]", 2.5),
    softmax, normalize,
  ]

  private static func function(
    _ name: String, _ function: ElementFunction, _ summary: String, python: String, _ keywords: [String],
    _ code: String, _ result: Double
  ) -> Builtin {
    Builtin(
      name, area: .tensors, on: [.tensor], subject: "x", returns: .tensor, summary: summary, keywords: keywords,
      python: python, examples: [Example(code, gives: .float(result))]
    ) { call in try call.subject.rowwise { try $0.map(function) } }
  }

  static let softmax = Builtin(
    "softmax", area: .tensors, on: [.tensor], subject: "x", returns: .tensor,
    summary: "Turn scores into probabilities: e to their power, divided by the sum along an axis.",
    parameters: [.named("axis", .int, default: -1, "The axis whose elements then sum to 1.")],
    keywords: ["probabilities", "logits", "torch.softmax"], python: "x.softmax(-1)",
    examples: [
      Example("softmax(tensor([0.0, 0.0]))[0]", gives: 0.5),
      Example("close(softmax(randn(2, 5, seed: 1)).sum(axis: 1), ones(2))", gives: true),
    ], seeAlso: ["exp", "argmax"]
  ) { call in
    let axis: Int = try call.int("axis")
    return try call.subject.rowwise(axis: axis) { try $0.softmax(axis: $1) }
  }

  static let normalize = Builtin(
    "normalize", area: .tensors, on: [.tensor], subject: "x", returns: .tensor,
    summary: "Divide vectors by their Euclidean length, so that dot products are cosines.",
    parameters: [.named("axis", .int, default: -1, "The axis along which a vector lies.")],
    keywords: ["l2", "cosine", "F.normalize", "unit"], python: "F.normalize(x, dim=-1)",
    examples: [
      Example("normalize(tensor([3.0, 4.0]))[0]", gives: 0.6),
      Example("norm(normalize(randn(8, seed: 1))) > 0.9999", gives: true),
    ], seeAlso: ["norm", "similarity"]
  ) { call in
    let axis: Int = try call.int("axis")
    return try call.subject.rowwise(axis: axis) { try $0.normalized(axis: $1) }
  }
}

extension TensorValue {
  /// A result of the same shape; of a ragged tensor, from its rows.
  func rowwise(_ body: (Tensor) throws -> Tensor) throws -> Value {
    if case .ragged(let ragged) = content {
      return .object(TensorValue(RaggedTensor(try body(ragged.rows), offsets: ragged.offsets)))
    }
    return try TensorValue.value(body(floats()))
  }

  /// The same along an axis; of a ragged tensor one of those within a row.
  func rowwise(axis: Int, _ body: (Tensor, Int) throws -> Tensor) throws -> Value {
    guard case .ragged(let ragged) = content else { return try TensorValue.value(body(floats(), axis)) }
    let rank = ragged.rows.shape.count + 1
    let place = axis < 0 ? axis &+ rank : axis
    guard (2..<rank).contains(place) else {
      throw LanguageError.message("a ragged tensor is taken along axes 2 to \(rank - 1), got \(axis)")
    }
    return .object(TensorValue(RaggedTensor(try body(ragged.rows, place - 1), offsets: ragged.offsets)))
  }
}
