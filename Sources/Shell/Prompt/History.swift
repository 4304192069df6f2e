import Foundation

/// The lines of all sessions, one entry to a line of a file; line feeds inside a cell are written `\n`.
package struct History {
  /// How many entries are kept when the file is read.
  package static let limit = 5_000

  /// Bytes of an entry: what is longer came from a file and isn't worth keeping.
  static let longest = 100_000

  package let path: String
  package private(set) var entries: [String] = []

  /// Reads what is there; a missing file is an empty history.
  package init(path: String) {
    self.path = path
    guard let bytes = FileManager.default.contents(atPath: path) else { return }
    let lines = bytes.split(separator: 10)
    entries = lines.suffix(Self.limit).map { Self.decoded(String(decoding: $0, as: UTF8.self)) }
    if lines.count > 2 * Self.limit { rewrite() }
  }

  /// Adds an entry, unless it is the last one again, and appends it to the file, so that two shells don't undo each
  /// other's. A history that can't be written is no reason to stop.
  package mutating func add(_ entry: String) -> Bool {
    guard !entry.isEmpty, entry.utf8.count <= Self.longest, entry != entries.last else { return false }
    entries.append(entry)
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    let line = Array((Self.encoded(entry) + "\n").utf8)
    _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    return true
  }

  private func rewrite() {
    let text = entries.map { Self.encoded($0) + "\n" }.joined()
    try? Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
  }

  static func encoded(_ entry: String) -> String {
    var text = ""
    for scalar in entry.unicodeScalars {
      switch scalar {
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  static func decoded(_ line: String) -> String {
    var text = ""
    var escaped = false
    for scalar in line.unicodeScalars {
      if escaped {
        escaped = false
        text.unicodeScalars.append(scalar == "n" ? "\n" : scalar == "r" ? "\r" : scalar == "t" ? "\t" : scalar)
      } else if scalar == "\\" {
        escaped = true
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
