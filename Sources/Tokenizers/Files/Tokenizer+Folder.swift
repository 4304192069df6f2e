extension Tokenizer {
  /// Reads the tokenizer of a model folder from the best of the files there: tokenizer.json, vocab.txt,
  /// vocab.json + merges.txt, spiece.model or tokenizer.model (each with tokenizer_config.json).
  ///
  /// XLNet is read from its spiece.model where that is there: its tokenizer.json is what a newer library makes of it,
  /// which cuts numbers, quotes and user-defined pieces otherwise than the model was trained with.
  ///
  /// - Parameter read: gives the bytes of a file of the folder by its name, or nothing where there is none.
  package convenience init(folder read: (_ name: String) throws -> [UInt8]?) throws {
    let config = try read("tokenizer_config.json")
    let map = try read("special_tokens_map.json")
    let added = try read("added_tokens.json")
    let settings = try TokenizerSettings(config: config, map: map)
    if settings.className == "XLNetTokenizer", let bytes = try read("spiece.model") {
      try self.init(sentencePiece: bytes, config: config, specialTokensMap: map, addedTokens: added)
    } else if let json = try read("tokenizer.json") {
      try self.init(json: json, config: config, specialTokensMap: map)
    } else if let text = try read("vocab.txt") {
      try self.init(vocabularyText: text, config: config, specialTokensMap: map, addedTokens: added)
    } else if let vocabulary = try read("vocab.json") {
      guard let merges = try read("merges.txt") else {
        throw TokenizerError.missing(what: "merges.txt", needed: "beside vocab.json")
      }
      try self.init(
        vocabularyJSON: vocabulary, merges: merges, config: config, specialTokensMap: map, addedTokens: added)
    } else if let bytes = try read("spiece.model") {
      try self.init(sentencePiece: bytes, config: config, specialTokensMap: map, addedTokens: added)
    } else if let bytes = try read("tokenizer.model") {
      try self.init(
        sentencePiece: bytes, config: config, specialTokensMap: map, addedTokens: added, file: "tokenizer.model")
    } else {
      throw TokenizerError.missing(
        what: "tokenizer", needed: "tokenizer.json, vocab.txt, vocab.json with merges.txt, or spiece.model")
    }
  }
}
