/// Points in a plane, in groups that differ by mark.
package struct ScatterChart: Chart, Equatable {
  package var title: String
  package var xLabel: String
  package var yLabel: String
  package var groups: [Series]

  package init(title: String = "", xLabel: String = "", yLabel: String = "", groups: [Series]) {
    self.title = shown(title)
    self.xLabel = shown(xLabel)
    self.yLabel = shown(yLabel)
    self.groups = groups
  }

  package func text(_ style: TextStyle) -> [String] {
    let points: [Point] = groups.flatMap(\.points).filter(\.isFinite)
    guard !points.isEmpty else { return [title, "nothing to plot: there are no finite values"].filter { !$0.isEmpty } }
    let frame = TextFrame(
      style: style, xScale: AxisScale(points.map(\.x), ticks: 6, rounds: false),
      yScale: AxisScale(points.map(\.y), ticks: 4, rounds: true), rightLabels: [])
    var canvas: DotCanvas = frame.canvas
    let several: Bool = groups.count > 1
    for (index, group) in groups.enumerated() {
      for point in group.points where point.isFinite {
        let dot = canvas.dot(frame.xScale.share(point.x), frame.yScale.share(point.y))
        if several { canvas.mark(dot.x, dot.y, Marks.mark(index)) } else { canvas.put(dot.x, dot.y, mark: "*") }
      }
    }
    var lines: [String] = title.isEmpty ? [] : [title]
    lines += frame.lines(canvas)
    var legend: [String] = several ? groups.enumerated().map { "\(Marks.mark($0)) \($1.name)" } : []
    if !xLabel.isEmpty { legend.append("across: \(xLabel)") }
    if !yLabel.isEmpty { legend.append("up: \(yLabel)") }
    if !legend.isEmpty {
      lines.append(clipped(legend.joined(separator: "   "), to: style.width, unicode: style.unicode))
    }
    return lines
  }

  package func svg() -> String {
    let points: [Point] = groups.flatMap(\.points).filter(\.isFinite)
    var page = SVGPage(title: title, xLabel: xLabel, rightMargin: groups.count > 1 ? 110 : 20)
    guard !points.isEmpty else { return page.finished() }
    let xScale = AxisScale(points.map(\.x), ticks: 6, rounds: false)
    let yScale = AxisScale(points.map(\.y), ticks: 4, rounds: true)
    page.axes(x: xScale, y: yScale)
    for (index, group) in groups.enumerated() {
      for point in group.points where point.isFinite {
        page.mark(page.x(xScale.share(point.x)), page.y(yScale.share(point.y)), style: index)
      }
      if groups.count > 1 {
        let y: Double = page.y(1) + Double(index) * 18 + 8
        page.mark(page.x(1) + 14, y - 4, style: index)
        page.text(group.name, x: page.x(1) + 24, y: y, style: index)
      }
    }
    return page.finished()
  }
}
