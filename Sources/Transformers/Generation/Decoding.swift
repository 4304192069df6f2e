import NeuralNetworks
import TensorCore

/// Writes texts token by token, all at once, until each has ended.
struct Decoding {
  private let model: PretrainedModel
  private let prompts: [[Int]]
  private let settings: GenerationSettings
  /// Ids that count as each prompt's for the repetition penalty.
  private let penalized: [[Int]]
  private let checkInterruption: (() throws -> Void)?
  private let onToken: ((_ text: Int, _ token: Int) throws -> Bool)?
  private let filter: LogitsFilter
  private let randoms: Philox
  private let cache = RaggedCache()
  /// `count` for each prompt, in order.
  private(set) var texts: [GeneratedTokens] = []
  /// The texts that go on, in the cache's order.
  private var live: [Int]

  init(
    _ model: PretrainedModel, _ prompts: [[Int]], _ settings: GenerationSettings, _ penalized: [[Int]],
    _ checkInterruption: (() throws -> Void)?, _ onToken: ((_ text: Int, _ token: Int) throws -> Bool)?
  ) {
    self.model = model
    self.prompts = prompts
    self.settings = settings
    self.penalized = penalized
    self.checkInterruption = checkInterruption
    self.onToken = onToken
    filter = LogitsFilter(settings)
    randoms = Philox(seed: settings.seed, purpose: "generate")
    for prompt in prompts.indices {
      for _ in 0..<settings.count {
        texts.append(GeneratedTokens(prompt: prompt, ids: [], logProbabilities: [], score: nil, end: .maxTokens))
      }
    }
    live = Array(texts.indices)
  }

  /// - Throws: ``TransformerError`` or ``TensorError``; whatever else a closure throws only where nothing was written:
  ///   later it marks the texts that went on as interrupted.
  mutating func run() throws {
    do {
      try together()
      if let text = live.first { try alone(text) }
    } catch let error where error is TransformerError || error is TensorError {
      throw error
    } catch {
      if texts.allSatisfy(\.ids.isEmpty) { throw error }
      for text in live { texts[text].end = .interrupted }
    }
  }

  /// A token for each text in a pass, until one text or none goes on.
  private mutating func together() throws {
    var logits = try model.nextLogits(prompts, cache: cache, checkInterruption: checkInterruption)
    if settings.count > 1 {
      let order = texts.map(\.prompt)
      cache.select(order)
      logits = try logits.gatheredRows(order)
    }
    if settings.maxTokens == 0 {
      live = []
      return
    }
    while true {
      var kept: [Int] = []
      for (row, text) in live.enumerated() {
        // Who ends is no longer among them, whatever is thrown for the next.
        if try goesOn(text, logits, row: row) { kept.append(row) } else { live.removeAll { $0 == text } }
      }
      cache.select(kept)
      if live.count < 2 { return }
      logits = try model.nextLogits(
        live.map { Array(texts[$0].ids.suffix(1)) }, cache: cache, checkInterruption: checkInterruption)
    }
  }

  /// A pass over a few rows takes little longer than over one: some tokens are guessed and read with the last one.
  private mutating func alone(_ text: Int) throws {
    let prompt = prompts[texts[text].prompt]
    let room = min(settings.maxTokens, model.positionLimit.map { $0 - prompt.count } ?? .max)
    var lookup = TokenLookup(prompt + texts[text].ids)
    while true {
      let written = texts[text].ids.count
      let guess = lookup.guess(min(settings.lookup, room - written - 1))
      let logits = try model.nextLogits(
        [Array(texts[text].ids.suffix(1)) + guess.tokens], cache: cache, everyRow: true,
        checkInterruption: checkInterruption)
      var held = 0
      var isLive = try goesOn(text, logits, row: 0)
      while isLive, held < guess.tokens.count, texts[text].ids[written + held] == guess.tokens[held] {
        held += 1
        isLive = try goesOn(text, logits, row: held)
      }
      if !isLive { return }
      cache.dropLast(guess.tokens.count - held)
      lookup.learn(guess, held: held)
      for token in texts[text].ids[written...] { lookup.append(token) }
    }
  }

  /// Writes a text's next token, for which a row of logits stands; whether the text goes on.
  private mutating func goesOn(_ text: Int, _ logits: Tensor, row: Int) throws -> Bool {
    let step = texts[text].ids.count
    let (best, logSum) = try logits.bestAndLogSum(row: row)
    var token = best
    if filter.constrains || settings.temperature > 0 {
      var scores = try logits.sliced(axis: 0, row..<(row + 1)).elements
      if filter.constrains {
        filter.constrain(&scores, tokens: penalized[texts[text].prompt] + texts[text].ids, generated: step)
      }
      token = choose(&scores, step, (text / settings.count, text % settings.count))
    }
    texts[text].ids.append(token)
    texts[text].logProbabilities.append(
      logits.withUnsafeBuffer { $0[row * model.configuration.vocabularySize + token] } - logSum)
    let isWanted = try onToken?(text, token) ?? true
    if settings.endTokens.contains(token) {
      texts[text].end = .endToken
    } else if !isWanted {
      texts[text].end = .stopped
    } else if let limit = model.positionLimit, prompts[texts[text].prompt].count + step + 1 >= limit {
      texts[text].end = .positions
    } else {
      return step + 1 < settings.maxTokens
    }
    return false
  }

  /// The next token: the most likely, or drawn with a number keyed by text and step.
  private func choose(_ scores: inout [Float], _ step: Int, _ place: (Int, Int)) -> Int {
    guard settings.temperature > 0 else {
      var best = 0
      for index in scores.indices where scores[index] > scores[best] { best = index }
      return best
    }
    filter.warp(&scores)
    let probabilities = LogitsFilter.softmax(scores)
    let words = randoms.words(
      UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: place.1), UInt32(truncatingIfNeeded: place.0))
    let drawn = (Double(words[0]) + Double(words[1]) * 0x1p-32) * 0x1p-32
    var sum = 0.0
    var last = 0
    for (index, probability) in probabilities.enumerated() where probability > 0 {
      sum += Double(probability)
      last = index
      if drawn < sum { return index }
    }
    return last
  }
}
