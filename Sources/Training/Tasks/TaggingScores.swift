import Foundation

/// How well sentences were tagged.
package struct TaggingScores: Sendable {
  package let tags: TagSet
  /// Indices of tags, sentence by sentence.
  package let truth: [[Int]]
  package let predicted: [TaggedWords]

  /// - Throws: ``TrainingError/shapeMismatch`` where a sentence has more or fewer tags than words.
  package init(_ tags: TagSet, truth: [[Int]], predicted: [TaggedWords]) throws {
    guard truth.count == predicted.count, zip(truth, predicted).allSatisfy({ $0.count == $1.tags.count }) else {
      throw TrainingError.shapeMismatch(
        operation: "tagging", expected: "a tag for each word", got: "\(truth.count) and \(predicted.count) sentences")
    }
    self.tags = tags
    self.truth = truth
    self.predicted = predicted
  }

  package var wordCount: Int { truth.reduce(0) { $0 + $1.count } }
  /// Words with the right tag.
  package var correctWords: Int {
    zip(truth, predicted).reduce(0) { sum, pair in
      sum + zip(pair.0, pair.1.tags).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
    }
  }

  /// Entities as conlleval counts them.
  package func entities() throws -> EntityScores {
    try EntityScores(truth: names(truth), predicted: names(predicted.map(\.tags)))
  }

  private func names(_ sentences: [[Int]]) -> [[String]] { sentences.map { row in row.map { tags.names[$0] } } }

  /// Words by what their tags name, prefixes aside: rows true, columns predicted.
  package func confusion() throws -> (names: [String], matrix: ConfusionMatrix) {
    var names: [String] = []
    let classes: [Int] = tags.names.indices.map { tag in
      let type: String = tags.type(of: tag)
      if let place = names.firstIndex(of: type) { return place }
      names.append(type)
      return names.count - 1
    }
    return (
      names,
      try ConfusionMatrix(
        truth: truth.flatMap { $0 }.map { classes[$0] }, predicted: predicted.flatMap(\.tags).map { classes[$0] },
        classCount: names.count)
    )
  }

  /// The mean logarithm of the true tags' probabilities over all words, turned round: the log loss.
  package var logLoss: Double {
    var sum: Double = 0
    for (tags, said) in zip(truth, predicted) {
      for (word, tag) in tags.enumerated() { sum -= log(max(said.probabilities[word][tag], 1e-300)) }
    }
    return wordCount > 0 ? sum / Double(wordCount) : .nan
  }

  /// A sentence that was not tagged right.
  package struct Mistake: Sendable {
    package let sentence: Int
    /// What is there and was not found, and what was found and is not there, as `type: words`.
    package let missed: [String]
    package let wrong: [String]
    /// The least probability that a true tag got.
    package let least: Double
  }

  /// Sentences with mistakes, the one whose true tags were least expected first.
  package func mistakes() -> [Mistake] {
    var found: [Mistake] = []
    for (sentence, said) in predicted.enumerated() where said.tags != truth[sentence] {
      let right = TaggedWords(words: said.words, tags: truth[sentence], probabilities: said.probabilities)
      let (expected, got) = (described(right), described(said))
      found.append(
        Mistake(
          sentence: sentence, missed: expected.filter { !got.contains($0) },
          wrong: got.filter { !expected.contains($0) },
          least: truth[sentence].enumerated().map { said.probabilities[$0][$1] }.min() ?? 0))
    }
    return found.sorted { ($0.least, $0.sentence) < ($1.least, $1.sentence) }
  }

  private func described(_ sentence: TaggedWords) -> [String] {
    tags.spans(sentence).map { "\($0.type): \(sentence.words[$0.words].joined(separator: " "))" }
  }
}
