import Language
import Plots
import Training

/// What is predicted of one text: labels with their probabilities, the most probable first.
package final class PredictionValue: LanguageObject {
  let labels: LabelSet
  let probabilities: [Double]

  init(_ labels: LabelSet, _ probabilities: [Double]) {
    self.labels = labels
    self.probabilities = probabilities
  }

  private var order: [Int] {
    probabilities.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
  }

  package var kind: Kind { .prediction }
  package var summary: String { "a prediction: \(order.first.map { labels.names[$0] } ?? "none")" }
  package var fieldNames: [String] { ["label", "probability", "probabilities"] }

  package func field(_ name: String) throws -> Value? {
    guard let best = order.first else { return nil }
    switch name {
    case "label": return labels.value(best)
    case "probability": return .float(probabilities[best])
    case "probabilities":
      return try .record(order.map { (labels.names[$0], Value.float(probabilities[$0])) })
    default: return nil
    }
  }

  package func isEqual(to other: any LanguageObject) -> Bool {
    guard let other = other as? PredictionValue else { return false }
    return other.labels == labels && other.probabilities == probabilities
  }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    if size != .full {
      guard let best = order.first else { return [StyledText("prediction")] }
      return [StyledText("\(labels.names[best]) \(Figures.two(probabilities[best]))").cut(to: frame.width)]
    }
    let bars: [BarChart.Bar] = order.map {
      BarChart.Bar(labels.names[$0], probabilities[$0], label: Figures.two(probabilities[$0]))
    }
    let style = Plots.TextStyle(width: frame.width, unicode: frame.unicode)
    return BarChart(bars: bars, full: 1).text(style).map { StyledText($0) }
  }
}
