extension Tokenizer {
  /// Reads a `vocab.txt` of BERT: a token a line, its id the number of the line.
  ///
  /// - Parameters:
  ///   - config: tokenizer_config.json, for `do_lower_case`, `strip_accents`, `tokenize_chinese_chars`.
  ///   - addedTokens: added_tokens.json.
  package convenience init(
    vocabularyText bytes: [UInt8], config: [UInt8]? = nil, specialTokensMap: [UInt8]? = nil, addedTokens: [UInt8]? = nil
  ) throws {
    let file = "vocab.txt"
    try Self.checkUTF8(bytes, file: file)
    var settings = try TokenizerSettings(config: config, map: specialTokensMap, added: addedTokens)
    var builder = VocabularyBuilder(file: file)
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    guard !lines.isEmpty else {
      throw TokenizerError.malformed(file: file, at: "the whole file", expected: "a token a line", got: "nothing")
    }
    for (id, line) in lines.enumerated() { try builder.add(line.last == 0x0D ? line.dropLast() : line, id: id) }
    let bert = ["unk": "[UNK]", "sep": "[SEP]", "pad": "[PAD]", "cls": "[CLS]", "mask": "[MASK]"]
    for (role, text) in bert where settings.roles[role] == nil {
      settings.roles[role] = AddedToken(text: text, id: -1, isSpecial: true)
    }
    let added = try Self.addSpecials(settings, to: &builder)
    let vocabulary = try builder.finish()
    settings.resolve(in: vocabulary)
    let unknown = settings.roles["unk"]?.text ?? "[UNK]"
    var parts = TokenizerParts(
      vocabulary: vocabulary,
      model: WordPiece(vocabulary: vocabulary, prefix: "##", unknown: unknown, longestWord: 100))
    parts.addedTokens = added
    parts.normalizer = BertNormalizer(
      spacesIdeographs: settings.spacesIdeographs ?? true, stripsAccents: settings.stripsAccents,
      lowercases: settings.lowercases ?? true)
    parts.preTokenizer = BertPreTokenizer()
    parts.decoder = WordPieceDecoder(prefix: Array("##".utf8), cleansUp: true)
    guard let cls = settings.specialTokens.cls, let sep = settings.specialTokens.sep else {
      throw TokenizerError.missing(what: "special tokens", needed: "[CLS] and [SEP] in vocab.txt")
    }
    parts.postProcessor = .bert(cls: (cls.text, cls.id), sep: (sep.text, sep.id))
    parts.settings = settings
    self.init(parts: parts)
  }

  /// Reads the `vocab.json` and `merges.txt` of GPT-2 or RoBERTa.
  package convenience init(
    vocabularyJSON: [UInt8], merges: [UInt8], config: [UInt8]? = nil, specialTokensMap: [UInt8]? = nil,
    addedTokens: [UInt8]? = nil
  ) throws {
    var settings = try TokenizerSettings(config: config, map: specialTokensMap, added: addedTokens)
    var builder = VocabularyBuilder(file: "vocab.json")
    try vocabularyJSON.withUnsafeBufferPointer { buffer in
      var reader = try JSONReader(buffer, file: "vocab.json")
      try reader.object { reader, key in try builder.add(key.utf8, id: try reader.integer()) }
      guard reader.peek() == 0 else { throw reader.failure("the end of the file") }
    }
    try Self.checkUTF8(merges, file: "merges.txt")
    var list = MergeList(file: "merges.txt")
    for (number, line) in merges.split(separator: 0x0A).enumerated() {
      let line = line.last == 0x0D ? line.dropLast() : line
      if line.isEmpty || (number == 0 && line.starts(with: Array("#version".utf8))) { continue }
      try list.appendLine { $0.append(contentsOf: line) }
    }
    let early = TokenTable(arena: TextArena(builder.bytes), entries: builder.model)
    let isRoBERTa =
      settings.className.map { $0.hasPrefix("Roberta") }
      ?? ["<s>", "</s>", "<mask>"].allSatisfy { early.find(Array($0.utf8)) >= 0 }
    let assumed: [String: String] =
      isRoBERTa
      ? ["bos": "<s>", "cls": "<s>", "sep": "</s>", "eos": "</s>", "pad": "<pad>", "mask": "<mask>", "unk": "<unk>"]
      : ["bos": "<|endoftext|>", "eos": "<|endoftext|>", "unk": "<|endoftext|>"]
    for (role, text) in assumed where settings.roles[role] == nil && early.find(Array(text.utf8)) >= 0 {
      settings.roles[role] = AddedToken(text: text, id: -1, isSpecial: true)
    }
    if isRoBERTa { settings.roles["mask"]?.stripsLeft = true }
    let added = try Self.addSpecials(settings, to: &builder)
    let vocabulary = try builder.finish()
    settings.resolve(in: vocabulary)
    let table = try MergeTable(list, vocabulary: vocabulary, innerPrefix: "")
    var parts = TokenizerParts(
      vocabulary: vocabulary,
      model: BytePairModel(vocabulary: vocabulary, merges: table, options: BytePairModel.Options()))
    let prefixed = settings.addsPrefixSpace ?? false
    parts.preTokenizer = ByteLevelPreTokenizer(addsPrefixSpace: prefixed, splits: true, keepsBytes: true)
    parts.decoder = ByteLevelDecoder()
    parts.addedTokens = added
    if isRoBERTa, let cls = settings.specialTokens.cls, let sep = settings.specialTokens.sep {
      parts.postProcessor = .roberta(
        cls: (cls.text, cls.id), sep: (sep.text, sep.id),
        trimming: PostProcessor.Trimming(addsPrefixSpace: prefixed))
    }
    parts.settings = settings
    self.init(parts: parts)
  }

  static func checkUTF8(_ bytes: [UInt8], file: String) throws {
    let place = bytes.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.flatMap { Bytes.firstInvalid($0, buffer.count) }
    }
    guard let place else { return }
    throw TokenizerError.malformed(
      file: file, at: "byte \(place)", expected: "valid UTF-8", got: "byte \(bytes[place])")
  }

  /// Makes added tokens of the special ones and of those that came later; special ones that neither the vocabulary nor
  /// added_tokens.json knows get the next ids.
  private static func addSpecials(_ settings: TokenizerSettings, to builder: inout VocabularyBuilder) throws
    -> [AddedToken]
  {
    let table = TokenTable(arena: TextArena(builder.bytes), entries: builder.model)
    var next = max(builder.model.map { Int($0.id) }.max() ?? -1, settings.later.map(\.id).max() ?? -1) + 1
    var added: [AddedToken] = []
    let roles = TokenizerSettings.roleNames.compactMap { settings.roles[$0] }
    let named = settings.laterTokens + roles + settings.additional
    var seen: Set<[UInt8]> = []
    for var token in named where !token.text.isEmpty {
      let bytes = Array(token.text.utf8)
      guard seen.insert(bytes).inserted else { continue }
      let id = table.find(bytes)
      if id >= 0 {
        token.id = Int(id)
      } else if token.id < 0 {
        token.id = next
        next += 1
      }
      added.append(token)
      try builder.addAdded(token.text, id: token.id)
    }
    return added
  }
}
