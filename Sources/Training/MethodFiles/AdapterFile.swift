import Checkpoints
import Files
import NeuralNetworks
import TensorCore
import Transformers

/// A saved method as it lies on disk: its settings and its tensors under the names that this model gives them.
struct AdapterFile {
  let folder: String
  let config: JSON
  /// By name: without peft's prefixes, and with or without the backbone's as in the model at hand.
  private(set) var tensors: [String: StoredTensor] = [:]
  /// The file's own names, for messages.
  private(set) var keys: [String: String] = [:]

  static let configName = "adapter_config.json"

  /// - Parameters:
  ///   - weights: names of files that may hold the tensors; every one that is there is read.
  ///   - rename: from the file's names to plain ones; nil where a tensor is to be left out.
  init(
    _ folder: String, _ config: JSON, weights: [String], access: FileAccess, model: PretrainedModel,
    rename: (String) -> String?
  ) throws {
    self.folder = folder
    self.config = config
    let known: Set<String> = Set(model.root.namedParameters().map(\.name))
    let paths: Set<String> = Set(model.projections.map(\.path))
    var found: Bool = false
    let names: Set<String> = Set(try access.list(folder).map(\.name))
    for name in weights where names.contains(name) {
      found = true
      let file = try SafetensorsFile(access.map(PathText.join(folder, name)))
      for tensor in file.tensors {
        guard let plain = rename(tensor.name) else { continue }
        let own: String = AdapterFile.inModel(plain, model, known, paths)
        tensors[own] = tensor
        keys[own] = tensor.name
      }
    }
    guard found else {
      let pickled: String =
        names.contains { $0.hasSuffix(".bin") } ? " (a .bin file is not read: save safetensors)" : ""
      throw TrainingError.method("\(folder): no \(weights.joined(separator: " or "))\(pickled)")
    }
  }

  /// A name as the model has it: files of models without a head lack the backbone's prefix.
  private static func inModel(
    _ name: String, _ model: PretrainedModel, _ known: Set<String>, _ paths: Set<String>
  ) -> String {
    let prefix: String = model.baseName + "."
    let candidates: [String] = [
      name, prefix + name, name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name,
    ]
    for candidate in candidates where known.contains(candidate) || isBelow(candidate, paths, model) { return candidate }
    return name
  }

  /// Whether a name belongs to a projection or a place of adapters of the model.
  private static func isBelow(_ name: String, _ paths: Set<String>, _ model: PretrainedModel) -> Bool {
    let parts: [Substring] = name.split(separator: ".")
    for count in (0..<parts.count).reversed() {
      let path: String = parts.prefix(count).joined(separator: ".")
      if paths.contains(path) { return true }
    }
    return model.backbone.hooks.sublayers.contains { name.hasPrefix(BottleneckAdapter.place(of: $0) + ".adapters.") }
  }

  /// Takes a tensor out.
  mutating func take(_ name: String) -> StoredTensor? { tensors.removeValue(forKey: name) }

  func shape(_ name: String) -> [Int]? { tensors[name]?.shape }
  func key(_ name: String) -> String { keys[name] ?? name }
}

/// What loading gives beside the model.
package struct LoadedMethod {
  package let model: PretrainedModel
  package let method: AttachedMethod
  /// Names in the file that nothing took, and other remarks.
  package let notes: [String]
}

