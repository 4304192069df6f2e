import NeuralNetworks
import TensorCore
import Transformers

/// What a model says of the words of a sentence.
package struct TaggedWords: Sendable, Equatable {
  package let words: [String]
  /// The most probable tag of each word, by its index.
  package let tags: [Int]
  /// For each word the probability of every tag; where a word has no tokens, all of it on ``Tagger/fallback``.
  package let probabilities: [[Double]]

  package init(words: [String], tags: [Int], probabilities: [[Double]]) {
    self.words = words
    self.tags = tags
    self.probabilities = probabilities
  }
}

/// Tags words: the model's word on each word's first token.
package struct Tagger {
  package let model: PretrainedModel
  package let encoder: WordEncoder
  /// The tag of words that have no tokens: `O` where there is one, else the first.
  package let fallback: Int

  static let groupSize: Int = 32

  /// - Throws: ``TrainingError/undefined`` where the model has no head for tags or no tokenizer.
  package init(_ model: PretrainedModel, maxLength: Int? = nil, stride: Int? = nil) throws {
    guard model.headKind == .tokenClassification, let tokenizer = model.tokenizer else {
      throw TrainingError.undefined(
        operation: "tagging", reason: "\(model.name) has no head for tags, or came without a tokenizer")
    }
    self.model = model
    encoder = try WordEncoder(tokenizer, maxLength: maxLength ?? model.defaultMaxLength, stride: stride)
    fallback = model.labels.firstIndex(of: "O") ?? 0
  }

  /// Tags sentences, several windows at once, in the table's order.
  package func tag(
    _ sentences: [[String]], progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> [TaggedWords] {
    let count: Int = model.labels.count
    var certain: [Double] = Array(repeating: 0, count: count)
    if certain.indices.contains(fallback) { certain[fallback] = 1 }
    var found: [[[Double]]] = sentences.map { words in words.map { _ in certain } }
    var pending: [(sentence: Int, window: WordEncoder.Window)] = []
    func flush() throws {
      guard !pending.isEmpty else { return }
      let batch = Batch(pending.map(\.window.ids), tokenTypeIDs: pending.map(\.window.typeIDs))
      let logits: Tensor = try model.tokenLogits(batch)
      let width: Int = logits.shape.last ?? 1
      logits.withUnsafeBuffer { values in
        var row: Int = 0
        for (sentence, window) in pending {
          for word in window.words {
            if let word, (row + 1) * width <= values.count {
              found[sentence][word] = softmax(values[(row * width)..<((row + 1) * width)])
            }
            row += 1
          }
        }
      }
      pending = []
    }
    for (number, words) in sentences.enumerated() {
      for window in try encoder.windows(words) where !window.ids.isEmpty {
        pending.append((number, window))
        if pending.count == Tagger.groupSize {
          try progress(number, sentences.count)
          try flush()
        }
      }
    }
    try flush()
    try progress(sentences.count, sentences.count)
    return zip(sentences, found).map { words, rows in
      TaggedWords(words: words, tags: rows.map(mostProbable), probabilities: rows)
    }
  }
}
