/// A tokenizer: text to ids and back.
///
/// Made from any of the files that checkpoints carry; see the initialisers. It can be used from several threads.
package final class Tokenizer: Sendable {
  /// The kind of model: `WordPiece`, `BPE` or `Unigram`.
  package let kind: String
  /// All tokens, added ones included.
  package let vocabulary: Vocabulary
  package let specialTokens: SpecialTokens
  /// `model_max_length` of tokenizer_config.json, special tokens included; nothing where none (or an absurd one) is given.
  package let modelMaxLength: Int?
  /// The side on which the original pads. Luthier's batches are ragged; shown only.
  package let paddingSide: Truncation.Side
  /// The truncation that tokenizer.json carries. As in transformers, it is not applied unless asked for.
  package let truncationInFile: Truncation?
  package let paddingInFile: Padding?

  /// Number of ids: one more than the highest.
  package var vocabularySize: Int { vocabulary.count }

  /// Reads a tokenizer.json.
  ///
  /// - Parameters:
  ///   - json: the bytes of tokenizer.json.
  ///   - config: the bytes of tokenizer_config.json beside it, for special tokens, `model_max_length`, sides.
  ///   - specialTokensMap: the bytes of special_tokens_map.json, where there is one.
  /// - Throws: ``TokenizerError``.
  package init(json: [UInt8], config: [UInt8]? = nil, specialTokensMap: [UInt8]? = nil) throws {
    throw TokenizerError.missing(what: "tokenizer", needed: "not written yet")
  }

  /// Reads the tokenizer of a model folder from the best of the files there: tokenizer.json, vocab.txt,
  /// vocab.json + merges.txt, spiece.model (each with tokenizer_config.json).
  ///
  /// - Parameter read: gives the bytes of a file of the folder by its name, or nothing where there is none.
  package convenience init(folder read: (_ name: String) throws -> [UInt8]?) throws {
    guard let json = try read("tokenizer.json") else {
      throw TokenizerError.missing(what: "tokenizer", needed: "tokenizer.json, vocab.txt, vocab.json or spiece.model")
    }
    try self.init(
      json: json, config: try read("tokenizer_config.json"), specialTokensMap: try read("special_tokens_map.json"))
  }

  /// Encodes a text or a pair of texts.
  ///
  /// - Parameters:
  ///   - text, pair: the sequences; `pair` may be empty but not missing to get a pair.
  ///   - addSpecialTokens: whether the post-processor adds `[CLS]`, `[SEP]` and their like.
  ///   - truncation: how to cut; nothing leaves the text whole.
  /// - Throws: ``TokenizerError/cannotEncode(reason:)`` where the truncation cannot be met.
  package func encode(
    _ text: String, pair: String? = nil, addSpecialTokens: Bool = true, truncation: Truncation? = nil
  ) throws -> Encoding {
    Encoding(texts: vocabulary)
  }

  /// Encodes texts that are split into words already: `wordIDs` count the words given, offsets count in each word.
  package func encode(
    words: [String], pair: [String]? = nil, addSpecialTokens: Bool = true, truncation: Truncation? = nil
  ) throws -> Encoding {
    Encoding(texts: vocabulary)
  }

  /// Encodes many texts (or pairs) on all threads. Same results in the same order as ``encode(_:pair:addSpecialTokens:truncation:)``.
  package func encodeBatch(
    _ texts: [String], pairs: [String]? = nil, addSpecialTokens: Bool = true, truncation: Truncation? = nil
  ) throws -> [Encoding] {
    try texts.indices.map {
      try encode(texts[$0], pair: pairs?[$0], addSpecialTokens: addSpecialTokens, truncation: truncation)
    }
  }

  /// The text of ids. Ids that no token has are left out, as in the reference.
  package func decode(_ ids: [Int], skipSpecialTokens: Bool = false) -> String { "" }

  /// How many special tokens ``encode`` adds to one sequence or to a pair.
  package func addedTokenCount(pair: Bool = false) -> Int { 0 }
}
