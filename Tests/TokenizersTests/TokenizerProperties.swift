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
    for (name, tokenizer) in tokenizers() where tokenizer.kind == "BPE" && !name.hasSuffix("prefix_space") {
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

  @Test func specialTokensInTextCanBeLeftAsText() throws {
    let tokenizer = try Tokenizer(pieces: ["mask", "[", "]"])
    #expect(try tokenizer.encode("[MASK]", addSpecialTokens: false).tokens == ["[MASK]"])
    let plain = try tokenizer.encode("[MASK]", addSpecialTokens: false, parseSpecialTokens: false)
    #expect(plain.tokens == ["[", "mask", "]"])
  }
}
