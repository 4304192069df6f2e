import Files
import Foundation
import TestSupport
import Testing
import Tokenizers

@Suite struct TokenizerProperties {
  /// Texts of scalars from everywhere, the same in every run.
  private func texts(_ count: Int) -> [String] {
    var state: UInt64 = 7
    func next(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    let ranges: [(UInt64, UInt64)] = [
      (0x20, 0x5F), (0x61, 26), (0x20, 1), (0x09, 5), (0xA0, 0x250), (0x300, 0x70), (0x400, 0x200), (0x4E00, 0x500),
      (0x1F300, 0x300), (0xAC00, 0x2BA4), (0x0, 0x20), (0x2000, 0x70),
    ]
    return (0..<count).map { _ in
      var view = String.UnicodeScalarView()
      for _ in 0..<next(60) {
        let (start, size) = ranges[Int(next(UInt64(ranges.count)))]
        if let scalar = Unicode.Scalar(UInt32(start + next(size))) { view.append(scalar) }
      }
      return String(view)
    }
  }

  private func tokenizers() -> [(String, Tokenizer)] {
    Fixtures.folders(in: "tokenizers").compactMap { name in
      guard Fixtures.exists("tokenizers/\(name)/tokenizer.json"), let tokenizer = TokenizerFixture.recorded(name) else {
        return nil
      }
      return (name, tokenizer)
    }
  }

  @Test func byteLevelDecodesToWhatItEncoded() throws {
    // Others normalise the text or mark its words, so what they decode to is another text.
    for (name, tokenizer) in tokenizers() where ["bpe_gpt2", "bpe_roberta", "popular_llama3"].contains(name) {
      for text in texts(300) where !text.contains("<") {
        let ids = try tokenizer.encode(text, addSpecialTokens: false).ids
        #expect(tokenizer.decode(ids).utf8.elementsEqual(text.utf8), "\(name): \(text.debugDescription)")
      }
    }
  }

  @Test func offsetsLieInTheTextAndInOrder() throws {
    for (name, tokenizer) in tokenizers() {
      for text in texts(200) {
        let encoding = try tokenizer.encode(text)
        let count = text.unicodeScalars.count
        var last = 0
        for (place, range) in encoding.offsets.enumerated() where !encoding.specialTokensMask[place] {
          let isFine = range.upperBound <= count && (range.lowerBound >= last || range.isEmpty)
          #expect(isFine, "\(name): \(text.debugDescription) \(encoding.offsets)")
          last = max(last, range.lowerBound)
        }
      }
    }
  }

  @Test func batchesEqualSingleTexts() throws {
    let all = texts(500)
    for (_, tokenizer) in tokenizers() {
      let truncation = Truncation(maxLength: 16)
      let together = try tokenizer.encodeBatch(all, truncation: truncation)
      #expect(together.count == all.count)
      for (number, text) in all.enumerated() {
        let alone = try tokenizer.encode(text, truncation: truncation)
        #expect(alone.ids == together[number].ids && alone.offsets == together[number].offsets)
      }
    }
  }

  /// Windows cover the text: each begins `stride` tokens before the last one's end.
  @Test func windowsShareTheirStride() throws {
    let tokenizer = try Tokenizer(pieces: ["a", "b", "c", "d"])
    let text = (0..<50).map { ["a", "b", "c", "d"][$0 * 7 % 4] }.joined(separator: " ")
    let whole = try tokenizer.encode(text, addSpecialTokens: false).ids
    for (size, stride) in [(10, 0), (10, 3), (10, 7), (12, 1)] {
      let first = try tokenizer.encode(
        text, truncation: Truncation(maxLength: size, stride: stride, keepsOverflow: true))
      var covered: [Int] = []
      for (number, window) in ([first] + first.overflowing).enumerated() {
        let ids = window.ids.dropFirst().dropLast()
        covered += number == 0 ? Array(ids) : Array(ids.dropFirst(stride))
      }
      #expect(covered == whole)
    }
  }

  @Test func onePieceListIsCutAsExpected() throws {
    let tokenizer = try Tokenizer(pieces: ["un", "##freez", "##ing"])
    let encoding = try tokenizer.encode("Unfreezing", addSpecialTokens: false)
    #expect(encoding.tokens == ["un", "##freez", "##ing"])
    #expect(encoding.offsets == [0..<2, 2..<7, 7..<10])
    #expect(tokenizer.decode(encoding.ids) == "unfreezing")
  }

  /// Of a pattern turned round the scalars that match stay apart; `\d` is narrower than `\p{N}`.
  @Test(arguments: [
    (#"\\p{N}"#, "Removed", true, "a12", ["1", "2"]), (#"\\p{N}"#, "Isolated", false, "½½1", ["½", "½", "1"]),
    (#"\\d"#, "Isolated", false, "½½1", ["½½", "1"]), (#"\\d"#, "MergedWithPrevious", false, "a1b", ["a1", "b"]),
  ])
  func splitsAtDigits(
    _ regex: String, _ behavior: String, _ isInverted: Bool, _ text: String, _ words: [String]
  ) throws {
    let all = ["a", "b", "a1", "1", "2", "12", "½", "½½", "[UNK]"]
    let vocabulary = all.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    let split =
      #"{"type": "Split", "pattern": {"Regex": "\#(regex)"}, "behavior": "\#(behavior)", "invert": \#(isInverted)}"#
    let model = #"{"type": "WordLevel", "unk_token": "[UNK]", "vocab": {\#(vocabulary)}}"#
    let tokenizer = try Tokenizer(json: Array(#"{"pre_tokenizer": \#(split), "model": \#(model)}"#.utf8))
    #expect(try tokenizer.encode(text).tokens == words)
  }

  /// A token found in normalized text shows what it was found in, of whatever length.
  @Test func addedTokensShowTheNormalizedText() throws {
    let added = #"{"id": 2, "content": "FooBar", "normalized": true, "special": false}"#
    let model = #"{"type": "WordLevel", "unk_token": "[UNK]", "vocab": {"[UNK]": 0, "a": 1}}"#
    let tokenizer = try Tokenizer(
      json: Array(
        #"""
        {"normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "WhitespaceSplit"},
         "added_tokens": [\#(added)], "model": \#(model)}
        """#.utf8))
    let encoding = try tokenizer.encode("A FOOBAR")
    #expect(encoding.ids == [1, 2])
    #expect(encoding.tokens == ["a", "foobar"])
    #expect(tokenizer.decode(encoding.ids) == "a foobar")
  }

  /// A token that takes white space along takes it from no other.
  @Test func whiteSpaceTakenAlongBeginsTheNextToken() throws {
    let tokenizer = try Tokenizer(
      json: Array(
        #"""
        {"pre_tokenizer": {"type": "WhitespaceSplit"},
         "added_tokens": [{"id": 2, "content": "ab", "normalized": false, "rstrip": true},
                          {"id": 3, "content": " the", "normalized": false}],
         "model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {"[UNK]": 0, "a": 1}}}
        """#.utf8))
    let encoding = try tokenizer.encode("éab thea")
    #expect(encoding.ids == [0, 2, 3, 1])
    #expect(encoding.tokens == ["[UNK]", "ab ", " the", "a"])
    #expect(encoding.offsets == [0..<1, 1..<4, 3..<7, 7..<8])
    #expect(try tokenizer.encode("ab   the").offsets == [0..<5, 4..<8])
  }

  /// Each BERT normalizer of a sequence does what its own settings say.
  @Test func twoNormalizersOfAKindKeepApart() throws {
    func step(_ setting: String) -> String {
      let settings = ["clean_text", "handle_chinese_chars", "strip_accents", "lowercase"]
      let flags = settings.map { #""\#($0)": \#($0 == setting)"# }.joined(separator: ", ")
      return #"{"type": "BertNormalizer", \#(flags)}"#
    }
    let steps = [step("lowercase"), step("strip_accents")].joined(separator: ", ")
    let model = #"{"type": "WordLevel", "unk_token": "[UNK]", "vocab": {"[UNK]": 0, "e": 1, "é": 2}}"#
    let tokenizer = try Tokenizer(
      json: Array(#"{"normalizer": {"type": "Sequence", "normalizers": [\#(steps)]}, "model": \#(model)}"#.utf8))
    #expect(try tokenizer.encode("É").ids == [1])
  }

  /// White space that is trimmed off offsets is that of the tokens: marks stand before some, and some are unknown.
  @Test(arguments: [
    ("a a", [1, 4, 2], [0..<1, 1..<1, 2..<3]), (" a", [3, 2], [0..<0, 1..<2]),
    ("b a", [0, 4, 2], [0..<1, 1..<1, 2..<3]),
  ])
  func offsetsAreTrimmedByTheTokens(_ text: String, _ ids: [Int], _ offsets: [Range<Int>]) throws {
    let tokenizer = try Tokenizer(
      json: Array(
        #"""
        {"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false},
         "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true},
         "model": {"type": "BPE", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "merges": [],
                   "vocab": {"[UNK]": 0, "a": 1, "##a": 2, "Ġ": 3, "##Ġ": 4}}}
        """#.utf8))
    let encoding = try tokenizer.encode(text)
    #expect(encoding.ids == ids)
    #expect(encoding.offsets == offsets)
  }

  @Test func ofEqualPiecesTheLastCounts() throws {
    let pieces = #"[["<unk>", 0.0], ["a", -1.0], ["b", -2.0], ["a", -3.0]]"#
    let tokenizer = try Tokenizer(
      json: Array(#"{"model": {"type": "Unigram", "unk_id": 0, "vocab": \#(pieces)}}"#.utf8))
    #expect(try tokenizer.encode("ab").ids == [3, 2])
  }

  /// What a byte-level vocabulary lacks falls back to the bytes of the character that stands for the byte.
  @Test(arguments: [
    ("aAa", [1, 2, 1], [0..<1, 1..<2, 2..<3]), ("a b", [1, 3, 4, 5], [0..<1, 1..<2, 1..<2, 2..<3]),
    (" ", [3, 4], [0..<1, 0..<1]),
  ])
  func bytesStandForMissingBytes(_ text: String, _ ids: [Int], _ offsets: [Range<Int>]) throws {
    let tokenizer = try Tokenizer(
      json: Array(
        #"""
        {"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false},
         "model": {"type": "BPE", "unk_token": "[UNK]", "byte_fallback": true, "merges": [],
                   "vocab": {"[UNK]": 0, "a": 1, "<0x41>": 2, "<0xC4>": 3, "<0xA0>": 4, "b": 5}}}
        """#.utf8))
    let encoding = try tokenizer.encode(text)
    #expect(encoding.ids == ids)
    #expect(encoding.offsets == offsets)
  }

  /// The reference writes the marks as bytes, too; no file is known that asks for it.
  @Test func bytesBesideMarksAreRefused() throws {
    for mark in ["continuing_subword_prefix", "end_of_word_suffix"] {
      let model = #"{"type": "BPE", "byte_fallback": true, "\#(mark)": "@", "vocab": {"a": 0}, "merges": []}"#
      do {
        _ = try Tokenizer(json: Array(#"{"model": \#(model)}"#.utf8))
        Issue.record("\(mark) was accepted")
      } catch {
        #expect("\(error)".contains("byte_fallback"), "\(error)")
      }
    }
  }

  /// Marks come in the order of their classes, those of one class as they stood.
  @Test(arguments: [
    ("e\u{301}\u{323}", "e\u{323}\u{301}"), ("\u{E9}\u{323}b", "e\u{323}\u{301}b"),
    ("a\u{308}\u{323}\u{301}\u{325}b\u{301}\u{323}", "a\u{323}\u{325}\u{308}\u{301}b\u{323}\u{301}"),
    ("\u{301}\u{323}", "\u{323}\u{301}"),
    (
      "e" + String(repeating: "\u{301}\u{323}", count: 2000),
      "e" + String(repeating: "\u{323}", count: 2000) + String(repeating: "\u{301}", count: 2000)
    ),
  ])
  func marksAreOrdered(_ text: String, _ ordered: String) throws {
    let model = #"{"type": "WordLevel", "unk_token": "[UNK]", "vocab": {"\#(ordered)": 0, "[UNK]": 1}}"#
    let tokenizer = try Tokenizer(json: Array(#"{"normalizer": {"type": "NFD"}, "model": \#(model)}"#.utf8))
    #expect(try tokenizer.encode(text).ids == [0])
  }

  @Test func specialTokensInTextCanBeLeftAsText() throws {
    let tokenizer = try Tokenizer(pieces: ["mask", "[", "]"])
    #expect(try tokenizer.encode("[MASK]", addSpecialTokens: false).tokens == ["[MASK]"])
    let plain = try tokenizer.encode("[MASK]", addSpecialTokens: false, parseSpecialTokens: false)
    #expect(plain.tokens == ["[", "mask", "]"])
  }
}

@Suite struct UnicodeFormsTests {
  private func normalized(_ kind: String, _ text: String) throws -> [UInt32] {
    // every character is a token of its own, so that decoding gives what the normalizer made
    let alphabet = (0..<256).map { byte -> String in
      let isPrintable = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE
      guard !isPrintable else { return String(UnicodeScalar(UInt8(byte))) }
      let before = (0..<byte).filter { !(($0 >= 0x21 && $0 <= 0x7E) || ($0 >= 0xA1 && $0 <= 0xAC) || $0 >= 0xAE) }
      return UnicodeScalar(UInt32(0x100 + before.count)).map { String($0) } ?? ""
    }
    let vocabulary = alphabet.enumerated().map { number, character -> String in
      let written = character == "\"" || character == "\\" ? "\\" + character : character
      return "\"\(written)\": \(number)"
    }.joined(separator: ", ")
    let tokenizer = try Tokenizer(
      json: Array(
        #"""
        {"normalizer": {"type": "\#(kind)"}, "decoder": {"type": "ByteLevel"},
         "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false},
         "model": {"type": "BPE", "vocab": {\#(vocabulary)}, "merges": []}}
        """#.utf8))
    return tokenizer.decode(try tokenizer.encode(text).ids).unicodeScalars.map(\.value)
  }

  @Test func formsOfUnicode() throws {
    #expect(try normalized("NFD", "\u{AC01}é") == [0x1100, 0x1161, 0x11A8, 0x65, 0x301])
    #expect(try normalized("NFC", "\u{1100}\u{1161}\u{11A8}") == [0xAC01])
    #expect(try normalized("NFC", "e\u{301}q\u{307}\u{323}") == [0xE9, 0x71, 0x323, 0x307])
    #expect(try normalized("NFC", "a\u{323}\u{302}") == [0x1EAD])
    // beyond the first plane nothing is taken for a letter of it
    #expect(try normalized("NFC", "\u{10041}\u{301}") == [0x10041, 0x301])
    #expect(try normalized("NFKC", "ﬁ①Å") == [0x66, 0x69, 0x31, 0xC5])
    #expect(try normalized("NFKD", "½") == [0x31, 0x2044, 0x32])
    #expect(try normalized("Lowercase", "İSS") == [0x69, 0x307, 0x73, 0x73])
    #expect(try normalized("NFC", "\u{CC6}\u{CC2}\u{CD5}") == [0xCCB])
  }

  /// The reference's forms are Unicode 9's: what came later stays as it is, and where it is.
  @Test func formsOfUnicode9() throws {
    #expect(try normalized("NFKC", "\u{32FE}\u{32FF}") == [0x30F2, 0x32FF])
    #expect(try normalized("NFD", "\u{11938}") == [0x11938])
    #expect(try normalized("NFC", "\u{11935}\u{11930}") == [0x11935, 0x11930])
    #expect(try normalized("NFD", "a\u{1DF6}\u{323}") == [0x61, 0x1DF6, 0x323])
    #expect(try normalized("StripAccents", "a\u{7FD}\u{8D4}\u{1CF2}\u{111C9}b") == [0x61, 0x7FD, 0x111C9, 0x62])
  }

  /// BERT's marks, controls and punctuation are Unicode 8's, with the categories of that time.
  @Test(arguments: [
    ("a\u{301}b", ["ab"]), ("a\u{7FD}b", ["a\u{7FD}b"]), ("a\u{8D4}b", ["a\u{8D4}b"]), ("a\u{1734}b", ["ab"]),
    ("a\u{AD}b", ["ab"]), ("a\u{8E2}b", ["a\u{8E2}b"]), ("a\u{2E42}b", ["a", "\u{2E42}", "b"]),
    ("a\u{2E43}b", ["a\u{2E43}b"]), ("a\u{166D}b", ["a", "\u{166D}", "b"]),
    ("a\u{111C9}b", ["a", "\u{111C9}", "b"]),
  ])
  func bertKnowsUnicode8(_ text: String, _ words: [String]) throws {
    let tokenizer = try Tokenizer(pieces: words)
    let tokens = try tokenizer.encode(text, addSpecialTokens: false).tokens
    #expect(tokens.map { Array($0.utf8) } == words.map { Array($0.utf8) })
  }
}
