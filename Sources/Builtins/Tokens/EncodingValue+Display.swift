import Language

extension EncodingValue {
  /// One token's column: piece, id and offsets, as wide as the widest of them.
  private struct Column {
    let piece: StyledText
    let id: String
    let offsets: String
    let width: Int
  }

  /// Columns are at least this wide, so that short pieces stay apart, and never wider than the longest shown piece.
  private static let narrowest = 5
  private static let widest = 24
  private static let gap = 2

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    if size == .inline { return [StyledText("tokens", .heading) + StyledText(" [\(encoding.count)]")] }
    if size == .line {
      let shown = tokens.prefix(40).joined(separator: " ")
      return [(StyledText("\(encoding.count) tokens  ", .heading) + StyledText(shown)).cut(to: frame.width)]
    }
    return full(in: frame)
  }

  /// Blocks of three lines, a blank line between, with the count after the last.
  private func full(in frame: DisplayFrame) -> [StyledText] {
    var lines: [StyledText] = []
    var place = 0
    // the last line may be needed for the count
    let room = frame.height - 1
    while place < encoding.count {
      let isFirst = lines.isEmpty
      if lines.count + (isFirst ? 3 : 4) > room { break }
      var block: [Column] = []
      var width = 0
      while place < encoding.count {
        let column = column(place)
        let next = width + (block.isEmpty ? 0 : Self.gap) + column.width
        if next > frame.width && !block.isEmpty { break }
        block.append(column)
        width = next
        place += 1
      }
      if !isFirst { lines.append(StyledText()) }
      lines += rows(block)
    }
    let note = note(shown: place)
    if let last = lines.last, last.width + 5 + note.width <= frame.width, place == encoding.count {
      lines[lines.count - 1] = last + StyledText("     ") + note
    } else {
      lines.append(note.cut(to: frame.width))
    }
    return lines
  }

  private func column(_ place: Int) -> Column {
    let isSpecial = encoding.specialTokensMask[place]
    let piece = StyledText(tokens[place], isSpecial ? .faint : .string).cut(to: Self.widest)
    let id = String(encoding.ids[place])
    let offsets = "\(encoding.offsets[place].lowerBound):\(encoding.offsets[place].upperBound)"
    return Column(
      piece: piece, id: id, offsets: offsets,
      width: max(Self.narrowest, piece.width, id.utf8.count, offsets.utf8.count))
  }

  private func rows(_ block: [Column]) -> [StyledText] {
    var pieces = StyledText()
    var ids = StyledText()
    var offsets = StyledText()
    for (number, column) in block.enumerated() {
      let width = column.width + (number == 0 ? 0 : Self.gap)
      pieces += column.piece.padded(to: width, alignRight: true)
      ids += StyledText(column.id, .number).padded(to: width, alignRight: true)
      offsets += StyledText(column.offsets, .faint).padded(to: width, alignRight: true)
    }
    return [pieces, ids, offsets]
  }

  private func note(shown: Int) -> StyledText {
    let count = encoding.count
    var text = "\(Numbers.grouped(count)) token\(count == 1 ? "" : "s")"
    if shown < count { text = "… \(Numbers.grouped(count - shown)) more of \(text)" }
    if !encoding.overflowing.isEmpty {
      text += ", the first of \(encoding.overflowing.count + 1) windows"
    }
    return StyledText(text, .faint)
  }
}
