import TensorCore
import Transformers

/// Tokenized examples with what is to be learned of each: what a trainer and an evaluation read.
package struct TrainingData {
  /// What is to be learned, one for each example.
  package enum Targets {
    /// A class.
    case classes([Int])
    /// For each label 0 or 1.
    case multiLabel([[Float]])
    /// One number or several.
    case values([[Float]])
    /// A class for each token; ``Labels/ignored`` where none counts.
    case tokens([[Int]])
    /// The first and the last token of the answer.
    case spans([(start: Int, end: Int)])

    var count: Int {
      switch self {
      case .classes(let labels): return labels.count
      case .multiLabel(let labels), .values(let labels): return labels.count
      case .tokens(let labels): return labels.count
      case .spans(let spans): return spans.count
      }
    }
  }

  /// Token ids of each example.
  package let sequences: [[Int]]
  package let tokenTypeIDs: [[Int]]?
  package let targets: Targets
  /// Draws anew in each epoch which tokens a masked language model has to guess; nil where examples stay the same.
  package let masking: Masking?

  /// - Throws: ``TrainingError`` if counts differ, there is nothing, or an example has no tokens.
  package init(
    sequences: [[Int]], tokenTypeIDs: [[Int]]? = nil, targets: Targets, masking: Masking? = nil
  ) throws {
    guard !sequences.isEmpty else { throw TrainingError.empty(operation: "fit", what: "examples") }
    guard targets.count == sequences.count, tokenTypeIDs.map({ $0.count == sequences.count }) ?? true else {
      throw TrainingError.shapeMismatch(
        operation: "fit", expected: "\(sequences.count) labels, one for each text", got: "\(targets.count)")
    }
    for (row, sequence) in sequences.enumerated() {
      if sequence.isEmpty { throw TrainingError.empty(operation: "fit", what: "tokens in row \(row)") }
      if case .tokens(let labels) = targets, labels[row].count != sequence.count {
        throw TrainingError.shapeMismatch(
          operation: "fit", expected: "\(sequence.count) labels in row \(row), one for each token",
          got: "\(labels[row].count)")
      }
    }
    self.sequences = sequences
    self.tokenTypeIDs = tokenTypeIDs
    self.targets = targets
    self.masking = masking
  }

  package var count: Int { sequences.count }
  package var tokenCount: Int { sequences.reduce(0) { $0 + $1.count } }

  /// The examples of some rows as a ragged batch, keyed by their rows.
  package func batch(_ rows: [Int], _ draw: Masking.Draw = .measuring) -> Batch {
    let ids: [[Int]] = rows.map { row in
      masking?.applied(to: sequences[row], row: row, draw).ids ?? sequences[row]
    }
    return Batch(ids, tokenTypeIDs: tokenTypeIDs.map { types in rows.map { types[$0] } }, tableRows: rows)
  }

  /// Some of the examples, by their rows.
  package func selecting(_ rows: [Int]) throws -> TrainingData {
    let chosen: Targets
    switch targets {
    case .classes(let labels): chosen = .classes(rows.map { labels[$0] })
    case .multiLabel(let labels): chosen = .multiLabel(rows.map { labels[$0] })
    case .values(let values): chosen = .values(rows.map { values[$0] })
    case .tokens(let labels): chosen = .tokens(rows.map { labels[$0] })
    case .spans(let spans): chosen = .spans(rows.map { spans[$0] })
    }
    return try TrainingData(
      sequences: rows.map { sequences[$0] }, tokenTypeIDs: tokenTypeIDs.map { types in rows.map { types[$0] } },
      targets: chosen, masking: masking)
  }

  /// What the mean loss over some rows divides by: the number of their labels, or the sum of their classes' weights.
  ///
  /// - Parameter skipsFirst: whether no row predicts the first token of a text.
  func weight(
    of rows: [Int], _ draw: Masking.Draw = .measuring, classWeights: [Float]? = nil, skipsFirst: Bool
  ) -> Double {
    func sum(_ labels: some Sequence<Int>) -> Double {
      labels.reduce(0) { total, label in
        if label == Labels.ignored { return total }
        return total + (classWeights.map { $0.indices.contains(label) ? Double($0[label]) : 0 } ?? 1)
      }
    }
    if let masking { return rows.reduce(0) { $0 + sum(masking.applied(to: sequences[$1], row: $1, draw).labels) } }
    switch targets {
    case .classes(let labels): return sum(rows.lazy.map { labels[$0] })
    case .tokens(let labels): return rows.reduce(0) { $0 + sum(skipsFirst ? labels[$1].dropFirst() : labels[$1][...]) }
    case .multiLabel, .values, .spans: return Double(rows.count)
    }
  }

  /// What is to be learned of some rows.
  package func labels(_ rows: [Int], _ draw: Masking.Draw = .measuring) throws -> Labels {
    if let masking {
      return .tokens(rows.flatMap { masking.applied(to: sequences[$0], row: $0, draw).labels })
    }
    switch targets {
    case .classes(let labels): return .classes(rows.map { labels[$0] })
    case .tokens(let labels): return .tokens(rows.flatMap { labels[$0] })
    case .spans(let spans): return .spans(starts: rows.map { spans[$0].start }, ends: rows.map { spans[$0].end })
    case .multiLabel(let labels):
      let width: Int = labels.first?.count ?? 0
      return .multiLabel(try Tensor(rows.flatMap { labels[$0] }, shape: [rows.count, width]))
    case .values(let labels):
      let width: Int = labels.first?.count ?? 0
      return .values(try Tensor(rows.flatMap { labels[$0] }, shape: [rows.count, width]))
    }
  }
}
