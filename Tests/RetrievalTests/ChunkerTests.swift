import Files
import Foundation
import Retrieval
import TensorCore
import TestSupport
import Testing
import Tokenizers
import Transformers

/// A small BERT of random weights with a word-piece vocabulary.
enum Tiny {
  static func model() throws -> PretrainedModel {
    let folder = Fixtures.tests.appendingPathComponent("Fixtures/models/tiny").path
    return try PretrainedModel.load(folder, access: Fixtures.access)
  }

  static func tokenizer() throws -> Tokenizer { try #require(try model().tokenizer) }

  /// Seeded texts of words, sentences, paragraphs, headings, odd white space and characters of several bytes.
  static func text(_ seed: UInt64, words: Int) -> [UInt8] {
    let randoms = Philox(seed: seed, purpose: "test/texts")
    let pool = [
      "a", "b", "c", "word", "Längste", "été", "日本語", "x1", "don't", "…", "\u{1F3BB}", "end.", "Stop!", "(so?)", "A.",
      "\"quoted.\"", "。",
    ]
    let gaps = [" ", " ", " ", " ", "  ", "\n", "\n\n", "\n\n# Head\n\n", "\t", "", "\r\n", "\n## Under it\n"]
    var text = ""
    for word in 0..<words {
      let draw = randoms.words(UInt32(word), 0, 0)
      text += pool[Int(draw[0] % UInt32(pool.count))] + gaps[Int(draw[1] % UInt32(gaps.count))]
    }
    return Array(text.utf8)
  }
}

@Suite struct ChunkerTests {
  @Test func chunksCoverTheTextAndLoseNothing() throws {
    let tokenizer = try Tiny.tokenizer()
    for seed in 0..<60 as Range<UInt64> {
      let text = Tiny.text(seed, words: [3, 40, 300, 900][Int(seed % 4)])
      let size = [1, 2, 7, 20, 64, 200][Int(seed % 6)]
      let overlap = [0, 1, size / 4, size - 1].filter { $0 < size }[Int(seed / 6) % (size == 1 ? 1 : 3)]
      let settings = try ChunkSettings(size: size, overlap: overlap)
      let chunks = try Chunker.chunks(text, settings, tokenizer: tokenizer, isMarkdown: seed % 2 == 0)
      check(chunks, text, settings, "seed \(seed), \(size) and \(overlap)")
      let whole = try tokenizer.encode(String(decoding: text, as: UTF8.self), addSpecialTokens: false).count
      if overlap == 0 { #expect(chunks.reduce(0) { $0 + $1.tokens } == whole, "seed \(seed): tokens doubled or lost") }
    }
  }

  private func check(_ chunks: [Chunk], _ text: [UInt8], _ settings: ChunkSettings, _ what: String) {
    #expect(chunks.first?.range.lowerBound == 0, "\(what): the first does not begin at 0")
    #expect(chunks.last?.range.upperBound == text.count, "\(what): the tail is missing")
    for (one, next) in zip(chunks, chunks.dropFirst()) {
      #expect(next.range.lowerBound <= one.range.upperBound, "\(what): bytes lost at \(one.range.upperBound)")
      #expect(next.range.lowerBound > one.range.lowerBound, "\(what): no step forward")
      #expect(next.range.upperBound > one.range.upperBound, "\(what): nothing of its own")
      if settings.overlap == 0 { #expect(next.range.lowerBound == one.range.upperBound, "\(what): doubled") }
    }
    for chunk in chunks {
      #expect(chunk.tokens <= settings.size ?? .max, "\(what): \(chunk.tokens) tokens")
      #expect(String(validating: text[chunk.range], as: UTF8.self) != nil, "\(what): cut inside a character")
    }
  }

  @Test func overlapsHaveTheTokensAskedForAtMost() throws {
    let tokenizer = try Tiny.tokenizer()
    for seed in 100..<130 as Range<UInt64> {
      let text = Tiny.text(seed, words: 400)
      let settings = try ChunkSettings(size: 50, overlap: 12)
      let chunks = try Chunker.chunks(text, settings, tokenizer: tokenizer, isMarkdown: false)
      var overlapped = 0
      for (one, next) in zip(chunks, chunks.dropFirst()) {
        let shared = String(decoding: text[next.range.lowerBound..<one.range.upperBound], as: UTF8.self)
        let count = try tokenizer.encode(shared, addSpecialTokens: false).count
        #expect(count <= 12, "seed \(seed): \(count) tokens shared")
        if count > 0 { overlapped += 1 }
      }
      #expect(overlapped > 0)
    }
  }

  @Test func aChunkEndsWhereASentenceOrParagraphDoes() throws {
    let tokenizer = try Tiny.tokenizer()
    let sentence = "A b c d e f g h i j."
    let text = Array(repeating: sentence, count: 40).joined(separator: " ")
    let settings = try ChunkSettings(size: 40, overlap: 0)
    let chunks = try Chunker.chunks(Array(text.utf8), settings, tokenizer: tokenizer, isMarkdown: false)
    for chunk in chunks.dropLast() {
      let own = Array(text.utf8)[chunk.range]
      #expect(String(decoding: own, as: UTF8.self).hasSuffix(". "))
    }
    #expect(chunks.count > 5)
  }

  @Test func headingsStayWithTheirText() throws {
    let tokenizer = try Tiny.tokenizer()
    let body = Array(repeating: "a b c d e f g.", count: 3).joined(separator: " ")
    let text = "# One\n\n\(body)\n\n## Two\n\n\(body)\n\n# Three\n\n\(body)\n\n```\n# no heading\n```\n"
    let settings = try ChunkSettings(size: 36, overlap: 8)
    let bytes = Array(text.utf8)
    let chunks = try Chunker.chunks(bytes, settings, tokenizer: tokenizer, isMarkdown: true)
    #expect(chunks.map(\.heading).contains("One › Two"))
    #expect(chunks.last?.heading == "Three")
    for chunk in chunks {
      let last = String(decoding: bytes[chunk.range], as: UTF8.self).split(separator: "\n").last ?? ""
      #expect(!last.hasPrefix("# ") && !last.hasPrefix("## ") || last == "# no heading", "a chunk ends in its heading")
    }
  }

  @Test func oneCharacterAndNothing() throws {
    let tokenizer = try Tiny.tokenizer()
    let settings = try ChunkSettings(size: 200, overlap: 40)
    let one = try Chunker.chunks(Array("a".utf8), settings, tokenizer: tokenizer, isMarkdown: false)
    #expect(one.map(\.range) == [0..<1])
    #expect(try Chunker.chunks([], settings, tokenizer: tokenizer, isMarkdown: true).isEmpty)
    #expect(try Chunker.chunks(Array(" \n\t ".utf8), settings, tokenizer: tokenizer, isMarkdown: true).isEmpty)
  }

  @Test func wholeDocumentsAreOneChunk() throws {
    let tokenizer = try Tiny.tokenizer()
    let text = Tiny.text(7, words: 30_000)
    let chunks = try Chunker.chunks(
      text, try ChunkSettings(size: nil, overlap: 40), tokenizer: tokenizer, isMarkdown: false)
    #expect(chunks.map(\.range) == [0..<text.count])
  }

  @Test func aLongTextWithoutSpacesIsCutAtCharacters() throws {
    let tokenizer = try Tiny.tokenizer()
    let text = Array(String(repeating: "語ä", count: 40_000).utf8)
    let settings = try ChunkSettings(size: 100, overlap: 10)
    let chunks = try Chunker.chunks(text, settings, tokenizer: tokenizer, isMarkdown: false)
    check(chunks, text, settings, "no spaces")
  }

  @Test func settingsThatMakeNoSenseAreRefused() {
    #expect(throws: RetrievalError.self) { try ChunkSettings(size: 0, overlap: 0) }
    #expect(throws: RetrievalError.self) { try ChunkSettings(size: 10, overlap: 10) }
    #expect(throws: RetrievalError.self) { try ChunkSettings(size: 10, overlap: -1) }
  }
}

extension ChunkSettings {
  /// Small chunks, for tests.
  static var standard: ChunkSettings {
    get throws { try ChunkSettings(size: 20, overlap: 4) }
  }
}
