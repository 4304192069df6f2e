import NeuralNetworks
import TensorCore

extension Head {
  /// The mean loss of logits.
  ///
  /// - Parameters:
  ///   - logits: a row for each sequence, or for each token of `layout`.
  ///   - problem: what a sequence classifier's labels are.
  /// - Throws: ``TransformerError/badInput(field:expected:got:)`` where labels are not what the head learns.
  func loss(
    _ logits: Tensor, _ labels: Labels, _ layout: RowLayout, problem: ModelConfiguration.Problem,
    _ options: LossOptions
  ) throws -> Tensor {
    switch (kind, labels) {
    case (.sequenceClassification, .classes(let classes)):
      guard problem == .singleLabel else { throw mismatch(labels, problem) }
      return try logits.crossEntropy(
        classes, weights: options.classWeights, smoothing: options.labelSmoothing, divisor: options.divisor)
    case (.sequenceClassification, .multiLabel(let targets)):
      guard problem == .multiLabel else { throw mismatch(labels, problem) }
      return try logits.binaryCrossEntropy(targets)
    case (.sequenceClassification, .values(let targets)):
      if problem == .multiLabel { return try logits.binaryCrossEntropy(targets) }
      guard problem == .regression else { throw mismatch(labels, problem) }
      return try logits.meanSquaredError(targets)
    case (.questionAnswering, .spans(let starts, let ends)):
      return try Head.spanLoss(logits, starts, ends, layout)
    case (.tokenClassification, .tokens(let tokens)), (.maskedLM, .tokens(let tokens)),
      (.causalLM, .tokens(let tokens)):
      return try logits.crossEntropy(
        tokens, weights: options.classWeights, smoothing: options.labelSmoothing, divisor: options.divisor)
    default:
      throw mismatch(labels, problem)
    }
  }

  private func mismatch(_ labels: Labels, _ problem: ModelConfiguration.Problem) -> TransformerError {
    let wanted =
      switch kind {
      case .sequenceClassification: problem.rawValue + " labels"
      case .tokenClassification, .maskedLM, .causalLM: "a label for each token"
      case .questionAnswering: "the first and last token of each answer"
      }
    return .badInput(field: "labels", expected: wanted, got: labels.name)
  }

  /// The mean of the cross-entropies of starts and ends over each sequence's rows; places outside don't count. They
  /// are places of tokens: a soft prompt's rows stand before them.
  private static func spanLoss(_ logits: Tensor, _ starts: [Int], _ ends: [Int], _ layout: RowLayout) throws -> Tensor {
    guard starts.count == layout.sequenceCount, ends.count == layout.sequenceCount else {
      throw TransformerError.badInput(
        field: "labels", expected: "a span for each of \(layout.sequenceCount) texts", got: "\(starts.count)")
    }
    let virtual = layout.virtualRows
    var parts: [Tensor] = []
    for (column, places) in [starts, ends].enumerated() {
      let own = try logits.sliced(axis: 1, column..<(column + 1)).transposed()  // [1, T]
      let counted = (0..<places.count).filter { places[$0] < layout.range($0).count - virtual }
      for sequence in counted {
        let range = layout.range(sequence)
        let place = virtual + max(places[sequence], 0)
        parts.append(try own.sliced(axis: 1, range).crossEntropy([place], divisor: 2 * Float(counted.count)))
      }
      if counted.isEmpty { parts.append(try Tensor(scalar: .nan)) }
    }
    return try Tensor.stacked(parts).sum()
  }
}
