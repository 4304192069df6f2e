import Files
import TestSupport
import Testing
import Tokenizers

/// Pairs, truncation, windows, pre-split words; the reference's padding is taken off by its attention mask.
@Suite struct TokenizerBatchParity {
  @Test func callsAgree() throws {
    try TokenizerFixture.compareRows(of: "batch.jsonl", as: "tokenizers (batch)", compare)
  }

  private func compare(_ row: JSON, _ tokenizer: Tokenizer, _ differences: inout Differences) throws {
    let call = try #require(row["name"]?.string)
    guard row["error"] == nil else {
      #expect(throws: TokenizerError.self) { try encode(row, tokenizer) }
      return
    }
    let encodings = try encode(row, tokenizer)
    let output = try #require(row["output"])
    let padsLeft = row["padding_side"]?.string == "left"
    // a call with one text gives one list, one with several a list of lists
    func rows(_ json: JSON?) -> [JSON] {
      guard let list = json?.array else { return [] }
      return isNested(output["input_ids"]) ? list : [.array(list)]
    }
    let masks = rows(output["attention_mask"]).map(\.ints)
    differences.compare("count", encodings.count, masks.count, call)
    guard encodings.count == masks.count else { return }
    for (number, encoding) in encodings.enumerated() {
      let mask = masks[number]
      let kept = mask.indices.filter { mask[$0] == 1 }
      let expectedKept = padsLeft ? (mask.count - kept.count)..<mask.count : 0..<kept.count
      differences.compare("padding side", kept, Array(expectedKept), call)
      func pick<Value>(_ list: [Value]) -> [Value] { kept.compactMap { list.indices.contains($0) ? list[$0] : nil } }
      differences.compare("input_ids", encoding.ids, pick(rows(output["input_ids"])[number].ints), call)
      differences.compare("token_type_ids", encoding.typeIDs, pick(rows(output["token_type_ids"])[number].ints), call)
      differences.compare(
        "special_tokens_mask", encoding.specialTokensMask.map { $0 ? 1 : 0 },
        pick(rows(output["special_tokens_mask"])[number].ints), call)
      differences.compare(
        "offset_mapping", encoding.offsets.map { [$0.lowerBound, $0.upperBound] },
        pick(rows(output["offset_mapping"])[number].ranges), call)
      if let words = row["word_ids"]?[number] {
        differences.compare("word_ids", encoding.wordIDs, pick(words.optionalInts), call)
      }
      if let sequences = row["sequence_ids"]?[number] {
        differences.compare("sequence_ids", encoding.sequenceIDs, pick(sequences.optionalInts), call)
      }
    }
  }

  private func wordLists(_ json: JSON?) throws -> [[String]] {
    if let words = json?.strings { return [words] }
    return try #require(json?.array).map { try #require($0.strings) }
  }

  private func isNested(_ ids: JSON?) -> Bool { ids?.array?.first?.array != nil }

  private func encode(_ row: JSON, _ tokenizer: Tokenizer) throws -> [Encoding] {
    let input = try #require(row["input"])
    let settings = try #require(row["kwargs"])
    let known: Set<String> = [
      "truncation", "max_length", "stride", "return_overflowing_tokens", "padding", "pad_to_multiple_of",
      "_truncation_side", "_padding_side", "is_split_into_words", "add_special_tokens",
    ]
    for key in settings.object?.keys ?? [] where !known.contains(key) { Issue.record("unknown argument \(key)") }
    var truncation: Truncation?
    if let kind = settings["truncation"], kind.bool != false {
      let strategy = kind.string.flatMap { Truncation.Strategy(rawValue: $0) } ?? .longestFirst
      truncation = Truncation(
        maxLength: settings["max_length"]?.int ?? tokenizer.modelMaxLength ?? .max, strategy: strategy,
        stride: settings["stride"]?.int ?? 0, side: settings["_truncation_side"]?.string == "left" ? .left : .right,
        keepsOverflow: settings["return_overflowing_tokens"]?.bool == true)
    }
    let special = settings["add_special_tokens"]?.bool ?? true
    var result: [Encoding] = []
    if settings["is_split_into_words"]?.bool == true {
      // words of one text, or of several
      let texts = try wordLists(input["text"])
      let pairs = try input["text_pair"].map { try wordLists($0) }
      for (number, words) in texts.enumerated() {
        result.append(
          try tokenizer.encode(
            words: words, pair: pairs?[number], addSpecialTokens: special, truncation: truncation))
      }
    } else {
      let texts = input["text"]?.strings ?? [input["text"]?.string ?? ""]
      // the peer takes one empty second text for none
      let pairs = input["text_pair"].flatMap { $0.strings ?? ($0.string == "" ? nil : [$0.string ?? ""]) }
      result = try tokenizer.encodeBatch(texts, pairs: pairs, addSpecialTokens: special, truncation: truncation)
    }
    guard settings["return_overflowing_tokens"]?.bool == true else { return result }
    return result.flatMap { [$0] + $0.overflowing }
  }
}
