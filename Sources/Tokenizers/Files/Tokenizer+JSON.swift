extension Tokenizer {
  /// Reads a tokenizer.json.
  ///
  /// - Parameters:
  ///   - json: the bytes of tokenizer.json.
  ///   - config: the bytes of tokenizer_config.json beside it, for special tokens, `model_max_length`, sides, and what
  ///     its class decides.
  ///   - specialTokensMap: the bytes of special_tokens_map.json, where there is one.
  /// - Throws: ``TokenizerError``.
  package convenience init(json: [UInt8], config: [UInt8]? = nil, specialTokensMap: [UInt8]? = nil) throws {
    var parts = try json.withUnsafeBufferPointer { try Self.parts(json: $0) }
    parts.settings = try TokenizerSettings(config: config, map: specialTokensMap)
    parts.settings.assumeRoles(in: parts.vocabulary)
    parts.settings.resolve(in: parts.vocabulary)
    parts.followSettings()
    self.init(parts: parts)
  }

  private static func parts(json: UnsafeBufferPointer<UInt8>) throws -> TokenizerParts {
    let file = try TokenizerFile(json)
    let kind = try file.modelKind()
    if let isList = file.vocabulary?.isList, isList != (kind == "Unigram"),
      ["WordPiece", "WordLevel", "BPE", "Unigram"].contains(kind)
    {
      throw TokenizerError.malformed(
        file: TokenizerFile.name, at: "$.model.vocab",
        expected: kind == "Unigram" ? "a list of pieces with scores" : "an object of tokens with ids",
        got: isList ? "a list" : "an object")
    }
    var (builder, scores) = try file.readVocabulary(json)
    var added = try file.addedTokens()
    let vocabulary = try builder.finish(with: &added)
    let model: any TokenizerModel
    let settings = file.model
    switch kind {
    case "WordPiece":
      model = WordPiece(
        vocabulary: vocabulary, prefix: try settings.text("continuing_subword_prefix", default: "##"),
        unknown: try settings.text("unk_token", default: "[UNK]"),
        longestWord: try settings.optional("max_input_chars_per_word")?.integer() ?? 100)
    case "WordLevel":
      model = WordLevel(vocabulary: vocabulary, unknown: try settings.text("unk_token", default: "<unk>"))
    case "BPE":
      let options = try BytePairModel.Options(settings)
      let merges = try MergeTable(
        try file.readMerges(json), vocabulary: vocabulary, innerPrefix: options.innerPrefix)
      model = BytePairModel(vocabulary: vocabulary, merges: merges, options: options)
    case "Unigram":
      model = try Unigram(vocabulary: vocabulary, scores: scores, settings: settings)
    default:
      throw TokenizerError.unknownKind(file: TokenizerFile.name, part: "$.model", kind: kind)
    }
    var parts = TokenizerParts(vocabulary: vocabulary, model: model)
    parts.addedTokens = added
    parts.normalizer = try file.root.optional("normalizer").map { try normalizer($0) }
    parts.preTokenizer = try file.root.optional("pre_tokenizer").map {
      try preTokenizer($0, keepsBytes: model.kind == "BPE", isLast: true)
    }
    parts.decoder = try file.root.optional("decoder").map { try tokenDecoder($0) }
    parts.postProcessor = try file.root.optional("post_processor").map { try postProcessor($0) } ?? PostProcessor()
    return parts
  }
}
