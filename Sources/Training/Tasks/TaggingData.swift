import Transformers

/// Sentences of words with tags as examples to train on.
package struct TaggingData {
  package let data: TrainingData
  /// How many sentences were longer than a window.
  package let windowed: Int
  /// How many words have no tokens, and so no place to learn their tag.
  package let lost: Int

  /// - Parameters:
  ///   - sentences: words.
  ///   - tags: for each word the index of its tag.
  /// - Throws: ``TrainingError`` if a sentence has more or fewer tags than words, or there is nothing to learn.
  package init(_ sentences: [[String]], tags: [[Int]], _ encoder: WordEncoder) throws {
    guard sentences.count == tags.count else {
      throw TrainingError.shapeMismatch(
        operation: "fit", expected: "\(sentences.count) sentences of tags", got: "\(tags.count)")
    }
    var ids: [[Int]] = []
    var types: [[Int]] = []
    var labels: [[Int]] = []
    var (windowed, lost) = (0, 0)
    for (row, words) in sentences.enumerated() {
      guard words.count == tags[row].count else {
        throw TrainingError.shapeMismatch(
          operation: "fit", expected: "\(words.count) tags in row \(row), one for each word", got: "\(tags[row].count)")
      }
      let windows: [WordEncoder.Window] = try encoder.windows(words).filter { !$0.ids.isEmpty }
      if windows.count > 1 { windowed += 1 }
      var found: Int = 0
      for window in windows {
        ids.append(window.ids)
        types.append(window.typeIDs)
        labels.append(window.words.map { word in word.map { tags[row][$0] } ?? Labels.ignored })
        found += window.words.count { $0 != nil }
      }
      lost += words.count - found
    }
    guard labels.contains(where: { $0.contains { $0 != Labels.ignored } }) else {
      throw TrainingError.empty(operation: "fit", what: "words that have tokens")
    }
    data = try TrainingData(sequences: ids, tokenTypeIDs: types, targets: .tokens(labels))
    self.windowed = windowed
    self.lost = lost
  }
}
