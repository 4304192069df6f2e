import Files

/// Folders: with files for train, valid and test; with a folder of texts for each label; or both, one in the other.
extension TableReader {
  private static let partNames: [(part: String, spellings: [String])] = [
    ("train", ["train", "training"]), ("valid", ["valid", "val", "validation", "dev"]), ("test", ["test"]),
  ]

  func readFolder(_ path: String, _ format: TableFormat?) throws -> ReadData {
    let entries: [FolderEntry] = try access.list(path).filter { !$0.name.hasPrefix(".") }
    var parts: [(name: String, table: Table)] = []
    for (part, spellings) in TableReader.partNames {
      let found: [FolderEntry] = entries.filter { entry in
        let stem: String = TableReader.stem(of: entry, format)
        return spellings.contains(stem.lowercased())
      }
      if found.count > 1 {
        throw TableError.noData(
          path: path,
          reason: "\(found.map { quoted($0.name) }.joined(separator: " and ")) could both be its \(part) part")
      }
      guard let entry = found.first else { continue }
      let place: String = PathText.join(path, entry.name)
      let table: Table = try entry.isFolder ? labelledPart(place) : readFile(place, format)
      parts.append((part, table))
    }
    if !parts.isEmpty { return .split(parts) }
    if let table = try labelledTexts(path, entries, atLeast: 2) { return .table(table) }
    if !entries.isEmpty, entries.allSatisfy({ TableFormat(path: $0.name) == .text }) {
      return .table(try texts(path, entries))
    }
    throw TableError.noData(path: path, reason: TableReader.hint(entries))
  }

  private static func hint(_ entries: [FolderEntry]) -> String {
    if entries.contains(where: { PathText.fileExtension(of: $0.name) == "gz" }) {
      return "its files are compressed; unpack them first: gunzip -k *.gz"
    }
    if entries.contains(where: { $0.name == "config.json" }),
      entries.contains(where: { ["safetensors", "bin"].contains(PathText.fileExtension(of: $0.name)) })
    {
      return "it is the folder of a model, which load opens"
    }
    let reason: String = "it has neither files named train, valid and test nor a folder of .txt files for each label"
    let data: [String] = entries.map(\.name).filter { TableFormat(path: $0) != nil }
    guard !data.isEmpty else { return reason }
    return reason + "; its files are read one by one: " + data.prefix(5).map(quoted).joined(separator: ", ")
  }

  /// A row for each text file of a folder that holds nothing else.
  private func texts(_ path: String, _ files: [FolderEntry]) throws -> Table {
    guard files.reduce(0, { $0 + $1.size }) <= PhysicalMemory.bytes / 2 else {
      throw TableError.tooLarge(path: path, bytes: files.reduce(0) { $0 + $1.size }, memory: PhysicalMemory.bytes)
    }
    let texts: [String] = try files.map { try access.readText(PathText.join(path, $0.name)) }
    return Table(
      names: ["file", "text"], columns: [.strings(files.map(\.name)), .strings(texts)], rowCount: files.count)
  }

  private static func stem(of entry: FolderEntry, _ format: TableFormat?) -> String {
    if entry.isFolder { return entry.name }
    guard format != nil || TableFormat(path: entry.name) != nil else { return "" }
    let suffix: Int = PathText.fileExtension(of: entry.name).count
    return suffix == 0 ? entry.name : String(entry.name.dropLast(suffix + 1))
  }

  private func labelledPart(_ path: String) throws -> Table {
    let entries: [FolderEntry] = try access.list(path)
    if let table = try labelledTexts(path, entries, atLeast: 1) { return table }
    throw TableError.noData(path: path, reason: TableReader.hint(entries))
  }

  /// A row for each text file: its content, and the name of its folder as the label. Nil where the folders are not `count`
  /// or more that hold `.txt` files and nothing else.
  private func labelledTexts(_ path: String, _ entries: [FolderEntry], atLeast count: Int) throws -> Table? {
    // IMDB's archive has its unlabelled reviews beside the labelled ones.
    let folders: [FolderEntry] = entries.filter { $0.isFolder && !$0.name.hasPrefix(".") && $0.name != "unsup" }
    guard folders.count >= count, folders.count <= 1000 else { return nil }
    var found: [(label: String, path: String)] = []
    var bytes: Int = 0
    for folder in folders {
      let place: String = PathText.join(path, folder.name)
      let files: [FolderEntry] = try access.list(place).filter { !$0.name.hasPrefix(".") }
      guard !files.isEmpty, files.allSatisfy({ !$0.isFolder && PathText.fileExtension(of: $0.name) == "txt" }) else {
        return nil
      }
      bytes += files.reduce(0) { $0 + $1.size }
      for file in files { found.append((folder.name, PathText.join(place, file.name))) }
    }
    guard bytes <= PhysicalMemory.bytes / 2 else {
      throw TableError.tooLarge(path: path, bytes: bytes, memory: PhysicalMemory.bytes)
    }
    var texts: [String] = []
    texts.reserveCapacity(found.count)
    for file in found {
      texts.append(try access.readText(file.path))
      if texts.count % 256 == 0 { try progress(texts.count, found.count) }
    }
    return Table(
      names: ["text", "label"], columns: [.strings(texts), .strings(found.map(\.label))], rowCount: texts.count)
  }
}
