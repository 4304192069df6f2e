import Builtins
import Language
import Testing
import Tokenizers

@Suite struct TokenDisplayTests {
  private func shown(_ pieces: [String], _ text: String, width: Int = 77, height: Int = 20) throws -> [String] {
    let tokenizer = try Tokenizer(pieces: pieces)
    let value = EncodingValue(try tokenizer.encode(text))
    return value.display(.full, in: DisplayFrame(width: width, height: height)).map(\.plain)
  }

  @Test func piecesStandAboveIDsAndOffsets() throws {
    #expect(
      try shown(["un", "##freez", "##ing", "works", "."], "Unfreezing works.") == [
        "[CLS]     un  ##freez  ##ing  works      .  [SEP]",
        "    6      0        1      2      3      4      7",
        "  0:0    0:2      2:7   7:10  11:16  16:17    0:0     7 tokens",
      ])
  }

  @Test func wideCharactersKeepTheColumns() throws {
    let lines = try shown(["中", "文", "😀"], "中文 😀")
    #expect(
      lines == [
        "[CLS]     中     文     😀  [SEP]",
        "    4      0      1      2      5",
        "  0:0    0:1    1:2    3:4    0:0     5 tokens",
      ])
  }

  @Test func longTextsWrapAndAreCut() throws {
    let text = Array(repeating: "word", count: 100).joined(separator: " ")
    let lines = try shown(["word"], text)
    #expect(lines.count <= 20)
    #expect(lines.allSatisfy { $0.count <= 77 })
    #expect(lines[3] == "")
    #expect(lines.last == "… 56 more of 102 tokens")
  }

  @Test func controlCharactersAreSymbols() throws {
    let tokenizer = try Tokenizer(pieces: ["a\u{1B}b"])
    let value = TokenizerValue(tokenizer)
    #expect(value.display(.full, in: .standard).allSatisfy { !$0.plain.contains("\u{1B}") })
    let encoding = EncodingValue(try tokenizer.encode("a"))
    #expect(encoding.display(.full, in: .standard).count == 3)
  }
}
