import Checkpoints
import Files
import NeuralNetworks
import TensorCore
import Transformers

extension PretrainedModel {
  /// Writes a method in PEFT's format (bottleneck adapters: AdapterHub's), with the head that trained beside it, reads
  /// it back into the base and compares.
  ///
  /// - Returns: bytes written.
  /// - Throws: ``TrainingError/method(_:)`` where what was read back differs; ``FileError``.
  @discardableResult
  package func saveMethod(_ name: String, to folder: String, access: FileAccess) throws -> Int {
    let method: AttachedMethod = try method(name, for: "save_adapter")
    try access.createFolder(folder)
    var bytes: Int = 0
    func write(_ tensors: [(name: String, value: StorableTensor)], _ file: String) throws {
      try SafetensorsFile.write(tensors, to: PathText.join(folder, file), access: access)
      bytes += tensors.reduce(0) { $0 + $1.value.count * 4 }
    }
    func write(_ config: JSON, _ file: String) throws {
      let text: [UInt8] = Array((config.text(indent: 2) + "\n").utf8)
      try access.writeAtomically(PathText.join(folder, file), bytes: text)
      bytes += text.count
    }
    if method.kind == AdapterSettings.kind {
      let settings = try AdapterSettings(json: method.settings)
      try write(method.parameters.map { ($0.name, .floats($0.value)) }, AdapterHubFormat.weightsName)
      if !method.full.isEmpty {
        try write(method.full.map { ($0.name, .floats($0.value)) }, AdapterHubFormat.headWeightsName)
        try write(AdapterHubFormat.headConfig(self), AdapterHubFormat.headConfigName)
      }
      try write(AdapterHubFormat.config(settings, method, self), AdapterFile.configName)
    } else {
      try write(try peftTensors(method), PEFTFormat.weightsName)
      try write(try peftConfig(method), AdapterFile.configName)
    }
    try verify(method, folder, access)
    return bytes
  }

  private func peftConfig(_ method: AttachedMethod) throws -> JSON {
    switch method.kind {
    case LoRASettings.kind: return PEFTFormat.config(try LoRASettings(json: method.settings), method, self)
    case IA3Settings.kind: return PEFTFormat.config(try IA3Settings(json: method.settings), method, self)
    case PrefixSettings.kind: return PEFTFormat.config(try PrefixSettings(json: method.settings), method, self)
    case SoftPromptSettings.kind: return PEFTFormat.config(try SoftPromptSettings(json: method.settings), method, self)
    default: throw TrainingError.method("\(method.title) has no file format")
    }
  }

  private func peftTensors(_ method: AttachedMethod) throws -> [(name: String, value: StorableTensor)] {
    var tensors: [(name: String, value: StorableTensor)] = []
    if let rows = try promptRows(method) {
      tensors.append(("prompt_embeddings", .floats(rows)))
      for parameter in method.full { tensors.append(("base_model." + parameter.name, .floats(parameter.value))) }
      return tensors
    }
    for parameter in method.parameters {
      tensors.append(("base_model.model." + PEFTFormat.own(parameter, method), .floats(parameter.value)))
    }
    let targets: Set<String> = Set(method.parameters.map { PEFTFormat.path(of: $0) })
    for parameter in method.full {
      let parts: [Substring] = parameter.name.split(separator: ".")
      let path: String = parts.dropLast().joined(separator: ".")
      let name: String = targets.contains(path) ? path + ".base_layer." + (parts.last ?? "") : parameter.name
      tensors.append(("base_model.model." + name, .floats(parameter.value)))
    }
    return tensors
  }

  /// The rows that a prefix or soft prompt puts before a text, as the model reads them; nil for other methods.
  package func promptRows(_ method: AttachedMethod) throws -> Tensor? {
    guard method.kind == PrefixSettings.kind || method.kind == SoftPromptSettings.kind else { return nil }
    let encoder: PromptEncoder? =
      backbone.hooks.embeddings.owner.child(method.name)?.child("prompt_encoder") as? PromptEncoder
      ?? backbone.hooks.attentions.first?.owner.child(method.name)?.child("prompt_encoder") as? PromptEncoder
    guard let encoder else { return nil }
    return try encoder.rows(ForwardContext()).detached
  }

  private func verify(_ method: AttachedMethod, _ folder: String, _ access: FileAccess) throws {
    let base: PretrainedModel = try copy(withMethods: false)
    for (parameter, value) in method.originals { base.parameter(named: parameter.name)?.value = value }
    let again: LoadedMethod = try base.loadingMethod(folder, name: method.name, access: access)
    func failed(_ name: String) -> TrainingError { .method("\(folder) was not saved: \(name) reads back otherwise") }
    if let rows = try promptRows(method) {
      guard let read = try again.model.promptRows(again.method), rows.hasSameBits(as: read) else {
        throw failed("its rows")
      }
    } else {
      guard again.method.parameters.count == method.parameters.count else { throw failed("the number of tensors") }
      for (mine, read) in zip(method.parameters, again.method.parameters)
      where !mine.value.hasSameBits(as: read.value) { throw failed(mine.name) }
    }
    for mine in method.full {
      guard let read = again.model.parameter(named: mine.name), mine.value.hasSameBits(as: read.value) else {
        throw failed(mine.name)
      }
    }
    if let note = again.notes.first(where: { $0.hasPrefix("in the file, not used") }) { throw failed(note) }
  }
}
