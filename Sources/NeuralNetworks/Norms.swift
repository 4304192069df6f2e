import TensorCore

/// A normalisation of rows, after a residual where the family puts it there.
package protocol Norm: Module {
  /// The norm of `rows + residual`.
  func callAsFunction(_ rows: Tensor, residual: Tensor, _ context: ForwardContext) throws -> Tensor
}

/// Layer normalisation (Ba et al. 2016): mean 0, variance 1 over each row, then `· weight + bias`.
package final class LayerNorm: Norm {
  package let tree: ModuleTree
  package let weight: Parameter
  package let bias: Parameter

  private let epsilon: Float

  package init(_ scope: ParameterScope, size: Int, epsilon: Double) throws {
    weight = try scope.parameter("weight", [size], .ones)
    bias = try scope.parameter("bias", [size], .zeros)
    tree = ModuleTree(scope.path)
    self.epsilon = Float(epsilon)
    hold("weight", weight)
    hold("bias", bias)
  }

  package func callAsFunction(_ rows: Tensor, _ context: ForwardContext) throws -> Tensor {
    try rows.layerNorm(weight: weight.read(context), bias: bias.read(context), epsilon: epsilon)
  }

  package func callAsFunction(
    _ rows: Tensor, residual: Tensor, _ context: ForwardContext
  ) throws -> Tensor {
    try rows.layerNorm(
      residual: residual, weight: weight.read(context), bias: bias.read(context), epsilon: epsilon)
  }
}

/// Root-mean-square normalisation (Zhang and Sennrich 2019): `x / √(mean x² + ε) · weight`.
package final class RMSNorm: Norm {
  package let tree: ModuleTree
  package let weight: Parameter

  private let epsilon: Float

  package init(_ scope: ParameterScope, size: Int, epsilon: Double) throws {
    weight = try scope.parameter("weight", [size], .ones)
    tree = ModuleTree(scope.path)
    self.epsilon = Float(epsilon)
    hold("weight", weight)
  }

  package func callAsFunction(_ rows: Tensor, _ context: ForwardContext) throws -> Tensor {
    try rows.rmsNorm(weight: weight.read(context), epsilon: epsilon)
  }

  /// This norm as a part of ``GatedRows``.
  package func part(_ context: ForwardContext) -> GatedRows.RootMeanSquare {
    GatedRows.RootMeanSquare(weight: weight.read(context), epsilon: epsilon)
  }

  package func callAsFunction(_ rows: Tensor, residual: Tensor, _ context: ForwardContext) throws -> Tensor {
    try self(rows + residual, context)
  }
}
