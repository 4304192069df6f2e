/// Columns that a text takes on a terminal: wide characters take two, combining ones none.
func displayWidth(_ text: String) -> Int {
  text.unicodeScalars.reduce(0) { $0 + displayWidth($1) }
}

private func displayWidth(_ scalar: Unicode.Scalar) -> Int {
  switch scalar.value {
  case 0..<0x20, 0x7F..<0xA0: return 0
  case 0x20..<0x300: return 1
  case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
    0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
    return 2
  default: break
  }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format: return 0
  default: return 1
  }
}

/// The text with control characters as symbols, so that a terminal doesn't obey them.
func shown(_ text: String) -> String {
  var result: String.UnicodeScalarView = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0..<0x20: result.append(Unicode.Scalar(0x2400 + scalar.value) ?? " ")
    case 0x7F: result.append("\u{2421}")
    case 0x80..<0xA0, 0x202A...0x202E, 0x2066...0x2069: result.append("\u{FFFD}")
    default: result.append(scalar)
    }
  }
  return String(result)
}

/// Cut to `width` columns, with an ellipsis where something is lost.
func clipped(_ text: String, to width: Int, unicode: Bool = true) -> String {
  if displayWidth(text) <= width { return text }
  let ellipsis: String = unicode ? "…" : "."
  var result: String = ""
  var used: Int = 0
  for character in text {
    let own: Int = displayWidth(String(character))
    if used + own > width - 1 { break }
    result.append(character)
    used += own
  }
  return width > 0 ? result + ellipsis : ""
}

/// Filled with blanks to `width` columns.
func padded(_ text: String, to width: Int, right: Bool = false) -> String {
  let blanks: String = String(repeating: " ", count: max(0, width - displayWidth(text)))
  return right ? blanks + text : text + blanks
}

func trimmedEnd(_ line: String) -> String {
  var end: String.Index = line.endIndex
  while end > line.startIndex, line[line.index(before: end)] == " " { end = line.index(before: end) }
  return String(line[..<end])
}
