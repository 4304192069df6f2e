import Files
import Language
import Plots

/// A chart in the language.
package final class PlotValue: LanguageObject {
  let chart: any Chart
  private let what: String
  private let fields: [(name: String, value: Value)]

  init(_ chart: any Chart, _ what: String, fields: [(name: String, value: Value)] = []) {
    self.chart = chart
    self.what = what
    self.fields = fields
  }

  package var kind: Kind { .plot }
  package var summary: String { what }
  package var fieldNames: [String] { fields.map(\.name) }
  package func field(_ name: String) throws -> Value? { fields.first { $0.name == name }?.value }
  package func svg() -> String? { chart.svg() }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    guard size == .full else { return [StyledText(what).cut(to: frame.width)] }
    let height: Int = max(4, min(16, frame.height - 4))
    let lines: [String] = chart.text(Plots.TextStyle(width: frame.width, height: height, unicode: frame.unicode))
    return lines.prefix(frame.height).map { StyledText($0) }
  }
}

extension Builtin {
  /// Words that keep pictures.
  static let savePlotWords: [Builtin] = [savePlot]

  private static let savePlot = Builtin(
    "save", area: .storing, on: [.plot], returns: .nothing, summary: "Write a plot as an SVG picture.",
    parameters: [.positional("path", .path, "a name that ends in .svg")],
    keywords: ["export", "picture", "savefig", "svg"], python: #"plt.savefig("x.svg")"#,
    examples: [Example(#"tiny.attention("a b").save("x.png")"#, fails: ".svg")],
    seeAlso: ["plot", "attention", "heatmap"]
  ) { call in
    let access: FileAccess = try call.service()
    let path: String = try call.string("path")
    guard PathText.fileExtension(of: path) == "svg" else {
      throw call.error("\(quoted(path)): a plot is saved as .svg", at: "path")
    }
    let svg: String = try call.receiver(as: PlotValue.self).chart.svg()
    try access.writeAtomically(path, replaces: { $0.withBytes { $0.starts(with: Array("<svg".utf8)) } }) {
      try $0.write(svg)
    }
    call.note("wrote a picture to \(path)")
    return .nothing
  }
}
