import Language
import TensorCore

extension Builtin {
  /// Words that put the elements of tensors into other places, and those that compare.
  static let shapingTensors: [Builtin] = [cat, stack, reshape, transpose, topk, close]

  static let cat = Builtin(
    "cat", area: .tensors, returns: .tensor, summary: "Put tensors one after the other along an axis.",
    parameters: [
      .positional("tensors", .list, "Tensors that agree but for that axis."),
      .named("axis", .int, default: 0, "The axis that gets longer."),
    ],
    keywords: ["concatenate", "join", "append", "vstack", "hstack"], python: "torch.cat([a, b], dim=0)",
    examples: [
      Example("cat([ones(2, 3), zeros(1, 3)]).shape", gives: .ints([3, 3])),
      Example("cat([ones(2, 3), zeros(2, 1)], axis: 1).shape", gives: .ints([2, 4])),
    ], seeAlso: ["stack"]
  ) { call in
    let parts: [TensorValue] = try call.list("tensors").map { try TensorValue.from($0, in: call, "tensors") }
    let axis: Int = try call.int("axis")
    let integers: [IndexTensor] = parts.compactMap { part -> IndexTensor? in
      if case .integers(let tensor) = part.content { return tensor }
      return nil
    }
    if axis == 0, !parts.isEmpty, integers.count == parts.count, let first = integers.first {
      let inner = first.shape.dropFirst()
      if !first.shape.isEmpty,
        integers.allSatisfy({ $0.shape.count == first.shape.count && $0.shape.dropFirst() == inner })
      {
        let rows = integers.reduce(0) { $0 + $1.shape[0] }
        return try .object(TensorValue(IndexTensor(integers.flatMap(\.elements), shape: [rows] + inner)))
      }
    }
    return try .object(TensorValue(Tensor.concatenated(parts.map { try $0.floats() }, axis: axis)))
  }

  static let stack = Builtin(
    "stack", area: .tensors, returns: .tensor, summary: "Put tensors of one shape beside each other along a new axis.",
    parameters: [
      .positional("tensors", .list, "Tensors of one shape."),
      .named("axis", .int, default: 0, "Where the new axis stands."),
    ],
    keywords: ["torch.stack", "combine"], python: "torch.stack([a, b], dim=0)",
    examples: [
      Example("stack([ones(3), zeros(3)]).shape", gives: .ints([2, 3])),
      Example("stack([ones(3), zeros(3)], axis: 1).shape", gives: .ints([3, 2])),
    ], seeAlso: ["cat"]
  ) { call in
    let parts: [Tensor] = try call.list("tensors").map { try TensorValue.from($0, in: call, "tensors").floats() }
    return try .object(TensorValue(Tensor.stacked(parts, axis: call.int("axis"))))
  }

  static let reshape = Builtin(
    "reshape", area: .tensors, on: [.tensor], subject: "x", returns: .tensor,
    summary: "The same elements in another shape.",
    parameters: [
      .rest("shape", .either([.int, .list(of: .int)]), "Extents, or a list of them; one may be -1 for the rest.")
    ],
    keywords: ["view", "flatten", "unsqueeze"], python: "x.reshape(2, -1)",
    examples: [
      Example("arange(6).reshape(2, 3)[1, 0]", gives: 3),
      Example("zeros(2, 6).reshape(3, -1).shape", gives: .ints([3, 4])),
      Example("zeros(2, 6).reshape(5)", fails: "expected a shape of 12 elements"),
    ], seeAlso: ["transpose"]
  ) { call in
    let x: TensorValue = try call.subject
    return try .object(TensorValue(x.content.reshaped(call.shape())))
  }

  static let transpose = Builtin(
    "transpose", area: .tensors, on: [.tensor], subject: "x", returns: .tensor,
    summary: "The axes in another order: reversed, or as given.",
    parameters: [.rest("axes", .either([.int, .list(of: .int)]), "All axes in their new order.")],
    keywords: ["permute", "T", "swapaxes"], python: "x.T",
    examples: [
      Example("zeros(2, 3).transpose().shape", gives: .ints([3, 2])),
      Example("zeros(2, 3, 4).transpose(0, 2, 1).shape", gives: .ints([2, 4, 3])),
    ], seeAlso: ["reshape"]
  ) { call in
    let x: TensorValue = try call.subject
    let axes: [Int] = try call.shape()
    if case .ragged = x.content {
      throw call.error("a ragged tensor can't be transposed", help: "use the rows, x.flat")
    }
    let shape: [Int] = x.content.shape
    switch x.content {
    case .floats(let tensor): return try .object(TensorValue(tensor.transposed(axes.isEmpty ? nil : axes)))
    default:
      // Where each element goes, found by transposing the places; exact below 2²⁴.
      let count = x.elementCount
      guard count < 1 << 24 else { throw call.error("integers beyond 16 million elements can't be transposed") }
      let places = try Tensor((0..<count).map { Float($0) }, shape: shape).transposed(axes.isEmpty ? nil : axes)
      let flat = try x.content.reshaped([count]).gathered(axis: 0, places.elements.map { Int($0) })
      return try .object(TensorValue(flat.reshaped(places.shape)))
    }
  }

  static let topk = Builtin(
    "topk", area: .tensors, on: [.tensor], subject: "x", returns: .record,
    summary: "The k largest elements along the last axis, largest first, and where they stand.",
    parameters: [.positional("k", .int, "How many.")],
    keywords: ["largest", "sort", "best"], python: "x.topk(3)",
    examples: [
      Example("topk(tensor([1.0, 5.0, 3.0]), 2).indices[0]", gives: 1),
      Example("topk(tensor([1.0, 5.0, 3.0]), 2).values[1]", gives: 3.0),
    ], seeAlso: ["argmax", "max"]
  ) { call in
    let (values, indices) = try call.subject.floats().topK(call.int("k"))
    return try .record([
      ("values", .object(TensorValue(values))), ("indices", .object(TensorValue(indices))),
    ])
  }

  static let close = Builtin(
    "close", area: .tensors, returns: .bool,
    summary: "Whether two tensors or numbers agree everywhere within a tolerance.",
    parameters: [
      .positional("a", TensorValue.operand, "A tensor or number."),
      .positional("b", TensorValue.operand, "What it is compared with; shapes broadcast."),
      .named("tol", .float, default: 1e-5, "Allowed difference, times the size of b where that is above 1."),
    ],
    keywords: ["allclose", "equal", "isclose", "approx"], python: "torch.allclose(a, b)",
    examples: [
      Example("close(ones(3), ones(3) + 0.000001)", gives: true), Example("close(1.0, 1.1)", gives: false),
      Example("close(1.0, 1.1, tol: 0.2)", gives: true),
    ], seeAlso: ["all"]
  ) { call in
    let (a, b): (Tensor, Tensor) = try (call.tensor("a").floats(), call.tensor("b").floats())
    let tolerance: Double = try call.float("tol")
    let shape: [Int] = try Tensor.broadcast(a.shape, b.shape, operation: "close")
    let (x, y): ([Float], [Float]) = try (a.broadcast(to: shape).elements, b.broadcast(to: shape).elements)
    return .bool(
      zip(x, y).allSatisfy { left, right in
        if left == right { return true }
        let difference = abs(Double(left) - Double(right))
        return difference <= tolerance * max(1, abs(Double(right)))
      })
  }
}
