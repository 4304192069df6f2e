import TensorCore

/// A table of vectors looked up by id.
package final class Embedding: Module {
  package let tree: ModuleTree
  /// `[count, size]`.
  package let weight: Parameter
  /// A row that takes part in the forward pass but gets no gradient from look-ups.
  package let paddingIndex: Int?

  package init(
    _ scope: ParameterScope, count: Int, size: Int, paddingIndex: Int? = nil, standardDeviation: Double = 0.02
  ) throws {
    let initializer: Initializer =
      paddingIndex.map { .normalExceptRow(standardDeviation: standardDeviation, row: $0) }
      ?? .normal(standardDeviation: standardDeviation)
    weight = try scope.parameter("weight", [count, size], initializer)
    self.paddingIndex = paddingIndex
    tree = ModuleTree(scope.path)
    hold("weight", weight)
  }

  package var count: Int { weight.shape[0] }

  /// `[T]` ids → `[T, size]`.
  ///
  /// - Throws: ``TensorError`` if an id is outside the table.
  package func callAsFunction(_ ids: [Int], _ context: ForwardContext) throws -> Tensor {
    if let stored = weight.stored, !stored.isTransposed, !(weight.isTrainable && context.isRecording) {
      return try stored.matrix.embedding(ids)
    }
    _ = try weight.floats()
    return try weight.read(context).embedding(ids, paddingIndex: paddingIndex)
  }
}
