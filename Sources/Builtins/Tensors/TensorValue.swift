import Language
import TensorCore

/// How a tensor came about, for words that must make more of the same (features for a logistic regression).
package protocol TensorRecipe: AnyObject {
  /// One line that says it: `all-MiniLM-L6-v2, mean, layer -1`.
  var line: String { get }
}

/// True and false in rows: what comparing tensors gives.
package struct Mask: Equatable, Sendable {
  package var elements: [Bool]
  package var shape: [Int]
}

/// Rows of several sequences one after the other, `[T, ...]`, with the first row of each and, last, T.
package struct RaggedTensor: Sendable {
  package var rows: Tensor
  package var offsets: [Int]

  package init(_ rows: Tensor, offsets: [Int]) {
    self.rows = rows
    self.offsets = offsets
  }

  package var sequenceCount: Int { max(0, offsets.count - 1) }
}

/// A tensor in the language.
package final class TensorValue: LanguageObject {
  package enum Content {
    case floats(Tensor)
    case integers(IndexTensor)
    case mask(Mask)
    case ragged(RaggedTensor)
  }

  package let content: Content
  package let recipe: (any TensorRecipe)?

  package init(_ content: Content, recipe: (any TensorRecipe)? = nil) {
    self.content = content
    self.recipe = recipe
  }
  package convenience init(_ tensor: Tensor, recipe: (any TensorRecipe)? = nil) {
    self.init(.floats(tensor), recipe: recipe)
  }
  package convenience init(_ tensor: IndexTensor) { self.init(.integers(tensor)) }
  package convenience init(_ tensor: RaggedTensor) { self.init(.ragged(tensor)) }

  package var kind: Kind { .tensor }

  /// The extents; nil for the one that differs from sequence to sequence.
  package var extents: [Int?] {
    switch content {
    case .floats(let tensor): tensor.shape
    case .integers(let tensor): tensor.shape
    case .mask(let mask): mask.shape
    case .ragged(let ragged): [ragged.sequenceCount, nil] + ragged.rows.shape.dropFirst().map { Optional($0) }
    }
  }

  package var dtype: String {
    switch content {
    case .floats, .ragged: "float32"
    case .integers: "int64"
    case .mask: "bool"
    }
  }

  package var elementCount: Int {
    switch content {
    case .floats(let tensor): tensor.count
    case .integers(let tensor): tensor.count
    case .mask(let mask): mask.elements.count
    case .ragged(let ragged): ragged.rows.count
    }
  }

  /// The numbers as floats; of a ragged tensor its rows.
  package func floats() throws -> Tensor {
    switch content {
    case .floats(let tensor): tensor
    case .integers(let tensor): try tensor.floats()
    case .mask(let mask): try Tensor(mask.elements.map { $0 ? 1 : 0 }, shape: mask.shape)
    case .ragged(let ragged): ragged.rows
    }
  }

  /// The value that a result is in the language: a plain number where it has no axes and no recorded history.
  package static func value(_ tensor: Tensor) throws -> Value {
    if tensor.shape.isEmpty, tensor.node == nil { return .float(Double(try tensor.item())) }
    return .object(TensorValue(tensor))
  }
  package static func value(_ tensor: IndexTensor) -> Value {
    if tensor.shape.isEmpty, let only = tensor.elements.first { return .int(only) }
    return .object(TensorValue(tensor))
  }
  package static func value(_ mask: Mask) -> Value {
    if mask.shape.isEmpty, let only = mask.elements.first { return .bool(only) }
    return .object(TensorValue(.mask(mask)))
  }

  // MARK: fields, going through

  package var fieldNames: [String] {
    if case .ragged = content { return ["shape", "dtype", "flat", "lengths"] }
    return ["shape", "dtype"]
  }

  package func field(_ name: String) throws -> Value? {
    switch (name, content) {
    case ("shape", _): return try .list(extents.map { $0.map { .int($0) } ?? .string("*") })
    case ("dtype", _): return .string(dtype)
    case ("flat", .ragged(let ragged)): return .object(TensorValue(ragged.rows))
    case ("lengths", .ragged(let ragged)):
      return TensorValue.value(IndexTensor(zip(ragged.offsets, ragged.offsets.dropFirst()).map { $1 - $0 }))
    default: return nil
    }
  }

  package var length: Int? { extents.first ?? nil }
  package var axisCount: Int? { extents.count }

  package func item(at place: Int) throws -> Value { try element([.value(.int(place))]) }

  package func truth() throws -> Bool {
    if extents.isEmpty { return try floats().item() != 0 }
    throw LanguageError.message(
      "a tensor is neither true nor false",
      help: "ask all(x), any(x), or compare whole tensors with close(a, b)")
  }

  package func isEqual(to other: any LanguageObject) -> Bool {
    guard let other = other as? TensorValue else { return false }
    switch (content, other.content) {
    case (.floats(let a), .floats(let b)): return a.shape == b.shape && a.elements == b.elements
    case (.integers(let a), .integers(let b)): return a == b
    case (.mask(let a), .mask(let b)): return a == b
    case (.ragged(let a), .ragged(let b)): return a.offsets == b.offsets && a.rows.elements == b.rows.elements
    default: return false
    }
  }

  // MARK: saying what it is

  package var summary: String {
    let shape = "[\(extents.map { $0.map(String.init) ?? "*" }.joined(separator: ", "))]"
    let about = "a tensor of shape \(shape), \(dtype)"
    return recipe.map { "\(about): \($0.line)" } ?? about
  }

  package func nextSteps(name: String) -> [String] {
    if case .ragged = content { return ["\(name)[0]", "\(name)[:, 0]", "\(name).mean(axis: 1)", "\(name).flat"] }
    return ["\(name)[0]", "\(name).mean(axis: 0)", "\(name) @ transpose(\(name))", "save(\(name), \"x.npy\")"]
  }
}
