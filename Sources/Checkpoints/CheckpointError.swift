import Files

/// What can go wrong between a model's files and its tensors.
package enum CheckpointError: Error, Equatable, CustomStringConvertible {
  /// The bytes don't follow the format.
  case malformed(path: String, format: String, reason: String)
  /// A tensor whose elements Luthier doesn't turn into what was asked for.
  case notConvertible(name: String, type: String, wanted: String)
  /// Weights as a Python pickle, which runs code when opened.
  case pickle(path: String)
  /// A folder that holds no weights.
  case noWeights(path: String, expected: String)
  /// No such model; `found` are those that are here.
  case unknownModel(name: String, found: [String])
  /// Several models answer to the name.
  case ambiguous(name: String, among: [String])
  /// A revision that the cache doesn't hold.
  case unknownRevision(name: String, revision: String, found: [String])
  /// Something that can't be written.
  case notWritable(path: String, reason: String)

  package var description: String {
    switch self {
    case .malformed(let path, let format, let reason):
      return "\(quoted(path)) is not a valid \(format) file: \(reason)"
    case .notConvertible(let name, let type, let wanted):
      return "tensor \(quoted(name)) holds \(type) elements, which cannot become \(wanted)"
    case .pickle(let path):
      let folder: String = PathText.folder(of: path)
      return
        "\(quoted(path)) is a Python pickle, which can run code when it is opened, so Luthier does not read it; convert it where you trust it: python -c \"from transformers import AutoModel; AutoModel.from_pretrained('\(folder)').save_pretrained('\(folder)', safe_serialization=True)\""
    case .noWeights(let path, let expected):
      return "\(quoted(path)) holds no weights: expected \(expected)"
    case .unknownModel(let name, let found):
      if found.isEmpty { return "there is no model \(quoted(name)), and no other here; ./Scripts/start fetches one" }
      return "there is no model \(quoted(name)); here are \(found.joined(separator: ", "))"
    case .ambiguous(let name, let among):
      return "\(quoted(name)) could be \(among.joined(separator: " or ")): give the name in full"
    case .unknownRevision(let name, let revision, let found):
      let known: String = found.isEmpty ? "none is complete" : "there are \(found.joined(separator: ", "))"
      return "the cache has no revision \(quoted(revision)) of \(quoted(name)): \(known)"
    case .notWritable(let path, let reason):
      return "\(quoted(path)) cannot be written: \(reason)"
    }
  }
}
