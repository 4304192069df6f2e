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
}
