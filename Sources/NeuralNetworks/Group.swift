import TensorCore

/// A node of the tree that only holds others: upstream's name for a part whose work its owner does.
package final class Group: Module {
  package let tree: ModuleTree
  private let name: String
  /// What the part makes of rows, where it can be called by itself.
  package var body: ((_ rows: Tensor, _ context: ForwardContext) throws -> Tensor)?

  package init(path: String, kind: String) {
    name = kind
    tree = ModuleTree(path)
  }

  package var kind: String { name }

  package func callAsFunction(_ rows: Tensor, _ context: ForwardContext) throws -> Tensor {
    guard let body else { throw NeuralNetworkError.notCallable(module: path, kind: kind) }
    return try body(rows, context)
  }
}
