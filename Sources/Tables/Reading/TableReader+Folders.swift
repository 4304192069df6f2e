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
        throw TableError.malformed(
          path: path, format: "folder of data", line: nil,
          reason: "\(found.map { quoted($0.name) }.joined(separator: " and ")) could both be its \(part) part")
      }
      guard let entry = found.first else { continue }
      let place: String = PathText.join(path, entry.name)
      let table: Table = try entry.isFolder ? labelledTexts(place) : readFile(place, format)
      parts.append((part, table))
    }
    if !parts.isEmpty { return .split(parts) }
    if entries.contains(where: \.isFolder) { return .table(try labelledTexts(path)) }
    if !entries.isEmpty, entries.allSatisfy({ TableFormat(path: $0.name) == .text }) { return .table(try texts(path, entries)) }
    let data: [String] = entries.map(\.name).filter { TableFormat(path: $0) != nil }
    let hint: String =
      data.isEmpty ? "" : "; its files are read one by one: \(data.prefix(5).map(quoted).joined(separator: ", "))"
    throw TableError.malformed(
      path: path, format: "folder of data", line: nil,
      reason: "it has neither files named train, valid and test nor a folder of texts for each label" + hint)
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

  /// A row for each text file: its content, and the name of its folder as the label.
  private func labelledTexts(_ path: String) throws -> Table {
    var texts: [String] = []
    var labels: [String] = []
    let folders: [FolderEntry] = try access.list(path).filter { $0.isFolder && !$0.name.hasPrefix(".") }
    var bytes: Int = 0
    for folder in folders {
      let place: String = PathText.join(path, folder.name)
      let files: [FolderEntry] = try access.list(place).filter { !$0.isFolder && !$0.name.hasPrefix(".") }
      for file in files where PathText.fileExtension(of: file.name) == "txt" {
        bytes += file.size
        guard bytes <= PhysicalMemory.bytes / 2 else {
          throw TableError.tooLarge(path: path, bytes: bytes, memory: PhysicalMemory.bytes)
        }
        texts.append(try access.readText(PathText.join(place, file.name)))
        labels.append(folder.name)
        if texts.count % 256 == 0 { try progress(texts.count, texts.count) }
      }
    }
    guard !texts.isEmpty else {
      throw TableError.malformed(
        path: path, format: "folder of data", line: nil, reason: "its folders hold no .txt files")
    }
    return Table(names: ["text", "label"], columns: [.strings(texts), .strings(labels)], rowCount: texts.count)
  }
}
