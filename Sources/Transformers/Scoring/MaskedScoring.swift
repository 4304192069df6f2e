import NeuralNetworks
import TensorCore

/// A text with masks, and words that might stand there: each has as many tokens as there are masks.
package struct MaskedSequence: Equatable, Sendable {
  package var ids: [Int]
  package var typeIDs: [Int]
  /// Where the masks stand, one after the other.
  package var masks: [Int]
  /// Tokens of each word asked for.
  package var words: [[Int]]

  package init(ids: [Int], typeIDs: [Int], masks: [Int], words: [[Int]]) {
    self.ids = ids
    self.typeIDs = typeIDs
    self.masks = masks
    self.words = words
  }
}

extension PretrainedModel {
  /// The natural logarithm of the probability of each token of each word at its mask, all masks of a sequence being
  /// masked at once (Schick and Schütze 2021, arXiv:2001.07676, score words of one token so).
  ///
  /// - Returns: by sequence, by word, a value for each token.
  /// - Throws: ``TransformerError`` for a model without a masked language model's head.
  package func maskedLogProbabilities(
    _ sequences: [MaskedSequence], checkInterruption: (() throws -> Void)? = nil
  ) throws -> [[[Float]]] {
    guard let head, head.kind == .maskedLM else { throw noHead("fill") }
    if sequences.isEmpty { return [] }
    let pass = ForwardContext()
    pass.checkInterruption = checkInterruption
    let batch = Batch(sequences.map(\.ids), tokenTypeIDs: sequences.map(\.typeIDs))
    var (rows, targets): ([Int], [[Int]]) = ([], [])
    for (number, sequence) in sequences.enumerated() {
      for (place, mask) in sequence.masks.enumerated() {
        guard sequence.ids.indices.contains(mask), sequence.words.allSatisfy({ $0.count == sequence.masks.count })
        else {
          throw TransformerError.badInput(field: "masks", expected: "a mask for each token of a word", got: "others")
        }
        rows.append(batch.sequenceOffsets[number] + mask)
        targets.append(sequence.words.map { $0[place] })
      }
    }
    let hidden = try tokenRows(batch, pass).gatheredRows(rows)
    let values = try targetLogProbabilities(hidden, targets, pass)
    var first = 0
    return sequences.map { sequence in
      defer { first += sequence.masks.count }
      return sequence.words.indices.map { word in sequence.masks.indices.map { values[first + $0][word] } }
    }
  }
}
