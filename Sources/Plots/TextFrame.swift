/// Axes around a drawing: numbers at the left, a line below with numbers, labels at the right.
struct TextFrame {
  let style: TextStyle
  let xScale: AxisScale
  let yScale: AxisScale
  /// Columns taken by labels at the right, blank included.
  let rightWidth: Int
  let canvasColumns: Int
  private let gutter: Int

  init(style: TextStyle, xScale: AxisScale, yScale: AxisScale, rightLabels: [String]) {
    self.style = style
    self.xScale = xScale
    self.yScale = yScale
    let widest: Int = rightLabels.map { displayWidth($0) }.max() ?? 0
    rightWidth = widest == 0 ? 0 : min(widest, style.width / 4) + 1
    gutter = yScale.ticks.map { displayWidth(yScale.label($0)) }.max() ?? 0
    canvasColumns = max(8, min(72, style.width - gutter - 2 - rightWidth))
  }

  var canvas: DotCanvas { DotCanvas(columns: canvasColumns, rows: style.height, unicode: style.unicode) }

  /// The drawing with its axes; `right` gives the labels by row.
  func lines(_ canvas: DotCanvas, right: [Int: String] = [:]) -> [String] {
    var tickRows: [Int: String] = [:]
    for tick in yScale.ticks where tick >= yScale.lower && tick <= yScale.upper {
      tickRows[canvas.textRow(canvas.dot(0, yScale.share(tick)).y)] = yScale.label(tick)
    }
    let bar: String = style.unicode ? "│" : "|"
    let tickBar: String = style.unicode ? "┤" : "+"
    var lines: [String] = []
    for row in 0..<canvas.rows {
      let label: String = tickRows[row] ?? ""
      var line: String =
        padded(label, to: gutter, right: true) + " " + (label.isEmpty ? bar : tickBar) + canvas.line(row)
      if let text = right[row] { line += " " + clipped(text, to: rightWidth - 1, unicode: style.unicode) }
      lines.append(trimmedEnd(line))
    }
    return lines + axis(canvas)
  }

  private func axis(_ canvas: DotCanvas) -> [String] {
    var rule: [Character] = Array(repeating: style.unicode ? "─" : "-", count: canvasColumns)
    var labels: [Character] = Array(repeating: " ", count: gutter + 2 + canvasColumns)
    var lastEnd: Int = -2
    for tick in xScale.ticks where tick >= xScale.lower && tick <= xScale.upper {
      let dot: Int = canvas.dot(xScale.share(tick), 0).x
      let column: Int = style.unicode ? dot / 2 : dot
      let text: [Character] = Array(xScale.label(tick))
      let start: Int = min(labels.count - text.count, max(0, gutter + 2 + column - text.count / 2))
      guard start > lastEnd + 1, start >= 0 else { continue }
      rule[column] = style.unicode ? "┬" : "+"
      for (place, character) in text.enumerated() { labels[start + place] = character }
      lastEnd = start + text.count
    }
    let corner: String = style.unicode ? "└" : "+"
    return [
      String(repeating: " ", count: gutter + 1) + corner + String(rule), trimmedEnd(String(labels)),
    ]
  }
}
