/// A tokenizer.json in its parts: small settings as values, the vocabulary still as bytes.
struct TokenizerFile {
  static let name = "tokenizer.json"

  /// A place in the file to read later.
  struct Place {
    var position: Int
    var isList: Bool
  }

  var root: JSONField
  var model: JSONField
  var vocabulary: Place?
  var merges: Place?

  /// Reads everything but vocabulary and merges.
  init(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    var reader = try JSONReader(bytes, file: Self.name)
    var fields: [(key: String, value: JSONValue)] = []
    var settings: [(key: String, value: JSONValue)] = []
    var vocabulary: Place?
    var merges: Place?
    var sawModel = false
    try reader.object { reader, key in
      guard key == "model" else {
        fields.append((key, try reader.value(depth: 1)))
        return
      }
      sawModel = true
      try reader.object { reader, key in
        if key == "vocab" || key == "merges" {
          let place = Place(position: reader.position, isList: reader.peek() == 0x5B)
          if reader.peek() == 0x6E {
            settings.append((key, try reader.value(depth: 2)))
            return
          }
          try reader.skipValue()
          if key == "vocab" { vocabulary = place } else { merges = place }
        } else {
          settings.append((key, try reader.value(depth: 2)))
        }
      }
    }
    guard reader.peek() == 0 && reader.position == bytes.count else { throw reader.failure("the end of the file") }
    root = JSONField(value: .object(fields), file: Self.name, path: "$")
    model = JSONField(value: .object(settings), file: Self.name, path: "$.model")
    self.vocabulary = vocabulary
    self.merges = merges
    guard sawModel else { throw root.fail("a field \"model\"") }
  }

  /// The kind of model; older files leave it out.
  func modelKind() throws -> String {
    if let kind = model.optional("type") { return try kind.string() }
    if merges != nil { return "BPE" }
    if vocabulary?.isList == true { return "Unigram" }
    return model.optional("continuing_subword_prefix") != nil ? "WordPiece" : "WordLevel"
  }

  /// Reads `added_tokens`.
  func addedTokens() throws -> [AddedToken] {
    guard let list = root.optional("added_tokens") else { return [] }
    return try list.list().map { field in
      AddedToken(
        text: try field.required("content").string(),
        id: try field.required("id").integer(in: 0...(VocabularyBuilder.highestID - 1)),
        isSingleWord: try field.flag("single_word", default: false),
        stripsLeft: try field.flag("lstrip", default: false), stripsRight: try field.flag("rstrip", default: false),
        isNormalized: try field.flag("normalized", default: true), isSpecial: try field.flag("special", default: false))
    }
  }
}
