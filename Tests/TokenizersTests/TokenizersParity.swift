import Files
import TestSupport
import Testing
import Tokenizers

@Suite struct TokenizersParity {
  @Test func casesAgree() throws {
    try TokenizerFixture.compareRows(of: "cases.jsonl", as: "tokenizers", compare)
  }

  private func compare(_ row: JSON, _ tokenizer: Tokenizer, _ differences: inout Differences) throws {
    let text = try #require(row["text"]?.string)
    let encoding = try tokenizer.encode(text)
    let ids = try #require(row["ids"]).ints
    differences.compare("ids", encoding.ids, ids, text)
    differences.compare(
      "tokens", encoding.tokens.map { scalars($0) }, (row["tokens"]?.strings ?? []).map { scalars($0) }, text)
    differences.compare(
      "offsets", encoding.offsets.map { [$0.lowerBound, $0.upperBound] }, row["offsets"]?.ranges ?? [], text)
    differences.compare("type_ids", encoding.typeIDs, row["type_ids"]?.ints ?? [], text)
    differences.compare(
      "special_tokens_mask", encoding.specialTokensMask.map { $0 ? 1 : 0 }, row["special_tokens_mask"]?.ints ?? [], text
    )
    differences.compare("word_ids", encoding.wordIDs, row["word_ids"]?.optionalInts ?? [], text)
    differences.compare("decode", scalars(tokenizer.decode(ids)), scalars(row["decode"]?.string), text)
    differences.compare(
      "decode_skip_special", scalars(tokenizer.decode(ids, skipSpecialTokens: true)),
      scalars(row["decode_skip_special"]?.string), text)
    let plain = row["no_special_same"]?.bool == true ? ids : (row["ids_no_special"]?.ints ?? [])
    differences.compare("ids_no_special", try tokenizer.encode(text, addSpecialTokens: false).ids, plain, text)
  }

  /// Strings are compared by scalars: Swift's `==` would take canonical equivalents for equal.
  private func scalars(_ text: String?) -> [UInt32]? { text?.unicodeScalars.map(\.value) }
}
