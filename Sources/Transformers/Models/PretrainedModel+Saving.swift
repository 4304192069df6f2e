import Checkpoints
import Files
import NeuralNetworks
import TensorCore
import Tokenizers

extension PretrainedModel {
  /// config.json for the model as it is now.
  package func savedConfiguration() -> JSON {
    guard case .object(var object) = configuration.json else { return configuration.json }
    object["architectures"] = .array([.string(className)])
    object["model_type"] = .string(architecture.modelType)
    if headKind?.hasLabels == true {
      object["id2label"] = .object(configuration.labels.enumerated().map { ("\($0.offset)", .string($0.element)) })
      object["label2id"] = .object(configuration.labels.enumerated().map { ($0.element, .integer($0.offset)) })
    } else {
      object["id2label"] = nil
      object["label2id"] = nil
    }
    object["num_labels"] = nil
    object["problem_type"] = configuration.problem.map { .string($0.rawValue) }
    if let scaling = configuration.rotary?.scalingField(positions: configuration.maximumPositions),
      object["rope_parameters"] == nil
    {
      object["rope_scaling"] = scaling
    }
    object["dtype"] = .string("float32")
    object["torch_dtype"] = nil
    object["quantization_config"] = nil
    return .object(object)
  }

  /// Writes a model folder in Hugging Face's format and reads it back: config.json, model.safetensors, tokenizer, pooling.
  /// Parameters of attached methods are not among them: `MethodFolder` keeps them beside.
  ///
  /// - Throws: ``TransformerError/notSaved(folder:reason:)`` where something stands in the folder that is no model's or would
  ///   be read with this one, and where what was read back differs; ``FileError``.
  /// - Returns: bytes written.
  @discardableResult
  package func save(
    _ folder: String, access: FileAccess, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> Int {
    var files = try tokenizerFiles()
    files.append(("config.json", Array((savedConfiguration().text(indent: 2) + "\n").utf8)))
    // A length that stands there would be read with a model that has none of its own: its positions take its place.
    let stands = access.isFile(PathText.join(folder, Self.lengthFile))
    if let length = trainedMaxLength ?? settings.maxSequenceLength ?? (stands ? positionLimit : nil) {
      let settings = JSON.object([("max_seq_length", .integer(length)), ("do_lower_case", .bool(false))])
      files.append((Self.lengthFile, Array((settings.text(indent: 2) + "\n").utf8)))
    }
    try checkPlace(folder, files.map(\.name), access)
    try access.createFolder(folder)
    let weights = PathText.join(folder, "model.safetensors")
    let tensors = try baseParameters.map {
      (name: $0.name, value: StorableTensor.floats(try $0.content.tensor ?? $0.floats()))
    }
    try SafetensorsFile.write(tensors, to: weights, access: access, progress: progress)
    var bytes = baseParameters.reduce(0) { $0 + $1.count } * 4
    for file in files {
      let path = PathText.join(folder, file.name)
      if file.name.contains("/") { try access.createFolder(PathText.folder(of: path)) }
      let isOther = file.name != "config.json"
      try access.writeAtomically(path, replaces: { isOther || Self.isConfiguration($0) }) { try $0.write(file.bytes) }
      bytes += file.bytes.count
    }
    try verify(folder, access)
    return bytes
  }

  /// Refuses a folder whose config.json is no model's, and one with files of another model that would be read with this one.
  private func checkPlace(_ folder: String, _ names: [String], _ access: FileAccess) throws {
    let configuration = PathText.join(folder, "config.json")
    if access.isFile(configuration), !Self.isConfiguration(try access.map(configuration)) {
      throw TransformerError.notSaved(
        folder: folder, reason: "a config.json stands there that is no model's; choose another folder")
    }
    guard names.contains(where: { Self.companions.contains($0) }) else { return }
    let stale = (Self.companions + [Self.lengthFile]).first { name in
      !names.contains(name) && access.isFile(PathText.join(folder, name))
    }
    if let stale {
      throw TransformerError.notSaved(
        folder: folder, reason: "\(stale) of another model stands there, to be read with it; choose another folder")
    }
  }

  /// Whether a file is a model's config.json, for deciding what may be replaced.
  private static func isConfiguration(_ file: MappedFile) -> Bool {
    guard let content = try? file.withBytes({ try JSON(parsing: $0) }) else { return false }
    return content["model_type"] != nil || content["architectures"] != nil
  }

  /// The tokenizer's files as they were read; of a GGUF file's what they would be, with its chat template and ends.
  private func tokenizerFiles() throws -> [(name: String, bytes: [UInt8])] {
    guard settings.tokenizerFiles.isEmpty, let tokenizer, let vocabulary = settings.vocabulary else {
      return settings.tokenizerFiles
    }
    var files = try vocabulary.files(of: tokenizer)
    if let template = settings.chatTemplate { files.append(("chat_template.jinja", Array(template.utf8))) }
    if !settings.endTokens.isEmpty {
      let ends = JSON.object([("eos_token_id", .array(settings.endTokens.sorted().map { JSON.integer($0) }))])
      files.append(("generation_config.json", Array((ends.text(indent: 2) + "\n").utf8)))
    }
    return files
  }

  private func verify(_ folder: String, _ access: FileAccess) throws {
    let again = try PretrainedModel.load(folder, access: access, head: headKind)
    guard again.defaultPooling == defaultPooling else {
      throw TransformerError.notSaved(folder: folder, reason: "its pooling reads back otherwise")
    }
    guard again.configuration.rotary == configuration.rotary, again.configuration.window == configuration.window else {
      throw TransformerError.notSaved(folder: folder, reason: "its rotary positions or its window read back otherwise")
    }
    let mine = baseParameters
    guard again.parameters.count == mine.count else {
      throw TransformerError.notSaved(folder: folder, reason: "it reads back with other parameters")
    }
    for (mine, read) in zip(mine, again.parameters) {
      guard mine.name == read.name, try mine.floats().hasSameBits(as: read.floats()) else {
        throw TransformerError.notSaved(folder: folder, reason: "\(mine.name) reads back otherwise")
      }
    }
  }
}
