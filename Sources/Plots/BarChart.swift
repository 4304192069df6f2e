/// Amounts by name, one bar each: probabilities, counts.
package struct BarChart: Chart, Equatable {
  package struct Bar: Sendable, Equatable {
    package var name: String
    package var value: Double
    /// The value as shown.
    package var label: String

    /// - Parameter label: the value as shown; nil for three decimals, or a count with commas.
    package init(_ name: String, _ value: Double, label: String? = nil) {
      self.name = shown(name)
      self.value = value
      self.label = label.map { shown($0) } ?? brief(value)
    }
  }

  package var title: String
  package var bars: [Bar]
  /// The value of a bar of full length; nil for the largest.
  package var full: Double?
  /// Cells of a bar of full length.
  package var barWidth: Int

  package init(title: String = "", bars: [Bar], full: Double? = nil, barWidth: Int = 31) {
    self.title = shown(title)
    self.bars = bars
    self.full = full
    self.barWidth = barWidth
  }

  private var scale: Double {
    let largest: Double = full ?? bars.map { $0.value.isFinite ? abs($0.value) : 0 }.max() ?? 1
    return largest > 0 ? largest : 1
  }

  package func text(_ style: TextStyle) -> [String] {
    guard !bars.isEmpty else { return title.isEmpty ? [] : [title] }
    let valueWidth: Int = bars.map { displayWidth($0.label) }.max() ?? 0
    let widestName: Int = bars.map { displayWidth($0.name) }.max() ?? 0
    let fullCells: Int = max(1, min(barWidth, style.width - valueWidth - 3))
    let nameWidth: Int = max(1, min(widestName, style.width - valueWidth - fullCells - 2))
    var lines: [String] = title.isEmpty ? [] : [title]
    let shownCount: Int = bars.count <= 20 ? bars.count : 19
    for bar in bars.prefix(shownCount) {
      let name: String = padded(clipped(bar.name, to: nameWidth, unicode: style.unicode), to: nameWidth)
      let share: Double = bar.value.isFinite ? min(1, abs(bar.value) / scale) : 0
      let cells: Int = Int((share * Double(fullCells)).rounded())
      let drawn: String = String(
        repeating: style.unicode ? (bar.value < 0 ? "▒" : "█") : (bar.value < 0 ? "-" : "#"), count: cells)
      let line: String = trimmedEnd("\(name) \(padded(bar.label, to: valueWidth, right: true)) \(drawn)")
      lines.append(clipped(line, to: style.width, unicode: style.unicode))
    }
    if bars.count > shownCount {
      lines.append("\(style.unicode ? "…" : "...") \(grouped(bars.count - shownCount)) more")
    }
    return lines
  }

  package func svg() -> String {
    let rowHeight: Double = 24
    let nameWidth: Double = Double(min(40, bars.map { displayWidth($0.name) }.max() ?? 0)) * 7 + 20
    var page = SVGPage(
      title: title, height: Double(bars.count) * rowHeight + (title.isEmpty ? 50 : 72), leftMargin: nameWidth,
      rightMargin: 80)
    for (index, bar) in bars.enumerated() {
      let y: Double = page.y(1) + Double(index) * rowHeight
      let share: Double = bar.value.isFinite ? min(1, abs(bar.value) / scale) : 0
      page.text(clipped(bar.name, to: 40), x: page.x(0) - 6, y: y + 15, anchor: "end")
      page.rectangle(
        page.x(0), y + 3, page.x(share) - page.x(0), rowHeight - 6, fill: bar.value < 0 ? "#d55e00" : "#0072b2")
      page.text(bar.label, x: page.x(share) + 6, y: y + 15)
    }
    return page.finished()
  }
}
