import Language

extension Builtin {
  /// One element of a tensor as a number of the language, as Python's float(x) and x.item() give it.
  static let floatOfTensor = Builtin(
    "float", area: .tensors, on: [.tensor], subject: "x", returns: .float, summary: "The number in a tensor of one.",
    keywords: ["item", "scalar"], python: "x.item()",
    examples: [
      Example("float(tensor([2.5]))", gives: 2.5), Example("float(tensor([1, 2]))", fails: "holds 2 numbers"),
    ], seeAlso: ["int"]
  ) { call in
    switch try only(call) {
    case .int(let number): return .float(Double(number))
    case .bool(let flag): return .float(flag ? 1 : 0)
    case let number: return number
    }
  }

  static let intOfTensor = Builtin(
    "int", area: .tensors, on: [.tensor], subject: "x", returns: .int,
    summary: "The number in a tensor of one, without its fraction.", keywords: ["item", "scalar"], python: "int(x)",
    examples: [Example("int(tensor([[7]]))", gives: 7), Example("int(tensor([2.9]))", gives: 2)], seeAlso: ["float"]
  ) { call in
    switch try only(call) {
    case .float(let number): return .int(try NumberTools.int(number.rounded(.towardZero), call))
    case .bool(let flag): return .int(flag ? 1 : 0)
    case let number: return number
    }
  }

  private static func only(_ call: Call) throws -> Value {
    let x: TensorValue = try call.subject
    switch x.content {
    case .floats(let tensor) where tensor.count == 1: return .float(Double(try tensor.item()))
    case .integers(let tensor) where tensor.count == 1: return .int(tensor.elements[0])
    case .mask(let mask) where mask.elements.count == 1: return .bool(mask.elements[0])
    case .ragged: throw call.error("a ragged tensor holds many numbers", at: "x", help: "x[0][0] is one of them")
    default:
      let count = x.extents.compactMap { $0 }.reduce(1, *)
      throw call.error("the tensor holds \(count) numbers, expected one", at: "x", help: "x[0] is one of them")
    }
  }
}
