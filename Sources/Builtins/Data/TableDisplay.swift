import Files
import Language
import Tables

/// Tables as text: aligned columns, long cells cut, what is left out said.
struct TableDisplay {
  private let table: Table
  private let frame: DisplayFrame
  private let shownRows: Int

  init(_ table: Table, frame: DisplayFrame) {
    self.table = table
    self.frame = frame
    let room: Int = max(frame.height - 1, 1)
    shownRows = table.rowCount <= room ? table.rowCount : room - 1
  }

  // MARK: One line

  /// `280 rows  text label   negative 140  positive 140`.
  static func line(_ table: Table) -> StyledText {
    var line: StyledText = StyledText(rows(table.rowCount))
    line.append("  ")
    line.append(table.names.joined(separator: " "), .name)
    let counts: [(label: String, count: Int)] = labelCounts(table)
    if !counts.isEmpty { line.append("   ") }
    for (index, entry) in counts.enumerated() {
      if index > 0 { line.append("  ") }
      line.append(entry.label + " ")
      line.append(Numbers.grouped(entry.count), .number)
    }
    return line
  }

  private static func rows(_ count: Int) -> String { count == 1 ? "1 row" : Numbers.grouped(count) + " rows" }

  /// How often each label occurs, in the order of labels; none where there is no column `label` or too many of them.
  static func labelCounts(_ table: Table) -> [(label: String, count: Int)] {
    guard let column = table["label"], table.rowCount > 0 else { return [] }
    if case .reals = column { return [] }
    guard let groups = try? table.groups(by: "label"), groups.count <= 12 else { return [] }
    return groups.map { (TextWidth.cut(Column.string($0.value), to: 16), $0.rows.count) }
  }

