import Foundation

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
    let details = forms.flatMap(\.details).flatMap { HelpText.wrapped($0) }.map { StyledText($0) }
    var ending = self.ending(forms, examples: whole ? Int.max : 2)
    // What a word does goes before a second example.
    if !whole, details.count > height - lines.count - ending.count { ending = self.ending(forms, examples: 1) }
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

  private static func ending(_ forms: [Builtin], examples most: Int) -> [StyledText] {
    var lines: [StyledText] = []
    // What works before what fails.
    let all = forms.flatMap(\.examples)
    let examples = all.filter { !$0.isFailure } + all.filter(\.isFailure)
    for example in examples.prefix(most) {
      lines += rows(of: example)
    }
    if !lines.isEmpty { lines.insert(StyledText("examples", .faint), at: 0) }
    if let python = forms.map(\.python).first(where: { !$0.isEmpty }) {
      for (place, row) in HelpText.wrapped(python, width: HelpText.width - 11).enumerated() {
        let line = StyledText(place == 0 ? "in Python  " : "           ", .faint) + StyledText(row)
        lines.append(line.cut(to: HelpText.width))
      }
    }
    var seen: Set<String> = []
    let related = forms.flatMap(\.seeAlso).filter { seen.insert($0).inserted }
    if !related.isEmpty {
      lines.append(
        (StyledText("see also   ", .faint) + StyledText(related.joined(separator: ", "))).cut(to: HelpText.width))
    }
    return lines
  }

  /// An example with its result; code too long for a line is broken between statements, then at spaces.
  private static func rows(of example: Example) -> [StyledText] {
    let code = example.code.split(separator: "\n").joined(separator: "; ")
    let result = result(of: example)
    let room = HelpText.width - 2
    if TextWidth.of(code) + 3 + TextWidth.of(result) <= room {
      return [StyledText("  " + code, .accent) + StyledText("   " + result, .faint)]
    }
    var rows: [String] = []
    for statement in code.components(separatedBy: "; ") {
      let isLast = rows.last.map { TextWidth.of($0) + 2 + TextWidth.of(statement) <= room } ?? false
      if isLast, let row = rows.popLast() {
        rows.append(row + "; " + statement)
      } else {
        rows += HelpText.wrapped(statement, width: room, indent: 4)
      }
    }
    var lines = rows.map { StyledText("  " + $0, .accent).cut(to: HelpText.width) }
    if let last = lines.last, last.width + 3 + TextWidth.of(result) <= HelpText.width {
      lines[lines.count - 1] = last + StyledText("   " + result, .faint)
    } else {
      lines.append(StyledText("      " + result, .faint).cut(to: HelpText.width))
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
    case .lesson(let name): return "→ see the lesson \(name)"
    }
  }
}
