import Foundation

extension Tokenizer {
  /// Makes the normalizer that a field describes.
  static func normalizer(_ field: JSONField) throws -> any Normalizer {
    let kind = try field.kind()
    switch kind {
    case "BertNormalizer":
      return BertNormalizer(
        cleansText: try field.flag("clean_text", default: true),
        spacesIdeographs: try field.flag("handle_chinese_chars", default: true),
        stripsAccents: try field.optional("strip_accents")?.bool(),
        lowercases: try field.flag("lowercase", default: true))
    case "Sequence":
      return NormalizerSequence(steps: try field.required("normalizers").list().map { try normalizer($0) })
    case "NFD": return UnicodeNormalizer(isCompatibility: false, composes: false)
    case "NFC": return UnicodeNormalizer(isCompatibility: false, composes: true)
    case "NFKD": return UnicodeNormalizer(isCompatibility: true, composes: false)
    case "NFKC": return UnicodeNormalizer(isCompatibility: true, composes: true)
    case "Lowercase": return Lowercase()
    case "StripAccents": return StripAccents()
    case "Strip":
      return StripNormalizer(
        left: try field.flag("strip_left", default: true), right: try field.flag("strip_right", default: true))
    case "Prepend": return Prepend(added: try field.required("prepend").string().unicodeScalars.map(\.value))
    case "Replace": return try replace(field)
    case "Nmt": return NmtNormalizer()
    case "ByteLevel": return ByteLevelNormalizer()
    case "Precompiled":
      let charsmap = field.optional("precompiled_charsmap")
      guard let charsmap else { return NormalizerSequence(steps: []) }
      guard let data = Data(base64Encoded: try charsmap.string()) else { throw charsmap.fail("base64") }
      if data.isEmpty { return NormalizerSequence(steps: []) }
      return PrecompiledNormalizer(
        charsmap: try PrecompiledCharsmap(Array(data), file: field.file, at: charsmap.path))
    default:
      throw TokenizerError.unknownKind(file: field.file, part: field.path, kind: kind)
    }
  }

  private static func replace(_ field: JSONField) throws -> any Normalizer {
    let content = try field.required("content").string().unicodeScalars.map(\.value)
    let pattern = try field.required("pattern")
    if let text = pattern.optional("String") {
      return Replace(pattern: .text(try text.string().unicodeScalars.map(\.value)), content: content)
    }
    let regex = try pattern.required("Regex").string()
    switch regex {
    case " {2,}": return Replace(pattern: .spaces(atLeast: 2), content: content)
    case " +": return Replace(pattern: .spaces(atLeast: 1), content: content)
    case "\\s+": return Replace(pattern: .blanks, content: content)
    default: throw TokenizerError.unknownKind(file: field.file, part: pattern.path, kind: regex)
    }
  }

  /// Makes the pre-tokenizer that a field describes.
  ///
  /// - Parameters:
  ///   - keepsBytes: whether the model takes bytes where the vocabulary is byte-level.
  ///   - isLast: whether nothing comes after it.
  static func preTokenizer(_ field: JSONField, keepsBytes: Bool, isLast: Bool) throws -> any PreTokenizer {
    let kind = try field.kind()
    switch kind {
    case "BertPreTokenizer": return BertPreTokenizer()
    case "ByteLevel":
      return ByteLevelPreTokenizer(
        addsPrefixSpace: try field.flag("add_prefix_space", default: true),
        splits: try field.flag("use_regex", default: true), keepsBytes: keepsBytes && isLast)
    case "Whitespace": return WordPreTokenizer()
    case "WhitespaceSplit": return ScalarSplit.whitespace
    case "Digits": return ScalarSplit.digits(individual: try field.flag("individual_digits", default: false))
    case "Punctuation": return ScalarSplit.punctuation(try behavior(field, default: .isolated))
    case "CharDelimiterSplit":
      return StringSplit(
        pattern: Array(try field.required("delimiter").string().utf8), behavior: .removed, isInverted: false)
    case "Metaspace": return try metaspace(field)
    case "Split": return try splitter(field)
    case "Sequence":
      let list = try field.required("pretokenizers").list()
      return PreTokenizerSequence(
        steps: try list.enumerated().map {
          try preTokenizer($1, keepsBytes: keepsBytes, isLast: isLast && $0 == list.count - 1)
        })
    default:
      throw TokenizerError.unknownKind(file: field.file, part: field.path, kind: kind)
    }
  }

