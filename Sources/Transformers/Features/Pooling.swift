import Files
import TensorCore

/// How the rows of a sequence become one.
package enum Pooling: String, CaseIterable, Sendable {
  case cls
  case mean
  case max
  case last

  /// The pooling that sentence-transformers' 1_Pooling/config.json names; nil for one Luthier doesn't have.
  init?(sentenceTransformers config: JSON) {
    if let mode = config["pooling_mode"]?.string {
      switch mode {
      case "cls": self = .cls
      case "mean": self = .mean
      case "max": self = .max
      case "lasttoken": self = .last
      default: return nil
      }
      return
    }
    let known: [(String, Pooling)] = [
      ("pooling_mode_cls_token", .cls), ("pooling_mode_mean_tokens", .mean), ("pooling_mode_max_tokens", .max),
      ("pooling_mode_lasttoken", .last),
    ]
    let chosen = known.filter { config[$0.0]?.bool == true }
    guard chosen.count == 1, let only = chosen.first else { return nil }
    self = only.1
  }

  /// The rows it reads; nil for all.
  func selection(_ layout: RowLayout) -> RowSelection? {
    switch self {
    case .cls: .first(layout)
    case .last: .last(layout)
    case .mean, .max: nil
    }
  }

  /// `[T, C]` → `[B, C]`.
  package func callAsFunction(_ rows: Tensor, _ layout: RowLayout) throws -> Tensor {
    switch self {
    case .mean: return try rows.segmentMean(offsets: layout.offsets)
    case .max: return try rows.segmentMax(offsets: layout.offsets)
    case .cls, .last:
      guard layout.selection == nil, let selection = selection(layout) else { return rows }
      return try rows.gatheredRows(selection.rows)
    }
  }
}
