/// Everything a tokenizer is made of.
struct TokenizerParts {
  var vocabulary: Vocabulary
  var model: any TokenizerModel
  var normalizer: (any Normalizer)?
  var preTokenizer: (any PreTokenizer)?
  var postProcessor = PostProcessor()
  var decoder: (any TokenDecoder)?
  var addedTokens: [AddedToken] = []
  var settings = TokenizerSettings()
}

/// What the files beside the vocabulary say: tokenizer_config.json and special_tokens_map.json.
struct TokenizerSettings {
  var specialTokens = SpecialTokens()
  var modelMaxLength: Int?
  var paddingSide: Truncation.Side = .right
  /// `tokenizer_class`, without `Fast`.
  var className: String?
  /// The texts of special tokens by role, before their ids are known.
  var roles: [String: AddedToken] = [:]
  var additional: [AddedToken] = []
  /// What added_tokens.json says: tokens that came after the vocabulary, with their ids.
  var later: [(text: String, id: Int)] = []
  var lowercases: Bool?
  var stripsAccents: Bool?
  var spacesIdeographs: Bool?
  var addsPrefixSpace: Bool?
  var removesSpace: Bool?
  var keepsAccents: Bool?
  var addsBOS: Bool?
  var addsEOS: Bool?

  static let roleNames = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"]

  init() {}

  /// - Parameters:
  ///   - config: bytes of tokenizer_config.json.
  ///   - map: bytes of special_tokens_map.json.
  ///   - added: bytes of added_tokens.json, which a tokenizer.json makes needless.
  init(config: [UInt8]?, map: [UInt8]?, added: [UInt8]? = nil) throws {
    if let added { try readLater(Self.parse(added, file: "added_tokens.json")) }
    if let map { try readTokens(Self.parse(map, file: "special_tokens_map.json")) }
    guard let config else { return }
    let field = try Self.parse(config, file: "tokenizer_config.json")
    try readTokens(field)
    className = field.optional("tokenizer_class")?.value.string.map {
      $0.hasSuffix("Fast") ? String($0.dropLast(4)) : $0
    }
    // "very large" stands for "no limit" in many files
    if let length = field.optional("model_max_length")?.value.integer, length > 0, length < 1_000_000_000 {
      modelMaxLength = length
    }
    if let side = field.optional("padding_side") {
      guard let known = Truncation.Side(rawValue: try side.string()) else { throw side.fail("\"left\" or \"right\"") }
      paddingSide = known
    }
    lowercases = try field.optional("do_lower_case")?.bool()
    stripsAccents = try field.optional("strip_accents")?.bool()
    spacesIdeographs = try field.optional("tokenize_chinese_chars")?.bool()
    addsPrefixSpace = try field.optional("add_prefix_space")?.bool()
    removesSpace = try field.optional("remove_space")?.bool()
    keepsAccents = try field.optional("keep_accents")?.bool()
    addsBOS = try field.optional("add_bos_token")?.bool()
    addsEOS = try field.optional("add_eos_token")?.bool()
  }

  private static func parse(_ bytes: [UInt8], file: String) throws -> JSONField {
    let value = try bytes.withUnsafeBufferPointer { buffer in
      var reader = try JSONReader(buffer, file: file)
      return try reader.value()
    }
    guard case .object = value else {
      throw TokenizerError.malformed(file: file, at: "the whole file", expected: "an object", got: value.summary)
    }
    return JSONField(value: value, file: file, path: "$")
  }

  private mutating func readLater(_ field: JSONField) throws {
    guard case .object(let members) = field.value else { return }
    for (text, id) in members where !text.isEmpty {
      let place = JSONField(value: id, file: field.file, path: "$.\(text)")
      later.append((text, try place.integer(in: 0...(VocabularyBuilder.highestID - 1))))
    }
  }

  /// The tokens that came after the vocabulary; special where a role or the list of special tokens names them.
  var laterTokens: [AddedToken] {
    let special: [[UInt8]: AddedToken] = Dictionary(
      (Self.roleNames.compactMap { roles[$0] } + additional).map { (Array($0.text.utf8), $0) },
      uniquingKeysWith: { first, _ in first })
    return later.map { text, id in
      if var known = special[Array(text.utf8)] {
        known.id = id
        return known
      }
      return AddedToken(text: text, id: id, isNormalized: true)
    }
  }

  private mutating func readTokens(_ field: JSONField) throws {
    for role in Self.roleNames {
      if let token = field.optional("\(role)_token") { roles[role] = try Self.token(token) }
    }
    for token in try field.optional("additional_special_tokens")?.list() ?? [] {
      additional.append(try Self.token(token))
    }
  }

  /// A token is written as its text or as an object.
  private static func token(_ field: JSONField) throws -> AddedToken {
    if let text = field.value.string { return AddedToken(text: text, id: -1, isSpecial: true) }
    return AddedToken(
      text: try field.required("content").string(), id: -1, isSingleWord: try field.flag("single_word", default: false),
      stripsLeft: try field.flag("lstrip", default: false), stripsRight: try field.flag("rstrip", default: false),
      isNormalized: try field.flag("normalized", default: false), isSpecial: true)
  }

  /// Finds the ids of the special tokens.
  mutating func resolve(in vocabulary: Vocabulary) {
    func entry(_ role: String) -> SpecialTokens.Entry? {
      guard let text = roles[role]?.text, let id = vocabulary.id(of: text) else { return nil }
      return SpecialTokens.Entry(text: text, id: id)
    }
    specialTokens.cls = entry("cls")
    specialTokens.sep = entry("sep")
    specialTokens.pad = entry("pad")
    specialTokens.mask = entry("mask")
    specialTokens.bos = entry("bos")
    specialTokens.eos = entry("eos")
    specialTokens.unk = entry("unk")
  }
}
