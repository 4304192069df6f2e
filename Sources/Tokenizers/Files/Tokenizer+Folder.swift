extension Tokenizer {
  /// Reads the tokenizer of a model folder from the best of the files there: tokenizer.json, vocab.txt,
  /// vocab.json + merges.txt, spiece.model (each with tokenizer_config.json).
  ///
  /// - Parameter read: gives the bytes of a file of the folder by its name, or nothing where there is none.
  package convenience init(folder read: (_ name: String) throws -> [UInt8]?) throws {
    let config = try read("tokenizer_config.json")
    let map = try read("special_tokens_map.json")
    if let json = try read("tokenizer.json") {
      try self.init(json: json, config: config, specialTokensMap: map)
      return
    }
    throw TokenizerError.missing(what: "tokenizer", needed: "tokenizer.json, vocab.txt, vocab.json or spiece.model")
  }
}
