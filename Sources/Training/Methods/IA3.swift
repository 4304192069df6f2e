import Files
import NeuralNetworks
import TensorCore
import Transformers

extension Method {
  /// Learned scalings of keys, values and the feed-forward's inner rows.
  static let ia3 = Method(IA3Settings.self, learningRate: 3e-3)
}

/// (IA)³: keys, values and the input of the feed-forward's second projection, each multiplied by a trained vector.
///
/// Source: Liu et al. 2022 (arXiv:2205.05638). Checked against peft's `IA3Model`.
package struct IA3Settings: MethodSettings, Equatable {
  package static let kind = "ia3"

  /// Projections whose output is scaled, and those whose input is; the family's usual ones where nil.
  package var outputs: [String]?
  package var inputs: [String]?
  package var full: [String]?

  package init() {}

  package func attach(_ site: MethodSite) throws -> MethodParts {
    let usual = site.model.architecture.ia3Targets
    let scaledInputs = try site.model.projections(matching: inputs ?? usual.feedForward)
    let inputPaths: Set<String> = Set(scaledInputs.map(\.path))
    let scaledOutputs = try site.model.projections(matching: outputs ?? usual.keysAndValues)
    let outputPaths: Set<String> = Set(scaledOutputs.map(\.path)).subtracting(inputPaths)
    var parts = MethodParts(title: "(IA)3", summary: "", parameters: [])
    for (path, projection) in site.model.projections
    where inputPaths.contains(path) || outputPaths.contains(path) {
      let scaling = try Rescaling(projection, scalesInput: inputPaths.contains(path), site)
      projection.attach(scaling, name: site.name)
      parts.parameters.append(scaling.vector)
    }
    parts.summary = "scales " + PretrainedModel.shortTargets(scaledOutputs.map(\.path) + scaledInputs.map(\.path))
    return parts
  }

  package var json: JSON {
    var members: [(String, JSON)] = []
    for (name, list) in [("outputs", outputs), ("inputs", inputs), ("full", full)] {
      if let list { members.append((name, .array(list.map { .string($0) }))) }
    }
    return .object(members)
  }

  package init(json: JSON) throws {
    outputs = json["outputs"]?.strings
    inputs = json["inputs"]?.strings
    full = json["full"]?.strings
  }
}

/// (IA)³ at one projection; its parameter is named as peft names it: `<projection>.ia3_l.<name>`.
final class Rescaling: MergingProjectionMethod {
  let tree: ModuleTree
  /// `[output, 1]`, or `[1, input]`.
  let vector: Parameter
  private let scalesInput: Bool
  private let control: MethodSwitch

  var kind: String { "(IA)3" }
  var isActive: Bool { control.isActive }

  init(_ projection: Linear, scalesInput: Bool, _ site: MethodSite) throws {
    tree = ModuleTree(projection.path)
    control = site.control
    self.scalesInput = scalesInput
    let shape: [Int] = scalesInput ? [1, projection.inputSize] : [projection.outputSize, 1]
    vector = try site.parameter(projection.path + ".ia3_l.\(site.name)", shape, .ones)
    hold("ia3_l.\(site.name)", vector)
  }

  /// The factors as they apply now: 1 where the method is scaled to nothing.
  private func factors(_ value: Tensor) throws -> Tensor {
    let flat: Tensor = try value.reshaped([value.count])
    return control.scale == 1 ? flat : try (flat - 1).scaled(by: control.scale) + 1
  }

  func input(_ rows: Tensor, of projection: Linear, _ context: ForwardContext) throws -> Tensor {
    scalesInput ? try rows * factors(vector.read(context)) : rows
  }

  func output(
    _ output: consuming Tensor, for rows: Tensor, of projection: Linear, _ context: ForwardContext
  ) throws -> Tensor {
    scalesInput ? output : try output * factors(vector.read(context))
  }

  func merge(into weight: Tensor, bias: Tensor?, of projection: Linear) throws -> (weight: Tensor, bias: Tensor?) {
    if scalesInput { return (weight, bias) }
    let by: Tensor = try factors(vector.value.detached)
    return (try weight * by.reshaped([by.count, 1]), try bias.map { try $0.detached * by })
  }

  func mergeInput(into weight: Tensor) throws -> Tensor {
    scalesInput ? try weight * factors(vector.value.detached) : weight
  }
}
