import Files
import Foundation
import TestSupport
import Testing
import Tokenizers

/// SmolLM2's tokenizer from what its GGUF file says, against the pre-tokenizer that `tokenizer.ggml.pre` means.
@Suite struct GGUFVocabularyParity {
  /// As llama.cpp and the original tokenizer: a line break behind `<|user|>` belongs to it.
  @Test func phi3TakesSpaceBehindSpecialTokens() throws {
    var vocabulary = GGUFVocabulary(
      model: "llama", pre: nil, tokens: ["<unk>", "<|user|>", "▁", "a", "▁a", "<0x0A>"])
    vocabulary.tokenTypes = [2, 3, 1, 1, 1, 6]
    vocabulary.scores = [0, 0, -3, -4, -1, 0]
    #expect(try Tokenizer(gguf: vocabulary).encode("<|user|>\na").ids == [1, 2, 5, 3])
    vocabulary.stripsBehindSpecial = true
    #expect(try Tokenizer(gguf: vocabulary).encode("<|user|>\na").ids == [1, 4])
  }

  /// Written in Hugging Face's format it reads back as the same, whichever way words are cut.
  @Test(arguments: [
    ("gpt-2", [4, 2, 3]), ("smollm", [0, 1, 2, 3]), ("llama-bpe", [4, 2, 3]), ("qwen2", [0, 1, 2, 3]),
  ])
  func filesReadBack(_ pre: String, _ ids: [Int]) throws {
    var vocabulary = GGUFVocabulary(model: "gpt2", pre: pre, tokens: ["1", "2", "Ġ", "a", "12", "<s>"])
    vocabulary.merges = ["1 2"]
    vocabulary.tokenTypes = [1, 1, 1, 1, 1, 3]
    vocabulary.bosID = 5
    vocabulary.addsBOS = true
    let tokenizer = try Tokenizer(gguf: vocabulary)
    #expect(try tokenizer.encode("12 a").ids == [5] + ids)
    let files = try vocabulary.files(of: tokenizer)
    let again = try Tokenizer(folder: { name in files.first { $0.name == name }?.bytes })
    #expect(try again.encode("12 a<s>", pair: "1").ids == tokenizer.encode("12 a<s>", pair: "1").ids)
    #expect(again.specialTokens == tokenizer.specialTokens)
    #expect(again.isSpecial(5))
  }

  @Test func smollmAgrees() throws {
    guard Fixtures.exists("tokenizers/smollm2_pre_smollm/cases.jsonl"),
      let real = TokenizerFixture.realFolder("smollm2"),
      FileManager.default.fileExists(atPath: real.appendingPathComponent("gguf_metadata.json").path)
    else {
      print("tokenizers/smollm2_pre_smollm from GGUF metadata: skipped, the real files are not on this machine")
      return
    }
    let file = real.appendingPathComponent("tokenizer.json")
    let model = try #require(try Fixtures.access.readJSON(file.path)["model"])
    let metadata = try Fixtures.access.readJSON(real.appendingPathComponent("gguf_metadata.json").path)
    let vocabulary = try #require(model["vocab"]?.object)
    let tokens = vocabulary.members.sorted { ($0.value.int ?? 0) < ($1.value.int ?? 0) }.map(\.key)
    var gguf = GGUFVocabulary(
      model: try #require(metadata["tokenizer.ggml.model"]?.string), pre: metadata["tokenizer.ggml.pre"]?.string,
      tokens: tokens)
    gguf.merges = (model["merges"]?.array ?? []).map { ($0.strings ?? []).joined(separator: " ") }
    // the 17 tokens that the file marks as control
    gguf.tokenTypes = tokens.indices.map { $0 < 17 ? 3 : 1 }
    gguf.bosID = metadata["tokenizer.ggml.bos_token_id"]?.int
    gguf.eosID = metadata["tokenizer.ggml.eos_token_id"]?.int
    gguf.addsBOS = metadata["tokenizer.ggml.add_bos_token"]?.bool
    let tokenizer = try Tokenizer(gguf: gguf)
    var report = ParityReport("tokenizers (GGUF)")
    var differences = Differences()
    for row in try Fixtures.jsonLines("tokenizers/smollm2_pre_smollm/cases.jsonl") {
      let text = try #require(row["text"]?.string)
      let encoding = try tokenizer.encode(text)
      differences.compare("ids", encoding.ids, row["ids"]?.ints ?? [], text)
      differences.compare(
        "offsets", encoding.offsets.map { [$0.lowerBound, $0.upperBound] }, row["offsets"]?.ranges ?? [], text)
      differences.compare("decode", tokenizer.decode(encoding.ids), row["decode"]?.string ?? "", text)
      report.compared()
    }
    if !differences.counts.isEmpty { Issue.record("\(differences.summary)") }
    report.finish()
  }
}
