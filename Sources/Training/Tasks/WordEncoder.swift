import Tokenizers
import Transformers

/// Sentences that are split into words, as windows of tokens.
///
/// The first token of a word stands for it, as upstream's example for token classification has it. A sentence longer
/// than `maxLength` becomes several windows that share `stride` tokens; each word is judged in the one window where
/// most stands on both of its sides.
package struct WordEncoder: Sendable {
  package struct Window: Sendable, Equatable {
    package let ids: [Int]
    package let typeIDs: [Int]
    /// Of each token the word that it stands for; nil for special tokens, later pieces, and words judged elsewhere.
    package let words: [Int?]
  }

  package let tokenizer: Tokenizer
  package let maxLength: Int?
  package let stride: Int?
  /// Whether the tokenizer, given words one by one, needs the space before each that running text has.
  package let addsSpace: Bool

  static let usualStride: Int = 64

  /// - Parameter stride: tokens that neighbouring windows share; nil for the usual 64, or half the room.
  package init(_ tokenizer: Tokenizer, maxLength: Int?, stride: Int? = nil) throws {
    self.tokenizer = tokenizer
    self.maxLength = maxLength
    self.stride = stride
    let running: [Int] = try tokenizer.encode("a b", addSpecialTokens: false).ids
    let single: [Int] = try tokenizer.encode(words: ["a", "b"], addSpecialTokens: false).ids
    addsSpace = running.last != single.last
  }

  /// The windows of a sentence; words without tokens stand in none.
  ///
  /// - Throws: ``TokenizerError`` where the stride leaves no room; ``TrainingError/invalidSetting`` where special tokens
  ///   leave none, as all of the sentence would stand in one window then.
  package func windows(_ words: [String]) throws -> [Window] {
    let spaced: [String] = addsSpace ? words.map { " " + $0 } : words
    let room: Int? = maxLength.map { max(0, $0 - tokenizer.addedTokenCount()) }
    guard room != 0 else {
      throw TrainingError.invalidSetting(
        operation: "tagging", setting: "max_length",
        expected: "more than the \(tokenizer.addedTokenCount()) special tokens of a window", got: "\(maxLength ?? 0)")
    }
    let shared: Int = room.map { WindowStride.resolved(stride, usual: WordEncoder.usualStride, room: $0) } ?? 0
    let encoding: Encoding = try tokenizer.encode(
      words: spaced, truncation: maxLength.map { Truncation(maxLength: $0, stride: shared, keepsOverflow: true) })
    let parts: [Encoding] = [encoding] + encoding.overflowing
    // The place of each token in the whole sentence.
    let step: Int = (room ?? 0) - shared
    var places: [[Int?]] = []
    var firsts: [Int: Int] = [:]
    for (number, part) in parts.enumerated() {
      var next: Int = number * step
      var own: [Int?] = []
      for word in part.wordIDs {
        guard let word else {
          own.append(nil)
          continue
        }
        own.append(next)
        firsts[word] = min(firsts[word] ?? next, next)
        next += 1
      }
      places.append(own)
    }
    let owners: [Int: Int] = WordEncoder.owners(firsts, places)
    return zip(parts, places).enumerated().map { number, part in
      let words: [Int?] = part.0.wordIDs.enumerated().map { token, word in
        guard let word, owners[word] == number, firsts[word] == part.1[token] else { return nil }
        return word
      }
      return Window(ids: part.0.ids, typeIDs: part.0.typeIDs, words: words)
    }
  }

  /// The window that judges each word: where the least of the tokens before and after its first token is most.
  private static func owners(_ firsts: [Int: Int], _ places: [[Int?]]) -> [Int: Int] {
    let spans: [Range<Int>] = places.map { own in
      let real: [Int] = own.compactMap { $0 }
      return (real.first ?? 0)..<((real.last ?? -1) + 1)
    }
    guard spans.count > 1 else { return firsts.mapValues { _ in 0 } }
    return firsts.mapValues { place in
      var best: (window: Int, context: Int) = (0, -1)
      for (window, span) in spans.enumerated() where span.contains(place) {
        let context: Int = min(place - span.lowerBound, span.upperBound - 1 - place)
        if context > best.context { best = (window, context) }
      }
      return best.window
    }
  }
}
