import Foundation

extension Tokenizer {
  /// Makes the normalizer that a field describes.
  static func normalizer(_ field: JSONField, depth: Int = 0) throws -> any Normalizer {
    let kind = try field.kind()
    switch kind {
    case "BertNormalizer":
      return BertNormalizer(
        cleansText: try field.flag("clean_text", default: true),
        spacesIdeographs: try field.flag("handle_chinese_chars", default: true),
        stripsAccents: try field.optional("strip_accents")?.bool(), lowercases: try field.flag("lowercase", default: true))
    case "Sequence":
      return NormalizerSequence(steps: try field.required("normalizers").list().map { try normalizer($0) })
    default:
      throw TokenizerError.unknownKind(file: field.file, part: field.path, kind: kind)
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

  /// Makes the decoder that a field describes.
  static func tokenDecoder(_ field: JSONField) throws -> any TokenDecoder {
    let kind = try field.kind()
    switch kind {
    case "WordPiece":
      return WordPieceDecoder(
        prefix: Array(try field.text("prefix", default: "##").utf8), cleansUp: try field.flag("cleanup", default: true))
    case "Sequence": return DecoderSequence(steps: try field.required("decoders").list().map { try tokenDecoder($0) })
    default:
      throw TokenizerError.unknownKind(file: field.file, part: field.path, kind: kind)
    }
  }
}
