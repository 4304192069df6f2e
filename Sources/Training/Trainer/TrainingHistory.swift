import Tables

/// How a fit went.
package struct TrainingHistory: Sendable, Equatable {
  /// A line: what was measured after an epoch, or after some steps.
  package struct Line: Sendable, Equatable {
    package let step: Int
    /// Epochs done, with a fraction.
    package let epoch: Double
    /// Mean training loss since the line before.
    package let loss: Double
    package let validationLoss: Double?
    /// The metric's name and value on the validation rows.
    package let metric: String?
    package let metricValue: Double?
    package let learningRate: Double
    package let seconds: Double
    /// Whether no line before had a lower validation loss.
    package let isBest: Bool
  }

  package var lines: [Line] = []
  /// The loss of each step.
  package var losses: [Double] = []

  /// The lines as a table: epoch, step, loss, and what was measured.
  package func table() throws -> Table {
    var columns: [(name: String, column: Column)] = [
      ("epoch", .reals(lines.map(\.epoch))), ("step", .integers(lines.map(\.step))),
      ("loss", .reals(lines.map(\.loss))),
    ]
    if lines.contains(where: { $0.validationLoss != nil }) {
      columns.append(("valid_loss", .reals(lines.map { $0.validationLoss ?? .nan })))
    }
    if let metric = lines.compactMap(\.metric).first {
      columns.append(("valid_" + metric, .reals(lines.map { $0.metricValue ?? .nan })))
    }
    columns.append(("lr", .reals(lines.map(\.learningRate))))
    columns.append(("seconds", .reals(lines.map(\.seconds))))
    return try Table(columns, operation: "history")
  }
}
