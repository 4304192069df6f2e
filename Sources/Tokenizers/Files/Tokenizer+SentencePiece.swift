extension Tokenizer {
  /// Reads a sentencepiece model: XLNet's, ALBERT's, T5's, Llama 2's.
  ///
  /// Special tokens go around a text as the class named in tokenizer_config.json has them (XLNet where none is named and
  /// the pieces are XLNet's).
  ///
  /// - Throws: ``TokenizerError``.
  package convenience init(
    sentencePiece bytes: [UInt8], config: [UInt8]? = nil, specialTokensMap: [UInt8]? = nil,
    addedTokens: [UInt8]? = nil, file: String = "spiece.model"
  ) throws {
    let model = try SentencePieceFile(bytes, file: file)
    var settings = try TokenizerSettings(config: config, map: specialTokensMap, added: addedTokens)
    var builder = VocabularyBuilder(file: file)
    for (id, text) in model.texts.enumerated() { try builder.add(text, id: id) }
    let table = TokenTable(arena: TextArena(builder.bytes), entries: builder.model)
    if settings.className == nil, ["<cls>", "<sep>", "<eop>"].allSatisfy({ table.find(Array($0.utf8)) >= 0 }) {
      settings.className = "XLNetTokenizer"
    }
    let known: Set<String> = ["XLNetTokenizer", "AlbertTokenizer", "T5Tokenizer", "LlamaTokenizer"]
    if let name = settings.className, !known.contains(name), !name.hasPrefix("PreTrained") {
      throw TokenizerError.unknownKind(file: "tokenizer_config.json", part: "tokenizer_class", kind: name)
    }
    let isXLNet = settings.className == "XLNetTokenizer"
    // control pieces are found in text as special tokens
    var added: [AddedToken] = []
    for (id, kind) in model.kinds.enumerated() where kind == .control || kind == .unknown {
      let text = String(decoding: model.texts[id], as: UTF8.self)
      guard !text.isEmpty else { continue }
      added.append(AddedToken(text: text, id: id, stripsLeft: text == "<mask>", isSpecial: true))
    }
    for var token in settings.laterTokens where table.find(Array(token.text.utf8)) < 0 {
      // normalized, it would begin with the mark of a word
      token.isNormalized = false
      added.append(token)
    }
    for token in added { try builder.addAdded(token.text, id: token.id) }
    let vocabulary = try builder.finish()
    settings.assumeRoles(in: vocabulary)
    settings.resolve(in: vocabulary)
    var parts = try TokenizerParts(vocabulary: vocabulary, model: Self.sentencePieceModel(model, vocabulary, isXLNet))
    var normalizers: [any Normalizer] = []
    if isXLNet || settings.className == "AlbertTokenizer" {
      normalizers.append(
        XLNetNormalizer(
          removesSpace: settings.removesSpace ?? true, keepsAccents: settings.keepsAccents ?? false,
          lowercases: settings.lowercases ?? !isXLNet))
    }
    normalizers.append(try Self.sentencePieceNormalizer(model))
    parts.normalizer = NormalizerSequence(steps: normalizers)
    parts.decoder = DecoderSequence(steps: [
      ByteFallbackDecoder(), FuseDecoder(), MetaspaceDecoder(replacement: [0xE2, 0x96, 0x81], dropsFirst: false),
      StripDecoder(content: [0x20], start: 1, stop: 0),
    ])
    parts.addedTokens = added
    if isXLNet { settings.paddingSide = .left }
    parts.postProcessor = Self.surroundings(settings)
    parts.settings = settings
    self.init(parts: parts)
  }

  private static func sentencePieceModel(_ file: SentencePieceFile, _ vocabulary: Vocabulary, _ isXLNet: Bool) throws
    -> any TokenizerModel
  {
    let unknown = file.kinds.firstIndex(of: .unknown) ?? -1
    switch file.algorithm {
    case .bpe:
      var options = BytePairModel.Options()
      options.unknown = unknown >= 0 ? String(decoding: file.texts[unknown], as: UTF8.self) : nil
      options.fusesUnknown = true
      options.fallsBackToBytes = file.fallsBackToBytes
      return BytePairModel(
        vocabulary: vocabulary, merges: MergeTable(scores: file.scores, texts: file.texts, vocabulary: vocabulary),
        options: options)
    case .unigram:
      let normal = file.scores.indices.filter { file.kinds[$0] == .normal }.map { file.scores[$0] }
      let highest = normal.max() ?? 0
      var entries: [TokenEntry] = []
      var scores: [Double] = []
      for (id, text) in file.texts.enumerated() {
        let kind = file.kinds[id]
        // user-defined pieces win over whatever they could be made of
        scores.append(
          kind == .userDefined ? Double(Float(text.count) * highest) - 0.1 : Double(file.scores[id]))
        guard kind == .normal || kind == .userDefined, let stored = vocabulary.bytes(of: id),
          let base = stored.baseAddress
        else { continue }
        let start = base - UnsafePointer(vocabulary.arena.base)
        entries.append(TokenEntry(start: UInt32(start), length: UInt32(stored.count), id: Int32(id)))
      }
      return try Unigram(
        vocabulary: vocabulary, entries: entries, scores: scores, unknown: Int32(unknown),
        lowest: Double(normal.min() ?? 0), fallsBackToBytes: file.fallsBackToBytes, isSinglePrecision: true,
        splitsNumberCommas: isXLNet, file: file.file)
    case .word, .character:
      throw TokenizerError.unknownKind(file: file.file, part: "model_type", kind: "\(file.algorithm)")
    }
  }

  private static func sentencePieceNormalizer(_ file: SentencePieceFile) throws -> SentencePieceNormalizer {
    let kept = file.texts.indices.filter { file.kinds[$0] == .userDefined }
      .map { String(decoding: file.texts[$0], as: UTF8.self).unicodeScalars.map(\.value) }
    return SentencePieceNormalizer(
      charsmap: file.charsmap.isEmpty ? nil : try PrecompiledCharsmap(file.charsmap, file: file.file, at: "charsmap"),
      kept: kept.filter { !$0.isEmpty }.sorted { $0.count > $1.count }, addsPrefix: file.addsPrefix,
      removesSpaces: file.removesSpaces, escapesSpaces: file.escapesSpaces)
  }

  /// The special tokens around sequences, by the class of the tokenizer.
  private static func surroundings(_ settings: TokenizerSettings) -> PostProcessor {
    typealias Part = PostProcessor.Part
    let special = settings.specialTokens
    func part(_ entry: SpecialTokens.Entry?, _ typeID: Int) -> [Part] {
      entry.map { [.special(id: $0.id, text: $0.text, typeID: typeID)] } ?? []
    }
    let a: [Part] = [.sequence(0, typeID: 0)]
    let b: [Part] = [.sequence(1, typeID: 1)]
    var result = PostProcessor()
    switch settings.className {
    case "XLNetTokenizer":
      result.single = a + part(special.sep, 0) + part(special.cls, 2)
      result.pair = a + part(special.sep, 0) + b + part(special.sep, 1) + part(special.cls, 2)
    case "AlbertTokenizer":
      result.single = part(special.cls, 0) + a + part(special.sep, 0)
      result.pair = part(special.cls, 0) + a + part(special.sep, 0) + b + part(special.sep, 1)
    case "T5Tokenizer":
      result.single = a + part(special.eos, 0)
      result.pair = a + part(special.eos, 0) + [.sequence(1, typeID: 0)] + part(special.eos, 0)
    case "LlamaTokenizer":
      result = .llama(settings)
    default: break
    }
    return result
  }
}

extension MergeTable {
  /// The merges that sentencepiece's BPE makes: of two neighbours that are a piece together, those of the highest score first.
  convenience init(scores: [Float], texts: [[UInt8]], vocabulary: Vocabulary) {
    let order = scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
    var merges: [(left: Int32, right: Int32, rank: UInt32, result: Int32)] = []
    var rank: UInt32 = 0
    for (place, id) in order.enumerated() {
      if place > 0 && scores[order[place - 1]] != scores[id] { rank = UInt32(place) }
      let text = texts[id]
      // pieces this long are merged from nothing sensible; their splits would be quadratic
      guard text.count > 1, text.count <= 256 else { continue }
      text.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        for cut in 1..<text.count where text[cut] & 0xC0 != 0x80 {
          let left = vocabulary.table.find(base, cut)
          guard left >= 0 else { continue }
          let right = vocabulary.table.find(base + cut, text.count - cut)
          if right >= 0 { merges.append((left, right, rank, Int32(id))) }
        }
      }
    }
    self.init(merges)
  }
}
