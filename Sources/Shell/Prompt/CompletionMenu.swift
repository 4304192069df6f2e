import Language

/// What Tab does with the things that could stand at the cursor.
package enum CompletionMenu {
  /// The part that all share is put in; where that adds nothing, they are shown below the signature of the call: one a
  /// line with what is known about each while they are few, in columns where they are many.
  package static func answer(_ list: CompletionList, width: Int, render: (StyledText) -> String = \.plain)
    -> CompletionAnswer
  {
    let typed = list.prefix
    let shared = list.commonPrefix
    let typedCount = typed.unicodeScalars.count
    let isCasedAlike = shared.utf8.starts(with: typed.utf8)
    if shared.utf8.count > typed.utf8.count, isCasedAlike {
      return CompletionAnswer(inserting: String(shared.unicodeScalars.dropFirst(typedCount)))
    }
    if list.items.count == 1, let only = list.items.first, !isCasedAlike {
      return CompletionAnswer(deleting: typedCount, inserting: only.text)
    }
    return CompletionAnswer(showing: lines(list, width: width).map(render).joined(separator: "\n"))
  }

  private static func lines(_ list: CompletionList, width: Int) -> [StyledText] {
    var lines: [StyledText] = []
    if let heading = list.heading { lines += wrapped(heading, width: width) }
    let titled = list.groups.filter { !$0.title.isEmpty }.count
    if titled > 3 {
      for group in list.groups { lines += row(group, width: width) }
      return lines
    }
    for group in list.groups {
      if !group.title.isEmpty, titled > 1 { lines.append(StyledText(group.title, .faint)) }
      lines += items(group.items, width: width)
    }
    return lines
  }

  /// A title and its words behind one another, wrapped.
  private static func row(_ group: CompletionList.Group, width: Int) -> [StyledText] {
    let indent = 22
    var lines = [StyledText(TextWidth.padded(TextWidth.cut(group.title, to: indent - 2), to: indent), .faint)]
    for item in group.items {
      let text = TextWidth.visible(item.text)
      if lines[lines.count - 1].width + TextWidth.of(text) > width, lines[lines.count - 1].width > indent {
        lines.append(StyledText(String(repeating: " ", count: indent)))
      }
      lines[lines.count - 1].append(TextWidth.cut(text, to: width - indent) + " ")
    }
    return lines
  }

  private static func items(_ items: [Completion], width: Int) -> [StyledText] {
    guard items.count <= 16, items.contains(where: { !$0.detail.isEmpty }) else {
      return Columns.lines(items.map(\.text), width: width).map { StyledText($0) }
    }
    let widest = min(width / 2, items.map { TextWidth.of($0.text) }.max() ?? 0)
    return items.map { item in
      var line = StyledText("  " + TextWidth.padded(TextWidth.visible(item.text), to: widest), .name)
      line.append("  " + TextWidth.visible(item.detail), .faint)
      return line.cut(to: width)
    }
  }

  /// A long signature goes on in further lines.
  private static func wrapped(_ text: StyledText, width: Int) -> [StyledText] {
    guard text.width > width else { return [text] }
    var lines = [StyledText()]
    for span in text.spans {
      var word = ""
      func flush() {
        if lines[lines.count - 1].width + TextWidth.of(word) > width { lines.append(StyledText("    ")) }
        lines[lines.count - 1].append(word, span.style)
        word = ""
      }
      for character in span.text {
        word.append(character)
        if character == " " { flush() }
      }
      flush()
    }
    return lines
  }
}
