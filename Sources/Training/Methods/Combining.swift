import NeuralNetworks
import TensorCore
import Transformers

extension PretrainedModel {
  /// Another model with one LoRA more: the weighted sum of several, exact because ranks add up (peft's "cat"). It alone
  /// is in use.
  package func combining(_ names: [String], weights: [Double], name: String) throws -> PretrainedModel {
    guard names.count >= 2, Set(names).count == names.count else {
      throw TrainingError.method("names must be two different methods or more, got \(names)")
    }
    guard weights.count == names.count else {
      throw TrainingError.method("weights: \(names.count) numbers, one for each method, got \(weights.count)")
    }
    if let weight = weights.first(where: { !$0.isFinite || abs($0) >= 1e6 }) {
      throw TrainingError.method("weights: expected numbers between -1,000,000 and 1,000,000, got \(weight)")
    }
    var settings = LoRASettings()
    var beside: [String] = []
    var parts: [String: (down: [Tensor], up: [Tensor])] = [:]
    for (name, weight) in zip(names, weights) {
      let method: AttachedMethod = try method(name, for: "combine")
      guard method.kind == LoRASettings.kind else {
        throw TrainingError.method("\"\(name)\" (\(method.title)) can't be combined: only LoRAs add up")
      }
      let own = try LoRASettings(json: method.settings)
      guard !own.isDoRA, own.initialization != .pissa else {
        throw TrainingError.method("\"\(name)\" (\(method.title)) can't be combined: it is no sum beside the weight")
      }
      // What trained beside the parts stays in the model as it is; the sum's file has to hold it, as theirs do.
      beside += PEFTFormat.besides(method).map(\.name).filter { !beside.contains($0) }
      if own.bias != .none, settings.bias != .all { settings.bias = own.bias }
      for (path, projection) in projections {
        guard let update = projection.child(name) as? LowRankUpdate else { continue }
        let factor: Float = Float(weight * own.scaling(of: path)) * method.control.scale
        parts[path, default: ([], [])].down.append(update.down.value.detached)
        parts[path, default: ([], [])].up.append(try update.up.value.detached.scaled(by: factor))
      }
    }
    let source = TensorSource()
    for (path, own) in parts {
      let down: Tensor = try Tensor.concatenated(own.down, axis: 0)
      source.values["\(path).lora_A.\(name).weight"] = down
      source.values["\(path).lora_B.\(name).weight"] = try Tensor.concatenated(own.up, axis: 1)
      settings.ranks[path] = down.shape[0]
      settings.alphas[path] = Double(down.shape[0])
    }
    settings.targets = parts.keys.sorted()
    let changed: Set<String> = Set(projections.filter { parts[$0.path] != nil }.map { $0.projection.weight.name })
    settings.full = beside.filter { !changed.contains($0) }
    settings.rank = settings.ranks.values.max() ?? 8
    settings.alpha = Double(settings.rank)
    let model: PretrainedModel = try adding(settings, name: name, source: source, seed: 0)
    try model.use([name])
    model.rememberParameters()
    return model
  }

  /// Takes all other adapters out of use, as only one can stand at a place; gives their names.
  package func switchOffOtherAdapters(than name: String) -> [String] {
    guard method(named: name)?.kind == AdapterSettings.kind else { return [] }
    let others: [AttachedMethod] = methods.filter {
      $0.kind == AdapterSettings.kind && $0.name != name && $0.control.isActive
    }
    for other in others {
      other.control.state.isActive = false
      for parameter in other.parameters { parameter.isTrainable = false }
    }
    if !others.isEmpty { rememberParameters() }
    return others.map(\.name)
  }
}

/// Parameters from named tensors.
final class TensorSource: ParameterSource {
  var values: [String: Tensor] = [:]

  func value(named name: String, shape: [Int]) throws -> Tensor? { values[name] }
  func made(_ parameter: Parameter) {}
}
