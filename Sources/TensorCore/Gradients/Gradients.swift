/// The gradients of one number with respect to the leaves it was computed from.
///
/// ```swift
/// let leaf = GraphNode(leaf: "w", shape: w.shape)
/// let loss = try (w.recorded(as: leaf) * x).sum()
/// let gradients = try loss.backward()
/// gradients[leaf]   // x, summed over the axes along which w was broadcast
/// ```
package final class Gradients {
  private var values: [ObjectIdentifier: Tensor] = [:]
  /// Recorded nodes with a gradient, whose inputs are still to come: a heap by falling order.
  private var pending: [GraphNode] = []

  init() {}

  /// The gradient of a leaf; nil if the number does not depend on it.
  package subscript(leaf: GraphNode) -> Tensor? { values[ObjectIdentifier(leaf)] }

  /// Takes the gradient of a leaf out, so its memory can go once it is used.
  package func take(_ leaf: GraphNode) -> Tensor? { values.removeValue(forKey: ObjectIdentifier(leaf)) }

  // MARK: For the backward functions of operations

  /// Adds `gradient()` to the gradient of `node`, computing it only if there is such a node.
  package func add(to node: GraphNode?, _ gradient: () throws -> Tensor) throws {
    guard let node else { return }
    try add(to: node, tensor: gradient())
  }

  /// Adds `gradient` to that of `node`.
  package func add(to node: GraphNode, tensor gradient: Tensor) throws {
    let key = ObjectIdentifier(node)
    guard var sum = values.removeValue(forKey: key) else {
      values[key] = gradient.detached
      push(node)
      return
    }
    try sum.accumulate(gradient)
    values[key] = sum
  }

  /// Lets `body` add to the gradient of `node` in place. `body` gets the buffer and whether it holds a sum already;
  /// if not, its contents are arbitrary and all of it must be written.
  package func accumulate(
    to node: GraphNode?, _ body: (_ buffer: UnsafeMutablePointer<Float>, _ holdsSum: Bool) throws -> Void
  ) throws {
    guard let node else { return }
    let key = ObjectIdentifier(node)
    if var sum = values.removeValue(forKey: key) {
      try sum.makeUnique()
      try body(sum.freshPointer, true)
      values[key] = sum
    } else {
      let sum = try Tensor(uninitialized: node.shape, operation: node.name)
      try body(sum.freshPointer, false)
      values[key] = sum
      push(node)
    }
  }

  // MARK: The walk

  /// Walks from the highest node down; each operation's record is freed once it has been used.
  func run(from root: GraphNode, gradient: Tensor, keepingGraph: Bool) throws {
    try add(to: root, tensor: gradient)
    while let node = pop() {
      guard let backward = node.backward else {
        throw TensorError.graphConsumed(operation: node.name)
      }
      guard let gradient = values.removeValue(forKey: ObjectIdentifier(node)) else { continue }
      if !keepingGraph { node.backward = nil }
      try backward(gradient, self)
      if !keepingGraph { node.parents = [] }
    }
  }

  private func push(_ node: GraphNode) {
    if node.isLeaf { return }
    pending.append(node)
    var child = pending.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if pending[parent].order >= pending[child].order { break }
      pending.swapAt(parent, child)
      child = parent
    }
  }

  private func pop() -> GraphNode? {
    guard let first = pending.first else { return nil }
    let last = pending.removeLast()
    if pending.isEmpty { return first }
    pending[0] = last
    var parent = 0
    while true {
      var largest = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < pending.count && pending[child].order > pending[largest].order { largest = child }
      if largest == parent { return first }
      pending.swapAt(parent, largest)
      parent = largest
    }
  }
}

extension Tensor {
  /// The gradients of this number with respect to all leaves it was computed from. The records of the operations are
  /// freed on the way, and what they kept with them, unless `keepingGraph`.
  ///
  /// - Parameter gradient: of something larger with respect to this tensor; by default 1, for which this must be one
  ///   number.
  /// - Throws: ``TensorError/shapeMismatch`` if there are several numbers and no `gradient`,
  ///   ``TensorError/graphConsumed`` if a backward pass went through before.
  package func backward(_ gradient: Tensor? = nil, keepingGraph: Bool = false) throws -> Gradients {
    let gradients = Gradients()
    if gradient == nil, count != 1 {
      throw TensorError.shapeMismatch(operation: "backward", shapes: [shape], expected: "one number")
    }
    guard let node else { return gradients }
    let seed = try gradient ?? Tensor(repeating: 1, shape: shape)
    try gradients.run(from: node, gradient: seed, keepingGraph: keepingGraph)
    return gradients
  }
}
