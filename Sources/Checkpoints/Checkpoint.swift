import Files
import TensorCore

/// A model's files opened: its configuration and its named tensors, converted only when asked for.
package struct Checkpoint: Sendable {
  package enum Format: Sendable, Equatable {
    case safetensors
    case gguf
  }

  /// The folder, or the file where a file was opened.
  package let path: String
  package let format: Format
  /// `config.json`; nil for GGUF and for a folder without one.
  package let config: JSON?
  /// GGUF metadata, or none.
  package let ggufMetadata: [String: GGUFValue]
  /// In the order of the files.
  package let tensors: [StoredTensor]
  private let places: [String: Int]

  init(
    path: String, format: Format, config: JSON?, ggufMetadata: [String: GGUFValue] = [:], tensors: [StoredTensor]
  ) throws {
    self.path = path
    self.format = format
    self.config = config
    self.ggufMetadata = ggufMetadata
    self.tensors = tensors
    var places: [String: Int] = [:]
    for (index, tensor) in tensors.enumerated() {
      guard places.updateValue(index, forKey: tensor.name) == nil else {
        throw CheckpointError.malformed(
          path: path, format: "checkpoint", reason: "tensor \(quoted(tensor.name)) is in two of its files")
      }
    }
    self.places = places
  }

  package var names: [String] { tensors.map(\.name) }

  package subscript(name: String) -> StoredTensor? { places[name].map { tensors[$0] } }

  /// Bytes of all tensors as stored.
  package var byteCount: Int { tensors.reduce(0) { $0 + $1.byteCount } }

  /// Opens a model folder, a `.safetensors` file or a `.gguf` file.
  ///
  /// - Throws: ``CheckpointError``, ``FileError``.
  package static func open(_ path: String, access: FileAccess) throws -> Checkpoint {
    if access.isFolder(path) { return try folder(path, access) }
    let file: MappedFile = try access.map(path)
    if GGUFFile.looksLikeOne(file) {
      let gguf: GGUFFile = try GGUFFile(file)
      return try Checkpoint(
        path: path, format: .gguf, config: nil, ggufMetadata: gguf.metadata, tensors: gguf.tensors)
    }
    if isPickle(path) { throw CheckpointError.pickle(path: path) }
    return try Checkpoint(path: path, format: .safetensors, config: nil, tensors: SafetensorsFile(file).tensors)
  }

  private static func folder(_ path: String, _ access: FileAccess) throws -> Checkpoint {
    let names: [String] = try access.list(path).filter { !$0.isFolder }.map(\.name)
    let configPath: String = PathText.join(path, "config.json")
    let config: JSON? = names.contains("config.json") ? try access.readJSON(configPath) : nil
    if let config, config.object == nil {
      throw CheckpointError.malformed(path: configPath, format: "configuration", reason: "it is \(config.kind)")
    }
    if names.contains("model.safetensors") {
      let file: MappedFile = try access.map(PathText.join(path, "model.safetensors"))
      return try Checkpoint(path: path, format: .safetensors, config: config, tensors: SafetensorsFile(file).tensors)
    }
    if names.contains("model.safetensors.index.json") {
      return try Checkpoint(path: path, format: .safetensors, config: config, tensors: shards(path, access))
    }
    let ggufs: [String] = names.filter { PathText.fileExtension(of: $0) == "gguf" }
    if ggufs.count == 1, let only = ggufs.first { return try open(PathText.join(path, only), access: access) }
    if ggufs.count > 1 {
      throw CheckpointError.ambiguous(name: path, among: ggufs.map { PathText.join(path, $0) })
    }
    if let pickle = names.first(where: isPickle) { throw CheckpointError.pickle(path: PathText.join(path, pickle)) }
    throw CheckpointError.noWeights(
      path: path, expected: "model.safetensors, model.safetensors.index.json with its parts, or one .gguf file")
  }

  private static func isPickle(_ name: String) -> Bool {
    ["bin", "pt", "pth", "pkl", "ckpt"].contains(PathText.fileExtension(of: name))
  }

  /// The tensors of all files that the index names; each must hold what the index says it holds.
  private static func shards(_ folder: String, _ access: FileAccess) throws -> [StoredTensor] {
    let indexPath: String = PathText.join(folder, "model.safetensors.index.json")
    func malformed(_ reason: String) -> CheckpointError {
      .malformed(path: indexPath, format: "shard index", reason: reason)
    }
    guard let map = try access.readJSON(indexPath)["weight_map"]?.object else {
      throw malformed("it has no weight_map")
    }
    var files: [String] = []
    var wanted: [(tensor: String, file: String)] = []
    for member in map.members {
      guard let file = member.value.string, !file.isEmpty, !file.contains("/"), !file.utf8.contains(0), file != ".."
      else {
        throw malformed("tensor \(quoted(member.key)) is in no file of this folder")
      }
      if !files.contains(file) { files.append(file) }
      wanted.append((member.key, file))
    }
    var tensors: [StoredTensor] = []
    var held: [String: Set<String>] = [:]
    for file in files {
      let content: SafetensorsFile = try SafetensorsFile(access.map(PathText.join(folder, file)))
      held[file] = Set(content.names)
      tensors += content.tensors
    }
    for (tensor, file) in wanted where !(held[file]?.contains(tensor) ?? false) {
      throw malformed("\(quoted(file)) lacks the tensor \(quoted(tensor))")
    }
    return tensors
  }
}
