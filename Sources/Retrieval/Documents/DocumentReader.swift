import Files

/// Finds and reads documents in files: `.txt` and `.md`, one by one or all of a folder.
package struct DocumentReader {
  package let access: FileAccess
  /// What was left aside, in the order of the names.
  package private(set) var skipped: [SkippedDocument] = []
  /// The real paths of the folders looked into, as bytes: links may lead back to them.
  private var visited: Set<[UInt8]> = []

  package init(access: FileAccess) { self.access = access }

  private static let endings = ["txt", "text", "md", "markdown"]
  private static let mostFolders = 40

  package static func isDocument(_ path: String) -> Bool {
    guard let dot = path.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
    return endings.contains(path[path.index(after: dot)...].lowercased())
  }

  /// The documents at a path: the file, or all files below the folder, in the order of their names. Hidden names are
  /// passed over; other files, and links to folders that are read already, are counted among ``skipped``.
  /// - Throws: ``FileError`` where nothing stands there.
  package mutating func find(_ path: String) throws -> [DocumentSource] {
    if access.isFolder(path) {
      visited = []
      return try find(in: path, depth: 0)
    }
    guard access.exists(path) else { throw FileError.notFound(path: path) }
    return [.file(path: path)]
  }

  private mutating func find(in folder: String, depth: Int) throws -> [DocumentSource] {
    guard depth < Self.mostFolders else {
      skipped.append(SkippedDocument(name: folder, reason: "folders too deep inside one another"))
      return []
    }
    let real = PathText.real(access.resolve(folder)) ?? folder
    guard visited.insert(Array(real.utf8)).inserted else {
      skipped.append(SkippedDocument(name: folder, reason: "a link to a folder that is read already"))
      return []
    }
    var found: [DocumentSource] = []
    for entry in try access.list(folder) where !entry.name.hasPrefix(".") {
      let path = PathText.join(folder, entry.name)
      if entry.isFolder {
        found += try find(in: path, depth: depth + 1)
      } else if Self.isDocument(entry.name) {
        found.append(.file(path: path))
      } else {
        skipped.append(SkippedDocument(name: path, reason: "no .txt or .md"))
      }
    }
    return found
  }

  /// The document; nil, and one more of ``skipped``, for a file that holds no text.
  package mutating func read(_ source: DocumentSource) throws -> Document? {
    switch source {
    case .given(let document): return document
    case .file(let path):
      let bytes: [UInt8]
      do { bytes = try access.read(path) } catch let error as FileError {
        skipped.append(SkippedDocument(name: path, reason: "\(error)"))
        return nil
      }
      if bytes.prefix(1 << 16).contains(0) {
        skipped.append(SkippedDocument(name: path, reason: "binary"))
        return nil
      }
      if let bad = bytes.withUnsafeBytes({ TextDecoding.firstInvalid(in: $0) }) {
        let line = bytes[..<bad].count { $0 == 10 } + 1
        skipped.append(SkippedDocument(name: path, reason: "not UTF-8 in line \(line)"))
        return nil
      }
      let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
      let isMarkdown = path.lowercased().hasSuffix(".md") || path.lowercased().hasSuffix(".markdown")
      let title = isMarkdown ? Headings(markdown: text).title : nil
      return Document(
        source: path, title: title ?? Self.stem(path), text: text, isMarkdown: isMarkdown)
    }
  }

  private static func stem(_ path: String) -> String {
    let name = PathText.name(of: path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}
