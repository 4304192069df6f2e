import Checkpoints
import Files
import TensorCore

/// Features made before, on disk: one file for a call with the same model, recipe and texts, in a fixed number of
/// places, so that it stays bounded. What can't be read or written is left alone: a cache is never an error.
package struct FeatureCache {
  private let folder: String
  private let access: FileAccess
  /// How many calls are kept; a new one takes the place its key falls on.
  private let places = 64
  /// Larger results are not kept, in bytes.
  private let largest = 1 << 26

  package init(folder: String, access: FileAccess) {
    self.folder = folder
    self.access = access
  }

  /// The digest of everything the features depend on.
  func key(_ recipe: FeatureRecipe, _ texts: [String], _ pairs: [String]?) -> String {
    var hash = SHA256()
    func add(_ text: String) {
      var text = text
      var count = UInt64(text.utf8.count)
      withUnsafeBytes(of: &count) { hash.update($0) }
      text.withUTF8 { hash.update(UnsafeRawBufferPointer($0)) }
    }
    add("features 1 \(recipe.weights) \(recipe.text) \(recipe.layer) \(texts.count) \(pairs == nil)")
    for text in texts { add(text) }
    for text in pairs ?? [] { add(text) }
    return hash.finish()
  }

  private func path(_ key: String) -> String {
    let place = (Int(key.prefix(4), radix: 16) ?? 0) % places
    return PathText.join(folder, "features-\(place).safetensors")
  }

  func find(_ key: String, rows: Int, columns: Int) -> (values: Tensor, truncated: Int, tokens: Int)? {
    let path = path(key)
    guard access.isFile(path), let mapped = try? access.map(path), let file = try? SafetensorsFile(mapped),
      file.metadata["key"] == key, let stored = file.tensors.first(where: { $0.name == "features" }),
      stored.shape == [rows, columns], let values = try? stored.tensor(),
      let truncated = file.metadata["truncated"].flatMap({ Int($0) }),
      let tokens = file.metadata["tokens"].flatMap({ Int($0) })
    else { return nil }
    return (values, truncated, tokens)
  }

  func keep(_ key: String, _ features: Features) {
    guard features.values.count * 4 <= largest else { return }
    try? access.createFolder(folder)
    try? SafetensorsFile.write(
      [("features", .floats(features.values))],
      metadata: [("key", key), ("truncated", "\(features.truncated)"), ("tokens", "\(features.tokens)")],
      to: path(key), access: access)
  }
}
