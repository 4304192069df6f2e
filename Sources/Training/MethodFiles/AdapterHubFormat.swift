import Files
import Foundation
import NeuralNetworks
import TensorCore
import Transformers

/// AdapterHub's folders: `adapter_config.json` with `adapter.safetensors` and, for a head, `head_config.json` with
/// `model_head.safetensors`.
///
/// Source: the adapters library's `AdapterLoader` and `PredictionHeadLoader`; checked against adapters 1.3.
enum AdapterHubFormat {
  static let weightsName = "adapter.safetensors"
  static let headWeightsName = "model_head.safetensors"
  static let headConfigName = "head_config.json"

  static func load(
    _ folder: String, _ config: JSON, _ name: String?, _ model: PretrainedModel, _ access: FileAccess, _ seed: UInt64
  ) throws -> LoadedMethod {
    let given: JSON = config["config"] ?? .null
    try check(given, folder)
    guard let hidden = config["hidden_size"]?.int, hidden == model.hiddenSize else {
      throw TrainingError.method(
        "\(folder): it was made for a hidden size of \(config["hidden_size"]?.text() ?? "?"), "
          + "\(model.name) has \(model.hiddenSize)")
    }
    let settings = try AdapterSettings(json: given)
    let stored: String = config["name"]?.string ?? ""
    var file = try AdapterFile(
      folder, config, weights: [weightsName, headWeightsName], access: access, model: model, rename: { $0 })
    let full: [String] = PEFTFormat.fullNames(file, model)
    let made = try model.attaching(settings, name: name ?? usableName(stored), file: &file, full: full, seed: seed) {
      parameter, method in
      let mark: String = ".adapters.\(method.name)."
      guard let range = parameter.name.range(of: mark) else { return parameter.name }
      return parameter.name.replacingCharacters(in: range, with: ".adapters.\(stored).")
    }
    var notes: [String] = PEFTFormat.headRemark(full, model) + PEFTFormat.unused(file)
    if let rate = given["dropout"]?.double, rate != 0 {
      notes.append("the adapter was trained with dropout \(rate) of its own; trained on from here it has none")
    }
    return LoadedMethod(model: made.model, method: made.method, notes: notes)
  }

  /// The file's name where it can be one here.
  private static func usableName(_ stored: String) -> String {
    let isWord: Bool = !stored.isEmpty && stored.utf8.allSatisfy { $0 != 46 && $0 > 32 && $0 != 47 }
    return isWord ? stored : "adapter"
  }

  /// Settings whose arithmetic isn't here are refused rather than ignored.
  private static func check(_ config: JSON, _ folder: String) throws {
    func refuse(_ field: String) -> TrainingError {
      .method("\(folder): \(field) is \(config[field]?.text() ?? "missing"), which is not supported")
    }
    let flags: [String] = ["phm_layer", "use_gating", "ln_before", "ln_after", "cross_adapter"]
    for field in flags + ["adapter_residual_before_ln"]
    where config[field]?.bool == true { throw refuse(field) }
    // Also "post_add" for the one, and a scale that is "learned" or of a "channel" for the other.
    for field in ["residual_before_ln", "original_ln_after"] {
      if let value = config[field], !value.isNull, value.bool != true { throw refuse(field) }
    }
    if let scaling = config["scaling"], !scaling.isNull, scaling.double == nil { throw refuse("scaling") }
    for field in ["inv_adapter"] where config[field].map({ !$0.isNull }) ?? false { throw refuse(field) }
    if let list = config["leave_out"]?.array, !list.isEmpty { throw refuse("leave_out") }
    if config["reduction_factor"]?.double == nil { throw refuse("reduction_factor") }
    if let rate = config["stochastic_depth"]?.double, rate != 0 { throw refuse("stochastic_depth") }
  }

  /// adapter_config.json of a method.
  static func config(_ settings: AdapterSettings, _ method: AttachedMethod, _ model: PretrainedModel) -> JSON {
    let reduction: JSON = Int(exactly: settings.reduction).map { .integer($0) } ?? .real(settings.reduction)
    let inner: [(String, JSON)] = [
      ("adapter_residual_before_ln", .bool(false)), ("cross_adapter", .bool(false)), ("dropout", .real(0)),
      ("factorized_phm_W", .bool(true)), ("factorized_phm_rule", .bool(false)),
      ("hypercomplex_nonlinearity", .string("glorot-uniform")), ("init_weights", .string("mam_adapter")),
      ("init_weights_seed", .null), ("inv_adapter", .null), ("inv_adapter_reduction_factor", .null),
      ("is_parallel", .bool(settings.isParallel)), ("learn_phm", .bool(true)), ("leave_out", .array([])),
      ("ln_after", .bool(false)), ("ln_before", .bool(false)), ("mh_adapter", .bool(settings.afterAttention)),
      ("non_linearity", .string(settings.activation)), ("original_ln_after", .bool(true)),
      ("original_ln_before", .bool(settings.readsNormed)), ("output_adapter", .bool(settings.afterFeedForward)),
      ("phm_bias", .bool(true)), ("phm_c_init", .string("normal")), ("phm_dim", .integer(4)),
      ("phm_init_range", .real(0.0001)), ("phm_layer", .bool(false)), ("phm_rank", .integer(1)),
      ("reduction_factor", reduction), ("residual_before_ln", .bool(true)), ("scaling", .real(settings.scaling)),
      ("shared_W_phm", .bool(false)), ("shared_phm_rule", .bool(true)), ("stochastic_depth", .real(0)),
      ("use_gating", .bool(false)),
    ]
    return .object([
      ("config", .object(inner)), ("hidden_size", .integer(model.hiddenSize)),
      ("model_class", .string(model.className)), ("model_name", .string(model.settings.folder ?? model.name)),
      ("model_type", .string(model.architecture.modelType)), ("name", .string(method.name)),
      ("version", .string("adapters.1.3.0")),
    ])
  }

  /// head_config.json of a model's head.
  static func headConfig(_ model: PretrainedModel) -> JSON {
    let labels: [(String, JSON)] = model.labels.enumerated().map { ($0.element, .integer($0.offset)) }
    return .object([
      ("config", .null), ("hidden_size", .integer(model.hiddenSize)), ("label2id", .object(labels)),
      ("model_class", .string(model.className)), ("model_name", .string(model.settings.folder ?? model.name)),
      ("model_type", .string(model.architecture.modelType)), ("name", .null),
      ("num_labels", .integer(model.labels.count)), ("version", .string("adapters.1.3.0")),
    ])
  }
}
