import Files
import Foundation
import TestSupport
import Testing
import Tokenizers

/// The vocabularies of bert-base, gpt2, roberta-base and xlnet-base, which are not committed: `LUTHIER_DATA`, else
/// `shared/data` beside the package.
@Suite struct RealVocabularies {
  private static let folder: URL = {
    let environment = ProcessInfo.processInfo.environment
    if let given = environment["LUTHIER_DATA"], !given.isEmpty { return URL(fileURLWithPath: given) }
    return Fixtures.package.deletingLastPathComponent().appendingPathComponent("shared/data")
  }()

  private func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }

  /// Every way to read the folder's files, by name.
  private func readings(_ folder: URL) throws -> [(String, Tokenizer)] {
    func read(_ name: String) throws -> [UInt8]? { try TokenizerFixture.bytes(folder.appendingPathComponent(name)) }
    let config = try read("tokenizer_config.json")
    var result: [(String, Tokenizer)] = [("folder", try Tokenizer(folder: read))]
    if let json = try read("tokenizer.json") {
      result.append(("tokenizer.json", try Tokenizer(json: json, config: config)))
    }
    if let text = try read("vocab.txt") {
      result.append(("vocab.txt", try Tokenizer(vocabularyText: text, config: config)))
    }
    if let vocabulary = try read("vocab.json"), let merges = try read("merges.txt") {
      result.append(("vocab.json", try Tokenizer(vocabularyJSON: vocabulary, merges: merges, config: config)))
    }
    return result
  }

  @Test func idsAgree() throws {
    let parity = Self.folder.appendingPathComponent("tokenizers/parity")
    guard exists(parity) else {
      print("tokenizers/parity: skipped, the real vocabularies are not on this machine")
      return
    }
    var report = ParityReport("data/tokenizers")
    for file in try FileManager.default.contentsOfDirectory(atPath: parity.path).sorted() where file.hasSuffix(".jsonl")
    {
      let name = String(file.dropLast(6))
      let isXLNet = name.hasPrefix("xlnet")
      let rows = try Fixtures.access.read(parity.appendingPathComponent(file).path).split(separator: 10)
        .map { try JSON(parsing: Array($0)) }
      for (reading, tokenizer) in try readings(parity.deletingLastPathComponent().appendingPathComponent(name)) {
        var differences = Differences()
        for row in rows {
          let text = try #require(row["text"]?.string)
          // RoBERTa's own class takes the space before the mask along, this tokenizer.json does not
          if reading == "vocab.json" && text.contains(" <mask>") { continue }
          // XLNet's figures are without its special tokens, around the text and in it
          let encoding = try tokenizer.encode(text, addSpecialTokens: !isXLNet, parseSpecialTokens: !isXLNet)
          differences.compare("ids", encoding.ids, row["ids"]?.ints ?? [], text)
          report.compared(name)
        }
        if !differences.counts.isEmpty { Issue.record("\(name) from \(reading): \(differences.summary)") }
      }
    }
    report.finish()
  }

  /// decode(encode(x)) = x where every byte has a token.
  @Test func byteLevelRoundTrip() throws {
    let parity = Self.folder.appendingPathComponent("tokenizers/parity/gpt2.jsonl")
    guard exists(parity) else { return }
    let tokenizer = try Tokenizer(folder: {
      try TokenizerFixture.bytes(Self.folder.appendingPathComponent("tokenizers/gpt2/\($0)"))
    })
    for line in try Fixtures.access.read(parity.path).split(separator: 10) {
      let text = try #require(try JSON(parsing: Array(line))["text"]?.string)
      #expect(tokenizer.decode(try tokenizer.encode(text).ids).utf8.elementsEqual(text.utf8))
    }
  }
}
