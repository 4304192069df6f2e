import Foundation
import Plots
import TestSupport
import Testing

/// Charts as they look, in braille, in plain characters and as SVG.
@Suite("Charts") struct ChartGoldenTests {
  static let loss: [Double] = (0..<54).map { (step: Int) -> Double in
    let falling: Double = 0.5 / (1 + Double(step) / 8)
    let noise: Double = 0.004 * Double((step * 7) % 5)
    return 0.2 + falling + noise
  }

  static let lengths: [Double] = (0..<200).map { (n: Int) -> Double in Double((n * n) % 97) }

  static let similarities: [[Double]] = (0..<6).map { (row: Int) -> [Double] in
    (0..<6).map { (column: Int) -> Double in 1 - Double(abs(row - column)) / 5 }
  }

  static func grid(_ x: Double, _ y: Double) -> [Point] {
    (0..<12).map { (n: Int) -> Point in Point(Double(n % 4) + x, Double(n / 4) + y) }
  }

  static let charts: [(String, any Chart)] = [
    ("line", LineChart(title: "loss", xLabel: "step", series: [Series("loss", loss, from: 1)])),
    (
      "lines",
      LineChart(
        series: [
          Series("train", [Point(1, 0.641), Point(2, 0.498), Point(3, 0.412)]),
          Series("valid", [Point(1, 0.583), Point(2, 0.489), Point(3, 0.455)]),
        ])
    ),
    (
      "scatter",
      ScatterChart(
        title: "features", xLabel: "component 1", yLabel: "component 2",
        groups: [
          Series("negative", grid(-3, 0)),
          Series("positive", grid(0.5, -1.5)),
        ])
    ),
    (
      "bars",
      BarChart(
        bars: [BarChart.Bar("positive", 0.81, label: "0.81"), BarChart.Bar("negative", 0.19, label: "0.19")], full: 1)
    ),
    ("histogram", Histogram(title: "length", values: lengths)),
    (
      "heatmap",
      HeatMap(
        title: "similarity", values: similarities,
        rowNames: ["one", "two", "three", "four", "five", "six"])
    ),
    ("confusion", ConfusionChart(names: ["negative", "positive"], counts: [[17, 3], [4, 1016]])),
  ]

  @Test(arguments: charts.map(\.0)) func looks(_ name: String) throws {
    let chart: any Chart = try #require(ChartGoldenTests.charts.first { $0.0 == name }).1
    for unicode in [true, false] {
      let lines: [String] = chart.text(TextStyle(unicode: unicode))
      #expect(lines.allSatisfy { $0.unicodeScalars.count <= 77 }, "\(name) fits 77 columns")
      #expect(lines.count <= 20, "\(name) fits 20 lines")
      if !unicode { #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 128 } }, "\(name) is ASCII") }
      expectGolden(lines.joined(separator: "\n") + "\n", "plots/\(name).\(unicode ? "unicode" : "ascii").txt")
    }
    expectGolden(chart.svg(), "plots/\(name).svg")
  }

  @Test("sparklines go from low to high") func sparkline() {
    #expect(Sparkline.text([7, 6, 5, 4, 3, 2, 1, 0]) == "█▇▆▅▄▃▂▁")
    #expect(Sparkline.text([0, 1], unicode: false) == "_@")
    #expect(Sparkline.text([1, 1]).count == 2)
    #expect(Sparkline.text((0..<100).map(Double.init), width: 10).count == 10)
    #expect(Sparkline.text([.nan, 1]).first == "?")
  }

  @Test("nothing, and what isn't finite, is drawn without a trap") func oddValues() {
    let odd: [Double] = [.nan, .infinity, -.infinity, 1e300, -1e300, 0, .leastNonzeroMagnitude]
    let style = TextStyle()
    for values in [odd, [], [.nan], [3], [1e300, -1e308], [.greatestFiniteMagnitude, -.greatestFiniteMagnitude]] {
      let charts: [any Chart] = [
        LineChart(series: [Series("a", values), Series("b", [])]), ScatterChart(groups: [Series("a", values)]),
        BarChart(bars: values.map { BarChart.Bar("x", $0) }), Histogram(values: values),
        Histogram(values: values, bins: 5), HeatMap(values: [values, [1]]),
      ]
      for chart in charts {
        #expect(chart.text(style).allSatisfy { !$0.contains("\u{1B}") })
        #expect(chart.svg().hasSuffix("</svg>\n"))
      }
    }
    #expect(LineChart(series: []).text(style).count == 1)
    #expect(ConfusionChart(names: [], counts: []).text(style).isEmpty)
  }

  @Test("escape sequences and markup in names are shown, not obeyed") func escapes() {
    let chart = BarChart(bars: [BarChart.Bar("\u{1B}[31m<b>&\"", 1)])
    #expect(chart.text(TextStyle())[0].hasPrefix("␛[31m<b>&\""))
    #expect(chart.svg().contains("␛[31m&lt;b&gt;&amp;&quot;"))
    let accented = BarChart(bars: [BarChart.Bar("&\u{301}<\u{301}", 1)])
    #expect(accented.svg().contains("&amp;\u{301}&lt;\u{301}</text>"))
  }

  @Test("bars fit the narrowest terminal") func narrow() {
    let charts: [any Chart] = [
      Histogram(values: [1_000_000.000_001, 1_000_000.000_002, 1_000_000.000_004]),
      BarChart(bars: [BarChart.Bar("a class with a long name", 0.5, label: "1,234,567 of 2,000,000")]),
    ]
    for chart in charts {
      let lines: [String] = chart.text(TextStyle(width: 20))
      #expect(!lines.isEmpty && lines.allSatisfy { $0.count <= 20 })
    }
  }

  @Test("many classes are cut and counted") func manyClasses() {
    let names: [String] = (0..<40).map { "class \($0)" }
    let lines = ConfusionChart(names: names, counts: []).text(TextStyle())
    #expect(lines.count <= 20)
    #expect(lines.last?.contains("more classes") == true)
  }
}

@Suite struct WordShareTests {
  private let words = WordShares(
    title: "positive 0.91",
    words: [
      .init("Slow", -0.2), .init(",", 0), .init("but", 0.05), .init("it", 0.01), .init("is", .nan),
      .init("wonderful", 0.3), .init("\u{1b}[31m", 0.1),
    ])

  @Test func marksStandBelowTheirWords() {
    #expect(
      words.text(TextStyle(width: 40, unicode: true)) == [
        "Slow , but it is wonderful ␛[31m", "--     +         +++       +",
      ])
    for line in words.text(TextStyle(width: 20)) { #expect(line.count <= 20) }
    #expect(WordShares(title: "", words: []).text(TextStyle()).isEmpty)
  }

  @Test func aPictureOfItsOwn() {
    let svg: String = words.svg()
    #expect(svg.hasPrefix("<svg ") && svg.contains(">wonderful</text>") && svg.contains("#7fb8dc"))
    #expect(!svg.contains("nan") && !svg.contains("\u{1b}"))
  }
}
