/// Lines of help pages.
package enum HelpText {
  package static let width = 77

  /// Text broken at spaces; every line after the first begins with `indent` spaces.
  package static func wrapped(_ text: String, width: Int = 77, indent: Int = 0) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      let room = width - TextWidth.of(line) - 1
      if !line.isEmpty, TextWidth.of(String(word)) > room {
        lines.append(line)
        line = String(repeating: " ", count: indent) + word
      } else {
        line += line.isEmpty ? String(word) : " " + word
      }
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }

  /// `left` in a column of its own, `right` behind it, cut to the page.
  static func row(_ left: String, _ right: String, column: Int, _ style: TextStyle = .name) -> StyledText {
    var line = StyledText("  ")
    line.append(TextWidth.padded(left, to: column), style)
    line.append("  " + right)
    return line.cut(to: width)
  }
}
