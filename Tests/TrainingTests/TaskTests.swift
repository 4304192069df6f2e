import Files
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Tokenizers
import Training
import Transformers

@Suite struct TaskTests {
  private func tiny() throws -> PretrainedModel {
    try PretrainedModel.load(
      Fixtures.tests.appendingPathComponent("Fixtures/models/tiny").path, access: Fixtures.access)
  }

  // MARK: words

  @Test(arguments: [
    ("Anna moved from Leipzig to Apple.", ["Anna", "moved", "from", "Leipzig", "to", "Apple", "."]),
    ("(“Zoë's cat”)", ["(", "“", "Zoë", "'s", "cat", "”", ")"]),
    ("e-mail me @home, #1!", ["e-mail", "me", "@home", ",", "#1", "!"]),
    ("", []), (" \n\t ", []), ("…", ["…"]), ("'s", ["'", "s"]), ("東京。", ["東京", "。"]),
  ])
  func textWords(_ text: String, _ words: [String]) {
    let found: [TextWords.Word] = TextWords.split(text)
    #expect(found.map(\.text) == words)
    let scalars = Array(text.unicodeScalars)
    for word in found { #expect(Array(word.text.unicodeScalars) == Array(scalars[word.range])) }
  }

  /// Whatever the window, each word that has tokens is judged exactly once, at its first token.
  @Test(arguments: [(8, 0), (8, 3), (9, 5), (16, nil), (64, nil)])
  func everyWordIsJudgedOnce(_ length: Int, _ stride: Int?) throws {
    let tokenizer: Tokenizer = try #require(tiny().tokenizer)
    let words: [String] = (0..<40).map { ["unbelievable", "a", "cat", "\u{200D}", "3.50"][$0 % 5] }
    let whole = try WordEncoder(tokenizer, maxLength: nil).windows(words)[0]
    let windows = try WordEncoder(tokenizer, maxLength: length, stride: stride).windows(words)
    #expect(windows.flatMap { $0.words.compactMap { $0 } }.sorted() == whole.words.compactMap { $0 })
    for window in windows {
      #expect(window.ids.count <= length)
      for (token, word) in window.words.enumerated() {
        guard let word, let place = whole.words.firstIndex(of: word) else { continue }
        #expect(window.ids[token] == whole.ids[place])
      }
    }
  }

  @Test(arguments: [0, 1, 2])
  func aWindowOfSpecialTokensAloneIsRefused(_ length: Int) throws {
    let tokenizer: Tokenizer = try #require(tiny().tokenizer)
    let encoder = try WordEncoder(tokenizer, maxLength: length)
    #expect(throws: TrainingError.self) { try encoder.windows(["a", "cat"]) }
  }

  @Test func wordsWithoutTokensAreOutside() throws {
    let model = try tiny().with(head: .tokenClassification, labels: ["B-X", "O"], seed: 1)
    let tagged = try Tagger(model).tag([["a", "\u{200D}"], [], ["\u{200D}"]])
    #expect(tagged.map(\.tags.count) == [2, 0, 1])
    #expect(tagged[0].tags[1] == 1 && tagged[2].tags == [1])
    #expect(throws: TrainingError.self) {
      try TaggingData([["\u{200D}"]], tags: [[0]], WordEncoder(#require(model.tokenizer), maxLength: nil))
    }
    #expect(throws: TrainingError.self) {
      try TaggingData([["a", "b"]], tags: [[0]], WordEncoder(#require(model.tokenizer), maxLength: nil))
    }
  }

  /// Rows of a soft prompt stand before a text's own: what is said of tokens is said of the right ones.
  @Test func aSoftPromptsRowsAreNoTokens() throws {
    let base = try tiny().with(head: .tokenClassification, labels: ["O", "B-X", "I-X"], seed: 1)
    let model = try SomeMethod.prompt.attached(to: base)
    let batch = Batch([[2, 7, 9, 3], [2, 8, 3]])
    let all = try model.logits(batch)
    #expect(all.shape == [13, 3])
    let own = try all.gatheredRows([3, 4, 5, 6, 10, 11, 12]).elements
    #expect(try model.tokenLogits(batch).elements == own)
    #expect(try model.tokenRows(batch).shape[0] == 7)
    #expect(try base.tokenLogits(batch).elements == base.logits(batch).elements)
    let words = try WordEncoder(#require(model.tokenizer), maxLength: nil)
    #expect(try Evaluation(model, TaggingData([["a", "cat"]], tags: [[0, 1]], words).data).metric == "entity_f1")
    let answers = try SomeMethod.prompt.attached(to: tiny().with(head: .questionAnswering, seed: 1))
    let one = Batch([[2, 7, 9, 3]])
    let logs = try answers.logits(one).transposed().logSoftmax(axis: -1).elements  // [2, 7]
    let loss = try answers.loss(one, .spans(starts: [1], ends: [2]), ForwardContext()).item()
    #expect(abs(loss + (logs[3 + 1] + logs[7 + 3 + 2]) / 2) < 1e-5)
    let classifier = try SomeMethod.prompt.attached(to: tiny().with(head: .sequenceClassification, seed: 1))
    let found = try Attribution(classifier, ids: [2, 7, 9, 3], types: nil, baseline: [2, 0, 0, 3], steps: 4)
    #expect(found.shares.count == 4)
  }

  @Test func spansOfTags() {
    func spans(_ names: [String], _ tags: [Int]) -> [String] {
      let rows: [[Double]] = tags.map { tag in names.indices.map { $0 == tag ? 0.5 : 0 } }
      let words: [String] = tags.indices.map { "w\($0)" }
      return TagSet(names).spans(TaggedWords(words: words, tags: tags, probabilities: rows)).map {
        "\($0.type) \($0.words.lowerBound)-\($0.words.upperBound) \($0.probability)"
      }
    }
    let bio = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
    #expect(spans(bio, [0, 1, 2, 0, 3]) == ["PER 1-3 0.5", "LOC 4-5 0.5"])
    #expect(spans(bio, [2, 4, 1, 1]) == ["PER 0-1 0.5", "LOC 1-2 0.5", "PER 2-3 0.5", "PER 3-4 0.5"])
    #expect(spans(["O", "person"], [1, 1, 0, 1]) == ["person 0-2 0.5", "person 3-4 0.5"])
    #expect(spans(["NOUN", "VERB"], [0, 0, 1]) == ["NOUN 0-1 0.5", "NOUN 1-2 0.5", "VERB 2-3 0.5"])
    #expect(spans(bio, []).isEmpty)
  }

  // MARK: masking

  @Test func maskingKeepsItsShares() {
    let masking = Masking(maskID: 3, vocabularySize: 500, spared: [0, 1, 2, 3])
    let ids: [Int] = (0..<40_000).map { $0 % 97 == 0 ? 1 : 10 + $0 % 400 }
    let (masked, labels) = masking.applied(to: ids, row: 4, Masking.Draw(seed: 5, epoch: 2))
    let asked: [Int] = labels.indices.filter { labels[$0] != Labels.ignored }
    let open: Int = ids.count { $0 != 1 }
    #expect(abs(Double(asked.count) / Double(open) - 0.15) < 0.008)
    #expect(asked.allSatisfy { labels[$0] == ids[$0] && ids[$0] != 1 })
    #expect(ids.indices.allSatisfy { labels[$0] != Labels.ignored || masked[$0] == ids[$0] })
    let hidden: Int = asked.count { masked[$0] == 3 }
    let same: Int = asked.count { masked[$0] == ids[$0] }
    #expect(abs(Double(hidden) / Double(asked.count) - 0.8) < 0.02)
    #expect(abs(Double(same) / Double(asked.count) - 0.1) < 0.02)
  }

  /// Seed, epoch, row and token decide, nothing else; a sequence never goes without.
  @Test func maskingIsKeyed() {
    let masking = Masking(maskID: 3, vocabularySize: 50, spared: [0])
    let ids: [Int] = (0..<64).map { 5 + $0 % 40 }
    func drawn(_ seed: UInt64, _ epoch: Int?, _ row: Int, _ ids: [Int]) -> [Int] {
      masking.applied(to: ids, row: row, Masking.Draw(seed: seed, epoch: epoch)).labels
    }
    let base: [Int] = drawn(1, 0, 7, ids)
    #expect(base == drawn(1, 0, 7, ids))
    #expect(Array(base.prefix(32)) == drawn(1, 0, 7, Array(ids.prefix(32))))
    for other in [drawn(2, 0, 7, ids), drawn(1, 1, 7, ids), drawn(1, 0, 8, ids), drawn(1, nil, 7, ids)] {
      #expect(other != base)
    }
    for row in 0..<200 { #expect(drawn(0, 0, row, [0, 9, 0]) == [Labels.ignored, 9, Labels.ignored]) }
  }

  @Test func maskedFitsResumeToTheSameBits() throws {
    let folder = try TemporaryFolder()
    let base = try tiny().with(head: .maskedLM, seed: 0)
    let texts: [String] = ["the cat sat on the mat", "a new theory of music", "rates went up again in the north"]
    func trainer(_ model: PretrainedModel) throws -> Trainer {
      var settings = TrainingSettings()
      settings.epochs = 4
      settings.batchSize = 2
      settings.learningRate = 1e-3
      let blocks = try LanguageData(texts, model, blockSize: 12).data
      return try Trainer(model, blocks, validation: blocks, settings: settings)
    }
    let whole = try trainer(base.copy())
    #expect(try whole.run() == .finished)
    let cut = try trainer(base.copy())
    try cut.beginCheckpoints(folder.path + "/c", access: Fixtures.access)
    _ = try cut.run(until: 3, checkpointEvery: 1) {
      try $0.writeCheckpoint(folder.path + "/c", access: Fixtures.access)
    }
    let resumed = try Trainer.resume(folder.path + "/c", access: Fixtures.access)
    #expect(try resumed.run() == .finished)
    #expect(resumed.history.losses == whole.history.losses)
    #expect(resumed.history.lines.last?.metricValue == whole.history.lines.last?.metricValue)
    #expect(whole.history.lines.last?.metric == "perplexity")
  }

  // MARK: blocks

  @Test func blocksLoseNothing() throws {
    let model = try tiny().with(head: .maskedLM, seed: 0)
    let tokenizer: Tokenizer = try #require(model.tokenizer)
    let texts: [String] = ["the cat sat on the mat", "", "a"]
    let made = try LanguageData(texts, model, blockSize: 5)
    // A block of special tokens alone has nothing to guess.
    let special: Set<Int> = Set([tokenizer.specialTokens.cls, tokenizer.specialTokens.sep].compactMap { $0?.id })
    #expect(
      try made.data.sequences.joined().filter { !special.contains($0) }
        == tokenizer.encodeBatch(texts).flatMap(\.ids).filter { !special.contains($0) })
    #expect(made.data.sequences.dropLast().allSatisfy { $0.count == 5 })
    #expect(throws: TrainingError.self) { try LanguageData(["", ""], model, blockSize: 5) }
  }

  // MARK: answers

  @Test func aLongQuestionLeavesRoom() throws {
    let tokenizer: Tokenizer = try #require(tiny().tokenizer)
    let encoder = QuestionEncoder(tokenizer, maxLength: 24)
    let made = try encoder.windows(
      question: String(repeating: "why ", count: 60), context: "the cat sat on the mat and the rates went up")
    #expect(made.isQuestionCut)
    #expect(made.windows.allSatisfy { $0.ids.count <= 24 && $0.offsets.contains { $0 != nil } })
    #expect(throws: TrainingError.self) { try encoder.windows(question: "why?", context: "\u{200D}") }
  }

  @Test func answersAreStretchesOfTheContext() throws {
    let model = try tiny().with(head: .questionAnswering, seed: 3)
    let context: String = "Zoë 🙂 sat on the mat. " + String(repeating: "The rates went up again. ", count: 12)
    let answerer = try Answerer(model, maxLength: 32)
    let found = try answerer.answer([ContextQuestion(question: "Who sat?", context: context)], noAnswer: true)
    #expect(found.windowed == 1)
    let scalars = Array(context.unicodeScalars)
    for answer in found.answers[0] {
      guard let range = answer.range else { continue }
      #expect(Array(answer.text.unicodeScalars) == Array(scalars[range]))
    }
    #expect(abs(found.answers[0].reduce(0) { $0 + $1.probability } - 1) < 1e-9)
    #expect(found.answers[0].contains { $0.range == nil })
    #expect(zip(found.answers[0], found.answers[0].dropFirst()).allSatisfy { $0.score >= $1.score })
  }
}
