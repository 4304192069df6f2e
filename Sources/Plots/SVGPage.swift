import Foundation

/// Builds one `<svg>` element, 640 by 360 unless said otherwise.
struct SVGPage {
  let width: Double
  let height: Double
  private let left: Double
  private let right: Double
  private let top: Double
  private let bottom: Double
  private var elements: [String] = []

  /// Colours that people with any colour vision tell apart (Okabe & Ito 2008), and dashes that paper does.
  static let colours: [String] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#555555", "#000000",
  ]
  static let dashes: [String] = ["", "7 4", "2 3", "9 3 2 3", "4 4", "12 4", "1 4", "6 2 1 2"]

  init(
    title: String, xLabel: String = "", width: Double = 640, height: Double = 360, leftMargin: Double = 62,
    rightMargin: Double = 20
  ) {
    self.width = width
    self.height = height
    left = leftMargin
    right = rightMargin
    top = title.isEmpty ? 16 : 38
    bottom = xLabel.isEmpty ? 34 : 52
    if !title.isEmpty { text(title, x: left, y: 22, weight: "bold") }
    if !xLabel.isEmpty { text(xLabel, x: (left + width - right) / 2, y: height - 10, anchor: "middle") }
  }

  /// From shares of the drawing area, counted from its lower left, to places.
  func x(_ share: Double) -> Double { left + share * (width - left - right) }
  func y(_ share: Double) -> Double { height - bottom - share * (height - top - bottom) }

  mutating func axes(x xScale: AxisScale?, y yScale: AxisScale) {
    for tick in yScale.ticks where tick >= yScale.lower && tick <= yScale.upper {
      let place: Double = y(yScale.share(tick))
      line(x(0), place, x(1), place, "#dddddd")
      text(yScale.label(tick), x: left - 6, y: place + 4, anchor: "end")
    }
    line(x(0), y(0), x(1), y(0), "#444444")
    line(x(0), y(0), x(0), y(1), "#444444")
    guard let xScale else { return }
    for tick in xScale.ticks where tick >= xScale.lower && tick <= xScale.upper {
      let place: Double = x(xScale.share(tick))
      line(place, y(0), place, y(0) + 4, "#444444")
      text(xScale.label(tick), x: place, y: y(0) + 18, anchor: "middle")
    }
  }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String) {
    elements.append(
      "<line x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\" stroke=\"\(colour)\"/>")
  }

  mutating func polyline(_ places: [(x: Double, y: Double)], style: Int) {
    let points: String = places.map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " ")
    let dash: String = SVGPage.dashes[style % SVGPage.dashes.count]
    let dashes: String = dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
    elements.append(
      "<polyline points=\"\(points)\" fill=\"none\" stroke=\"\(colour(style))\" stroke-width=\"2\"\(dashes)/>")
  }

  /// A small shape: circle, square, triangle, diamond, …
  mutating func mark(_ x: Double, _ y: Double, style: Int) {
    let c: String = colour(style)
    let r: Double = 4
    switch style % 4 {
    case 0: elements.append("<circle cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(r))\" fill=\"\(c)\"/>")
    case 1: rectangle(x - r, y - r, 2 * r, 2 * r, fill: c)
    case 2:
      elements.append(
        "<path d=\"M\(n(x)) \(n(y - r - 1))L\(n(x + r + 1)) \(n(y + r))L\(n(x - r - 1)) \(n(y + r))Z\" fill=\"\(c)\"/>")
    default:
      elements.append(
        "<path d=\"M\(n(x)) \(n(y - r - 1))L\(n(x + r + 1)) \(n(y))L\(n(x)) \(n(y + r + 1))L\(n(x - r - 1)) \(n(y))Z\""
          + " fill=\"white\" stroke=\"\(c)\" stroke-width=\"2\"/>")
    }
  }

  mutating func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: String) {
    elements.append(
      "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(max(0, width)))\" height=\"\(n(max(0, height)))\" fill=\"\(fill)\"/>"
    )
  }

  mutating func text(
    _ text: String, x: Double, y: Double, anchor: String = "start", weight: String = "normal", style: Int? = nil,
    fill: String? = nil
  ) {
    let colour: String = fill ?? style.map { self.colour($0) } ?? "#222222"
    let bold: String = weight == "normal" ? "" : " font-weight=\"\(weight)\""
    elements.append(
      "<text x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor)\"\(bold) fill=\"\(colour)\">\(SVGPage.escaped(text))</text>"
    )
  }

  func finished() -> String {
    let head: String =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(n(width)) \(n(height))\" width=\"\(n(width))\""
      + " height=\"\(n(height))\" font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"img\">"
    return ([head] + elements + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private func colour(_ style: Int) -> String { SVGPage.colours[style % SVGPage.colours.count] }

  private func n(_ value: Double) -> String {
    let text: String = String(format: "%.1f", value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  static func escaped(_ text: String) -> String {
    var result: String = ""
    // Scalars: a mark that combines with "<" makes another character of it.
    for scalar in shown(text).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
