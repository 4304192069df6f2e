/// How often values fall into each of some ranges of equal width.
package struct Histogram: Chart, Equatable {
  package var title: String
  package let edges: [Double]
  package let counts: [Int]
  /// Values that weren't finite.
  package let leftOut: Int

  /// - Parameter bins: how many ranges, 1 to 100; nil for about as many as the square root of the number of values.
  package init(title: String = "", values: [Double], bins: Int? = nil) {
    self.title = shown(title)
    let finite: [Double] = values.filter { $0.isFinite }
    leftOut = values.count - finite.count
    guard let low = finite.min(), let high = finite.max() else {
      edges = []
      counts = []
      return
    }
    let wanted: Int = bins ?? max(4, min(16, Int(Double(finite.count).squareRoot().rounded(.up))))
    let count: Int = max(1, min(100, wanted))
    let scale = AxisScale([low, high], ticks: count, rounds: true)
    let ends: [Double] = bins == nil ? scale.ticks : []
    let first: Double = ends.first ?? low
    let last: Double = ends.last ?? (high > low ? high : low + 1)
    let binCount: Int = ends.count > 1 ? ends.count - 1 : count
    var counts: [Int] = Array(repeating: 0, count: binCount)
    for value in finite {
      let share: Double = Plots.share(of: value, from: first, to: last)
      let bin: Int = min(binCount - 1, Int((share * Double(binCount)).rounded(.down)))
      counts[bin] += 1
    }
    edges = (0...binCount).map { place in
      let share: Double = Double(place) / Double(binCount)
      return first * (1 - share) + last * share
    }
    self.counts = counts
  }

  package func text(_ style: TextStyle) -> [String] {
    guard !counts.isEmpty else { return [title, "nothing to plot: there are no finite values"].filter { !$0.isEmpty } }
    let scale = AxisScale(edges, ticks: counts.count, rounds: false)
    let rows: [BarChart.Bar] = counts.enumerated().map { index, count in
      BarChart.Bar(
        "\(scale.label(edges[index])) to \(scale.label(edges[index + 1]))", Double(count), label: grouped(count))
    }
    let width: Int = rows.map { displayWidth($0.name) }.max() ?? 0
    let aligned: [BarChart.Bar] = rows.map {
      BarChart.Bar(padded($0.name, to: width, right: true), $0.value, label: $0.label)
    }
    let cells: Int = max(4, min(48, style.width - width - 10))
    var lines: [String] = BarChart(title: title, bars: aligned, barWidth: cells).text(style)
    if leftOut > 0 { lines.append("\(grouped(leftOut)) not finite, left out") }
    return lines
  }

  package func svg() -> String {
    var page = SVGPage(title: title)
    guard !counts.isEmpty else { return page.finished() }
    let xScale = AxisScale(edges, ticks: 8, rounds: false)
    let yScale = AxisScale([0] + counts.map(Double.init), ticks: 4, rounds: true)
    page.axes(x: xScale, y: yScale)
    for (index, count) in counts.enumerated() {
      let left: Double = page.x(xScale.share(edges[index]))
      let right: Double = page.x(xScale.share(edges[index + 1]))
      let top: Double = page.y(yScale.share(Double(count)))
      page.rectangle(left + 0.5, top, right - left - 1, page.y(0) - top, fill: "#0072b2")
    }
    return page.finished()
  }
}
