import NeuralNetworks
import TensorCore

/// A method at a projection whose effect can be taken into the projection's weight.
protocol MergingProjectionMethod: ProjectionMethod {
  /// The weight and bias that give what the method makes of the projection's output.
  ///
  /// - Parameter weight: `[output, input]`, with what methods before this one made of it.
  func merge(into weight: Tensor, bias: Tensor?, of projection: Linear) throws -> (weight: Tensor, bias: Tensor?)
  /// The weight that gives what the method makes of the projection's input.
  func mergeInput(into weight: Tensor) throws -> Tensor
}

extension MergingProjectionMethod {
  func mergeInput(into weight: Tensor) throws -> Tensor { weight }
}

extension Linear {
  /// The weight as `[output, input]` whatever its orientation, without a record.
  func outputMatrix() throws -> Tensor {
    let value: Tensor = weight.value.detached
    if orientation == .outputInput { return try value.reshaped([outputSize, inputSize]) }
    return try value.reshaped([inputSize, outputSize]).transposed()
  }

  /// Sets the weight from `[output, input]`.
  func setOutputMatrix(_ matrix: Tensor) throws {
    let value: Tensor = orientation == .outputInput ? matrix : try matrix.transposed()
    weight.value = try value.reshaped(weight.shape)
  }

  /// The projection of rows without its bias and without methods.
  func withoutBias(_ rows: Tensor, _ context: ForwardContext) throws -> Tensor {
    orientation == .outputInput
      ? try rows.linear(weight: matrix(context)) : try rows.linearTransposed(weight: matrix(context))
  }
}
