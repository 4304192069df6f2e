import NeuralNetworks
import TensorCore

/// What a head is to learn of a batch.
package enum Labels {
  /// A class for each sequence.
  case classes([Int])
  /// For each sequence and label 0 or 1: `[B, L]`.
  case multiLabel(Tensor)
  /// A number for each sequence (and label): `[B]` or `[B, L]`.
  case values(Tensor)
  /// A class or token for each token, `[T]`; ``ignored`` where there is none.
  case tokens([Int])
  /// First and last token of each answer, counted in its sequence; outside of it where there is none.
  case spans(starts: [Int], ends: [Int])

  /// The label of tokens that don't count.
  package static let ignored = -100
}

/// How a loss weighs its parts.
package struct LossOptions: Sendable {
  package var labelSmoothing: Float = 0
  /// One for each class.
  package var classWeights: [Float]?
  /// Divides the sum instead of the number of labels, for a batch that is computed in parts.
  package var divisor: Float?

  package init(labelSmoothing: Float = 0, classWeights: [Float]? = nil, divisor: Float? = nil) {
    self.labelSmoothing = labelSmoothing
    self.classWeights = classWeights
    self.divisor = divisor
  }
}

extension Labels {
  /// How many labels count: what the mean divides by.
  package var count: Int {
    switch self {
    case .classes(let labels): labels.count
    case .multiLabel(let tensor), .values(let tensor): tensor.count
    case .tokens(let labels): labels.reduce(0) { $0 + ($1 == Labels.ignored ? 0 : 1) }
    case .spans(let starts, _): starts.count
    }
  }

  var name: String {
    switch self {
    case .classes: "a class for each text"
    case .multiLabel: "a set of labels for each text"
    case .values: "a number for each text"
    case .tokens: "a label for each token"
    case .spans: "a span for each text"
    }
  }
}
