import Transformers

/// A prompt on its way through rows: they are encoded before any is computed, so what doesn't fit is known at once.
final class PromptRun {
  let scorer: PromptScorer
  let settings: TrialSettings
  private let encoded: [EncodedRow]
  private let prefix: SharedPrefix?
  /// Rows without content: three, or three for each row where the shots are a row's own.
  private let contentFree: [[EncodedRow]]
  private let unconditional: RowScores?
  /// Rows that got fewer shots than asked for, so as to fit.
  let shortened: Int

  /// - Parameters:
  ///   - order: of the shots; nil for as they are.
  ///   - first: the number of the first row, for errors.
  init(
    _ scorer: PromptScorer, _ rows: [PromptRow], _ settings: TrialSettings, order: [Int]? = nil, first: Int = 0,
    checkInterruption: (() throws -> Void)?
  ) throws {
    self.scorer = scorer
    self.settings = settings
    let shots = order.flatMap { order in settings.shots?.reordered(order) } ?? settings.shots
    let fields = scorer.prompt.template.fields
    let demonstrations =
      try shots?.demonstrations(for: rows, fields: fields, checkInterruption: checkInterruption) ?? rows.map { _ in [] }
    var (encoded, kept, shortened): ([EncodedRow], [[PromptRow]], Int) = ([], [], 0)
    for (number, row) in rows.enumerated() {
      if number % 64 == 0 { try checkInterruption?() }
      var own = demonstrations[number]
      var tokens = try scorer.encode(row, shots: own)
      let limit = scorer.model.positionLimit ?? .max
      if tokens.longest > limit {
        guard settings.overflow == .fewerShots, !own.isEmpty else {
          throw PromptingError.tooLong(
            prompt: scorer.name, row: first + number, tokens: tokens.longest, limit: limit, shots: own.count)
        }
        while tokens.longest > limit, !own.isEmpty {
          own.removeFirst()
          tokens = try scorer.encode(row, shots: own)
        }
        guard tokens.longest <= limit else {
          throw PromptingError.tooLong(
            prompt: scorer.name, row: first + number, tokens: tokens.longest, limit: limit, shots: 0)
        }
        shortened += 1
      }
      encoded.append(tokens)
      kept.append(own)
    }
    self.encoded = encoded
    self.shortened = shortened
    contentFree = try Self.contentFree(scorer, settings, shots, kept)
    prefix = try Self.prefix(scorer, encoded + contentFree.joined(), checkInterruption)
    unconditional = settings.scoring == .unconditional ? try scorer.unconditional() : nil
  }

  private static func contentFree(
    _ scorer: PromptScorer, _ settings: TrialSettings, _ shots: Shots?, _ kept: [[PromptRow]]
  ) throws -> [[EncodedRow]] {
    guard settings.calibrates else { return [] }
    let differ = shots?.selection == .nearest
    return try (differ ? kept : Array(kept.prefix(1))).map { own in
      try Calibration.contentFree.map { try scorer.encode(PromptRow(everywhere: $0), shots: own) }
    }
  }

  private static func prefix(
    _ scorer: PromptScorer, _ rows: [EncodedRow], _ checkInterruption: (() throws -> Void)?
  ) throws -> SharedPrefix? {
    guard rows.count > 1, !scorer.isMasked, let first = rows.first?.causal.first else { return nil }
    let count = PretrainedModel.commonPrefix(rows.map(\.causal))
    // A few tokens cost less than another pass.
    guard count >= 8, scorer.model.sharesPrefixes(longest: rows.map(\.longest).max() ?? 0) else { return nil }
    return try scorer.model.readPrefix(Array(first.ids.prefix(count)), checkInterruption: checkInterruption)
  }

  var tokens: [Int] { encoded.map(\.tokens) }

  func row(_ number: Int) -> EncodedRow { encoded[number] }

  /// The labels' probabilities without content: one distribution for all rows, or one for each.
  func prior(_ rows: Range<Int>, checkInterruption: (() throws -> Void)?) throws -> [[Double]] {
    let own = contentFree.count > 1 ? Array(contentFree[rows]) : contentFree
    return try own.map { texts in
      let scores = try scorer.scores(texts, prefix: prefix, checkInterruption: checkInterruption)
      return Calibration.prior(scores.map { probabilities($0) })
    }
  }

  func scores(_ rows: Range<Int>, checkInterruption: (() throws -> Void)?) throws -> [RowScores] {
    try scorer.scores(Array(encoded[rows]), prefix: prefix, checkInterruption: checkInterruption)
  }

  func labelScores(_ row: RowScores) -> [Double] {
    LabelScores.scores(row, settings.scoring, unconditional: unconditional)
  }

  func probabilities(_ row: RowScores) -> [Double] { LabelScores.probabilities(labelScores(row)) }
}
