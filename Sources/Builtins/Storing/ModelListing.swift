import Checkpoints
import Files
import Language
import Tables

/// What `load()` shows: the models in Luthier's folder and in the hub's cache.
enum ModelListing {
  static func table(_ access: FileAccess) throws -> Table {
    var names: [String] = []
    var kinds: [String] = []
    var sizes: [String] = []
    var places: [String] = []
    for place in ModelLocator(access: access).all() {
      let entries: [FolderEntry] = (try? access.list(place.path)) ?? []
      let weights: [FolderEntry] = entries.filter {
        ["safetensors", "gguf"].contains(PathText.fileExtension(of: $0.name))
      }
      guard !weights.isEmpty else { continue }
      names.append(place.name)
      kinds.append(kind(place.path, weights))
      sizes.append(byteCount(weights.reduce(0) { $0 + $1.size }))
      places.append(place.source == .hub ? "hub's cache" : "Luthier's models")
    }
    return try Table([
      ("model", .strings(names)), ("kind", .strings(kinds)), ("size", .strings(sizes)), ("where", .strings(places)),
    ])
  }

  private static func kind(_ path: String, _ weights: [FolderEntry]) -> String {
    if weights.contains(where: { $0.name.hasSuffix(".gguf") }) { return "gguf" }
    let reader: FileAccess = FileAccess(policy: .script, workingDirectory: path)  // not a file the session read
    return (try? reader.readJSON("config.json"))?["model_type"]?.string ?? "safetensors"
  }
}
