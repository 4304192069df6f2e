import Files
import Foundation
import Language

extension Session {
  /// The session as a script that replays to the same output.
  func script(version: String) -> String {
    var header = "# luthier \(version) · seed \(seed)"
    if tolerance > 0 { header += " · tolerance \(tolerance)" }
    var lines = [header]
    for file in access.filesRead {
      guard let digest = Self.digest(of: file.resolvedPath) else { continue }
      lines.append("# reads \(folders.shortened(file.path)) \(Numbers.bytes(file.size)) sha256:\(digest)")
    }
    lines.append("")
    let saved = SavedScript(
      header: lines, statements: entries.map(\.saved), closing: pendingComments, taken: Set(interpreter.names))
    return saved.text
  }

  /// SHA-256 of a file, read in parts; nil where it can't be read any more.
  static func digest(of path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var digest = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count < 0 { return nil }
      if count == 0 { return digest.finish() }
      buffer.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
    }
  }
}
