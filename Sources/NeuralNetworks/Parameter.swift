import TensorCore

/// A weight of a model: one object however many names it has, so that tied weights stay tied.
///
/// The value is a copy-on-write buffer: two models made from one checkpoint share its bytes until one of them trains.
/// A weight from a quantised file stays as it is stored until its floats are asked for.
package final class Parameter {
  /// What a parameter holds; copying it costs nothing.
  package enum Content {
    case floats(Tensor)
    case stored(StoredWeight)

    package var shape: [Int] {
      switch self {
      case .floats(let tensor): tensor.shape
      case .stored(let weight): weight.shape
      }
    }

    /// The floats held; nil for a weight that is kept as stored.
    package var tensor: Tensor? {
      if case .floats(let tensor) = self { return tensor }
      return nil
    }
  }

  /// The first dotted name under which the model holds it, as in the checkpoint.
  package let name: String
  package private(set) var shape: [Int]
  /// Whether a fit may change it; a frozen parameter never gets a gradient.
  package var isTrainable: Bool
  /// Whether it was initialised here instead of read from a checkpoint.
  package let isNew: Bool
  /// Grows with each change of the value: caches of what was computed from it compare it.
  package private(set) var version = 0
  /// Stands for this parameter in the graph of a recorded forward pass.
  package let leaf: GraphNode
  private var held: Content
  /// The floats of a stored weight, once something asked for them.
  private var dequantized: Tensor?

  package convenience init(name: String, value: Tensor, isTrainable: Bool = true, isNew: Bool = false) {
    self.init(name: name, content: .floats(value), isTrainable: isTrainable, isNew: isNew)
  }

  package init(name: String, content: Content, isTrainable: Bool = true, isNew: Bool = false) {
    self.name = name
    held = content
    shape = content.shape
    self.isTrainable = isTrainable
    self.isNew = isNew
    leaf = GraphNode(leaf: name, shape: content.shape)
  }

  package var count: Int { shape.reduce(1, *) }

  /// What it holds now. Setting it counts as a change.
  package var content: Content {
    get { held }
    set {
      held = newValue
      shape = newValue.shape
      dequantized = nil
      version &+= 1
    }
  }

  /// The weight as it is stored; nil where it is floats.
  package var stored: StoredWeight? {
    if case .stored(let weight) = held { return weight }
    return nil
  }

  /// Whether its floats are in memory: always, but for a stored weight whose floats nothing has asked for.
  package var holdsFloats: Bool { stored == nil || dequantized != nil }

  /// The value as floats, which a stored weight becomes at the first call and keeps beside it.
  ///
  /// - Throws: ``TensorError/outOfMemory``.
  package func floats() throws -> Tensor {
    switch held {
    case .floats(let tensor): return tensor
    case .stored(let weight):
      if let dequantized { return dequantized }
      let tensor = try weight.floats()
      dequantized = tensor
      return tensor
    }
  }

  /// The value as floats. Without the memory for a stored weight's it has no elements: who can fail calls ``floats()``
  /// first.
  package var value: Tensor {
    get { (try? floats()) ?? Tensor.none }
    set { content = .floats(newValue) }
    _modify {
      var tensor = value
      held = .floats(Tensor.none)  // so that the buffer is held once, and written in place
      dequantized = nil
      defer {
        held = .floats(tensor)
        shape = tensor.shape
        version &+= 1
      }
      yield &tensor
    }
  }

  /// The value as an operation reads it: part of the graph if it trains and the pass is recorded.
  package func read(_ context: ForwardContext) -> Tensor {
    isTrainable && context.isRecording ? value.recorded(as: leaf) : value
  }

  /// The weight as it is stored, for a product with `rows` of which nothing has to be recorded; nil where floats are
  /// needed.
  package func stored(for rows: Tensor, _ context: ForwardContext) -> StoredWeight? {
    guard case .stored(let weight) = held else { return nil }
    return context.isRecording && (isTrainable || rows.node != nil) ? nil : weight
  }
}
