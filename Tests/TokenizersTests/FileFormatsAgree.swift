import Files
import Foundation
import TestSupport
import Testing
import Tokenizers

/// The older files of a tokenizer give the same ids and offsets as its tokenizer.json.
@Suite struct FileFormatsAgree {
  @Test func olderFiles() throws {
    for name in Fixtures.folders(in: "tokenizers") where Fixtures.exists("tokenizers/\(name)/tokenizer.json") {
      func read(_ file: String) throws -> [UInt8]? {
        try TokenizerFixture.bytes(Fixtures.url("tokenizers/\(name)/\(file)"))
      }
      let config = try read("tokenizer_config.json")
      var others: [Tokenizer] = []
      if let text = try read("vocab.txt") { others.append(try Tokenizer(vocabularyText: text, config: config)) }
      if let vocabulary = try read("vocab.json"), let merges = try read("merges.txt") {
        others.append(try Tokenizer(vocabularyJSON: vocabulary, merges: merges, config: config))
      }
      guard !others.isEmpty else { continue }
      let tokenizer = try Tokenizer(json: try #require(try read("tokenizer.json")), config: config)
      for other in others {
        #expect(other.specialTokens == tokenizer.specialTokens)
        #expect(other.modelMaxLength == tokenizer.modelMaxLength)
        for row in try Fixtures.jsonLines("tokenizers/\(name)/cases.jsonl") {
          let text = try #require(row["text"]?.string)
          let a = try tokenizer.encode(text, pair: "and this")
          let b = try other.encode(text, pair: "and this")
          #expect(
            a.ids == b.ids && a.typeIDs == b.typeIDs && a.offsets == b.offsets, "\(name): \(text.debugDescription)")
        }
      }
    }
  }

  /// Tokens of added_tokens.json, which only folders without a tokenizer.json need.
  @Test func tokensThatCameLaterAreFound() throws {
    let files: [String: String] = [
      "vocab.txt": "[UNK]\n[CLS]\n[SEP]\n[PAD]\n[MASK]\nthe\n",
      "tokenizer_config.json": #"{"additional_special_tokens": ["[X]"]}"#,
      "added_tokens.json": #"{"newword": 7, "[X]": 6}"#,
    ]
    let tokenizer = try Tokenizer(folder: { name in files[name].map { Array($0.utf8) } })
    #expect(try tokenizer.encode("the NewWord [X]", addSpecialTokens: false).ids == [5, 7, 6])
    #expect(tokenizer.isSpecial(6) && !tokenizer.isSpecial(7))
    #expect(tokenizer.vocabularySize == 8)
    let bytes: [String: String] = [
      "vocab.json": #"{"a": 0, "b": 1}"#, "merges.txt": "#version: 0.2\n", "added_tokens.json": #"{"ab": 2}"#,
    ]
    let pairs = try Tokenizer(folder: { name in bytes[name].map { Array($0.utf8) } })
    #expect(try pairs.encode("aabb").ids == [0, 2, 1])
    let broken = files.merging(["added_tokens.json": #"{"ab": -2}"#]) { _, new in new }
    #expect(throws: TokenizerError.self) { try Tokenizer(folder: { name in broken[name].map { Array($0.utf8) } }) }
  }

  private func encoded(_ json: String, _ config: String, _ text: String, pair: String? = nil) throws -> Encoding {
    try Tokenizer(json: Array(json.utf8), config: Array(config.utf8)).encode(text, pair: pair)
  }

  /// Where tokenizer_config.json and tokenizer.json disagree, the former's class decides, as upstream.
  @Test(arguments: [
    (#""tokenizer_class": "BertTokenizerFast""#, "e"),
    (#""tokenizer_class": "BertTokenizer", "do_lower_case": false"#, "É"),
    (#""tokenizer_class": "BertTokenizer", "strip_accents": false"#, "é"),
    (#""tokenizer_class": "PreTrainedTokenizerFast", "do_lower_case": false"#, "e"),
  ])
  func theConfigurationDecidesOnCase(_ config: String, _ token: String) throws {
    let json =
      #"{"normalizer": {"type": "BertNormalizer", "lowercase": true}, "#
      + #""model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {"É": 0, "é": 1, "e": 2, "[UNK]": 3}}}"#
    #expect(try encoded(json, "{\(config)}", "É").tokens == [token])
  }

  @Test func theConfigurationDecidesOnWhatStandsAround() throws {
    let words = #"{"model": {"type": "WordLevel", "vocab": {"<s>": 0, "</s>": 1, "a": 2, "<unk>": 3}}}"#
    let llama = #""tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>""#
    #expect(try encoded(words, "{\(llama)}", "a").ids == [2])
    #expect(try encoded(words, #"{\#(llama), "add_bos_token": true}"#, "a").ids == [0, 2])
    let both = try encoded(words, #"{\#(llama), "add_eos_token": true}"#, "a", pair: "a")
    #expect(both.ids == [0, 2, 1, 0, 2, 1])
    #expect(both.typeIDs == [0, 0, 0, 1, 1, 1])
    let bytes =
      #"{"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}, "#
      + #""model": {"type": "BPE", "vocab": {"a": 0, "Ġ": 1, "Ġa": 2}, "merges": ["Ġ a"]}}"#
    let gpt2 = #""tokenizer_class": "GPT2Tokenizer""#
    #expect(try encoded(bytes, "{\(gpt2)}", "a").ids == [0])
    #expect(try encoded(bytes, #"{\#(gpt2), "add_prefix_space": true}"#, "a").ids == [2])
  }
}
