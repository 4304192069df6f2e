import Foundation

/// Paths as text: joined, split and made plain without asking the disk.
package enum PathText {
  /// The last name: `b.txt` of `a/b.txt`.
  package static func name(of path: String) -> String {
    components(path).last ?? path
  }

  /// Everything before the last name; `.` where there is nothing.
  package static func folder(of path: String) -> String {
    var parts: [String] = components(path)
    if !parts.isEmpty { parts.removeLast() }
    let joined: String = parts.joined(separator: "/")
    if path.utf8.first == UInt8(ascii: "/") { return "/" + joined }
    return joined.isEmpty ? "." : joined
  }

  /// What follows the last dot of the name, in lower case; empty where there is none.
  package static func fileExtension(of path: String) -> String {
    let name: String = name(of: path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  /// A name in a folder; the name itself where it is absolute.
  package static func join(_ folder: String, _ name: String) -> String {
    if name.utf8.first == UInt8(ascii: "/") || folder.isEmpty { return name }
    return folder.utf8.last == UInt8(ascii: "/") ? folder + name : folder + "/" + name
  }

  package static func isAbsolute(_ path: String) -> Bool { path.utf8.first == UInt8(ascii: "/") }

  /// The names of a path, without empty ones and single dots.
  package static func components(_ path: String) -> [String] {
    path.split(separator: "/", omittingEmptySubsequences: true).map(String.init).filter { $0 != "." }
  }

  /// An absolute path without `.` and `..`, by text alone.
  package static func normalized(_ path: String, from base: String) -> String {
    var parts: [String] = []
    for part in components(isAbsolute(path) ? path : join(base, path)) {
      if part == ".." {
        if !parts.isEmpty { parts.removeLast() }
      } else {
        parts.append(part)
      }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// The names that lead from `root` to `path` (both normalized); nil where `path` isn't below `root` or `root` itself.
  package static func components(of path: String, below root: String) -> [String]? {
    let names: [String] = components(path)
    let rootNames: [String] = components(root)
    guard names.count >= rootNames.count, names[..<rootNames.count].elementsEqual(rootNames, by: sameBytes) else {
      return nil
    }
    return Array(names[rootNames.count...])
  }

  /// With `~` and `~/` at the start replaced by the user's home.
  package static func expandingHome(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
    return String(cString: home) + path.dropFirst(1)
  }

  /// The real path, every link followed; nil where nothing stands.
  package static func real(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Names are bytes: Swift's `==` would also take canonically equivalent ones for equal.
  private static func sameBytes(_ one: String, _ other: String) -> Bool { one.utf8.elementsEqual(other.utf8) }
}
