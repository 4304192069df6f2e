import Tokenizers
import Transformers

/// Texts for language models: their tokens one after the other, cut in blocks.
///
/// Source: upstream's examples for causal and masked language models (run_clm, run_mlm). Unlike there nothing is left
/// out: the last block is shorter, as batches are ragged. Between texts stands the token that ends a text, where the
/// tokenizer has one and doesn't write it itself; masked models have their special tokens around each text instead.
package struct LanguageData {
  package let data: TrainingData
  /// Tokens of all blocks.
  package let tokenCount: Int
  package let blockSize: Int

  static let usualBlock: Int = 512

  /// Tokens of a block: what was asked for, else 512 or what the model allows.
  package static func blockSize(_ model: PretrainedModel, given: Int?) -> Int {
    let limit: Int? = model.positionLimit
    if let given { return min(given, limit ?? given) }
    return min(model.trainedMaxLength ?? usualBlock, model.defaultMaxLength ?? usualBlock, limit ?? usualBlock)
  }

  /// Blocks for a model with a language model's head.
  ///
  /// - Throws: ``TrainingError`` where there are fewer tokens than a model can learn from, or no mask token.
  package init(_ texts: [String], _ model: PretrainedModel, blockSize: Int) throws {
    guard let tokenizer = model.tokenizer else {
      throw TrainingError.undefined(operation: "fit", reason: "\(model.name) came without a tokenizer")
    }
    let isMasked: Bool = model.headKind == .maskedLM
    let size: Int = max(2, blockSize)
    var all: [Int] = []
    var written: Int = 0
    for encoding in try tokenizer.encodeBatch(texts) where !encoding.isEmpty {
      if !isMasked, written > 0, let end = tokenizer.specialTokens.eos?.id, all.last != end, encoding.ids.first != end {
        all.append(end)
      }
      all += encoding.ids
      written += 1
    }
    var blocks: [[Int]] = stride(from: 0, to: all.count, by: size).map { Array(all[$0..<min($0 + size, all.count)]) }
    // A block of one token has nothing to predict from.
    if !isMasked, let last = blocks.last, last.count < 2 { blocks.removeLast() }
    guard !blocks.isEmpty else { throw TrainingError.empty(operation: "fit", what: "texts of two tokens or more") }
    var masking: Masking?
    if isMasked {
      guard let own = Masking(tokenizer, vocabularySize: model.configuration.vocabularySize) else {
        throw TrainingError.undefined(operation: "fit", reason: "the tokenizer of \(model.name) has no mask token")
      }
      blocks.removeAll { block in block.allSatisfy(own.spared.contains) }
      guard !blocks.isEmpty else { throw TrainingError.empty(operation: "fit", what: "words to mask") }
      masking = own
    }
    data = try TrainingData(sequences: blocks, targets: .tokens(blocks), masking: masking)
    tokenCount = blocks.reduce(0) { $0 + $1.count }
    self.blockSize = size
  }
}
