import TensorCore
import Tokenizers
import Transformers

/// One row step by step: what the model was given, what it would say next, how it scores each label.
package struct Attempt {
  /// The filled prompt.
  package let text: String
  /// Its tokens as text.
  package let tokens: [String]
  /// The most tokens the model reads.
  package let limit: Int?
  package let isMasked: Bool
  /// The likeliest tokens where the labels' words begin. A line break at the prompt's end is scored with the words, as
  /// the space is; but what comes after it is what is of interest.
  package let next: [(token: String, probability: Double)]
  package let labels: [String]
  package let scores: [Double]
  package let words: RowScores
  package let probabilities: [Double]
  package let calibrated: [Double]?
  package let chosen: Int
  package let truth: String?

  package var deciding: [Double] { calibrated ?? probabilities }

  package init(
    _ model: PretrainedModel, _ prompt: Prompt, _ row: PromptRow, _ settings: TrialSettings, best: Int,
    checkInterruption: (() throws -> Void)? = nil
  ) throws {
    try prompt.check(columns: row.columns)
    let separator = settings.shots?.separator ?? "\n\n"
    let scorer = try PromptScorer(model, prompt, separator: separator, wrap: settings.wrap)
    let run = try PromptRun(scorer, [row], settings, checkInterruption: checkInterruption)
    words = try run.scores(0..<1, checkInterruption: checkInterruption)[0]
    labels = prompt.labels.map(\.name)
    scores = run.labelScores(words)
    probabilities = LabelScores.probabilities(scores)
    let prior = try run.prior(0..<1, checkInterruption: checkInterruption).first
    let own = probabilities
    calibrated = prior.map { Calibration.calibrated(own, prior: $0) }
    chosen = LabelScores.largest(calibrated ?? own)
    truth = row.label
    limit = model.positionLimit
    isMasked = scorer.isMasked
    let ids: [Int]
    let logits: Tensor
    let encoded = run.row(0)
    if let masked = encoded.masked.first {
      ids = masked.ids
      let batch = Batch([masked.ids], tokenTypeIDs: [masked.typeIDs])
      let hidden = try model.tokenRows(batch).gatheredRows([masked.masks.first ?? 0])
      guard let head = model.head else { throw PromptingError.notReached }
      logits = try head(hidden, .evaluation)
    } else {
      let tokenizer = scorer.tokenizer
      ids = Self.context(of: encoded.causal) { tokenizer.decode([$0]).allSatisfy(\.isWhitespace) }
      logits = try model.nextLogits([ids], cache: nil, checkInterruption: checkInterruption)
    }
    let shares = LogitsFilter.softmax(logits.elements)
    let order = shares.indices.sorted { (-shares[$0], $0) < (-shares[$1], $1) }.prefix(max(1, best))
    next = order.map { (scorer.tokenizer.decode([$0]), Double(shares[$0])) }
    tokens = ids.map { scorer.tokenizer.decode([$0], skipSpecialTokens: false) }
    text = scorer.tokenizer.decode(ids, skipSpecialTokens: false)
  }

  /// The prompt, and the tokens of white space that all words begin with; of each at least one token is left to be
  /// predicted.
  static func context(of sequences: [ScoredSequence], isBlank: (Int) -> Bool) -> [Int] {
    guard let first = sequences.first else { return [0] }
    var count = first.start
    while sequences.allSatisfy({ count + 1 < $0.ids.count && $0.ids[count] == first.ids[count] }),
      isBlank(first.ids[count])
    {
      count += 1
    }
    return Array(first.ids.prefix(count))
  }
}
