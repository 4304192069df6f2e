/// A matrix of numbers as shades: attention, similarities, drift.
package struct HeatMap: Chart, Equatable {
  package var title: String
  /// `[rows][columns]`.
  package let values: [[Double]]
  package let rowNames: [String]
  package let columnNames: [String]

  /// - Parameters:
  ///   - values: rows of one length; shorter ones are filled with NaN.
  ///   - rowNames, columnNames: empty for numbers.
  package init(title: String = "", values: [[Double]], rowNames: [String] = [], columnNames: [String] = []) {
    self.title = shown(title)
    let columns: Int = values.map(\.count).max() ?? 0
    self.values = values.map { $0 + Array(repeating: Double.nan, count: columns - $0.count) }
    self.rowNames = values.indices.map { $0 < rowNames.count ? shown(rowNames[$0]) : "\($0)" }
    self.columnNames = (0..<columns).map { $0 < columnNames.count ? shown(columnNames[$0]) : "\($0)" }
  }

  private var range: (low: Double, high: Double) {
    let finite: [Double] = values.flatMap { $0 }.filter { $0.isFinite }
    return (finite.min() ?? 0, finite.max() ?? 0)
  }

  package func text(_ style: TextStyle) -> [String] {
    guard !values.isEmpty, !columnNames.isEmpty else { return title.isEmpty ? [] : [title] }
    let shades: [Character] =
      style.unicode ? [" ", "░", "▒", "▓", "█"] : [" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"]
    let (low, high) = range
    let nameWidth: Int = min(16, rowNames.map { displayWidth($0) }.max() ?? 0)
    let room: Int = style.width - nameWidth - 1
    let rowStep: Int = (values.count + style.height - 1) / style.height
    let cell: Int = max(1, min(6, room / columnNames.count))
    let columnStep: Int = (columnNames.count * cell + room - 1) / room
    var lines: [String] = title.isEmpty ? [] : [title]
    if cell >= 2 { lines += header(nameWidth, cell, style) }
    for row in stride(from: 0, to: values.count, by: rowStep) {
      var line: String = padded(clipped(rowNames[row], to: nameWidth, unicode: style.unicode), to: nameWidth) + " "
      for column in stride(from: 0, to: columnNames.count, by: columnStep) {
        let mean: Double = mean(
          rows: row..<min(row + rowStep, values.count), columns: column..<min(column + columnStep, columnNames.count))
        let share: Double = Plots.share(of: mean, from: low, to: high)
        let shade: Character = mean.isFinite ? shades[Int((share * Double(shades.count - 1)).rounded())] : "?"
        line += String(repeating: shade, count: cell)
      }
      lines.append(trimmedEnd(line))
    }
    var key: String = "\(brief(low)) \(String(shades)) \(brief(high))"
    if rowStep > 1 || columnStep > 1 {
      key += "   each cell the mean of \(rowStep) × \(columnStep) of \(values.count) × \(columnNames.count)"
    }
    lines.append(style.unicode ? key : key.replacing("×", with: "x"))
    return lines
  }

  private func header(_ nameWidth: Int, _ cell: Int, _ style: TextStyle) -> [String] {
    var line: String = String(repeating: " ", count: nameWidth + 1)
    for name in columnNames { line += padded(clipped(name, to: cell - 1, unicode: style.unicode), to: cell) }
    return [trimmedEnd(line)]
  }

  private func mean(rows: Range<Int>, columns: Range<Int>) -> Double {
    var sum: Double = 0
    for row in rows { for column in columns { sum += values[row][column] } }
    return sum / Double(rows.count * columns.count)
  }

  package func svg() -> String {
    let columns: Int = max(1, columnNames.count)
    let size: Double = max(4, min(36, 560 / Double(max(columns, values.count))))
    let nameWidth: Double = Double(min(24, rowNames.map { displayWidth($0) }.max() ?? 0)) * 7 + 20
    let width: Double = max(240, nameWidth + Double(columns) * size + 20)
    var page = SVGPage(
      title: title, width: width, height: Double(values.count) * size + (title.isEmpty ? 50 : 72) + 30,
      leftMargin: nameWidth)
    let (low, high) = range
    let top: Double = page.y(1) + 20
    for (row, line) in values.enumerated() {
      for (column, value) in line.enumerated() {
        let share: Double = value.isFinite ? Plots.share(of: value, from: low, to: high) : 0
        let x: Double = page.x(0) + Double(column) * size
        page.rectangle(x, top + Double(row) * size, size - 0.5, size - 0.5, fill: HeatMap.colour(share))
      }
      if size >= 10 {
        page.text(
          clipped(rowNames[row], to: 24), x: page.x(0) - 6, y: top + (Double(row) + 0.5) * size + 4, anchor: "end")
      }
    }
    if size >= 20 {
      for (column, name) in columnNames.enumerated() {
        page.text(
          clipped(name, to: Int(size / 6)), x: page.x(0) + (Double(column) + 0.5) * size, y: top - 6, anchor: "middle")
      }
    }
    page.text(
      "white \(brief(low)), dark \(brief(high))", x: page.x(0), y: top + Double(values.count) * size + 18)
    return page.finished()
  }

  /// From white to dark blue; lightness falls evenly, so it reads in grey too.
  static func colour(_ share: Double) -> String {
    let s: Double = min(1, max(0, share.isFinite ? share : 0))
    let red: Int = Int(255 - s * 247)
    let green: Int = Int(255 - s * 207)
    let blue: Int = Int(255 - s * 148)
    return "rgb(\(red),\(green),\(blue))"
  }
}
