/// The page of a word, made from its declaration: what it does, how it is called, examples, the same in Python.
package enum WordPage {
  /// Lines a page has at most.
  package static let height = 24

  /// - Parameter whole: every parameter with its help, however long the page gets.
  package static func lines(_ forms: [Builtin], whole: Bool = false) -> [StyledText] {
    guard let first = forms.first else { return [] }
    var head = StyledText(first.name, .heading)
    head.append("  \(first.area.name)", .faint)
    var lines: [StyledText] = [head]
    for form in forms {
      lines += HelpText.wrapped(form.summary).map { StyledText($0) }
      lines += HelpText.wrapped(Signature.line(form), width: HelpText.width - 2, indent: first.name.count + 1)
        .map { StyledText("  " + $0, .accent) }
    }
    let ending = self.ending(forms, whole: whole)
    let details = forms.flatMap(\.details).flatMap { HelpText.wrapped($0) }.map { StyledText($0) }
    let room = whole ? Int.max : height - lines.count - ending.count
    var middle: [StyledText] = details.count <= room ? details : []
    middle += parameters(forms, room: room - middle.count, name: first.name)
    return lines + middle + ending
  }

  /// Parameters with a line of help, as many as there is room for.
  private static func parameters(_ forms: [Builtin], room: Int, name: String) -> [StyledText] {
    var seen: Set<String> = []
    let helped = forms.flatMap(\.parameters).filter { !$0.help.isEmpty && seen.insert($0.name).inserted }
    guard !helped.isEmpty, room > 0 else { return [] }
    let column = min(24, helped.map { TextWidth.of(Signature.parameter($0)) }.max() ?? 0)
    let isCut = helped.count > room
    let shown = isCut ? helped.prefix(max(0, room - 1)) : helped[...]
    var lines = shown.map { HelpText.row(Signature.parameter($0), $0.help, column: column) }
    if isCut { lines.append(StyledText("  … \(helped.count - shown.count) more: help \(name) all", .faint)) }
    return lines
  }

  private static func ending(_ forms: [Builtin], whole: Bool) -> [StyledText] {
    var lines: [StyledText] = []
    let examples = forms.flatMap(\.examples)
    for example in whole ? examples[...] : examples.prefix(2) {
      var line = StyledText("  " + example.code.split(separator: "\n").joined(separator: "; "), .accent)
      line.append("   \(result(of: example))", .faint)
      lines.append(line.cut(to: HelpText.width))
    }
    if !lines.isEmpty { lines.insert(StyledText("examples", .faint), at: 0) }
    if let python = forms.map(\.python).first(where: { !$0.isEmpty }) {
      lines.append((StyledText("in Python  ", .faint) + StyledText(python)).cut(to: HelpText.width))
    }
    var seen: Set<String> = []
    let related = forms.flatMap(\.seeAlso).filter { seen.insert($0).inserted }
    if !related.isEmpty {
      lines.append(
        (StyledText("see also   ", .faint) + StyledText(related.joined(separator: ", "))).cut(to: HelpText.width))
    }
    return lines
  }

  private static func result(of example: Example) -> String {
    if let shown = example.shown { return "→ " + (shown.split(separator: "\n").first.map(String.init) ?? "") }
    switch example.result {
    case .value(let value): return "→ " + value.inline(width: 40)
    case .shows(let text): return "→ " + (text.split(separator: "\n").first.map(String.init) ?? "")
    case .kind(let kind): return "→ \(kind.phrase)"
    case .fails(let message): return "fails: \(message)"
    }
  }
}
