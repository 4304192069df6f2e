/// One recorded operation, or a leaf: a value whose gradient is wanted.
///
/// Nodes are made while computing forward ("define by run"): an operation records one exactly if one of its inputs
/// has one. See ``Gradients``.
package final class GraphNode {
  /// Rises with each node made, so a node's inputs have lower numbers.
  let order: Int
  /// The operation's name, or the leaf's.
  package let name: String
  /// The shape of the value and its gradient.
  package let shape: [Int]
  /// The nodes that `backward` may add gradients to.
  var parents: [GraphNode]
  /// Gets the gradient of this node's value and adds to its parents' gradients; nil for a leaf and after use.
  var backward: ((Tensor, Gradients) throws -> Void)?
  package let isLeaf: Bool

  nonisolated(unsafe) private static var made = 0  // recording happens on the main thread only

  /// A leaf.
  package init(leaf name: String, shape: [Int]) {
    GraphNode.made += 1
    self.order = GraphNode.made
    self.name = name
    self.shape = shape
    self.parents = []
    self.isLeaf = true
  }

  init(
    operation: String, shape: [Int], parents: [GraphNode], backward: @escaping (Tensor, Gradients) throws -> Void
  ) {
    GraphNode.made += 1
    self.order = GraphNode.made
    self.name = operation
    self.shape = shape
    self.parents = parents
    self.backward = backward
    self.isLeaf = false
  }

  /// Lets go of what the operation kept.
  func release() {
    backward = nil
    parents = []
  }

  deinit {
    // A long chain would otherwise be released recursively and overflow the stack.
    var pending = parents
    release()
    while var node = pending.popLast() {
      guard isKnownUniquelyReferenced(&node) else { continue }
      pending += node.parents
      node.release()
    }
  }
}

extension Tensor {
  /// This value as the value of a leaf: what is computed from it records how, and backward reports its gradient.
  package func recorded(as leaf: GraphNode) -> Tensor {
    var copy = self
    copy.node = leaf
    return copy
  }

  /// This result of an operation with a record, if an input has one.
  ///
  /// `backward` gets the gradient of the result and adds those of the inputs with ``Gradients/add(to:_:)``. It must
  /// capture no node but those of `inputs`.
  package func recording(
    _ operation: String, _ inputs: [Tensor?], backward: @escaping (Tensor, Gradients) throws -> Void
  ) -> Tensor {
    let parents = inputs.compactMap { $0?.node }
    if parents.isEmpty { return self }
    var copy = self
    copy.node = GraphNode(operation: operation, shape: shape, parents: parents, backward: backward)
    return copy
  }
}
