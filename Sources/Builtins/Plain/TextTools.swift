import Language

/// Text by Unicode scalars and bytes, as Python sees it, never by grapheme clusters.
enum TextTools {
  static func stripped(_ text: String, _ characters: [Unicode.Scalar]?) -> String {
    func goes(_ scalar: Unicode.Scalar) -> Bool {
      characters.map { $0.contains(scalar) } ?? scalar.properties.isWhitespace
    }
    var view: Substring.UnicodeScalarView = text.unicodeScalars[...]
    while let first = view.first, goes(first) { view = view.dropFirst() }
    while let last = view.last, goes(last) { view = view.dropLast() }
    return String(view)
  }

  /// Byte ranges between occurrences of a separator that isn't empty.
  private static func cuts(_ text: [UInt8], _ part: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    var place = 0
    while place + part.count <= text.count {
      if text[place] == part[0], text[place..<place + part.count].elementsEqual(part) {
        ranges.append(start..<place)
        place += part.count
        start = place
      } else {
        place += 1
      }
    }
    ranges.append(start..<text.count)
    return ranges
  }

  static func parts(_ text: String, _ separator: String) -> [String] {
    let bytes: [UInt8] = Array(text.utf8)
    return cuts(bytes, Array(separator.utf8)).map { String(decoding: bytes[$0], as: UTF8.self) }
  }

  /// As in Python, an empty part stands between any two characters and at both ends.
  static func replaced(_ text: String, _ part: String, by other: String) throws -> String {
    let pieces: [String] = part.isEmpty ? [""] + text.unicodeScalars.map { String($0) } + [""] : parts(text, part)
    let (added, over) = pieces.count.multipliedReportingOverflow(by: other.utf8.count)
    guard !over, added <= 1 << 30 else { throw LanguageError.message("this text would be longer than 1 GB") }
    return pieces.joined(separator: other)
  }

  static func words(_ text: String) -> [String] {
    text.unicodeScalars.split { $0.properties.isWhitespace }.map { String($0) }
  }

  static func lines(_ text: String) -> [String] {
    var lines: [String] = []
    var line: [UInt8] = []
    var afterReturn = false
    for byte in text.utf8 {
      if byte == 0x0A, afterReturn {
        afterReturn = false
        continue
      }
      afterReturn = byte == 0x0D
      if byte == 0x0A || byte == 0x0D {
        lines.append(String(decoding: line, as: UTF8.self))
        line = []
      } else {
        line.append(byte)
      }
    }
    if !line.isEmpty { lines.append(String(decoding: line, as: UTF8.self)) }
    return lines
  }

  /// A value as `str` gives it: a text itself, anything else as it shows on one line, whole.
  static func text(_ value: Value) -> String {
    switch value {
    case .string(let text): return text
    case .object: return value.display(.full).map(\.plain).joined(separator: "\n")
    default: return value.sourceText ?? value.inline(width: 1 << 20)
    }
  }
}
