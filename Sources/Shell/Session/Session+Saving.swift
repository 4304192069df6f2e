import Files
import Foundation
import Language

extension Session {
  /// The session as a script that replays to the same output.
  func script(version: String) -> String {
    var header = "# luthier \(version) · seed \(seed)"
    if tolerance > 0 { header += " · tolerance \(tolerance)" }
    var lines = [header]
    for file in access.filesRead.prefix(Self.mostFilesNamed) {
      guard let digest = Self.digest(of: file.resolvedPath) else { continue }
      // A name may hold a line end; what stood behind it would be code.
      let name = TextWidth.visible(folders.shortened(file.path))
      lines.append("# reads \(name) \(Numbers.bytes(file.size)) sha256:\(digest)")
    }
    let others = access.filesRead.count - Self.mostFilesNamed
    if others > 0 { lines.append("# reads \(Numbers.grouped(others))\(ScriptHeader.moreFiles)") }
    lines.append("")
    let saved = SavedScript(
      header: lines, statements: entries.map(\.saved), closing: pendingComments, taken: Set(interpreter.names))
    return saved.text
  }

  /// Files that a header names, so that a folder of texts doesn't bury the script.
  private static let mostFilesNamed = 100

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