  /// The parts of a split, a line each, numbers under numbers; columns are named where they differ from the part above.
  static func parts(_ all: [(name: String, table: Table)], in frame: DisplayFrame) -> [StyledText] {
    let left: Int = all.count <= frame.height ? 0 : all.count - frame.height + 1
    let parts: [(name: String, table: Table)] = Array(all.dropLast(left))
    let nameWidth: Int = parts.map { TextWidth.of($0.name) }.max() ?? 0
    let counts: [String] = parts.map { Numbers.grouped($0.table.rowCount) }
    let countWidth: Int = counts.map(\.count).max() ?? 0
    let columns: [String] = parts.map { $0.table.names.joined(separator: " ") }
    let columnsWidth: Int = columns.map { TextWidth.of($0) }.max() ?? 0
    let labels: [[(label: String, count: Int)]] = parts.map { labelCounts($0.table) }
    var labelNames: [String] = labels.map { $0.map(\.label) }.max { $0.count < $1.count } ?? []
    for (name, _) in labels.joined() where !labelNames.contains(name) { labelNames.append(name) }
    let labelWidth: Int = labels.joined().map { Numbers.grouped($0.count).count }.max() ?? 0
    var lines: [StyledText] = parts.indices.map { index in
      var line: StyledText = StyledText(TextWidth.padded(parts[index].name, to: nameWidth), .name)
      line.append("  ")
      line.append(padded(counts[index], countWidth), .number)
      line.append(parts[index].table.rowCount == 1 ? " row " : " rows")
      let isSame: Bool = index > 0 && columns[index] == columns[index - 1]
      if !isSame || !labels[index].isEmpty {
        line.append("  ")
        line.append(TextWidth.padded(isSame ? "" : columns[index], to: columnsWidth), .name)
      }
      for (place, name) in labelNames.enumerated() where !labels[index].isEmpty {
        let count: Int = labels[index].first { $0.label == name }?.count ?? 0
        line.append((place == 0 ? "   " : "  ") + name + " ")
        line.append(padded(Numbers.grouped(count), labelWidth), .number)
      }
      return line.cut(to: frame.width)
    }
    if left > 0 { lines.append(StyledText("… \(Numbers.grouped(left)) more", .faint)) }
    return lines
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  // MARK: Full

  private struct ShownColumn {
    var name: String
    var cells: [String]
    var alignsRight: Bool
    var width: Int
    var natural: Int
  }

  func lines() -> [StyledText] {
    if table.names.isEmpty { return [StyledText("no columns", .faint)] }
    let indexWidth: Int = String(max(shownRows - 1, 0)).count
    var columns: [ShownColumn] = []
    for (name, column) in zip(table.names, table.columns) { columns.append(shown(name, column)) }
    let hidden: [String] = fit(&columns, into: frame.width - indexWidth)
    var header: StyledText = StyledText(String(repeating: " ", count: indexWidth))
    for column in columns {
      header.append("  ")
      let name: StyledText = StyledText(TextWidth.cut(column.name, to: column.width), .heading)
      header += name.padded(to: column.width, alignRight: column.alignsRight)
    }
    var lines: [StyledText] = [trimmed(header)]
    for row in 0..<shownRows {
      var line: StyledText = StyledText(String(row), .faint).padded(to: indexWidth, alignRight: true)
      for column in columns {
        line.append("  ")
        let cell: StyledText = StyledText(TextWidth.cut(column.cells[row], to: column.width))
        line += cell.padded(to: column.width, alignRight: column.alignsRight)
      }
      lines.append(trimmed(line))
    }
    if let rest = rest(hidden) { lines.append(StyledText(rest, .faint).cut(to: frame.width)) }
    return lines
  }

  private func rest(_ hidden: [String]) -> String? {
    var parts: [String] = []
    let left: Int = table.rowCount - shownRows
    if left > 0 { parts.append("\(Numbers.grouped(left)) more \(left == 1 ? "row" : "rows")") }
    if !hidden.isEmpty {
      parts.append("\(hidden.count) more \(hidden.count == 1 ? "column" : "columns"): \(hidden.joined(separator: " "))")
    }
    if table.rowCount == 0 { parts.append("no rows") }
    if parts.isEmpty { return nil }
    return (table.rowCount == 0 && hidden.isEmpty ? "" : "… ") + parts.joined(separator: ", ")
  }

  private func shown(_ name: String, _ column: Column) -> ShownColumn {
    var cells: [String] = []
    var alignsRight: Bool = true
    switch column {
    case .integers(let values): cells = values.prefix(shownRows).map { String($0) }
    case .reals(let values): cells = Reals.texts(Array(values.prefix(shownRows)))
    case .bools(let values):
      cells = values.prefix(shownRows).map { $0 ? "true" : "false" }
      alignsRight = false
    default:
      alignsRight = false
      for row in 0..<shownRows { cells.append(cell(column, row)) }
      if case .any = column { alignsRight = column.numbers != nil }
    }
    let natural: Int = max(TextWidth.of(TextWidth.visible(name)), cells.map { TextWidth.of($0) }.max() ?? 0, 1)
    return ShownColumn(
      name: TextWidth.visible(name), cells: cells, alignsRight: alignsRight, width: natural, natural: natural)
  }

  /// No more of a cell than a line can hold is looked at.
  private func cell(_ column: Column, _ row: Int) -> String {
    let text: String
    switch column {
    case .strings(let values): text = values[row]
    case .lists(let values):
      // Where an element holds a blank, one doesn't tell two elements apart.
      let elements = values[row].prefix(frame.width)
      text = elements.joined(separator: elements.contains { $0.contains(" ") } ? ", " : " ")
    default:
      if case .real(let number) = column[row] { return Reals.texts([number])[0] }
      if case .string(let string) = column[row] {
        text = string
      } else {
        return column[row].isNull ? "none" : column.value(row).inline(width: frame.width)
      }
    }
    return TextWidth.visible(String(String.UnicodeScalarView(text.unicodeScalars.prefix(2 * frame.width))))
  }

  /// Narrows the widest columns until all fit; where even narrow ones don't, the last are left out and named.
  private func fit(_ columns: inout [ShownColumn], into width: Int) -> [String] {
    var hidden: [String] = []
    while columns.count > 1, columns.reduce(0, { $0 + 2 + min($1.natural, 8) }) > width {
      if let last = columns.popLast() { hidden.insert(last.name, at: 0) }
    }
    var excess: Int = columns.reduce(0) { $0 + 2 + $1.natural } - width
    while excess > 0 {
      guard let widest = columns.indices.max(by: { columns[$0].width < columns[$1].width }), columns[widest].width > 4
      else { break }
      let next: Int = columns.indices.filter { $0 != widest }.map { columns[$0].width }.max() ?? 4
      let cut: Int = min(excess, max(1, columns[widest].width - max(next, 8)))
      columns[widest].width -= cut
      excess -= cut
    }
    return hidden
  }

  private func trimmed(_ line: StyledText) -> StyledText {
    let plain: String = line.plain
    let kept: Int = TextWidth.of(String(plain.reversed().drop { $0 == " " }.reversed()))
    if kept == TextWidth.of(plain) { return line }
    var result: StyledText = StyledText()
    var room: Int = kept
    for span in line.spans where room > 0 {
      let part: String = TextWidth.prefix(span.text, width: room)
      result.append(part, span.style)
      room -= TextWidth.of(part)
    }
    return result
  }
}

/// Floats of one column as text, all with as many decimals.
enum Reals {
  static func texts(_ values: [Double]) -> [String] {
    let finite: [Double] = values.filter(\.isFinite)
    let greatest: Double = finite.map { abs($0) }.max() ?? 0
    let least: Double = finite.filter { $0 != 0 }.map { abs($0) }.min() ?? 1
    if greatest >= 1e9 || (greatest > 0 && greatest < 1e-3) || least < 1e-6 {
      return values.map { $0.isFinite ? scientific($0) : plain($0) }
    }
    var decimals: Int = 1
    while decimals < 3,
      finite.contains(where: { Numbers.fixed($0, decimals) != Numbers.fixed($0, 9).trimmedZeros(to: decimals) })
    {
      decimals += 1
    }
    if decimals == 3, greatest < 0.1 { decimals = 5 }
    return values.map { $0.isFinite ? Numbers.fixed($0, decimals) : plain($0) }
  }

  private static func plain(_ value: Double) -> String { value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }

  private static func scientific(_ value: Double) -> String {
    if value == 0 { return "0" }
    var exponent: Int = 0
    var mantissa: Double = abs(value)
    while mantissa >= 10 {
      mantissa /= 10
      exponent += 1
    }
    while mantissa < 1 {
      mantissa *= 10
      exponent -= 1
    }
    return (value < 0 ? "-" : "") + Numbers.fixed(mantissa, 2) + "e\(exponent)"
  }
}

extension String {
  /// Without zeros at the end beyond so many decimals.
  fileprivate func trimmedZeros(to decimals: Int) -> String {
    guard let point = firstIndex(of: ".") else { return self }
    var digits: Substring = self[index(after: point)...]
    while digits.count > decimals, digits.last == "0" { digits.removeLast() }
    return self[...point] + String(digits)
  }
}
