import Files

/// A model as the hub describes it: its commit, and the files of it that Luthier opens.
package struct HubModel: Sendable, Equatable {
  /// One file of the repository.
  package struct File: Sendable, Equatable {
    package let path: String
    /// In bytes; nil where the hub doesn't say.
    package let size: Int?
    /// What its content is called in the cache: the SHA-256 of a large file, git's number of a small one.
    let blob: String?
    /// Of the whole content, where the hub knows it.
    let sha256: String?
  }

  /// `organisation/name`.
  package let name: String
  /// What was asked for: a branch, tag or commit.
  let revision: String
  let commit: String
  package let files: [File]

  /// Bytes of all files whose size is known.
  package var size: Int { files.reduce(0) { $0 + ($1.size ?? 0) } }

  /// Whether a text is an id of the hub: `organisation/name`.
  package static func isIdentifier(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { part in
        !part.isEmpty && part.utf8.count <= 96 && part.utf8.first != 46 && !part.contains("--")
          && part.utf8.allSatisfy { isWordByte($0) || $0 == 45 || $0 == 46 }
      }
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
  }

  /// - Parameter answer: what `/api/models/ORGANISATION/NAME/revision/REVISION?blobs=true` gives.
  /// - Throws: ``HubError/strange(name:reason:)``, ``HubError/nothingToOpen(name:reason:)``.
  init(_ answer: JSON, name: String, revision: String) throws {
    guard let commit = answer["sha"]?.string, Self.isDigest(commit, 40) else {
      throw HubError.strange(name: name, reason: "it names no commit")
    }
    guard let siblings = answer["siblings"]?.array else {
      throw HubError.strange(name: name, reason: "it lists no files")
    }
    let all: [File] = siblings.compactMap { item in
      guard let path = item["rfilename"]?.string else { return nil }
      let large = item["lfs"]
      let sha256 = (large?["sha256"] ?? large?["oid"])?.string.flatMap { Self.isDigest($0, 64) ? $0 : nil }
      let git = item["blobId"]?.string.flatMap { Self.isDigest($0, 40) ? $0 : nil }
      let size = (large?["size"] ?? item["size"])?.int.flatMap { $0 >= 0 && $0 < 1 << 50 ? $0 : nil }
      return File(
        path: path, size: size, blob: sha256 ?? (large == nil || large?.isNull == true ? git : nil), sha256: sha256)
    }
    self.name = name
    self.revision = revision
    self.commit = commit
    files = try Self.needed(all, of: name)
  }

  static func isDigest(_ text: String, _ length: Int) -> Bool {
    text.utf8.count == length && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  // MARK: which files

  /// Files beside the weights that say what a model is and how its texts become tokens.
  private static let settings: Set<String> = [
    "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "vocab.txt", "vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model",
    "tokenizer.model", "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json",
    "chat_template.jinja", "chat_template.json",
  ]

  private static func needed(_ all: [File], of name: String) throws -> [File] {
    let settings = all.filter { Self.settings.contains($0.path) || isPoolingFile($0.path) }
    let root = all.filter { !$0.path.contains("/") }
    var weights = root.filter { $0.path == "model.safetensors" }
    if weights.isEmpty {
      let index = root.filter { $0.path == "model.safetensors.index.json" }
      if !index.isEmpty {
        weights = index + root.filter { $0.path.hasPrefix("model-") && $0.path.hasSuffix(".safetensors") }
      }
    }
    if weights.isEmpty {
      weights = root.filter { $0.path.hasSuffix(".gguf") }
      if weights.count > 1 {
        let names = weights.prefix(4).map(\.path).joined(separator: ", ") + (weights.count > 4 ? ", …" : "")
        throw HubError.nothingToOpen(
          name: name, reason: "it holds \(weights.count) GGUF files (\(names)); download one and load its path")
      }
    }
    if weights.isEmpty {
      let isPickle = root.contains { $0.path == "pytorch_model.bin" || $0.path == "pytorch_model.bin.index.json" }
      throw HubError.nothingToOpen(
        name: name,
        reason: isPickle
          ? "its weights are a Python pickle, which can run code; it needs them as model.safetensors"
          : "it holds no model.safetensors and no GGUF file")
    }
    // Small files first: what is wrong with a model shows before its weights have come.
    return settings + weights
  }

  /// `1_Pooling/config.json` and its like, which sentence-transformers adds.
  private static func isPoolingFile(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2 && parts[1] == "config.json" && parts[0].utf8.allSatisfy(isWordByte)
  }
}
