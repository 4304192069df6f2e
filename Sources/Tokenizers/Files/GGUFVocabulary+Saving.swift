import Files

extension GGUFVocabulary {
  /// Whether it can be written as files: other kinds have no list of merges, which those need.
  package var isByteLevel: Bool { model == "gpt2" }

  /// The files that carry a byte-level tokenizer in Hugging Face's format, by name; none for other kinds.
  ///
  /// - Parameter tokenizer: as it was made of this.
  /// - Throws: ``TokenizerError/unknownKind(file:part:kind:)`` for a pre-tokenizer that Luthier does not know.
  package func files(of tokenizer: Tokenizer) throws -> [(name: String, bytes: [UInt8])] {
    guard isByteLevel else { return [] }
    let (splitsDigits, pattern, ignoresMerges) = try splitting()
    var steps: [JSON] = []
    if splitsDigits { steps.append(.object([("type", .string("Digits")), ("individual_digits", .bool(true))])) }
    if pattern.isLater {
      steps.append(
        .object([
          ("type", .string("Split")), ("pattern", .object([("Regex", .string(pattern.regex))])),
          ("behavior", .string("Isolated")), ("invert", .bool(false)),
        ]))
    }
    steps.append(Self.byteLevel(splits: !pattern.isLater))
    let preTokenizer: JSON =
      steps.count == 1
      ? steps[0] : .object([("type", .string("Sequence")), ("pretokenizers", .array(steps))])
    let model = JSON.object([
      ("type", .string("BPE")), ("dropout", .null), ("unk_token", .null), ("continuing_subword_prefix", .null),
      ("end_of_word_suffix", .null), ("fuse_unk", .bool(false)), ("byte_fallback", .bool(false)),
      ("ignore_merges", .bool(ignoresMerges)),
      ("vocab", .object(tokens.enumerated().map { ($0.element, JSON.integer($0.offset)) })),
      ("merges", .array(merges.map { JSON.string($0) })),
    ])
    let file = JSON.object([
      ("version", .string("1.0")), ("truncation", .null), ("padding", .null),
      ("added_tokens", .array(tokenizer.literalTokens.map(Self.added))), ("normalizer", .null),
      ("pre_tokenizer", preTokenizer), ("post_processor", tokenizer.postProcessor.template),
      ("decoder", Self.byteLevel(splits: true)), ("model", model),
    ])
    return [
      ("tokenizer.json", Array(file.text().utf8)),
      ("tokenizer_config.json", Array((Self.settings(tokenizer).text(indent: 2) + "\n").utf8)),
    ]
  }

  private static func byteLevel(splits: Bool) -> JSON {
    .object([
      ("type", .string("ByteLevel")), ("add_prefix_space", .bool(false)), ("trim_offsets", .bool(false)),
      ("use_regex", .bool(splits)),
    ])
  }

  private static func added(_ token: AddedToken) -> JSON {
    .object([
      ("id", .integer(token.id)), ("content", .string(token.text)), ("single_word", .bool(token.isSingleWord)),
      ("lstrip", .bool(token.stripsLeft)), ("rstrip", .bool(token.stripsRight)),
      ("normalized", .bool(token.isNormalized)), ("special", .bool(token.isSpecial)),
    ])
  }

  private static func settings(_ tokenizer: Tokenizer) -> JSON {
    let special = tokenizer.specialTokens
    var members: [(String, JSON)] = [
      ("tokenizer_class", .string("PreTrainedTokenizerFast")), ("clean_up_tokenization_spaces", .bool(false)),
    ]
    for (role, entry) in [("bos", special.bos), ("eos", special.eos), ("unk", special.unk), ("pad", special.pad)] {
      if let entry { members.append((role + "_token", .string(entry.text))) }
    }
    return .object(members)
  }
}

extension PostProcessor {
  /// As tokenizer.json has it, trimming aside.
  var template: JSON {
    func json(_ parts: [Part]) -> JSON {
      .array(
        parts.map { part -> JSON in
          switch part {
          case .sequence(let number, let typeID):
            return .object([
              ("Sequence", .object([("id", .string(number == 0 ? "A" : "B")), ("type_id", .integer(typeID))]))
            ])
          case .special(_, let text, let typeID):
            return .object([("SpecialToken", .object([("id", .string(text)), ("type_id", .integer(typeID))]))])
          }
        })
    }
    var special = JSONObject()
    for case .special(let id, let text, _) in single + pair {
      special[text] = .object([
        ("id", .string(text)), ("ids", .array([.integer(id)])), ("tokens", .array([.string(text)])),
      ])
    }
    return .object([
      ("type", .string("TemplateProcessing")), ("single", json(single)), ("pair", json(pair)),
      ("special_tokens", .object(special)),
    ])
  }
}
