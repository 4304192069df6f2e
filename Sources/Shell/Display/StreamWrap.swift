import Language

/// Breaks text that comes piece by piece between its words: a word that turns out too long for its line moves to the
/// next one.
package struct StreamWrap {
  /// Cells that the line holds.
  private var column = 0
  /// What stands at the line's end since the last place where it may break.
  private var word = ""

  package init() {}

  /// What to write for a piece; it moves the cursor where a word moves.
  ///
  /// - Parameter columns: of the terminal. The last is left empty: behind it the cursor isn't where it seems to be.
  package mutating func add(_ piece: String, columns: Int) -> String {
    let width: Int = max(2, columns - 1)
    var out = ""
    for character in piece {
      if character == "\n" {
        out += "\n"
        (column, word) = (0, "")
        continue
      }
      let shown: String = TextWidth.visible(String(character))
      let cells: Int = TextWidth.of(shown)
      if column + cells > width {
        let moved: Int = TextWidth.of(word)
        let moves: Bool = moved > 0 && moved < column && cells == 1 && shown != " "
        if moves { out += "\u{1b}[\(moved)D\u{1b}[K" }
        out += "\n"
        if moves { out += word } else { word = "" }
        column = moves ? moved : 0
        if shown == " " { continue }
      }
      out += shown
      column += cells
      // A wide character is a word of its own.
      word = shown == " " || cells > 1 ? "" : word + shown
    }
    return out
  }
}
