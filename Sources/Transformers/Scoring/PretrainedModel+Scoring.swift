import NeuralNetworks
import TensorCore

/// A sequence whose last tokens are asked for their probabilities.
package struct ScoredSequence: Equatable, Sendable {
  package var ids: [Int]
  /// The first place that is scored: at least 1, below the number of ids.
  package var start: Int

  package init(ids: [Int], start: Int) {
    self.ids = ids
    self.start = start
  }
}

extension PretrainedModel {
  /// The longest beginning that all sequences have in common and that no scored token's predictor stands behind.
  package static func commonPrefix(_ groups: [[ScoredSequence]]) -> Int {
    guard let first = groups.first?.first else { return 0 }
    var count = first.start - 1
    for group in groups {
      for sequence in group { count = min(commonCount(first.ids, sequence.ids, upTo: count), sequence.start - 1) }
    }
    return max(count, 0)
  }

  private static func commonCount(_ one: [Int], _ other: [Int], upTo most: Int) -> Int {
    let limit = max(min(most, one.count, other.count), 0)
    return (0..<limit).first { one[$0] != other[$0] } ?? limit
  }

  /// The natural logarithm of the probability of each scored token given all before it.
  ///
  /// The sequences of a group share what they begin with (a row's prompt with each of its labels); that is computed
  /// once, and so is `prefix`, where given. Only rows that predict a scored token meet the vocabulary.
  ///
  /// - Parameters:
  ///   - prefix: what every sequence begins with; its tokens stand in the sequences too.
  /// - Returns: by group, by sequence, a value for each scored token.
  /// - Throws: ``TransformerError`` for a model that isn't a causal language model, or sequences too long.
  package func logProbabilities(
    _ groups: [[ScoredSequence]], prefix: SharedPrefix? = nil, checkInterruption: (() throws -> Void)? = nil
  ) throws -> [[[Float]]] {
    guard let head, head.kind == .causalLM, architecture.isDecoder else { throw noHead("logprob") }
    let longest = try checked(groups, prefix)
    if groups.allSatisfy(\.isEmpty) { return groups.map { _ in [] } }
    let pass = ForwardContext()
    pass.checkInterruption = checkInterruption
    let tree: SequenceTree
    var stream: Stream
    if sharesPrefixes(longest: longest) {
      tree = SequenceTree(groups, prefix: prefix?.count ?? 0)
      pass.cache = BranchingCache(prefix: prefix, parts: tree.parts)
      var batch = Batch(tree.sequences)
      batch.positionIDs = tree.positions
      stream = try backbone.embed(batch, pass)
    } else {
      tree = SequenceTree(whole: groups, virtualRows: backbone.hooks.promptLength)
      stream = try backbone.embed(Batch(tree.sequences), pass)
    }
    let isShared = pass.cache != nil
    for index in 0..<blockCount {
      let isLast = index == blockCount - 1 && isShared
      stream = try backbone.run(
        block: index, stream, pass, selection: isLast ? RowSelection(rows: tree.scoredRows) : nil)
    }
    if !isShared { stream.hidden = try stream.hidden.gatheredRows(tree.scoredRows) }
    stream = try backbone.finish(stream, pass)
    let values = try targetLogProbabilities(stream.hidden, tree.targets, pass)
    return tree.places.map { group in group.map { sequence in sequence.map { values[$0.row][$0.target] } } }
  }

  /// Of each hidden row `[R, C]` the logarithms of the probabilities of its targets.
  func targetLogProbabilities(_ hidden: Tensor, _ targets: [[Int]], _ pass: ForwardContext) throws -> [[Float]] {
    guard let head else { throw noHead("logprob") }
    try pass.enter(modules(ofStage: headStage))
    var values: [[Float]] = []
    values.reserveCapacity(targets.count)
    // A few rows at a time: a row of logits is as long as the vocabulary.
    for start in stride(from: 0, to: targets.count, by: 64) {
      try pass.checkInterruption?()
      let range = start..<min(start + 64, targets.count)
      let logs = try head(hidden.sliced(axis: 0, range), pass).logSoftmax(axis: -1)
      let width = logs.shape[1]
      for row in range {
        if let bad = targets[row].first(where: { $0 < 0 || $0 >= width }) {
          throw TransformerError.idOutOfRange(table: "logits", id: bad, count: width)
        }
      }
      logs.withUnsafeBuffer { buffer in
        for row in range { values.append(targets[row].map { buffer[(row - start) * width + $0] }) }
      }
    }
    return values
  }

  /// - Returns: the most tokens of a sequence.
  private func checked(_ groups: [[ScoredSequence]], _ prefix: SharedPrefix?) throws -> Int {
    var longest = 0
    for sequence in groups.joined() {
      guard sequence.start >= 1, sequence.start < sequence.ids.count else {
        throw TransformerError.badInput(
          field: "scored tokens", expected: "from 1 to \(sequence.ids.count - 1)", got: "\(sequence.start)")
      }
      if let prefix {
        guard prefix.count < sequence.start, sequence.ids.starts(with: prefix.ids) else {
          throw TransformerError.badInput(
            field: "prefix", expected: "\(prefix.count) tokens that every sequence begins with", got: "others")
        }
      }
      longest = max(longest, sequence.ids.count)
    }
    // The last token is only predicted, not read.
    if let limit = positionLimit, longest - 1 > limit {
      throw TransformerError.tooLong(tokens: longest - 1, limit: limit)
    }
    return longest
  }
}
