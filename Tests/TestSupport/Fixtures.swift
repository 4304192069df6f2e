import Files
import Foundation

/// Where the parity suites find their cases.
package enum Fixtures {
  /// `LUTHIER_FIXTURES`, else Tests/Fixtures/dev of this package.
  package static let root: URL = {
    if let given = ProcessInfo.processInfo.environment["LUTHIER_FIXTURES"], !given.isEmpty {
      return URL(fileURLWithPath: given, isDirectory: true)
    }
    return tests.appendingPathComponent("Fixtures/dev", isDirectory: true)
  }()

  /// The package's Tests folder.
  package static let tests: URL = URL(fileURLWithPath: #filePath, isDirectory: false).deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The package itself.
  package static let package: URL = tests.deletingLastPathComponent()

  /// The file or folder at `path` below the root.
  package static func url(_ path: String) -> URL { root.appendingPathComponent(path) }

  package static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: url(path).path) }

  /// The names of the folders directly below `path`, sorted; empty where the folder isn't there.
  package static func folders(in path: String) -> [String] { entries(in: path, folders: true) }

  /// The names of the files directly below `path`, sorted; empty where the folder isn't there.
  package static func files(in path: String, withExtension wanted: String? = nil) -> [String] {
    entries(in: path, folders: false).filter { wanted == nil || $0.hasSuffix("." + (wanted ?? "")) }
  }

  /// A JSON file below the root.
  package static func json(_ path: String) throws -> JSON { try access.readJSON(url(path).path) }

  /// A JSON Lines file below the root.
  package static func jsonLines(_ path: String) throws -> [JSON] {
    let bytes: [UInt8] = try access.read(url(path).path)
    return try bytes.split(separator: 10).map { try JSON(parsing: Array($0)) }
  }

  /// A user's file access, for reading fixtures.
  package static var access: FileAccess { FileAccess(policy: .user) }

  private static func entries(in path: String, folders: Bool) -> [String] {
    let list: [FolderEntry] = (try? access.list(url(path).path)) ?? []
    return list.filter { $0.isFolder == folders && !$0.name.hasPrefix(".") }.map(\.name)
  }
}

/// Kinds of cases that no suite compares yet: the one list that issues shorten.
package enum NotYet {
  /// The kind, as its suite calls it, e.g. `arch/xlnet`.
  package static let kinds: Set<String> = []
}
