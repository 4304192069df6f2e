/// How often each class was taken for each: rows are true, columns predicted.
package struct ConfusionChart: Chart, Equatable {
  package var title: String
  package let names: [String]
  /// `[true][predicted]`.
  package let counts: [[Int]]

  /// - Parameter counts: as many rows, and columns in each, as names.
  package init(title: String = "", names: [String], counts: [[Int]]) {
    self.title = shown(title)
    self.names = names.map { shown($0) }
    self.counts = names.indices.map { row in
      names.indices.map { row < counts.count && $0 < counts[row].count ? counts[row][$0] : 0 }
    }
  }

  package func text(_ style: TextStyle) -> [String] {
    guard !names.isEmpty else { return title.isEmpty ? [] : [title] }
    let nameWidth: Int = max(4, min(16, names.map { displayWidth($0) }.max() ?? 0))
    let countWidth: Int = counts.flatMap { $0 }.map { grouped($0).count }.max() ?? 1
    let room: Int = style.width - nameWidth
    let cell: Int =
      max(countWidth, min(12, names.map { displayWidth($0) }.max() ?? 0, max(3, room / names.count - 2))) + 2
    let fitting: Int = max(1, min(names.count, min(room / cell, 17)))
    var lines: [String] = title.isEmpty ? [] : [title]
    lines.append(padded("true", to: nameWidth) + "  predicted")
    var head: String = String(repeating: " ", count: nameWidth)
    for name in names.prefix(fitting) {
      head += padded(clipped(name, to: cell - 2, unicode: style.unicode), to: cell, right: true)
    }
    lines.append(head)
    for row in 0..<fitting {
      var line: String = padded(clipped(names[row], to: nameWidth, unicode: style.unicode), to: nameWidth)
      for column in 0..<fitting { line += padded(grouped(counts[row][column]), to: cell, right: true) }
      lines.append(line)
    }
    if fitting < names.count {
      lines.append("\(style.unicode ? "…" : "...") \(names.count - fitting) more classes")
    }
    return lines
  }

  package func svg() -> String {
    let size: Double = max(28, min(64, 520 / Double(max(1, names.count))))
    let nameWidth: Double = Double(min(20, names.map { displayWidth($0) }.max() ?? 0)) * 7 + 30
    var page = SVGPage(
      title: title, width: max(260, nameWidth + size * Double(names.count) + 20),
      height: size * Double(names.count) + (title.isEmpty ? 76 : 98), leftMargin: nameWidth)
    let top: Double = page.y(1) + 34
    page.text("predicted", x: page.x(0), y: top - 22)
    for (row, line) in counts.enumerated() {
      let total: Int = line.reduce(0) { $0.addingReportingOverflow($1).partialValue }
      page.text(clipped(names[row], to: 20), x: page.x(0) - 6, y: top + (Double(row) + 0.5) * size + 4, anchor: "end")
      page.text(
        clipped(names[row], to: Int(size / 7)), x: page.x(0) + (Double(row) + 0.5) * size, y: top - 6, anchor: "middle")
      for (column, count) in line.enumerated() {
        let share: Double = total > 0 ? Double(count) / Double(total) : 0
        let x: Double = page.x(0) + Double(column) * size
        let y: Double = top + Double(row) * size
        page.rectangle(x, y, size - 1, size - 1, fill: HeatMap.colour(share))
        page.text(
          grouped(count), x: x + size / 2, y: y + size / 2 + 4, anchor: "middle",
          fill: share > 0.5 ? "white" : "#222222")
      }
    }
    return page.finished()
  }
}
