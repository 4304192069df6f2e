import Files
import Foundation
import TestSupport
import Testing
import Tokenizers

/// Files that are broken in every way give an error or a tokenizer, never a crash.
@Suite struct CorruptFiles {
  /// A small generator, so that the same damage is done in every run.
  private struct Chance {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(max(1, bound)))
    }
  }

  private let texts = ["", "Hello, wörld 1,234, again", "<s> [MASK] <mask>", "日本語 😀 é\u{301}", "   a\n\n b'll"]

  /// Uses a tokenizer that was read from a damaged file.
  private func exercise(_ tokenizer: Tokenizer) {
    for text in texts {
      let encoding = try? tokenizer.encode(
        text, pair: "second", truncation: Truncation(maxLength: 8, stride: 1, keepsOverflow: true))
      _ = tokenizer.decode(encoding?.ids ?? [0, 1, -1, .max])
      _ = encoding?.tokens
    }
  }

  private func damage(_ bytes: [UInt8], rounds: Int, _ read: ([UInt8]) throws -> Tokenizer) {
    var chance = Chance(state: UInt64(bytes.count))
    for round in 0..<rounds {
      var broken = bytes
      switch round % 4 {
      case 0: broken = Array(bytes.prefix(chance.next(bytes.count)))
      case 1: for _ in 0..<3 { broken[chance.next(broken.count)] = UInt8(chance.next(256)) }
      case 2:
        let start = chance.next(bytes.count)
        broken.removeSubrange(start..<min(bytes.count, start + 1 + chance.next(40)))
      default:
        // a digit becomes another: ids and sizes go wrong
        let digits = broken.indices.filter { broken[$0] >= 0x30 && broken[$0] <= 0x39 }
        for _ in 0..<8 where !digits.isEmpty {
          broken[digits[chance.next(digits.count)]] = 0x30 + UInt8(chance.next(10))
        }
      }
      if let tokenizer = try? read(broken) { exercise(tokenizer) }
    }
  }

  @Test func damagedFilesNeverTrap() throws {
    guard Fixtures.exists("tokenizers") else { return }
    for name in Fixtures.folders(in: "tokenizers") where Fixtures.exists("tokenizers/\(name)/tokenizer.json") {
      func read(_ file: String) throws -> [UInt8]? {
        try TokenizerFixture.bytes(Fixtures.url("tokenizers/\(name)/\(file)"))
      }
      let json = try #require(try read("tokenizer.json"))
      damage(json, rounds: json.count > 100_000 ? 24 : 80) { try Tokenizer(json: $0) }
      if let text = try read("vocab.txt") { damage(text, rounds: 40) { try Tokenizer(vocabularyText: $0) } }
      if let vocabulary = try read("vocab.json"), let merges = try read("merges.txt") {
        damage(vocabulary, rounds: 40) { try Tokenizer(vocabularyJSON: $0, merges: merges) }
        damage(merges, rounds: 40) { try Tokenizer(vocabularyJSON: vocabulary, merges: $0) }
      }
      if let model = try read("spiece.model") { damage(model, rounds: 40) { try Tokenizer(sentencePiece: $0) } }
    }
  }

  private func message(_ json: String) -> String {
    do {
      _ = try Tokenizer(json: Array(json.utf8))
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  private func wordPiece(_ vocabulary: String, _ more: String = "") -> String {
    #"{"model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": \#(vocabulary)}\#(more)}"#
  }

  @Test func unknownKindsAreNamedWithTheirPlace() {
    let vocabulary = #"{"[UNK]": 0}"#
    for (field, place) in [
      ("normalizer", "$.normalizer"), ("pre_tokenizer", "$.pre_tokenizer"), ("post_processor", "$.post_processor"),
      ("decoder", "$.decoder"),
    ] {
      let text = message(wordPiece(vocabulary, #", "\#(field)": {"type": "Sparkle"}"#))
      #expect(text == "tokenizer.json: \(place) of kind \"Sparkle\" is not supported")
    }
    #expect(message(#"{"model": {"type": "Sparkle", "vocab": {}}}"#).contains("\"Sparkle\""))
    let nested = #", "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Glow"}]}"#
    #expect(message(wordPiece(vocabulary, nested)).contains("$.normalizer.normalizers[1] of kind \"Glow\""))
    let regex = #", "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(?<=x)y"}, "behavior": "Isolated"}"#
    #expect(message(wordPiece(vocabulary, regex)).contains("(?<=x)y"))
  }

  @Test func badNumbersAndShapes() {
    for (vocabulary, part) in [
      (#"{"[UNK]": -1}"#, "-1"), (#"{"[UNK]": 99999999999999999999}"#, "a whole number"),
      (#"{"[UNK]": 16000000}"#, "16000000"), (#"{"[UNK]": 1.5}"#, "a whole number"), (#"{"[UNK]": "x"}"#, "a number"),
      (#"{"[UNK]""#, "the end of the file"), ("[]", "an object of tokens"),
    ] {
      let text = message(wordPiece(vocabulary))
      #expect(text.contains(part), "\(vocabulary): \(text)")
    }
    #expect(message("").contains("an object"))
    #expect(message("{}").contains("\"model\""))
    #expect(message(#"{"model": {"type": "WordPiece"}}"#).contains("\"vocab\""))
    let deep = String(repeating: "[", count: 100_000)
    #expect(message(#"{"model": \#(deep)"#).contains("tokenizer.json"))
    #expect(message(wordPiece("{}", #", "normalizer": \#(deep)"#)).contains("nesting"))
    #expect(throws: TokenizerError.self) { try Tokenizer(json: Array(#"{"model": ""#.utf8) + [0xFF, 0xFE]) }
    // the same id twice is no reason to refuse: both become it, and it becomes the last
    #expect(message(wordPiece(#"{"[UNK]": 0, "a": 1, "b": 1}"#)) == "no error")
  }

  @Test func replacementsHaveAnEnd() {
    func charsmap(_ length: Int) -> String {
      let bytes: [UInt8] = [4, 0, 0, 0, 0, 0, 0, 0] + Array(repeating: 97, count: length)
      let text = Data(bytes).base64EncodedString()
      let normalizer = #", "normalizer": {"type": "Precompiled", "precompiled_charsmap": "\#(text)"}"#
      return message(wordPiece(#"{"[UNK]": 0}"#, normalizer))
    }
    #expect(charsmap(100) == "no error")
    #expect(charsmap(5000).contains("at most 1024 bytes"))
  }

  /// Comparing each with each would take minutes.
  @Test func manyAddedTokens() throws {
    let count = 20_000
    let added = (0..<count).map { #""<added-\#($0)>": \#(2 + $0)"# }.joined(separator: ",")
    let special = (0..<count).map { #""<special-\#($0)>""# }.joined(separator: ",")
    let tokenizer = try Tokenizer(
      vocabularyText: Array("[UNK]\na\n".utf8),
      specialTokensMap: Array(#"{"additional_special_tokens": [\#(special), "<added-7>"]}"#.utf8),
      addedTokens: Array("{\(added)}".utf8))
    #expect(tokenizer.vocabularySize >= 2 + 2 * count)
    let ids = try tokenizer.encode("a<added-7><special-0>", addSpecialTokens: false).ids
    #expect(ids.count == 3 && ids[1] == 9, "\(ids)")
  }

  @Test func mergesOfNoTokens() {
    let text = message(#"{"model": {"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": ["a b"]}}"#)
    #expect(text.contains("merge 0") && text.contains("\"ab\""))
    #expect(message(#"{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}}"#).contains("merge 0"))
  }

  @Test func chanceInMergesIsRefused() {
    func bytePairs(_ more: String) -> String {
      message(#"{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [], \#(more)}}"#)
    }
    #expect(bytePairs(#""dropout": 0.1"#).contains("$.model.dropout: expected null or 0"))
    #expect(bytePairs(#""dropout": 0.0"#) == "no error")
    #expect(bytePairs(#""dropout": null"#) == "no error")
  }

  /// What can't be written is dropped without an unknown token, and an error where the one named is no token: also the
  /// second time, when the word could be remembered.
  @Test func anUnknownTokenThatIsNone() throws {
    func tokenizer(_ more: String) throws -> Tokenizer {
      try Tokenizer(json: Array(#"{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []\#(more)}}"#.utf8))
    }
    #expect(try tokenizer("").encode("ab").ids == [0])
    let broken = try tokenizer(#", "unk_token": "<unk>""#)
    for _ in 0..<2 { #expect(throws: TokenizerError.self) { try broken.encode("ab") } }
    #expect(try broken.encode("aa").ids == [0, 0])
  }

  @Test func settingsThatCannotBeMet() throws {
    let tokenizer = try Tokenizer(pieces: ["a", "b"])
    func fails(_ truncation: Truncation, pair: String? = nil) -> String {
      do {
        _ = try tokenizer.encode("a a a a", pair: pair, truncation: truncation)
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    #expect(fails(Truncation(maxLength: 1)).contains("special tokens"))
    #expect(fails(Truncation(maxLength: 4, stride: 2)).contains("stride 2"))
    #expect(fails(Truncation(maxLength: 4, stride: -1)).contains("negative"))
    #expect(fails(Truncation(maxLength: -5)).contains("max_length -5"))
    #expect(fails(Truncation(maxLength: 3, strategy: .onlySecond)).contains("needs a pair"))
    #expect(fails(Truncation(maxLength: 5, strategy: .onlySecond), pair: "b").contains("not enough"))
    #expect(fails(Truncation(maxLength: 2)) == "no error")
  }
}
