import Foundation
import NeuralNetworks
import TensorCore
import Tokenizers
import Transformers

/// How likely a masked language model finds a text: each token masked in turn and guessed from all others.
///
/// Source: Salazar et al. 2020, "Masked Language Model Scoring" (arXiv:1910.14659).
package struct PseudoLikelihood {
  let model: PretrainedModel
  let tokenizer: Tokenizer
  let masking: Masking

  /// - Throws: ``TrainingError/undefined`` where the model guesses no masked words.
  package init(_ model: PretrainedModel) throws {
    guard model.headKind == .maskedLM, let tokenizer = model.tokenizer,
      let masking = Masking(tokenizer, vocabularySize: model.configuration.vocabularySize)
    else {
      throw TrainingError.undefined(
        operation: "pseudo-perplexity", reason: "\(model.name) guesses no masked words, or its tokenizer has no mask")
    }
    self.model = model
    self.tokenizer = tokenizer
    self.masking = masking
  }

  /// Minus the logarithm of the probability of each token that isn't special; texts that are too long go in pieces.
  ///
  /// - Complexity: a forward pass for each token.
  package func losses(of text: String, progress: () throws -> Void = {}) throws -> [Double] {
    let length: Int? = model.defaultMaxLength
    let encoding: Encoding = try tokenizer.encode(
      text, truncation: length.map { Truncation(maxLength: $0, keepsOverflow: true) })
    var found: [Double] = []
    for part in [encoding] + encoding.overflowing {
      let places: [Int] = part.ids.indices.filter { !masking.spared.contains(part.ids[$0]) }
      for start in stride(from: 0, to: places.count, by: 16) {
        try progress()
        let asked: ArraySlice<Int> = places[start..<min(start + 16, places.count)]
        let rows: [[Int]] = asked.map { place in
          var ids: [Int] = part.ids
          ids[place] = masking.maskID
          return ids
        }
        let batch = Batch(rows, tokenTypeIDs: rows.map { _ in part.typeIDs })
        let kept: Tensor = try model.tokenRows(batch).gatheredRows(
          asked.enumerated().map { $0.offset * part.ids.count + $0.element })
        guard let logits = try model.head?(kept, ForwardContext()).logSoftmax(axis: -1) else { return [] }
        let width: Int = logits.shape[1]
        logits.withUnsafeBuffer { values in
          for (row, place) in asked.enumerated() { found.append(-Double(values[row * width + part.ids[place]])) }
        }
      }
    }
    return found
  }
}
