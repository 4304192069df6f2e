extension Diagnostic {
  /// Makes the corrected line from a replacement in the source.
  mutating func correctLine() {
    guard corrected == nil, let source else { return }
    if rewritesHabits, let range {
      corrected = Habits.rewrite(source.text(source.lineRange(source.line(at: range.start))))
      return
    }
    guard let replacement else { return }
    let line: SourceRange = source.lineRange(source.line(at: replacement.range.start))
    let text: String =
      source.text(SourceRange(line.start, replacement.range.start)) + replacement.text
      + source.text(SourceRange(min(replacement.range.end, line.end), line.end))
    corrected = Habits.rewrite(text) ?? text
  }

  /// The message as the user sees it:
  ///
  ///     error: matmul: shapes [8, 384] and [768, 2] do not match
  ///       3 | logits = features @ head.weight
  ///         |          ^^^^^^^^^^^^^^^^^^^^^^ what stands there
  ///       help: what to do
  ///
  /// - Parameter width: columns; long source lines are cut around the carets.
  package func lines(width: Int = 77, title: String = "error") -> [StyledText] {
    var result: [StyledText] = Self.wrap(message, first: "\(title): ", width: width).enumerated().map { place, line in
      guard place == 0, line.hasPrefix("\(title): ") else { return StyledText(line) }
      return StyledText("\(title): ", .error) + StyledText(String(line.dropFirst(title.count + 2)))
    }
    if let source, let range { result += Self.excerpt(source, range, label: label, width: width) }
    for call in calls.prefix(3) where call.function != "->" {
      result.append(StyledText("  in \(call.function)", .faint))
    }
    if calls.count > 3 { result.append(StyledText("  and \(calls.count - 3) calls further out", .faint)) }
    if let help {
      for line in Self.wrap(help, first: "  help: ", width: width) { result.append(StyledText(line, .accent)) }
    }
    if let corrected { result.append(StyledText("  try:  ", .accent) + StyledText(corrected.trimmed)) }
    return result
  }

  /// Lines of at most `width` columns; those after the first are indented like the first's text.
  static func wrap(_ text: String, first: String, width: Int) -> [String] {
    let indent = String(repeating: " ", count: min(TextWidth.of(first), 8))
    var lines: [String] = []
    for (place, paragraph) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      var line: String = place == 0 ? first : indent
      var isEmpty = true
      for word in paragraph.split(separator: " ", omittingEmptySubsequences: false) {
        if !isEmpty, TextWidth.of(line) + 1 + TextWidth.of(String(word)) > width {
          lines.append(line)
          line = indent + word
        } else {
          line += (isEmpty ? "" : " ") + word
        }
        isEmpty = false
      }
      lines.append(line)
    }
    return lines
  }

  private static func excerpt(
    _ source: SourceText, _ range: SourceRange, label: String?, width: Int
  ) -> [StyledText] {
    let line: Int = source.line(at: min(range.start, max(0, source.bytes.count)))
    let lineRange: SourceRange = source.lineRange(line)
    let start: Int = min(max(range.start, lineRange.start), lineRange.end)
    let end: Int = min(max(range.end, start), lineRange.end)
    func shown(_ low: Int, _ high: Int) -> String {
      TextWidth.visible(source.text(SourceRange(low, high)).replacing("\t", with: " "))
    }
    var before: String = shown(lineRange.start, start)
    let marked: String = shown(start, end)
    let after: String = shown(end, lineRange.end)
    let number = String(line + source.firstLine)
    let gutter = String(repeating: " ", count: number.count)
    let room: Int = max(20, width - number.count - 5)
    // What stands before the carets is cut on the left where it would push them out of sight.
    let most: Int = max(room / 2, room - TextWidth.of(marked) - 10)
    if TextWidth.of(before) > most {
      var cut: String = before
      while TextWidth.of(cut) > most - 1, !cut.isEmpty { cut.removeFirst() }
      before = "…" + cut
    }
    let column: Int = TextWidth.of(before)
    let carets: Int = max(1, min(TextWidth.of(marked), room - column))
    var text = StyledText("  \(number) | ", .faint)
    text += StyledText(TextWidth.cut(before + marked + after, to: room))
    var pointer = StyledText("  \(gutter) | ", .faint)
    pointer += StyledText(String(repeating: " ", count: column))
    pointer += StyledText(String(repeating: "^", count: carets), .error)
    guard let label, !label.isEmpty else { return [text, pointer] }
    if column + carets + 1 + TextWidth.of(label) <= room {
      return [text, pointer + StyledText(" \(label)", .error)]
    }
    let indent: Int = max(0, min(column, room - TextWidth.of(label)))
    let below = StyledText("  \(gutter) | ", .faint) + StyledText(String(repeating: " ", count: indent))
    return [text, pointer, below + StyledText(label, .error)]
  }
}
