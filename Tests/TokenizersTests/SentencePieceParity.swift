import Files
import TestSupport
import Testing
import Tokenizers

/// The bare sentencepiece library on the same spiece.model.
@Suite struct SentencePieceParity {
  @Test func casesAgree() throws {
    guard Fixtures.exists("tokenizers") else { return }
    var report = ParityReport("tokenizers (sentencepiece)")
    for name in Fixtures.folders(in: "tokenizers") where Fixtures.exists("tokenizers/\(name)/sentencepiece_cases.jsonl")
    {
      let bytes = try #require(try TokenizerFixture.bytes(Fixtures.url("tokenizers/\(name)/spiece.model")))
      // no class that does things before or after
      let tokenizer = try Tokenizer(
        sentencePiece: bytes, config: Array(#"{"tokenizer_class": "PreTrainedTokenizer"}"#.utf8))
      var differences = Differences()
      for row in try Fixtures.jsonLines("tokenizers/\(name)/sentencepiece_cases.jsonl") {
        let text = try #require(row["text"]?.string)
        let encoding = try tokenizer.encode(text, parseSpecialTokens: false)
        let ids = row["ids"]?.ints ?? []
        differences.compare("ids", encoding.ids, ids, text)
        differences.compare(
          "pieces", encoding.tokens.map { Array($0.unicodeScalars) },
          (row["pieces"]?.strings ?? []).map { Array($0.unicodeScalars) }, text)
        // the library writes unknown pieces as " ⁇ ", which the id does not tell
        if !ids.contains(0) {
          differences.compare("decode", tokenizer.decode(ids), row["decode"]?.string ?? "", text)
        }
        report.compared(name)
      }
      if !differences.counts.isEmpty { Issue.record("tokenizers/\(name): \(differences.summary)") }
    }
    if !Fixtures.folders(in: "tokenizers").contains(where: {
      Fixtures.exists("tokenizers/\($0)/sentencepiece_cases.jsonl")
    }) {
      return
    }
    report.finish()
  }
}
