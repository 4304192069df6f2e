/// Curves: losses and metrics over steps.
package struct LineChart: Chart, Equatable {
  package var title: String
  package var xLabel: String
  package var series: [Series]

  package init(title: String = "", xLabel: String = "", series: [Series]) {
    self.title = shown(title)
    self.xLabel = shown(xLabel)
    self.series = series
  }

  package func text(_ style: TextStyle) -> [String] {
    let points: [Point] = series.flatMap(\.points).filter(\.isFinite)
    guard !points.isEmpty else { return titleLines + ["nothing to plot: there are no finite values"] }
    let several: Bool = series.count > 1
    let names: [String] = series.enumerated().map { index, series in
      several ? "\(Marks.mark(index)) \(series.name)" : series.name
    }
    let frame = TextFrame(
      style: style, xScale: AxisScale(points.map(\.x), ticks: 6, rounds: false),
      yScale: AxisScale(points.map(\.y), ticks: 4, rounds: true), rightLabels: names)
    var canvas: DotCanvas = frame.canvas
    var ends: [(row: Int, name: String)] = []
    for (index, series) in series.enumerated() {
      let finite: [Point] = series.points.filter(\.isFinite)
      let mark: Character = Marks.mark(index)
      let dots: [(x: Int, y: Int)] = finite.map {
        canvas.dot(frame.xScale.share($0.x), frame.yScale.share($0.y))
      }
      for (place, dot) in dots.enumerated() {
        canvas.line(place == 0 ? dot : dots[place - 1], dot, mark: several ? mark : "*", dash: 0)
      }
      guard let last = dots.last else { continue }
      ends.append((canvas.textRow(last.y), names[index]))
    }
    if several, style.unicode { putMarks(&canvas, frame) }
    let right: [Int: String] = LineChart.spread(ends, rows: style.height)
    let below: [String] = xLabel.isEmpty ? [] : [padded(xLabel, to: style.width - frame.rightWidth, right: true)]
    return titleLines + frame.lines(canvas, right: right) + below
  }

  private var titleLines: [String] { title.isEmpty ? [] : [title] }

  /// A mark at each point, or at eight of them where there are many.
  private func putMarks(_ canvas: inout DotCanvas, _ frame: TextFrame) {
    for (index, series) in series.enumerated() {
      let finite: [Point] = series.points.filter(\.isFinite)
      let stride: Int = finite.count <= 24 ? 1 : finite.count / 8
      for place in finite.indices where place % stride == 0 || place == finite.count - 1 {
        let dot = canvas.dot(frame.xScale.share(finite[place].x), frame.yScale.share(finite[place].y))
        canvas.mark(dot.x, dot.y, Marks.mark(index))
      }
    }
  }

  /// Labels at the ends of lines, moved apart where they meet.
  static func spread(_ ends: [(row: Int, name: String)], rows: Int) -> [Int: String] {
    var taken: [Int: String] = [:]
    for end in ends {
      for distance in 0..<rows {
        if let row = [end.row + distance, end.row - distance].first(where: { taken[$0] == nil && $0 >= 0 && $0 < rows })
        {
          taken[row] = end.name
          break
        }
      }
    }
    return taken
  }

  package func svg() -> String {
    let points: [Point] = series.flatMap(\.points).filter(\.isFinite)
    var page = SVGPage(title: title, xLabel: xLabel, rightMargin: 110)
    guard !points.isEmpty else { return page.finished() }
    let xScale = AxisScale(points.map(\.x), ticks: 6, rounds: false)
    let yScale = AxisScale(points.map(\.y), ticks: 4, rounds: true)
    page.axes(x: xScale, y: yScale)
    var lastLabel: [Double] = []
    for (index, series) in series.enumerated() {
      let places: [(x: Double, y: Double)] = series.points.filter(\.isFinite).map {
        (page.x(xScale.share($0.x)), page.y(yScale.share($0.y)))
      }
      page.polyline(places, style: index)
      if places.count <= 24 { for place in places { page.mark(place.x, place.y, style: index) } }
      guard let last = places.last else { continue }
      var y: Double = last.y
      while lastLabel.contains(where: { abs($0 - y) < 14 }) { y += 14 }
      lastLabel.append(y)
      page.mark(last.x, last.y, style: index)
      page.text(series.name, x: page.x(1) + 8, y: y + 4, style: index)
    }
    return page.finished()
  }
}
