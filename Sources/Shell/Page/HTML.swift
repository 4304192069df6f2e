import Language

/// Text on its way into a page.
enum HTML {
  /// The text with the characters that mean something in HTML written as entities.
  static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Shown lines, each span with the class of its style.
  static func output(_ lines: [StyledText]) -> String {
    lines.map { line in
      line.spans.map { span in
        let text = escaped(span.text)
        return span.style == .plain ? text : "<span class=\"\(span.style.rawValue)\">\(text)</span>"
      }.joined()
    }.joined(separator: "\n")
  }

  /// A name for a heading to link to: letters and digits, joined by hyphens.
  static func anchor(_ title: String) -> String {
    let words = title.lowercased().split { !($0.isLetter || $0.isNumber) }
    return words.isEmpty ? "section" : words.joined(separator: "-")
  }
}
