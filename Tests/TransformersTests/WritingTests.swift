import Files
import Foundation
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Tokenizers
import Transformers

/// Texts as they come: pieces, stops, several prompts, interruption.
@Suite struct WritingTests {
  private struct Stopped: Error {}

  @Test func piecesAddUpAndCharactersComeWhole() throws {
    let tokenizer = try #require(try GGUFModelsParity.model("llama3").tokenizer)
    for text in ["the sun in the ☀️ sky", "né à Zürich 🌿🌿", " \n\n  x", "plain"] {
      var stream = TextStream(tokenizer, stops: [])
      var pieces: [String] = []
      for id in try tokenizer.encode(text, addSpecialTokens: false).ids { pieces.append(stream.add(id)) }
      pieces.append(stream.finish())
      #expect(pieces.joined() == text)
      #expect(!pieces.contains { $0.contains("\u{FFFD}") })
      #expect(stream.text == text)
    }
    // Bytes that never become a character are shown as what they are, at the end.
    var stream = TextStream(tokenizer, stops: [])
    let half = try tokenizer.encode("🌿", addSpecialTokens: false).ids.dropLast()
    for id in half { #expect(stream.add(id).isEmpty) }
    #expect(stream.finish().contains("\u{FFFD}"))
  }

  @Test(arguments: [
    ("the sun rises", ["sun"], "the "), ("the sun rises", ["su", "e s"], "th"), ("ababac", ["abac"], "ab"),
    ("the sun", ["moon"], "the sun"), ("the sun", ["sunny"], "the sun"), ("xé🌿y", ["🌿"], "xé"),
    ("the", ["the"], ""), ("a\n\nb", ["\n\n"], "a"),
  ])
  func stopsMaySpanTokens(_ text: String, _ stops: [String], _ expected: String) throws {
    for family in ["llama3", "llama"] {
      let tokenizer = try #require(try GGUFModelsParity.model(family).tokenizer)
      var stream = TextStream(tokenizer, stops: stops)
      var shown = ""
      for id in try tokenizer.encode(text, addSpecialTokens: false).ids where !stream.isStopped {
        shown += stream.add(id)
        #expect(text.utf8.starts(with: shown.utf8), "\(family)")
      }
      shown += stream.finish()
      #expect(stream.text == expected, "\(family)")
      #expect(shown == expected, "\(family)")
      #expect(stream.isStopped == (expected != text), "\(family)")
    }
  }

  @Test(arguments: ["llama", "gpt2", "qwen2"])
  func severalPromptsAreAsOneByOne(_ family: String) throws {
    let model = try GGUFModelsParity.model(family)
    let prompts = [[5, 6, 7], [9], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [20, 21]]
    for temperature in [0, 0.8] {
      var settings = GenerationSettings()
      settings.maxTokens = 9
      settings.temperature = temperature
      settings.topK = 20
      settings.count = temperature > 0 ? 2 : 1
      let together = try model.generate(prompts, settings)
      #expect(together.count == prompts.count * settings.count)
      if temperature > 0 {
        #expect(try model.generate(prompts, settings).map(\.ids) == together.map(\.ids))
        settings.seed = 1
        #expect(try model.generate(prompts, settings).map(\.ids) != together.map(\.ids))
      } else {
        for (index, prompt) in prompts.enumerated() {
          #expect(try model.generate([prompt], settings)[0].ids == together[index].ids, "\(family) prompt \(index)")
        }
      }
    }
  }

  @Test func interruptionKeepsWhatWasReached() throws {
    let model = try GGUFModelsParity.model("llama")
    let tokenizer = try #require(model.tokenizer)
    for beams in [1, 3] {
      var settings = GenerationSettings()
      settings.maxTokens = 20
      settings.beams = beams
      let all = try model.write([[5, 6]], settings, tokenizer: tokenizer)[0]
      var checks = 0
      let part = try model.write(
        [[5, 6]], settings, tokenizer: tokenizer,
        checkInterruption: {
          checks += 1
          if checks > 12 { throw Stopped() }
        })[0]
      #expect(part.tokens.end == .interrupted)
      #expect(part.tokens.ids.count < all.tokens.ids.count && !part.tokens.ids.isEmpty)
      if beams == 1 { #expect(all.tokens.ids.starts(with: part.tokens.ids)) }
      #expect(throws: Stopped.self) {
        try model.write([[5, 6]], settings, tokenizer: tokenizer, checkInterruption: { throw Stopped() })
      }
    }
  }

  /// Beams follow prompts one by one: those of the first are kept where the second is interrupted while it is read.
  @Test func anInterruptionBetweenPromptsLosesNone() throws {
    let model = try GGUFModelsParity.model("llama")
    let prompts = [[5, 6], [7, 8, 9], [1]]
    var settings = GenerationSettings()
    settings.maxTokens = 4
    settings.beams = 2
    settings.count = 2
    var checks = 0
    let first = try model.generate([prompts[0]], settings, checkInterruption: { checks += 1 })
    let enough = checks
    checks = 0
    let part = try model.generate(
      prompts, settings,
      checkInterruption: {
        checks += 1
        if checks > enough { throw Stopped() }
      })
    #expect(part.map(\.prompt) == [0, 0, 1, 1, 2, 2])
    #expect(part.prefix(2).map(\.ids) == first.map(\.ids) && part.prefix(2).map(\.end) == first.map(\.end))
    #expect(part.dropFirst(2).allSatisfy { $0.ids.isEmpty && $0.end == .interrupted })
  }

  /// A text that ends in the very pass which an interruption cuts short was not interrupted.
  @Test func whoHasEndedIsNotInterrupted() throws {
    let model = try GGUFModelsParity.model("llama")
    var settings = GenerationSettings()
    settings.maxTokens = 5
    var told = 0
    let texts = try model.generate(
      [[5, 6], [7], [9]], settings,
      onToken: { _, _ in
        told += 1
        if told == 5 { throw Stopped() }
        return told < 4
      })
    #expect(texts.map(\.end) == [.stopped, .interrupted, .interrupted])
    #expect(texts.map(\.ids.count) == [2, 2, 1])
  }

  @Test func longPromptsAreCutAndTextsEndAtThePositions() throws {
    let model = try GGUFModelsParity.model("llama")  // 48 positions
    let ids = Array(0..<100)
    #expect(model.fitting(ids, maxTokens: 10) == Array(ids.suffix(38)))
    #expect(model.fitting(ids, maxTokens: 1000) == Array(ids.suffix(24)))
    #expect(model.fitting(Array(ids.prefix(47)), maxTokens: 1000).count == 47)
    var settings = GenerationSettings()
    settings.maxTokens = 1000
    let result = try model.generate([Array(ids.prefix(40))], settings)[0]
    #expect(result.end == .positions && result.ids.count == 8)
    settings.beams = 2
    let beam = try model.generate([Array(ids.prefix(40))], settings)[0]
    #expect(beam.end == .positions && beam.ids.count == 8)
    settings.beams = 1
    settings.maxTokens = 0
    #expect(try model.generate([[1]], settings)[0].ids.isEmpty)
  }

  @Test func xlnetDoesNotWrite() throws {
    let model = try PretrainedModel.load(
      Fixtures.tests.appendingPathComponent("Fixtures/dev/arch/xlnet/lm").path, access: Fixtures.access)
    #expect(throws: TransformerError.self) { try model.generate([[5, 6]], GenerationSettings()) }
  }

  /// Quotients by a temperature near 0 are infinite: the likeliest remains, not the first of them.
  @Test(arguments: [1e-40, 1e-300])
  func nearTemperatureZeroTheLikeliestRemains(_ temperature: Double) {
    var settings = GenerationSettings()
    settings.temperature = temperature
    for shift in [Float(0), -20] {
      var scores = [-Float.infinity, 1, 7, 3].map { $0 + shift }
      LogitsFilter(settings).warp(&scores)
      #expect(LogitsFilter.softmax(scores) == [0, 0, 1, 0])
    }
  }

  /// A nucleus found without ordering everything is the one found by ordering.
  @Test func theNucleusIsTheSmallestLikelySet() throws {
    let random = Philox(seed: 3, purpose: "nucleus")
    for (round, share) in [0.1, 0.5, 0.9, 0.99, 0.999].enumerated() {
      var settings = GenerationSettings()
      settings.temperature = 1
      settings.topP = share
      var scores = (0..<3000).map {
        Float(random.words(UInt32($0), UInt32(round), 0)[0] >> 8) * 0x1p-24 * Float(2 + 6 * round)
      }
      let probabilities = LogitsFilter.softmax(scores)
      LogitsFilter(settings).warp(&scores)
      let kept = scores.indices.filter { scores[$0] > -.infinity }
      let least = kept.map { probabilities[$0] }.min() ?? 0
      let mass = kept.reduce(0.0) { $0 + Double(probabilities[$1]) }
      #expect(mass >= share - 1e-4 && mass - Double(least) <= share + 1e-4, "\(share): \(mass)")
      #expect(scores.indices.allSatisfy { scores[$0] > -.infinity || probabilities[$0] <= least })
    }
  }
}
