/// The tags of a tagger: whether they mark entities by prefixes (BIO, IOB2, IOBES), and what they name.
package struct TagSet: Sendable, Equatable {
  package let names: [String]
  /// Whether tags have prefixes: `B-PER`, `I-PER`.
  package let hasPrefixes: Bool

  package init(_ names: [String]) {
    self.names = names
    // Where all entities have one word, IOBES has none but `S-`.
    let prefixes: [String] = names.contains("O") ? ["B-", "I-", "S-", "E-"] : ["B-", "I-"]
    hasPrefixes = names.contains { name in prefixes.contains { name.hasPrefix($0) } }
  }

  /// A stretch of words with one meaning.
  package struct Span: Sendable, Equatable {
    package let type: String
    /// Words of the sentence.
    package let words: Range<Int>
    /// The mean of the probabilities that its words' tags have.
    package let probability: Double
  }

  /// What the tags of a sentence mark: entities as conlleval reads them; without prefixes, stretches of one tag other
  /// than `O`, or, where there is no `O`, each word by itself.
  package func spans(_ tagged: TaggedWords) -> [Span] {
    let tags: [String] = tagged.tags.map { names.indices.contains($0) ? names[$0] : "O" }
    let places: [(type: String, words: Range<Int>)]
    if hasPrefixes {
      places = entities(in: [tags]).map { ($0.type, $0.first..<$0.last + 1) }
    } else {
      places = runs(tags)
    }
    return places.map { type, words in
      let sum: Double = words.reduce(0) { $0 + tagged.probabilities[$1][tagged.tags[$1]] }
      return Span(type: type, words: words, probability: sum / Double(words.count))
    }
  }

  private func runs(_ tags: [String]) -> [(type: String, words: Range<Int>)] {
    let merges: Bool = names.contains("O")
    var found: [(type: String, words: Range<Int>)] = []
    for (place, tag) in tags.enumerated() where tag != "O" || !merges {
      if merges, let last = found.last, last.type == tag, last.words.upperBound == place {
        found[found.count - 1].words = last.words.lowerBound..<place + 1
      } else {
        found.append((tag, place..<place + 1))
      }
    }
    return found
  }

  /// What a tag names, without its prefix: `PER` of `B-PER`.
  package func type(of tag: Int) -> String {
    let name: String = names[tag]
    return hasPrefixes && !TagParts(name).isOutside ? TagParts(name).type : name
  }
}
