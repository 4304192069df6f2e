import Foundation

/// A folder of a test's own that goes away with the value.
package final class TemporaryFolder {
  package let path: String

  package init() throws {
    let name: String = "luthier-tests-\(UUID().uuidString)"
    path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of something in it.
  package func at(_ name: String) -> String { path + "/" + name }

  /// Puts a file there, with the folders above it.
  package func put(_ name: String, _ text: String = "content") throws { try put(name, Array(text.utf8)) }

  package func put(_ name: String, _ bytes: [UInt8]) throws {
    let url: URL = URL(fileURLWithPath: at(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  package func text(_ name: String) throws -> String { try String(contentsOfFile: at(name), encoding: .utf8) }

  package func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: at(name)))) }

  /// The names in it, sorted.
  package func names(_ folder: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: at(folder)).sorted()
  }
}
