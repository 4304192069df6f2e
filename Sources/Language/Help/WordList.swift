/// All words by area: `help words`.
package enum WordList {
  package static func lines(_ builtins: BuiltinTable) -> [StyledText] {
    var lines: [StyledText] = [StyledText("The words, by what they are for", .heading)]
    let column = Area.all.map(\.name.count).max() ?? 0
    for area in Area.all {
      let words = builtins.names.filter { builtins[$0].first?.area == area }
      guard !words.isEmpty else { continue }
      let rows = HelpText.wrapped(words.joined(separator: " "), width: HelpText.width - column - 4)
      for (place, row) in rows.enumerated() {
        lines.append(HelpText.row(place == 0 ? area.name : "", row, column: column, .faint))
      }
    }
    lines.append(StyledText("?word explains one, help \"some text\" searches", .faint))
    return lines
  }
}
