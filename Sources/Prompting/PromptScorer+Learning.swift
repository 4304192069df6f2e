import Transformers

extension PromptScorer {
  /// What a language model can learn of a row: the filled prompt, and at each of its tokens what is to be said there.
  package struct Example: Equatable, Sendable {
    package var ids: [Int]
    package var typeIDs: [Int]
    /// The tokens of the label's first word where they stand (a causal model) or where they are masked; elsewhere
    /// ``Labels/ignored``.
    package var targets: [Int]
  }

  /// A labelled row to learn from: tokens as ``encode(_:shots:)`` makes and checks them for scoring (all labels' words,
  /// of which one is learned), so that what is learned is what is asked.
  ///
  /// - Throws: ``PromptingError`` for a row without a label, with one that the prompt doesn't have, or too long for the
  ///   model.
  package func example(_ row: PromptRow, at number: Int) throws -> Example {
    guard let name = row.label else {
      throw PromptingError.data("row \(number) has no label", help: "leave it out, or give it one")
    }
    let label = try prompt.label(named: name)
    let encoded = try encode(row, shots: [])
    func checkLength(_ ids: [Int]) throws {
      guard let limit = model.positionLimit, ids.count > limit else { return }
      throw PromptingError.tooLong(prompt: self.name, row: number, tokens: ids.count, limit: limit, shots: 0)
    }
    let place = encoded.places[label][0]
    if isMasked {
      let sequence = encoded.masked[place.sequence]
      try checkLength(sequence.ids)
      var targets = sequence.ids.map { _ in Labels.ignored }
      for (mask, token) in zip(sequence.masks, sequence.words[place.word]) { targets[mask] = token }
      return Example(ids: sequence.ids, typeIDs: sequence.typeIDs, targets: targets)
    }
    let sequence = encoded.causal[place.sequence]
    try checkLength(sequence.ids)
    guard sequence.start > 0 else {
      throw PromptingError.data(
        "row \(number): nothing stands before the label, so its first token can't be learned",
        help: "put words before {label}")
    }
    let targets = sequence.ids.enumerated().map { $0 < sequence.start ? Labels.ignored : $1 }
    return Example(ids: sequence.ids, typeIDs: sequence.ids.map { _ in 0 }, targets: targets)
  }
}
