/// Source text with the styles of its words: for pages, lessons and the history.
package enum SourceHighlight {
  /// The lines of `text`, styled. Text that can't be scanned stays plain.
  package static func lines(_ text: String) -> [StyledText] {
    let source = SourceText(text)
    let (tokens, comments) = Scanner.scan(source)
    var marks: [(range: SourceRange, style: TextStyle)] = comments.map { ($0.range, .faint) }
    for (place, token) in tokens.enumerated() {
      let next: Token.Kind? = place + 1 < tokens.count ? tokens[place + 1].kind : nil
      if let style = style(of: token, before: next) { marks.append((token.range, style)) }
    }
    marks.sort { $0.range.start < $1.range.start }
    var lines: [StyledText] = [StyledText()]
    var place = 0
    func add(_ range: Range<Int>, _ style: TextStyle) {
      let parts = source.bytes[range].split(separator: 0x0A, omittingEmptySubsequences: false)
      for (index, part) in parts.enumerated() {
        if index > 0 { lines.append(StyledText()) }
        lines[lines.count - 1].append(String(decoding: part, as: UTF8.self), style)
      }
    }
    for mark in marks where mark.range.start >= place && mark.range.end <= source.bytes.count {
      add(place..<mark.range.start, .plain)
      add(mark.range.start..<mark.range.end, mark.style)
      place = mark.range.end
    }
    add(place..<source.bytes.count, .plain)
    return lines
  }

  private static func style(of token: Token, before next: Token.Kind?) -> TextStyle? {
    switch token.kind {
    case .keyword: .keyword
    case .string: .string
    case .int, .float: .number
    case .name: next == .sign(.openParen) ? .name : nil
    default: nil
    }
  }
}
