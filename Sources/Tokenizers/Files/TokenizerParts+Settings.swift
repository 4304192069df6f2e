extension TokenizerParts {
  /// Lets tokenizer_config.json decide what its class decides upstream where tokenizer.json says otherwise: BERT's case
  /// and accents, the space before a byte-level text, Llama's tokens around a text.
  mutating func followSettings() {
    switch settings.className {
    case "BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer":
      guard let old = normalizer as? BertNormalizer else { return }
      let followsCase = settings.lowercases != nil
      normalizer = BertNormalizer(
        cleansText: old.cleansText, spacesIdeographs: settings.spacesIdeographs ?? old.spacesIdeographs,
        stripsAccents: settings.stripsAccents ?? (followsCase ? nil : old.stripsAccents),
        lowercases: settings.lowercases ?? old.lowercases)
    case "GPT2Tokenizer", "RobertaTokenizer":
      guard let old = preTokenizer as? ByteLevelPreTokenizer, let adds = settings.addsPrefixSpace else { return }
      preTokenizer = ByteLevelPreTokenizer(addsPrefixSpace: adds, splits: old.splits, keepsBytes: old.keepsBytes)
      if settings.className == "RobertaTokenizer" { postProcessor.trimming?.addsPrefixSpace = adds }
    case "LlamaTokenizer":
      guard settings.addsBOS != nil || settings.addsEOS != nil else { return }
      postProcessor = .llama(settings)
    default: return
    }
  }
}

extension PostProcessor {
  /// Llama's: what begins a text before each sequence, what ends one behind each where that is asked for.
  static func llama(_ settings: TokenizerSettings) -> PostProcessor {
    func around(_ number: Int) -> [Part] {
      func part(_ entry: SpecialTokens.Entry?) -> [Part] {
        entry.map { [.special(id: $0.id, text: $0.text, typeID: number)] } ?? []
      }
      let first = settings.addsBOS ?? true ? part(settings.specialTokens.bos) : []
      let last = settings.addsEOS ?? false ? part(settings.specialTokens.eos) : []
      return first + [.sequence(number, typeID: number)] + last
    }
    return PostProcessor(single: around(0), pair: around(0) + around(1))
  }
}
