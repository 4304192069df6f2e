/// What can go wrong while measuring, fitting or training.
package enum TrainingError: Error, CustomStringConvertible, Equatable {
  /// Two lists that belong together have different lengths, or a table of numbers the wrong size.
  case shapeMismatch(operation: String, expected: String, got: String)
  /// Nothing was given where at least one item is needed.
  case empty(operation: String, what: String)
  /// A number that cannot be computed with, and where it stands.
  case notFinite(operation: String, row: Int, column: Int?)
  /// A classifier needs two classes or more.
  case oneClass(operation: String, label: String)
  /// A setting outside its range.
  case invalidSetting(operation: String, setting: String, expected: String, got: String)
  /// A label, name or index that isn't among those known.
  case unknown(operation: String, what: String, name: String, known: [String])
  /// Loss or gradients were no numbers any more.
  case diverged(step: Int, loss: Double, parameter: String, gradientNorm: Double)
  /// Of several learning rates none gave finite losses.
  case allDiverged
  /// A checkpoint that doesn't belong to this model, these data or these settings.
  case checkpointMismatch(path: String, reason: String)
  /// A method that can't be attached, used, merged or read as asked.
  case method(String)
  /// A target of a method that names no projection.
  case noTarget(pattern: String, available: [String])
  /// A measure that these data don't define.
  case undefined(operation: String, reason: String)

  package var description: String {
    switch self {
    case .shapeMismatch(let operation, let expected, let got):
      return "\(operation): expected \(expected), got \(got)"
    case .empty(let operation, let what):
      return "\(operation): there are no \(what)"
    case .notFinite(let operation, let row, let column):
      let place = column.map { "row \(row), column \($0)" } ?? "row \(row)"
      return "\(operation): the value at \(place) is not a finite number (NaN or infinite)"
    case .oneClass(let operation, let label):
      return "\(operation): every label is \"\(label)\"; a classifier needs at least two classes"
    case .invalidSetting(let operation, let setting, let expected, let got):
      return "\(operation): \(setting) must be \(expected), got \(got)"
    case .unknown(let operation, let what, let name, let known):
      let shown: String = known.prefix(20).joined(separator: ", ")
      let rest: String = known.count > 20 ? ", … \(known.count - 20) more" : ""
      return "\(operation): no \(what) \"\(name)\"; there are: \(shown)\(rest)"
    case .diverged(let step, let loss, let parameter, let norm):
      return "fit: at step \(step) the loss is \(loss) and the gradient of \(parameter) the largest (norm \(norm)); "
        + "the weights are those of the step before: try a smaller lr, or clip: 1.0"
    case .allDiverged:
      return "no learning rate gave finite losses; try lower ones"
    case .checkpointMismatch(let path, let reason):
      return "resume: \(path) does not fit: \(reason)"
    case .method(let reason):
      return reason
    case .noTarget(let pattern, let available):
      let names: String = available.joined(separator: ", ")
      return "no projection matches \"\(pattern)\"; there are \(names), and \"all-linear\" for all of the blocks"
    case .undefined(let operation, let reason):
      return "\(operation): \(reason)"
    }
  }

  /// Whether a fit came to numbers that are none.
  package var isDivergence: Bool {
    switch self {
    case .diverged, .allDiverged: true
    default: false
    }
  }
}
