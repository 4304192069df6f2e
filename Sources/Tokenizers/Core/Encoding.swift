/// What a tokenizer makes of one text, or of a pair: parallel arrays with an element per token, without padding.
package struct Encoding: Sendable {
  /// Ids in the vocabulary.
  package internal(set) var ids: [Int]
  /// The part of the text that a token stands for, counted in Unicode scalars; `0..<0` for special tokens.
  /// In a pair, offsets count in the sequence the token comes from; with pre-split words, in its word.
  package internal(set) var offsets: [Range<Int>]
  /// Segment of each token (`token_type_ids`).
  package internal(set) var typeIDs: [Int]
  /// Whether the post-processor added the token.
  package internal(set) var specialTokensMask: [Bool]
  /// The word a token belongs to, as the pre-tokenizer (or the caller of `encode(words:)`) split the text.
  package internal(set) var wordIDs: [Int?]
  /// 0 for the first sequence, 1 for the second, nothing for special tokens.
  package internal(set) var sequenceIDs: [Int?]
  /// The windows after the first where the text was cut, in order, if ``Truncation/keepsOverflow`` asks for them.
  package internal(set) var overflowing: [Encoding]
  /// Whether the text was too long and was cut.
  package internal(set) var wasTruncated: Bool = false
  /// Texts of tokens that are not the vocabulary's text of their id (unknown pieces of Unigram), by index.
  var surfaces: [Int: String]
  let texts: Vocabulary?

  /// The tokens' texts as the vocabulary writes them (`##ing`, `Ġthe`, `▁the`), made at each call.
  package var tokens: [String] {
    ids.indices.map { surfaces[$0] ?? texts?.text(of: ids[$0]) ?? "" }
  }

  package var count: Int { ids.count }
  package var isEmpty: Bool { ids.isEmpty }

  init(texts: Vocabulary?) {
    ids = []
    offsets = []
    typeIDs = []
    specialTokensMask = []
    wordIDs = []
    sequenceIDs = []
    overflowing = []
    surfaces = [:]
    self.texts = texts
  }
}
