import TensorCore

/// A projection of rows: `x Wᵀ + b`, and the place where methods such as LoRA attach.
package final class Linear: Module {
  package enum Orientation {
    /// `weight: [output, input]`, PyTorch's Linear.
    case outputInput
    /// `weight: [input, output]`, GPT-2's Conv1D.
    case inputOutput
  }

  package let tree: ModuleTree
  package let weight: Parameter
  package let bias: Parameter?
  package let orientation: Orientation
  /// Methods attached to this projection, in the order they apply.
  package private(set) var methods: [any ProjectionMethod] = []

  private var packed = PackedWeight()

  package let inputSize: Int
  package let outputSize: Int

  /// - Parameter tied: a parameter made elsewhere that serves as the weight (a decoder tied to the embeddings).
  package init(
    _ scope: ParameterScope, input: Int, output: Int, bias hasBias: Bool = true,
    orientation: Orientation = .outputInput, initializer: Initializer = .normal(standardDeviation: 0.02),
    tied: Parameter? = nil
  ) throws {
    let shape: [Int] = orientation == .outputInput ? [output, input] : [input, output]
    weight = try tied ?? scope.parameter("weight", shape, initializer)
    bias = hasBias ? try scope.parameter("bias", [output], .zeros) : nil
    self.orientation = orientation
    inputSize = input
    outputSize = output
    tree = ModuleTree(scope.path)
    hold("weight", weight)
    if let bias { hold("bias", bias) }
  }

  /// A projection whose weight stands in the checkpoint under the projection's own name, with an axis split in two
  /// (XLNet's `rel_attn.q: [C, H, D]`).
  package init(
    _ scope: ParameterScope, bare shape: [Int], input: Int, output: Int, orientation: Orientation,
    initializer: Initializer
  ) throws {
    weight = try scope.parameter("", shape, initializer)
    bias = nil
    self.orientation = orientation
    inputSize = input
    outputSize = output
    tree = ModuleTree(scope.path)
    hold("", weight)
  }

  /// The weight as a matrix, `[output, input]` or `[input, output]` by the orientation.
  package func matrix(_ context: ForwardContext) throws -> Tensor {
    _ = try weight.floats()
    let value = weight.read(context)
    if value.shape.count == 2 { return value }
    return try value.reshaped(orientation == .outputInput ? [outputSize, inputSize] : [inputSize, outputSize])
  }

  package var kind: String { orientation == .outputInput ? "Linear" : "Conv1D" }

  package func callAsFunction(_ rows: Tensor, _ context: ForwardContext) throws -> Tensor {
    var input = rows
    for method in methods where method.isActive { input = try method.input(input, of: self, context) }
    var output = try plain(input, context)
    for method in methods where method.isActive {
      output = try method.output(consume output, for: input, of: self, context)
    }
    return output
  }

  /// The projection without its methods.
  package func plain(_ rows: Tensor, _ context: ForwardContext) throws -> Tensor {
    if let stored = weight.stored(for: rows, context), stored.isTransposed == (orientation == .inputOutput),
      bias.map({ !($0.isTrainable && context.isRecording) }) ?? true
    {
      return try rows.linear(stored: stored.matrix, bias: bias?.read(context))
    }
    let plan = try plan(context)
    switch orientation {
    case .outputInput: return try rows.linear(weight: matrix(context), bias: bias?.read(context), plan)
    case .inputOutput: return try rows.linearTransposed(weight: matrix(context), bias: bias?.read(context), plan)
    }
  }

  /// The precision of the pass, with the weight packed for it: once as long as it doesn't change.
  private func plan(_ context: ForwardContext) throws -> ProductPlan {
    guard context.precision == .bf16, Precision.bf16.isSupported else { return ProductPlan() }
    if weight.isTrainable, context.isRecording {
      packed = PackedWeight()
      return ProductPlan(precision: .bf16)
    }
    let isTransposed = orientation == .outputInput
    if packed.version != weight.version { packed = PackedWeight(version: weight.version) }
    let forward = try packed.forward ?? PackedMatrix(matrix(context).detached, transposed: isTransposed)
    packed.forward = forward
    return ProductPlan(precision: .bf16, forward: forward) { [self] in
      let backward = try packed.backward ?? PackedMatrix(matrix(context).detached, transposed: !isTransposed)
      packed.backward = backward
      return backward
    }
  }

  /// `down(activation(self(rows)))`: in one operation where there is enough to do and no method is active on either.
  package func feedForward(
    _ rows: Tensor, _ activation: ElementFunction, _ down: Linear, _ context: ForwardContext
  ) throws -> Tensor {
    let isPlain = [self, down].allSatisfy { projection in
      !projection.methods.contains(where: \.isActive) && projection.weight.stored(for: rows, context) == nil
    }
    guard isPlain, rows.shape.count == 2, rows.shape[0] >= 32 else {
      return try down(self(rows, context).map(activation), context)
    }
    return try rows.feedForward(projection(context), activation, down.projection(context))
  }

  private func projection(_ context: ForwardContext) throws -> FeedForwardPart {
    FeedForwardPart(
      weight: try matrix(context), bias: bias?.read(context), isTransposed: orientation == .outputInput,
      plan: try plan(context))
  }

  private struct PackedWeight {
    var version = -1
    var forward: PackedMatrix?
    var backward: PackedMatrix?
  }

  /// This projection for a product together with others that read the same rows; nil where the weight is floats, a
  /// method is at work or something has to be recorded.
  package func projection(_ rows: Tensor, _ context: ForwardContext) throws -> Tensor.Projection? {
    guard let stored = weight.stored(for: rows, context), stored.isTransposed == (orientation == .inputOutput),
      !methods.contains(where: \.isActive), !context.isRecording
    else { return nil }
    return Tensor.Projection(stored.matrix, bias: try bias?.floats())
  }

  package func attach<M: ProjectionMethod>(_ method: M, name: String) {
    methods.append(method)
    hold(name, method)
  }
}

/// Something added to a projection: a low-rank update, a scaling, ...; its parameters hang below the projection's.
package protocol ProjectionMethod: Module {
  var isActive: Bool { get }
  /// What the projection gets instead of `rows`.
  func input(_ rows: Tensor, of projection: Linear, _ context: ForwardContext) throws -> Tensor
  /// What the projection gives instead of `output`, which it computed from `rows` and which may be changed in place.
  func output(
    _ output: consuming Tensor, for rows: Tensor, of projection: Linear, _ context: ForwardContext
  ) throws -> Tensor
}

extension ProjectionMethod {
  package func input(_ rows: Tensor, of projection: Linear, _ context: ForwardContext) throws -> Tensor { rows }

  package func output(
    _ output: consuming Tensor, for rows: Tensor, of projection: Linear, _ context: ForwardContext
  ) throws -> Tensor { output }
}
