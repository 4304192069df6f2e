import Language

/// What Tab does with the things that could stand at the cursor.
package enum CompletionMenu {
  /// The part that all share is put in; where that adds nothing, they are shown: one a line with what is known about
  /// each while they are few, in columns where they are many.
  package static func answer(_ candidates: [Completion], typed: String, width: Int) -> CompletionAnswer {
    guard let first = candidates.first else { return CompletionAnswer() }
    let shared = candidates.dropFirst().reduce(first.text) { commonPrefix($0, $1.text) }
    let typedCount = typed.unicodeScalars.count
    if shared != typed, !shared.isEmpty, shared.hasPrefix(typed) {
      return CompletionAnswer(inserting: String(shared.unicodeScalars.dropFirst(typedCount)))
    }
    if candidates.count == 1, first.text != typed {
      return CompletionAnswer(deleting: typedCount, inserting: first.text)
    }
    return CompletionAnswer(showing: list(candidates, width: width))
  }

  private static func list(_ candidates: [Completion], width: Int) -> String {
    if candidates.count <= 16, candidates.contains(where: { !$0.detail.isEmpty }) {
      let widest = min(width / 2, candidates.map { TextWidth.of($0.text) }.max() ?? 0)
      return candidates.map { candidate in
        let line = TextWidth.padded(TextWidth.visible(candidate.text), to: widest) + "  " + TextWidth.visible(candidate.detail)
        return TextWidth.cut(line, to: width)
      }.joined(separator: "\n")
    }
    return Columns.lines(candidates.map(\.text), width: width).joined(separator: "\n")
  }

  private static func commonPrefix(_ a: String, _ b: String) -> String {
    var shared = String.UnicodeScalarView()
    for (x, y) in zip(a.unicodeScalars, b.unicodeScalars) {
      if x != y { break }
      shared.append(x)
    }
    return String(shared)
  }
}
