import Files
import Language
import Tables

/// What `read()` shows: the data in the working directory, the folder below it, and the samples.
enum DataListing {
  static func table(_ access: FileAccess) throws -> Table {
    var rows: [(name: String, size: String)] = []
    collect(".", shown: "", access, depth: 0, into: &rows)
    if let samples = access.samplesFolder { collect(samples, shown: "samples", access, depth: 0, into: &rows) }
    return try Table([
      ("data", .strings(rows.map(\.name))), ("size", .strings(rows.map(\.size))),
      ("read", .strings(rows.map { "read(\"\($0.name)\")" })),
    ])
  }

  private static func collect(
    _ folder: String, shown: String, _ access: FileAccess, depth: Int, into rows: inout [(name: String, size: String)]
  ) {
    for entry in (try? access.list(folder)) ?? [] where !entry.name.hasPrefix(".") && rows.count < 500 {
      let name: String = PathText.join(shown, entry.name)
      let path: String = PathText.join(folder, entry.name)
      if entry.isFolder {
        if isSplit(path, access) {
          rows.append((name, "split"))
        } else if depth == 0, shown != "samples", entry.name != "Samples" {
          collect(path, shown: name, access, depth: 1, into: &rows)
        } else if shown == "samples", entry.name == "handbook" {
          rows.append((name, "texts"))
        }
      } else if isData(entry.name) {
        rows.append((name, byteCount(entry.size)))
      }
    }
  }

  /// Text files and JSON are many things; only what is likely data is listed.
  private static func isData(_ name: String) -> Bool {
    switch TableFormat(path: name) {
    case .csv, .tsv, .jsonl, .conll: return true
    case .json:
      let known: [String] = ["config.json", "tokenizer.json", "tokenizer_config.json", "vocab.json", "package.json"]
      return !known.contains(name) && !name.hasSuffix("_config.json") && !name.hasSuffix("map.json")
    default: return false
    }
  }

  private static func isSplit(_ path: String, _ access: FileAccess) -> Bool {
    let names: [String] = ((try? access.list(path)) ?? []).map(\.name)
    return names.contains { name in
      guard TableFormat(path: name) != nil else { return false }
      return name.hasPrefix("train.")
    }
  }
}
