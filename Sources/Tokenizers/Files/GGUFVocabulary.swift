/// The tokenizer that a GGUF file carries in its metadata (`tokenizer.ggml.*`).
package struct GGUFVocabulary: Sendable {
  /// `tokenizer.ggml.model`: `gpt2` (byte-level BPE) or `llama` (sentencepiece BPE).
  package var model: String
  /// `tokenizer.ggml.pre`: the pre-tokenizer's name.
  package var pre: String?
  package var tokens: [String]
  /// 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
  package var tokenTypes: [Int] = []
  package var scores: [Float] = []
  package var merges: [String] = []
  package var bosID: Int?
  package var eosID: Int?
  package var unknownID: Int?
  package var paddingID: Int?
  package var addsBOS: Bool?
  package var addsEOS: Bool?
  package var addsSpacePrefix: Bool?
  /// Whether special tokens take along the white space behind them (Phi-3's do); the files don't say.
  package var stripsBehindSpecial = false

  package init(model: String, pre: String?, tokens: [String]) {
    self.model = model
    self.pre = pre
    self.tokens = tokens
  }

  /// How a text is cut into words before they are merged, and whether words that are tokens stay whole: what `pre`
  /// means.
  ///
  /// - Throws: ``TokenizerError/unknownKind(file:part:kind:)``.
  func splitting() throws -> (splitsDigits: Bool, pattern: GPTPattern, ignoresMerges: Bool) {
    switch pre ?? "gpt-2" {
    case "gpt-2", "default", "mpt", "olmo", "phi-2", "jais", "roberta-bpe": return (false, .gpt2, false)
    case "smollm", "starcoder", "refact", "command-r", "codeshell": return (true, .gpt2, false)
    case "llama-bpe", "llama3", "llama-v3", "dbrx", "smaug-bpe":
      return (false, GPTPattern(isLater: true, digits: 3), pre != "dbrx")
    case "qwen2", "deepseek-r1-qwen", "stablelm2": return (false, GPTPattern(isLater: true, digits: 1), false)
    case let kind: throw TokenizerError.unknownKind(file: "gguf", part: "tokenizer.ggml.pre", kind: kind)
    }
  }
}

extension Tokenizer {
  /// Makes a tokenizer of a GGUF file's metadata.
  ///
  /// - Throws: ``TokenizerError/unknownKind(file:part:kind:)`` for a model or pre-tokenizer that Luthier does not know.
  package convenience init(gguf: GGUFVocabulary, modelMaxLength: Int? = nil) throws {
    let file = "gguf"
    var builder = VocabularyBuilder(file: file)
    guard !gguf.tokens.isEmpty else {
      throw TokenizerError.malformed(file: file, at: "tokenizer.ggml.tokens", expected: "tokens", got: "none")
    }
    for (id, text) in gguf.tokens.enumerated() { try builder.add(text.utf8, id: id) }
    var added: [AddedToken] = []
    for (id, type) in gguf.tokenTypes.prefix(gguf.tokens.count).enumerated() where type == 3 || type == 4 {
      guard !gguf.tokens[id].isEmpty else { continue }
      let text = gguf.tokens[id]
      let strips = gguf.stripsBehindSpecial && !["<unk>", "<s>", "<|endoftext|>"].contains(text)
      added.append(AddedToken(text: text, id: id, stripsRight: strips, isSpecial: type == 3))
      try builder.addAdded(text, id: id)
    }
    let vocabulary = try builder.finish()
    var parts: TokenizerParts
    switch gguf.model {
    case "gpt2": parts = try Self.byteLevelParts(gguf, vocabulary)
    case "llama": parts = try Self.sentencePieceParts(gguf, vocabulary)
    default: throw TokenizerError.unknownKind(file: file, part: "tokenizer.ggml.model", kind: gguf.model)
    }
    parts.addedTokens = added
    func entry(_ id: Int?) throws -> SpecialTokens.Entry? {
      guard let id else { return nil }
      guard let text = vocabulary.text(of: id) else {
        throw TokenizerError.unknownID(id, vocabularySize: vocabulary.count)
      }
      return SpecialTokens.Entry(text: text, id: id)
    }
    parts.settings.specialTokens.bos = try entry(gguf.bosID)
    parts.settings.specialTokens.eos = try entry(gguf.eosID)
    parts.settings.specialTokens.unk = try entry(gguf.unknownID)
    parts.settings.specialTokens.pad = try entry(gguf.paddingID)
    parts.settings.modelMaxLength = modelMaxLength
    parts.postProcessor = Self.surroundings(gguf, parts.settings.specialTokens)
    self.init(parts: parts)
  }

