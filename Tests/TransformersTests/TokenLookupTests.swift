import TestSupport
import Testing
import Transformers

/// Guesses from what was written: which they are, and that they change the time only.
@Suite struct TokenLookupTests {
  @Test func guessesWhatFollowedTheLongestRun() {
    var lookup = TokenLookup([1, 2, 3, 4, 5, 9, 2, 3, 4, 6, 7, 2, 3, 4])
    #expect(lookup.guess(3).tokens == [6, 7])
    #expect(lookup.guess(1).tokens == [6])
    for none in [0, -1] { #expect(lookup.guess(none).tokens.isEmpty) }
    // A longer run further back is preferred to a shorter one nearby, and more of what followed it is worth a try.
    lookup = TokenLookup([9, 2, 3, 4, 5, 8, 2, 3, 4, 6, 7, 9, 2, 3, 4])
    #expect(lookup.guess(2).tokens == [5, 8])
    let tens = Array(10..<20)
    #expect(TokenLookup([8] + tens + [8] + tens.prefix(8)).guess(7).tokens == [18, 19, 8, 10])
    // No more than what there is.
    #expect(TokenLookup([7, 7, 7, 7, 7, 7]).guess(5).tokens == [7])
    for few in [[], [1], [1, 1], [1, 2, 3, 2, 1]] { #expect(TokenLookup(few).guess(3).tokens.isEmpty, "\(few)") }
  }

  @Test func learnsWhatHolds() {
    var lookup = TokenLookup([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3])
    let first = lookup.guess(4)
    #expect(first.tokens == [4, 5])
    lookup.learn(first, held: 2)
    #expect(lookup.guess(4).tokens.count > 2)
    for _ in 0..<12 { lookup.learn(lookup.guess(4), held: 0) }
    #expect(lookup.guess(4).tokens.isEmpty)
    // Other lengths of a run have their own.
    lookup.append(4)
    #expect(lookup.guess(4).tokens.first == 5)
  }

  @Test(arguments: ["llama", "gpt2", "qwen2"])
  func textsAreTheSameWithout(_ family: String) throws {
    let model = try GGUFModelsParity.model(family)
    var saved = 0
    for (number, (temperature, penalty, end)) in [(0.0, 1.0, -1), (0.7, 1.0, -1), (0.1, 1.0, 3), (0.0, 1.2, -1)]
      .enumerated()
    {
      for token in 0..<5 {
        var settings = GenerationSettings()
        settings.maxTokens = 24
        settings.temperature = temperature
        settings.repetitionPenalty = penalty
        settings.endTokens = [end]
        var texts: [GeneratedTokens] = []
        var passes: [Int] = []
        let prompt = Array(repeating: [20 + token, 100 + number], count: 8).flatMap { $0 }
        for lookup in [0, 1, 16] {
          settings.lookup = lookup
          var checks = 0
          var told: [Int] = []
          texts += try model.generate(
            [prompt], settings, checkInterruption: { checks += 1 },
            onToken: {
              told.append($1)
              return true
            })
          passes.append(checks)
          #expect(told == texts.last?.ids)
        }
        for text in texts.dropFirst() {
          #expect(text.ids == texts[0].ids, "\(family) at \(temperature)")
          #expect(text.end == texts[0].end)
          expectClose(text.logProbabilities, texts[0].logProbabilities, absolute: 1e-5, family)
        }
        saved += passes[0] - passes[2]
      }
    }
    #expect(saved > 0, "\(family): no guess ever held")
  }

  /// Guesses begin where all texts but one have ended, whichever that is: with its own prompt, penalty and chance.
  @Test(arguments: ["llama", "gpt2", "qwen2"])
  func theLastOfSeveralIsTheSameWithout(_ family: String) throws {
    let model = try GGUFModelsParity.model(family)
    let prompts = [20, 21].map { token in Array(repeating: [token, 100], count: 8).flatMap { $0 } }
    var settings = GenerationSettings()
    settings.maxTokens = 24
    settings.temperature = 0.1
    settings.repetitionPenalty = 1.1
    settings.count = 2
    for last in 0..<4 {
      func texts(lookup: Int) throws -> [GeneratedTokens] {
        settings.lookup = lookup
        var wrote = [0, 0, 0, 0]
        return try model.generate(
          prompts, settings,
          onToken: { text, _ in
            wrote[text] += 1
            return text == last || wrote[text] < 3
          })
      }
      let (plain, guessed) = (try texts(lookup: 0), try texts(lookup: 7))
      #expect(guessed.map(\.ids) == plain.map(\.ids), "\(family), text \(last)")
      #expect(guessed.map(\.end) == plain.map(\.end))
      #expect(guessed.map(\.ids.count) == (0..<4).map { $0 == last ? 24 : 3 })
    }
  }

  /// Limits hold in the middle of a guess: of tokens, of positions, of who is told.
  @Test func endsInTheMiddleOfAGuess() throws {
    let model = try GGUFModelsParity.model("llama")  // 48 positions
    let prompt = Array(repeating: [5, 6, 7, 8], count: 6).flatMap { $0 }
    var settings = GenerationSettings()
    settings.lookup = 0
    settings.maxTokens = 1000
    let whole = try model.generate([prompt], settings)[0]
    #expect(whole.end == .positions && whole.ids.count == 24)
    settings.lookup = 7
    for most in 1...24 {
      settings.maxTokens = most
      let part = try model.generate([prompt], settings)[0]
      #expect(part.ids == Array(whole.ids.prefix(most)))
      #expect(part.end == (most == 24 ? .positions : .maxTokens))
      var told = 0
      settings.maxTokens = 1000
      let stopped = try model.generate(
        [prompt], settings,
        onToken: { _, _ in
          told += 1
          return told < most
        })[0]
      #expect(stopped.ids == part.ids && stopped.end == .stopped)
    }
  }
}
