import TensorCore

/// A weight of a model: one object however many names it has, so that tied weights stay tied.
///
/// The value is a copy-on-write buffer: two models made from one checkpoint share its bytes until one of them trains.
package final class Parameter {
  /// The first dotted name under which the model holds it, as in the checkpoint.
  package let name: String
  package var value: Tensor {
    didSet { version &+= 1 }
  }
  /// Whether a fit may change it; a frozen parameter never gets a gradient.
  package var isTrainable: Bool
  /// Whether it was initialised here instead of read from a checkpoint.
  package let isNew: Bool
  /// Grows with each change of the value: caches of what was computed from it compare it.
  package private(set) var version = 0
  /// Stands for this parameter in the graph of a recorded forward pass.
  package let leaf: GraphNode

  package init(name: String, value: Tensor, isTrainable: Bool = true, isNew: Bool = false) {
    self.name = name
    self.value = value
    self.isTrainable = isTrainable
    self.isNew = isNew
    leaf = GraphNode(leaf: name, shape: value.shape)
  }

  package var count: Int { value.count }
  package var shape: [Int] { value.shape }

  /// The value as an operation reads it: part of the graph if it trains and the pass is recorded.
  package func read(_ context: ForwardContext) -> Tensor {
    isTrainable && context.isRecording ? value.recorded(as: leaf) : value
  }
}
