/// How many terminal columns text takes, and text made safe to show.
package enum TextWidth {
  /// Columns of a string: wide East Asian characters and emoji count two, combining marks none.
  package static func of(_ text: String) -> Int {
    var isASCII = true
    var count = 0
    for byte in text.utf8 {
      if byte >= 0x80 { isASCII = false; break }
      count += 1
    }
    if isASCII { return count }
    return text.reduce(0) { $0 + of($1) }
  }

  /// Columns of one grapheme cluster: those of its first scalar, two where an emoji presentation is asked for.
  package static func of(_ character: Character) -> Int {
    var width = 0
    for scalar in character.unicodeScalars {
      if scalar.value == 0xFE0F { return max(width, 2) }
      width = max(width, of(scalar))
    }
    return width
  }

  /// Columns of one scalar (after Unicode's East Asian Width: W and F are two).
  package static func of(_ scalar: Unicode.Scalar) -> Int {
    let code: UInt32 = scalar.value
    if code < 0x300 { return code == 0xAD ? 0 : 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    if code < 0x1100 { return 1 }
    return isWide(code) ? 2 : 1
  }

  private static let wideRanges: [(UInt32, UInt32)] = [
    (0x1100, 0x115F), (0x231A, 0x231B), (0x2329, 0x232A), (0x23E9, 0x23EC), (0x23F0, 0x23F0), (0x23F3, 0x23F3),
    (0x25FD, 0x25FE), (0x2614, 0x2615), (0x2648, 0x2653), (0x267F, 0x267F), (0x2693, 0x2693), (0x26A1, 0x26A1),
    (0x26AA, 0x26AB), (0x26BD, 0x26BE), (0x26C4, 0x26C5), (0x26CE, 0x26CE), (0x26D4, 0x26D4), (0x26EA, 0x26EA),
    (0x26F2, 0x26F3), (0x26F5, 0x26F5), (0x26FA, 0x26FA), (0x26FD, 0x26FD), (0x2705, 0x2705), (0x270A, 0x270B),
    (0x2728, 0x2728), (0x274C, 0x274C), (0x274E, 0x274E), (0x2753, 0x2755), (0x2757, 0x2757), (0x2795, 0x2797),
    (0x27B0, 0x27B0), (0x27BF, 0x27BF), (0x2B1B, 0x2B1C), (0x2B50, 0x2B50), (0x2B55, 0x2B55), (0x2E80, 0x303E),
    (0x3041, 0x33FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA4CF), (0xA960, 0xA97F), (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF), (0xFE10, 0xFE19), (0xFE30, 0xFE6F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6), (0x16FE0, 0x18CFF),
    (0x1AFF0, 0x1B2FF), (0x1F004, 0x1F004), (0x1F0CF, 0x1F0CF), (0x1F18E, 0x1F18E), (0x1F191, 0x1F19A),
    (0x1F200, 0x1F320), (0x1F32D, 0x1F335), (0x1F337, 0x1F37C), (0x1F37E, 0x1F393), (0x1F3A0, 0x1F3CA),
    (0x1F3CF, 0x1F3D3), (0x1F3E0, 0x1F3F0), (0x1F3F4, 0x1F3F4), (0x1F3F8, 0x1F43E), (0x1F440, 0x1F440),
    (0x1F442, 0x1F4FC), (0x1F4FF, 0x1F53D), (0x1F54B, 0x1F54E), (0x1F550, 0x1F567), (0x1F57A, 0x1F57A),
    (0x1F595, 0x1F596), (0x1F5A4, 0x1F5A4), (0x1F5FB, 0x1F64F), (0x1F680, 0x1F6C5), (0x1F6CC, 0x1F6CC),
    (0x1F6D0, 0x1F6D2), (0x1F6D5, 0x1F6D7), (0x1F6DC, 0x1F6DF), (0x1F6EB, 0x1F6EC), (0x1F6F4, 0x1F6FC),
    (0x1F7E0, 0x1F7EB), (0x1F7F0, 0x1F7F0), (0x1F90C, 0x1F93A), (0x1F93C, 0x1F945), (0x1F947, 0x1F9FF),
    (0x1FA70, 0x1FAFF), (0x20000, 0x2FFFD), (0x30000, 0x3FFFD),
  ]

  private static func isWide(_ code: UInt32) -> Bool {
    var low = 0
    var high: Int = wideRanges.count - 1
    while low <= high {
      let middle: Int = (low + high) / 2
      if code < wideRanges[middle].0 {
        high = middle - 1
      } else if code > wideRanges[middle].1 {
        low = middle + 1
      } else {
        return true
      }
    }
    return false
  }

  /// The longest beginning that fits `width` columns.
  package static func prefix(_ text: String, width: Int) -> String {
    var result = ""
    var used = 0
    for character in text {
      let next: Int = used + of(character)
      if next > width { break }
      used = next
      result.append(character)
    }
    return result
  }

  /// Cut to `width` columns, `…` at the end of what was longer.
  package static func cut(_ text: String, to width: Int) -> String {
    if text.utf8.count <= width { return text }
    let head: String = prefix(text, width: width)
    if head.utf8.count == text.utf8.count { return text }
    return prefix(text, width: max(0, width - 1)) + (width > 0 ? "…" : "")
  }

  /// Filled with spaces on the right to `width` columns.
  package static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - of(text)))
  }

  /// Control characters as symbols (`␛`), so that shown text can never command the terminal.
  package static func visible(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(isControl(scalar) ? symbol(for: scalar) : scalar) }
    return String(result)
  }

  /// C0 and C1 controls, line and paragraph separators, and marks that turn the writing direction.
  package static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    let code: UInt32 = scalar.value
    if code < 0x20 || (0x7F...0x9F).contains(code) { return true }
    if code < 0x200E { return false }
    return code == 0x200E || code == 0x200F || (0x2028...0x202E).contains(code) || (0x2066...0x2069).contains(code)
  }

  private static func symbol(for scalar: Unicode.Scalar) -> Unicode.Scalar {
    let code: UInt32 = scalar.value
    if code < 0x20 { return Unicode.Scalar(0x2400 + code) ?? "␀" }
    return code == 0x7F ? "␡" : "�"
  }
}
