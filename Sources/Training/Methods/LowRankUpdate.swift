import NeuralNetworks
import TensorCore
import Transformers

/// LoRA at one projection. Its parameters are named as peft names them: `<projection>.lora_A.<name>.weight`.
final class LowRankUpdate: MergingProjectionMethod {
  let tree: ModuleTree
  /// `[r, input]`.
  let down: Parameter
  /// `[output, r]`.
  let up: Parameter
  /// DoRA: `[output]`, the length of each row of the weight.
  let magnitude: Parameter?
  private let scaling: Float
  private let dropout: Double
  private let control: MethodSwitch

  var kind: String { magnitude == nil ? "LoRA" : "DoRA" }
  var isActive: Bool { control.isActive }
  private var scale: Float { scaling * control.scale }

  init(_ settings: LoRASettings, _ projection: Linear, _ site: MethodSite) throws {
    let path: String = projection.path
    let rank: Int = settings.rank(of: path)
    let (input, output) = (projection.inputSize, projection.outputSize)
    scaling = Float(settings.scaling(of: path))
    dropout = settings.dropout
    control = site.control
    tree = ModuleTree(path)
    let (a, b) = ("lora_A.\(site.name).weight", "lora_B.\(site.name).weight")
    let first: Initializer =
      settings.initialization == .gaussian
      ? .normal(standardDeviation: 1 / Double(rank)) : .uniform(bound: 1 / Double(max(1, input)).squareRoot())
    var principal: (down: Tensor, up: Tensor)?
    if settings.initialization == .pissa {
      // Only a new method takes its share out of the weight: one that comes from elsewhere finds that done.
      let isStored: Bool = try site.source.value(named: path + "." + a, shape: [rank, input]) != nil
      if !isStored { principal = try LowRankUpdate.takePrincipal(rank, of: projection, scaling) }
    }
    down = try site.parameter(path + "." + a, [rank, input]) {
      try principal?.down ?? first.makeValue(shape: [rank, input], name: path + "." + a, seed: site.seed)
    }
    up = try site.parameter(path + "." + b, [output, rank]) {
      try principal?.up ?? Tensor(zeros: [output, rank])
    }
    if settings.isDoRA {
      let (start, by) = (try projection.outputMatrix(), scaling)
      let update: Tensor = try LowRankUpdate.product(up.value, down.value, by)
      magnitude = try site.parameter(path + ".lora_magnitude_vector.\(site.name).weight", [output]) {
        try (start + update).norm(axis: 1)
      }
    } else {
      magnitude = nil
    }
    hold(a, down)
    hold(b, up)
    if let magnitude { hold("lora_magnitude_vector.\(site.name).weight", magnitude) }
  }

  /// PiSSA: the principal part of the weight as B and A; the weight keeps what is left.
  private static func takePrincipal(
    _ rank: Int, of projection: Linear, _ scaling: Float
  ) throws -> (down: Tensor, up: Tensor) {
    let weight: Tensor = try projection.outputMatrix()
    let parts = try SingularValues(weight, count: rank)
    let down: Tensor = try parts.scaledRight(by: 1 / scaling)
    let up: Tensor = try parts.scaledLeft(by: 1 / scaling)
    try projection.setOutputMatrix(weight - product(up, down, scaling))
    return (down, up)
  }

  /// `s · B A`, `[output, input]`.
  private static func product(_ up: Tensor, _ down: Tensor, _ scale: Float) throws -> Tensor {
    try up.detached.matmul(down.detached).scaled(by: scale)
  }

  func output(
    _ output: consuming Tensor, for rows: Tensor, of projection: Linear, _ context: ForwardContext
  ) throws -> Tensor {
    let own: Dropout? = context.dropout(rate: dropout, module: down.name, isOwn: true)
    let x: Tensor = try own.map { try rows.dropout($0) } ?? rows
    guard let magnitude else {
      return try output.addingLowRank(x, down: down.read(context), up: up.read(context), scale: scale)
    }
    let update: Tensor = try x.linear(weight: down.read(context)).linear(weight: up.read(context)).scaled(by: scale)
    let factor: Tensor = try magnitude.read(context) / rowNorms(of: projection)
    if own != nil {
      let base: Tensor = try projection.withoutBias(x, context)
      return try output + base * (factor - 1) + update * factor
    }
    guard let bias = projection.bias?.read(context) else { return try (output + update) * factor }
    return try (output - bias + update) * factor + bias
  }

  /// `[output]`: lengths of the rows of `W + s B A`, which count as constant in the backward pass, as in peft.
  private func rowNorms(of projection: Linear) throws -> Tensor {
    let sum: Tensor =
      try projection.outputMatrix() + LowRankUpdate.product(up.value, down.value, scale)
    return try sum.norm(axis: 1)
  }

  func merge(into weight: Tensor, bias: Tensor?, of projection: Linear) throws -> (weight: Tensor, bias: Tensor?) {
    let sum: Tensor = try weight + LowRankUpdate.product(up.value, down.value, scale)
    guard let magnitude else { return (sum, bias) }
    let factor: Tensor = try magnitude.value.detached / rowNorms(of: projection)
    let merged: Tensor = try sum * factor.reshaped([factor.count, 1])
    // What methods before this one changed of the bias is multiplied too, as in `output`.
    guard let bias, let own = projection.bias?.value.detached else { return (merged, bias) }
    return (merged, try (bias - own) * factor + own)
  }
}