extension PretrainedModel {
  /// Another model with a method read from a folder in PEFT's or AdapterHub's format.
  ///
  /// - Parameter name: of the method; what the file says, or its kind, where nil.
  /// - Throws: ``TrainingError/method(_:)`` for an adapter of another base or rank, or tensors that are missing.
  package func loadingMethod(
    _ folder: String, name: String?, access: FileAccess, seed: UInt64 = 0
  ) throws -> LoadedMethod {
    let config: JSON = try access.readJSON(PathText.join(folder, AdapterFile.configName))
    let loaded: LoadedMethod
    if config["peft_type"] != nil {
      loaded = try PEFTFormat.load(folder, config, name, self, access, seed)
    } else if config["config"]?.object != nil {
      loaded = try AdapterHubFormat.load(folder, config, name, self, access, seed)
    } else {
      throw TrainingError.method("\(folder)/adapter_config.json names no peft_type and holds no adapter's config")
    }
    let replaced: [String] = methodsWithOtherValues(in: loaded.model).map {
      "what trained in full beside \"\($0)\" has the file's values now: the methods of a model share it"
    }
    return LoadedMethod(model: loaded.model, method: loaded.method, notes: loaded.notes + replaced)
  }

  /// Names of methods beside which something trained that has other values in another model.
  private func methodsWithOtherValues(in model: PretrainedModel) -> [String] {
    methods.filter { method in
      method.full.contains { mine in
        model.parameter(named: mine.name).map { !$0.value.hasSameBits(as: mine.value) } ?? false
      }
    }.map(\.name)
  }

  /// What of a classifier's head has to train although the file doesn't hold it: all of it where it came from no file,
  /// as it would say nothing otherwise, but for projections that the method changes.
  private func headBeside(_ full: [String], _ file: AdapterFile) throws -> [String] {
    guard lacksNewHead(full) else { return [] }
    return try trainedBeside(nil).map(\.name).filter { name in
      let path: String = name.split(separator: ".").dropLast().joined(separator: ".")
      return !file.tensors.keys.contains { $0.hasPrefix(path + ".lora_") || $0.hasPrefix(path + ".ia3_") }
    }
  }

  /// Whether the model's head is a new one of which a file with these parameters holds nothing.
  func lacksNewHead(_ full: [String]) -> Bool {
    guard let head, head.kind.hasLabels || head.kind == .questionAnswering else { return false }
    let new: [String] = group("head").filter(\.isNew).map(\.name)
    return !new.isEmpty && !new.contains { full.contains($0) }
  }

  /// Attaches a method as its file describes it and gives its parameters the file's values.
  ///
  /// - Parameters:
  ///   - place: the name in the file of a parameter of the method.
  ///   - full: names of base parameters in the file, whose values the model takes.
  func attaching(
    _ settings: some MethodSettings, name: String, file: inout AdapterFile, full: [String], seed: UInt64,
    place: (NeuralNetworks.Parameter, AttachedMethod) -> String
  ) throws -> (model: PretrainedModel, method: AttachedMethod) {
    var settings = settings
    settings.full = full + (try headBeside(full, file))
    let model: PretrainedModel = try copy()
    let method: AttachedMethod = try Method.attach(
      settings, AttachingPlace(model: model, name: name, source: EmptySource(), seed: seed))
    var missing: [String] = []
    for parameter in method.parameters {
      let wanted: String = place(parameter, method)
      guard let stored = file.take(wanted) else {
        missing.append(wanted)
        continue
      }
      guard stored.shape == parameter.shape else {
        throw TrainingError.method(
          "\(file.folder): \(stored.name) has shape \(stored.shape), this model and these settings need "
            + "\(parameter.shape): the adapter belongs to another base or has another rank")
      }
      parameter.value = try stored.tensor()
    }
    guard missing.isEmpty else {
      let rest: String = missing.count > 3 ? ", … \(missing.count - 3) more" : ""
      throw TrainingError.method(
        "\(file.folder) lacks \(missing.prefix(3).joined(separator: ", "))\(rest), which its settings ask for")
    }
    for name in full {
      guard let parameter = model.parameter(named: name), let stored = file.take(name) else { continue }
      guard stored.shape == parameter.shape else {
        throw TrainingError.method(
          "\(file.folder): \(stored.name) has shape \(stored.shape), the model's \(name) \(parameter.shape); "
            + "a head of as many labels is needed")
      }
      parameter.value = try stored.tensor()
    }
    model.trainMethods()
    model.rememberParameters()
    return (model, method)
  }
}
