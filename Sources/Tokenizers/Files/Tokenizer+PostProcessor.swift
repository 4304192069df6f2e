extension Tokenizer {
  /// Makes the post-processor that a field describes.
  static func postProcessor(_ field: JSONField) throws -> PostProcessor {
    let kind = try field.kind()
    switch kind {
    case "TemplateProcessing": return try template(field)
    case "BertProcessing": return .bert(cls: try pair(field, "cls"), sep: try pair(field, "sep"))
    case "RobertaProcessing":
      return .roberta(
        cls: try pair(field, "cls"), sep: try pair(field, "sep"), trimming: try trimming(field))
    case "ByteLevel": return PostProcessor(trimming: try trimming(field))
    case "Sequence":
      var result = PostProcessor()
      var hasTemplate = false
      for step in try field.required("processors").list() {
        let next = try postProcessor(step)
        if let trimming = next.trimming { result.trimming = trimming }
        if next.single == PostProcessor().single && next.pair == PostProcessor().pair { continue }
        guard !hasTemplate else { throw step.fail("one processor that adds tokens") }
        hasTemplate = true
        result.single = next.single
        result.pair = next.pair
      }
      return result
    default:
      throw TokenizerError.unknownKind(file: field.file, part: field.path, kind: kind)
    }
  }

  private static func trimming(_ field: JSONField) throws -> PostProcessor.Trimming? {
    guard try field.flag("trim_offsets", default: true) else { return nil }
    return PostProcessor.Trimming(addsPrefixSpace: try field.flag("add_prefix_space", default: true))
  }

  /// `["[SEP]", 102]`
  private static func pair(_ field: JSONField, _ key: String) throws -> (String, Int) {
    let list = try field.required(key)
    let values = try list.list()
    guard values.count == 2 else { throw list.fail("a token and its id") }
    return (try values[0].string(), try values[1].integer())
  }

  private static func template(_ field: JSONField) throws -> PostProcessor {
    func parts(_ key: String) throws -> [PostProcessor.Part] {
      var result: [PostProcessor.Part] = []
      for part in try field.required(key).list() {
        if let sequence = part.optional("Sequence") {
          let name = try sequence.required("id").string()
          guard name == "A" || name == "B" else { throw sequence.fail("sequence A or B") }
          result.append(.sequence(name == "A" ? 0 : 1, typeID: try sequence.required("type_id").integer()))
        } else {
          let special = try part.required("SpecialToken")
          let typeID = try special.required("type_id").integer()
          let token = try field.required("special_tokens").required(try special.required("id").string())
          let ids = try token.required("ids").list()
          let texts = try token.required("tokens").list()
          guard ids.count == texts.count else { throw token.fail("as many ids as tokens") }
          for (id, text) in zip(ids, texts) {
            result.append(
              .special(
                id: try id.integer(in: 0...(VocabularyBuilder.highestID - 1)), text: try text.string(), typeID: typeID))
          }
        }
      }
      return result
    }
    return PostProcessor(single: try parts("single"), pair: try parts("pair"), trimming: nil)
  }
}
