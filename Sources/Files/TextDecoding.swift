/// UTF-8 made strings, with the place named where it isn't UTF-8.
package enum TextDecoding {
  /// Decodes a whole text; a byte order mark at its start is dropped.
  ///
  /// - Throws: ``FileError/notText(path:line:byte:)``.
  package static func string(_ bytes: UnsafeRawBufferPointer, path: String) throws -> String {
    let content: UnsafeRawBufferPointer = withoutMark(bytes)
    if let text = String(validating: content.bindMemory(to: UInt8.self), as: UTF8.self) { return text }
    throw invalid(in: bytes, path: path)
  }

  /// Without the byte order mark that some programs put before UTF-8.
  package static func withoutMark(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard bytes.count >= 3, bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf else { return bytes }
    return UnsafeRawBufferPointer(rebasing: bytes[3...])
  }

  /// The error that names the first place which isn't UTF-8.
  package static func invalid(in bytes: UnsafeRawBufferPointer, path: String) -> FileError {
    let place: Int = firstInvalid(in: bytes) ?? bytes.count
    var line: Int = 1
    var lineStart: Int = 0
    for index in 0..<place where bytes[index] == 10 {
      line += 1
      lineStart = index + 1
    }
    return .notText(path: path, line: line, byte: place - lineStart + 1)
  }

  /// The index of the first byte that cannot belong to UTF-8 (no surrogates, nothing overlong, nothing beyond U+10FFFF).
  package static func firstInvalid(in bytes: UnsafeRawBufferPointer) -> Int? {
    var index: Int = 0
    let count: Int = bytes.count
    while index < count {
      let lead: UInt8 = bytes[index]
      if lead < 0x80 {
        index += 1
        continue
      }
      let length: Int = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
      guard lead >= 0xc2, lead <= 0xf4, index + length <= count else { return index }
      var low: UInt8 = 0x80
      var high: UInt8 = 0xbf
      switch lead {
      case 0xe0: low = 0xa0
      case 0xed: high = 0x9f
      case 0xf0: low = 0x90
      case 0xf4: high = 0x8f
      default: break
      }
      guard bytes[index + 1] >= low, bytes[index + 1] <= high else { return index }
      for follow in 2..<max(length, 2) where bytes[index + follow] & 0xc0 != 0x80 { return index }
      index += length
    }
    return nil
  }

  /// Whether a file begins as text does: what writing text may replace.
  package static func isText(_ file: MappedFile) -> Bool {
    file.withBytes { bytes in
      let start: UnsafeRawBufferPointer = UnsafeRawBufferPointer(rebasing: bytes.prefix(1 << 16))
      guard let invalid = firstInvalid(in: start) else { return !start.contains(0) }
      return !start.contains(0) && bytes.count > start.count && invalid > start.count - 4  // a cut character
    }
  }
}
