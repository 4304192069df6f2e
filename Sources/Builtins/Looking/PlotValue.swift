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