  private static func surroundings(_ gguf: GGUFVocabulary, _ special: SpecialTokens) -> PostProcessor {
    func part(_ entry: SpecialTokens.Entry?) -> [PostProcessor.Part] {
      entry.map { [.special(id: $0.id, text: $0.text, typeID: 0)] } ?? []
    }
    // As llama.cpp has it where the file does not say.
    let isLlama = gguf.model == "llama" || ["llama-bpe", "llama3", "llama-v3"].contains(gguf.pre ?? "")
    let first = gguf.addsBOS ?? isLlama ? part(special.bos) : []
    let last = gguf.addsEOS ?? false ? part(special.eos) : []
    return PostProcessor(
      single: first + [.sequence(0, typeID: 0)] + last,
      pair: first + [.sequence(0, typeID: 0)] + last + first + [.sequence(1, typeID: 1)] + last, trimming: nil)
  }

  private static func byteLevelParts(_ gguf: GGUFVocabulary, _ vocabulary: Vocabulary) throws -> TokenizerParts {
    var list = MergeList(file: "gguf")
    list.reserve(gguf.merges.count)
    for merge in gguf.merges { try list.appendLine { $0.append(contentsOf: merge.utf8) } }
    let merges = try MergeTable(list, vocabulary: vocabulary, innerPrefix: "")
    let splitting = try gguf.splitting()
    var options = BytePairModel.Options()
    options.ignoresMerges = splitting.ignoresMerges
    var steps: [any PreTokenizer] = []
    if splitting.splitsDigits { steps.append(ScalarSplit.digits(individual: true)) }
    steps.append(splitting.pattern)
    steps.append(ByteLevelPreTokenizer(addsPrefixSpace: false, splits: false, keepsBytes: true))
    var parts = TokenizerParts(
      vocabulary: vocabulary, model: BytePairModel(vocabulary: vocabulary, merges: merges, options: options))
    parts.preTokenizer = PreTokenizerSequence(steps: steps)
    parts.decoder = ByteLevelDecoder()
    return parts
  }

  private static func sentencePieceParts(_ gguf: GGUFVocabulary, _ vocabulary: Vocabulary) throws -> TokenizerParts {
    guard gguf.scores.count == gguf.tokens.count else {
      throw TokenizerError.malformed(
        file: "gguf", at: "tokenizer.ggml.scores", expected: "\(gguf.tokens.count) scores", got: "\(gguf.scores.count)")
    }
    var options = BytePairModel.Options()
    options.unknown = gguf.unknownID.flatMap { vocabulary.text(of: $0) } ?? "<unk>"
    options.fusesUnknown = true
    options.fallsBackToBytes = true
    let merges = MergeTable(scores: gguf.scores, texts: gguf.tokens.map { Array($0.utf8) }, vocabulary: vocabulary)
    var parts = TokenizerParts(
      vocabulary: vocabulary, model: BytePairModel(vocabulary: vocabulary, merges: merges, options: options))
    parts.normalizer = SentencePieceNormalizer(
      charsmap: nil, kept: [], addsPrefix: gguf.addsSpacePrefix ?? true, removesSpaces: false, escapesSpaces: true)
    parts.decoder = DecoderSequence(steps: [
      ByteFallbackDecoder(), FuseDecoder(), MetaspaceDecoder(replacement: [0xE2, 0x96, 0x81], dropsFirst: false),
      StripDecoder(content: [0x20], start: gguf.addsSpacePrefix ?? true ? 1 : 0, stop: 0),
    ])
    return parts
  }
}