  private static func behavior(_ field: JSONField, default standard: SplitBehavior) throws -> SplitBehavior {
    guard let behavior = field.optional("behavior") else { return standard }
    guard let known = SplitBehavior(rawValue: try behavior.string()) else { throw behavior.fail("a known behavior") }
    return known
  }

  private static func metaspace(_ field: JSONField) throws -> Metaspace {
    let scheme: Metaspace.Prepending
    if let given = field.optional("prepend_scheme") {
      guard let known = Metaspace.Prepending(rawValue: try given.string()) else { throw given.fail("a known scheme") }
      scheme = known
    } else {
      scheme = try field.flag("add_prefix_space", default: true) ? .always : .never
    }
    let replacement = Array(try field.text("replacement", default: "\u{2581}").utf8)
    guard !replacement.isEmpty else { throw field.fail("a replacement") }
    return Metaspace(replacement: replacement, prepending: scheme, splits: try field.flag("split", default: true))
  }

  private static func splitter(_ field: JSONField) throws -> any PreTokenizer {
    let pattern = try field.required("pattern")
    let behavior = try behavior(field, default: .isolated)
    let isInverted = try field.flag("invert", default: false)
    if let text = pattern.optional("String") {
      return StringSplit(pattern: Array(try text.string().utf8), behavior: behavior, isInverted: isInverted)
    }
    let regex = try pattern.required("Regex").string()
    // these patterns match all of a text: "isolated" and "removed, inverted" come to the same
    if let known = GPTPattern(regex: regex), (behavior == .isolated) || (behavior == .removed && isInverted) {
      return known
    }
    switch regex {
    case "\\s+" where behavior == .removed && !isInverted: return ScalarSplit.whitespace
    case "\\p{N}", "\\d": return ScalarSplit(behavior: behavior) { ($1 & ScalarClass.number != 0) != isInverted }
    default: throw TokenizerError.unknownKind(file: field.file, part: pattern.path, kind: regex)
    }
  }

  /// Makes the decoder that a field describes.
  static func tokenDecoder(_ field: JSONField) throws -> any TokenDecoder {
    let kind = try field.kind()
    switch kind {
    case "WordPiece":
      return WordPieceDecoder(
        prefix: Array(try field.text("prefix", default: "##").utf8), cleansUp: try field.flag("cleanup", default: true))
    case "ByteLevel": return ByteLevelDecoder()
    case "Metaspace":
      let metaspace = try metaspace(field)
      return MetaspaceDecoder(replacement: metaspace.replacement, dropsFirst: metaspace.prepending != .never)
    case "Fuse": return FuseDecoder()
    case "ByteFallback": return ByteFallbackDecoder()
    case "Strip":
      return StripDecoder(
        content: Array(try field.required("content").string().utf8), start: try field.required("start").integer(),
        stop: try field.required("stop").integer())
    case "Replace":
      let pattern = try field.required("pattern")
      guard let text = pattern.optional("String") else {
        throw TokenizerError.unknownKind(file: field.file, part: pattern.path, kind: pattern.value.summary)
      }
      return ReplaceDecoder(
        pattern: Array(try text.string().utf8), content: Array(try field.required("content").string().utf8))
    case "BPEDecoder": return SuffixDecoder(suffix: Array(try field.text("suffix", default: "</w>").utf8))
    case "Sequence": return DecoderSequence(steps: try field.required("decoders").list().map { try tokenDecoder($0) })
    default:
      throw TokenizerError.unknownKind(file: field.file, part: field.path, kind: kind)
    }
  }
}
