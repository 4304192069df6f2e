import Language
import TensorCore

extension Call {
  /// The tensor given as an argument; a number, a bool and nested lists count as one.
  func tensor(_ name: String) throws -> TensorValue { try TensorValue.from(value(name), in: self, name) }

  /// The first argument as a tensor.
  var subject: TensorValue { get throws { try tensor(builtin.parameters.first?.name ?? "") } }

  var axisIfAny: Int? { get throws { try intIfAny("axis") } }

  /// `(2, 3)` or `([2, 3])`.
  func shape() throws -> [Int] {
    if let only = rest().first, rest().count == 1, case .list(let list) = only {
      return try list.elements.map { try extent($0) }
    }
    return try rest().map { try extent($0) }
  }

  private func extent(_ value: Value) throws -> Int {
    guard case .int(let number) = value else {
      throw error("a shape is made of ints, got \(value.kind.phrase)", help: "\(builtin.name)(2, 3)")
    }
    return number
  }
}

extension TensorValue {
  /// What types a word takes as a tensor.
  static let operand: ValueType = .either([.kind(.tensor), .int, .float, .bool, .list])

  /// A tensor from a value of the language: numbers, nested lists of equal lengths, tensors.
  static func from(_ value: Value, in call: Call, _ name: String) throws -> TensorValue {
    if let tensor: TensorValue = value.object() { return tensor }
    if case .object(let object) = value, let elements = object.listElements {
      return try from(.list(elements), in: call, name)
    }
    var shape: [Int] = []
    var level = value
    while case .list(let list) = level {
      shape.append(list.count)
      guard let first = list.elements.first else { break }
      if let inner: TensorValue = first.object() {
        return try stacked(list, inner, outer: shape, call, name)
      }
      level = first
    }
    var numbers = Numbers()
    try numbers.collect(value, shape, depth: 0, call, name)
    return try numbers.tensor(shape)
  }

  /// A list of tensors of one shape.
  private static func stacked(
    _ list: ListValue, _ first: TensorValue, outer: [Int], _ call: Call, _ name: String
  ) throws -> TensorValue {
    guard outer.count == 1 else {
      throw call.error(
        "\(name): lists of lists of tensors are not taken", at: name, help: "stack the inner lists first")
    }
    let tensors = try list.elements.map { try from($0, in: call, name) }
    if case .integers = first.content {
      let parts = tensors.compactMap { part -> IndexTensor? in
        if case .integers(let tensor) = part.content { return tensor }
        return nil
      }
      if parts.count == tensors.count, parts.allSatisfy({ $0.shape == parts[0].shape }) {
        return try TensorValue(IndexTensor(parts.flatMap(\.elements), shape: [parts.count] + parts[0].shape))
      }
    }
    return try TensorValue(Tensor.stacked(tensors.map { try $0.floats() }))
  }

  /// Numbers gathered from nested lists, of the narrowest type that holds them all.
  private struct Numbers {
    var bools: [Bool] = []
    var ints: [Int] = []
    var floats: [Float] = []
    var (onlyBools, onlyInts) = (true, true)

    mutating func collect(_ value: Value, _ shape: [Int], depth: Int, _ call: Call, _ name: String) throws {
      switch value {
      case .list(let list):
        guard depth < shape.count, list.count == shape[depth] else {
          throw call.error(
            "\(name): the lists have different lengths", at: name, help: "a tensor's rows are of one length")
        }
        for element in list.elements { try collect(element, shape, depth: depth + 1, call, name) }
        return
      case .bool(let flag):
        bools.append(flag)
        ints.append(flag ? 1 : 0)
        floats.append(flag ? 1 : 0)
      case .int(let number):
        onlyBools = false
        ints.append(number)
        floats.append(Float(number))
      case .float(let number):
        (onlyBools, onlyInts) = (false, false)
        floats.append(Float(number))
      default:
        throw call.error("\(name): a tensor holds numbers, got \(value.kind.phrase)", at: name)
      }
      guard depth == shape.count else {
        throw call.error("\(name): numbers and lists stand beside each other", at: name)
      }
    }

    func tensor(_ shape: [Int]) throws -> TensorValue {
      if floats.isEmpty { return try TensorValue(Tensor([], shape: shape)) }
      if onlyBools { return TensorValue(.mask(Mask(elements: bools, shape: shape))) }
      if onlyInts { return try TensorValue(IndexTensor(ints, shape: shape)) }
      return try TensorValue(Tensor(floats, shape: shape))
    }
  }
}
