import Files
import NeuralNetworks
import TensorCore
import Transformers

extension Method {
  /// Bottleneck adapters after or beside the sub-layers.
  static let adapter = Method(AdapterSettings.self, learningRate: 1e-3)
}

/// A bottleneck, `A(z) = up(act(down(z)))`, between each sub-layer and its residual or beside the feed-forward.
///
/// Source: Houlsby et al. 2019 (arXiv:1902.00751), after attention and feed-forward; Pfeiffer et al. 2021
/// (arXiv:2005.00247), after feed-forward only; He et al. 2022 (arXiv:2110.04366), parallel to the feed-forward. The
/// fields are those of AdapterHub's `BnConfig`, against which it was checked.
package struct AdapterSettings: MethodSettings, Equatable {
  package static let kind = "adapter"

  /// Where adapters stand: after attention, after feed-forward.
  package var afterAttention = false
  package var afterFeedForward = true
  /// Whether the adapter reads the sum after the sub-layer's own norm (Pfeiffer) or the sub-layer's output (Houlsby).
  package var readsNormed = true
  package var isParallel = false
  /// What the adapter's output is multiplied by.
  package var scaling = 1.0
  /// An activation as config.json names it.
  package var activation = "relu"
  /// The hidden size over the bottleneck's.
  package var reduction = 16.0
  package var full: [String]?

  package init() {}

  /// Usual forms by name: `pfeiffer`, `houlsby`, `parallel`.
  package init?(form: String) {
    switch form {
    case "pfeiffer": break
    case "houlsby": (afterAttention, readsNormed, activation) = (true, false, "swish")
    case "parallel": (isParallel, readsNormed, scaling) = (true, false, 4)
    default: return nil
    }
  }

  package var title: String {
    if isParallel { return "parallel adapter" }
    if afterAttention && afterFeedForward { return "Houlsby adapter" }
    return readsNormed ? "Pfeiffer adapter" : "adapter"
  }

  package func width(hiddenSize: Int) -> Int { max(1, Int((Double(hiddenSize) / max(reduction, 1e-9)).rounded(.down))) }

  package func attach(_ site: MethodSite) throws -> MethodParts {
    try checked()
    guard let function = ElementFunction(configName: activation) else {
      throw TrainingError.method("activation \"\(activation)\" is not known; there are relu, swish, gelu, tanh")
    }
    let size: Int = site.model.hiddenSize
    let width: Int = width(hiddenSize: size)
    var parts = MethodParts(title: title, summary: "", parameters: [])
    for point in site.model.backbone.hooks.sublayers
    where point.place == .attention ? afterAttention : afterFeedForward {
      let adapter = try BottleneckAdapter(self, function, point, size: size, width: width, site)
      point.attach(adapter, name: site.name)
      parts.parameters += adapter.ownParameters.map(\.parameter)
    }
    parts.summary = "\(size) to \(width) and back, \(activation)"
    return parts
  }

  private func checked() throws {
    guard afterAttention || afterFeedForward else {
      throw TrainingError.method("an adapter stands after attention, after feed-forward, or both")
    }
    guard reduction.isFinite, reduction > 0, reduction <= 1e6 else {
      throw TrainingError.method("reduction must be above 0 and at most 1000000, got \(reduction)")
    }
    guard scaling.isFinite else { throw TrainingError.method("scaling must be a number, got \(scaling)") }
  }

  package var json: JSON {
    var members: [(String, JSON)] = [
      ("mh_adapter", .bool(afterAttention)), ("output_adapter", .bool(afterFeedForward)),
      ("original_ln_before", .bool(readsNormed)), ("is_parallel", .bool(isParallel)), ("scaling", .real(scaling)),
      ("non_linearity", .string(activation)), ("reduction_factor", .real(reduction)),
    ]
    if let full { members.append(("full", .array(full.map { .string($0) }))) }
    return .object(members)
  }

  package init(json: JSON) throws {
    guard let attention = json["mh_adapter"]?.bool, let feed = json["output_adapter"]?.bool,
      let normed = json["original_ln_before"]?.bool, let factor = json["reduction_factor"]?.double,
      let activation = json["non_linearity"]?.string
    else {
      throw TrainingError.method(
        "the settings of an adapter lack mh_adapter, output_adapter, original_ln_before, reduction_factor or "
          + "non_linearity")
    }
    afterAttention = attention
    afterFeedForward = feed
    readsNormed = normed
    reduction = factor
    let name = activation.lowercased()
    self.activation = name == "leakyrelu" ? "leaky_relu" : name  // AdapterHub's own name of it
    isParallel = json["is_parallel"]?.bool ?? false
    scaling = json["scaling"]?.double ?? 1
    full = json["full"]?.strings
    try checked()
  }
}

/// An adapter at one sub-layer; its parameters are named as AdapterHub names them:
/// `<place>.adapters.<name>.adapter_down.0.weight`.
final class BottleneckAdapter: SublayerMethod {
  let tree: ModuleTree
  let downWeight, downBias, upWeight, upBias: Parameter
  private let settings: AdapterSettings
  private let activation: ElementFunction
  private let control: MethodSwitch

  var kind: String { "Adapter" }
  var isActive: Bool { control.isActive }

  init(
    _ settings: AdapterSettings, _ activation: ElementFunction, _ point: SublayerPoint, size: Int, width: Int,
    _ site: MethodSite
  ) throws {
    self.settings = settings
    self.activation = activation
    control = site.control
    let path: String = BottleneckAdapter.place(of: point) + ".adapters.\(site.name)"
    tree = ModuleTree(path)
    // With the second projection zero the model's outputs are what they were (AdapterHub's "mam_adapter").
    let bound: Double = 1 / Double(max(1, size)).squareRoot()
    downWeight = try site.parameter(path + ".adapter_down.0.weight", [width, size], .uniform(bound: bound))
    downBias = try site.parameter(path + ".adapter_down.0.bias", [width], .zeros)
    upWeight = try site.parameter(path + ".adapter_up.weight", [size, width], .zeros)
    upBias = try site.parameter(path + ".adapter_up.bias", [size], .zeros)
    hold("adapter_down.0.weight", downWeight)
    hold("adapter_down.0.bias", downBias)
    hold("adapter_up.weight", upWeight)
    hold("adapter_up.bias", upBias)
  }

  /// AdapterHub's name for a place: the module of the residual where there is one, else one beside the sub-layer.
  static func place(of point: SublayerPoint) -> String {
    let owner: String = point.owner.path
    if owner.hasSuffix(".output") { return owner }
    let block: String = owner.split(separator: ".").dropLast().joined(separator: ".")
    return block + (point.place == .attention ? ".attention_adapters" : ".output_adapters")
  }

  func join(
    _ output: Tensor, input: Tensor, residual: Tensor, at point: SublayerPoint, _ context: ForwardContext
  ) throws -> Tensor {
    func joined(_ rows: Tensor) throws -> Tensor {
      guard let norm = point.norm else { return try rows + residual }
      return try norm(rows, residual: residual, context)
    }
    let read: Tensor
    if settings.isParallel {
      read = residual
    } else {
      read = settings.readsNormed ? try joined(output) : output
    }
    let inner: Tensor = try read.linear(weight: downWeight.read(context), bias: downBias.read(context)).map(activation)
    var result: Tensor = try inner.linear(weight: upWeight.read(context), bias: upBias.read(context))
    let scale: Float = Float(settings.scaling) * control.scale
    if scale != 1 { result = try result.scaled(by: scale) }
    return try joined(result + output)
  }
}
