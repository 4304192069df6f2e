import Language
import TensorCore

extension TensorValue {
  package func unary(_ operator: UnaryOperator) throws -> Value? {
    switch (`operator`, content) {
    case (.negate, .ragged(let ragged)):
      return .object(TensorValue(RaggedTensor(try ragged.rows.map(.negate), offsets: ragged.offsets)))
    case (.negate, _): return try TensorValue.value(floats().map(.negate))
    case (.not, .mask(let mask)):
      return TensorValue.value(Mask(elements: mask.elements.map { !$0 }, shape: mask.shape))
    case (.not, _): return nil
    }
  }

  package func binary(_ operator: BinaryOperator, _ other: Value, isRight: Bool) throws -> Value? {
    if `operator` == .in || `operator` == .notIn {
      guard isRight, let found = try contains(other) else { return nil }
      return .bool(found == (`operator` == .in))
    }
    guard let other = try TensorValue(operand: other) else { return nil }
    let (left, right) = isRight ? (other, self) : (self, other)
    if `operator` == .matrixMultiply {
      if case .ragged(let ragged) = left.content {
        return try .object(TensorValue(RaggedTensor(ragged.rows.matmul(right.floats()), offsets: ragged.offsets)))
      }
      return try TensorValue.value(left.floats().matmul(right.floats()))
    }
    guard let operation = `operator`.elementwise else { return nil }
    if let result = try TensorValue.ofIntegers(operation, left, right) { return result }
    let offsets = try TensorValue.commonOffsets(`operator`, left, right)
    let (a, b) = try (left.floats(), right.floats())
    let result = try Tensor.elementwise(operation, a, b)
    if let offsets {
      guard result.shape.first == offsets.last, !`operator`.isComparison else {
        throw LanguageError.message(
          "\(`operator`.rawValue): a ragged tensor is compared by its rows, x.flat")
      }
      return .object(TensorValue(RaggedTensor(result, offsets: offsets)))
    }
    if `operator`.isComparison {
      return TensorValue.value(Mask(elements: result.elements.map { $0 != 0 }, shape: result.shape))
    }
    return try TensorValue.value(result)
  }

  /// A number or tensor as the operand of a tensor; nil for anything else.
  private convenience init?(operand: Value) throws {
    switch operand {
    case .int(let number): self.init(try IndexTensor([number], shape: []))
    case .float(let number): self.init(try Tensor(scalar: Float(number)))
    case .bool(let flag): self.init(.mask(Mask(elements: [flag], shape: [])))
    case .object(let object):
      guard let tensor = object as? TensorValue else { return nil }
      self.init(tensor.content)
    default: return nil
    }
  }

  /// Comparisons of integers and masks stay exact; nil where one side is of floats, or for arithmetic.
  private static func ofIntegers(
    _ operation: ElementOperation, _ left: TensorValue, _ right: TensorValue
  ) throws -> Value? {
    guard let a = left.wholeNumbers, let b = right.wholeNumbers else { return nil }
    let compare: (Int, Int) -> Bool
    switch operation {
    case .equal: compare = (==)
    case .unequal: compare = (!=)
    case .less: compare = (<)
    case .lessEqual: compare = (<=)
    case .greater: compare = (>)
    case .greaterEqual: compare = (>=)
    default: return nil
    }
    let shape = try Tensor.broadcast(a.shape, b.shape, operation: operation.rawValue)
    let count = try Tensor.count(of: shape, operation: operation.rawValue)
    var elements: [Bool] = []
    elements.reserveCapacity(count)
    for place in 0..<count {
      let x = a.elements[TensorValue.source(of: place, in: shape, from: a.shape)]
      elements.append(compare(x, b.elements[TensorValue.source(of: place, in: shape, from: b.shape)]))
    }
    return value(Mask(elements: elements, shape: shape))
  }

  /// Which element of a tensor of shape `source` stands at `place` once it is broadcast to `shape`.
  private static func source(of place: Int, in shape: [Int], from source: [Int]) -> Int {
    if source == shape { return place }
    var (rest, step, result) = (place, 1, 0)
    for back in stride(from: 1, through: source.count, by: 1) {
      let index = rest % shape[shape.count - back]
      rest /= shape[shape.count - back]
      if source[source.count - back] != 1 { result += index * step }
      step *= source[source.count - back]
    }
    return result
  }

  private var wholeNumbers: IndexTensor? {
    switch content {
    case .integers(let tensor): tensor
    case .mask(let mask): try? IndexTensor(mask.elements.map { $0 ? 1 : 0 }, shape: mask.shape)
    default: nil
    }
  }

  private static func commonOffsets(
    _ operator: BinaryOperator, _ left: TensorValue, _ right: TensorValue
  ) throws -> [Int]? {
    switch (left.content, right.content) {
    case (.ragged(let a), .ragged(let b)):
      guard a.offsets == b.offsets else {
        throw LanguageError.message("\(`operator`.rawValue): the sequences have other lengths")
      }
      return a.offsets
    case (.ragged(let a), _): return a.offsets
    case (_, .ragged(let b)): return b.offsets
    default: return nil
    }
  }

  private func contains(_ wanted: Value) throws -> Bool? {
    switch (wanted, content) {
    case (.int(let number), .integers(let tensor)): return tensor.elements.contains(number)
    case (.int(let number), _): return try floats().elements.contains(Float(number))
    case (.float(let number), _): return try floats().elements.contains(Float(number))
    default: return nil
    }
  }
}

extension BinaryOperator {
  /// The same for each pair of elements.
  var elementwise: ElementOperation? {
    switch self {
    case .power: .power
    case .multiply: .multiply
    case .divide: .divide
    case .floorDivide: .floorDivide
    case .remainder: .remainder
    case .add: .add
    case .subtract: .subtract
    case .equal: .equal
    case .notEqual: .unequal
    case .less: .less
    case .lessEqual: .lessEqual
    case .greater: .greater
    case .greaterEqual: .greaterEqual
    case .matrixMultiply, .in, .notIn: nil
    }
  }
}
