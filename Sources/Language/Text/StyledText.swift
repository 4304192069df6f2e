/// What a piece of shown text means; the shell chooses colours, plain output ignores it.
package enum TextStyle: String, Sendable, Hashable, CaseIterable {
  case plain, heading, name, number, string, keyword, faint, accent, good, warning, error
}

/// One line of text in pieces, each with its meaning. Never holds a line break or a control character.
package struct StyledText: Sendable, Equatable, ExpressibleByStringInterpolation {
  package struct Span: Sendable, Equatable {
    package var text: String
    package var style: TextStyle
  }

  package private(set) var spans: [Span] = []
  /// Whether it differs from run to run (times, rates, memory, curves, sampled text): a saved script keeps such a line
  /// as `#~`, which `luthier check` doesn't compare.
  package var varies = false

  package init() {}

  /// The same line, marked as one that differs from run to run.
  package func varying() -> StyledText {
    var result: StyledText = self
    result.varies = true
    return result
  }

  /// Text in one style; control characters become symbols.
  package init(_ text: String, _ style: TextStyle = .plain) {
    if !text.isEmpty { spans = [Span(text: TextWidth.visible(text), style: style)] }
  }

  package init(stringLiteral value: String) { self.init(value) }

  /// The characters alone.
  package var plain: String { spans.reduce(into: "") { $0 += $1.text } }

  /// Columns on a terminal.
  package var width: Int { spans.reduce(0) { $0 + TextWidth.of($1.text) } }

  package var isEmpty: Bool { spans.isEmpty }

  package mutating func append(_ other: StyledText) {
    for span in other.spans { append(span) }
    varies = varies || other.varies
  }

  package mutating func append(_ text: String, _ style: TextStyle = .plain) {
    if !text.isEmpty { append(Span(text: TextWidth.visible(text), style: style)) }
  }

  private mutating func append(_ span: Span) {
    if let last = spans.last, last.style == span.style {
      spans[spans.count - 1].text += span.text
    } else {
      spans.append(span)
    }
  }

  package static func + (left: StyledText, right: StyledText) -> StyledText {
    var result: StyledText = left
    result.append(right)
    return result
  }

  package static func += (left: inout StyledText, right: StyledText) { left.append(right) }

  /// At most `width` columns; what is cut ends in `…`.
  package func cut(to width: Int) -> StyledText {
    guard self.width > width else { return self }
    var result = StyledText()
    result.varies = varies
    var room: Int = max(0, width - 1)
    for span in spans {
      let part: String = TextWidth.prefix(span.text, width: room)
      result.append(part, span.style)
      room -= TextWidth.of(part)
      if part.utf8.count < span.text.utf8.count { break }
    }
    if width > 0 { result.append("…", .faint) }
    return result
  }

  /// Filled with spaces to `width` columns, on the right or (for numbers) on the left.
  package func padded(to width: Int, alignRight: Bool = false) -> StyledText {
    let missing: Int = width - self.width
    guard missing > 0 else { return self }
    let spaces = StyledText(String(repeating: " ", count: missing))
    return alignRight ? spaces + self : self + spaces
  }
}
