import Training

/// What one prompt of a trial reached.
package struct PromptResult {
  package let name: String
  package let prompt: Prompt
  /// Of each of the trial's labels its number among the prompt's.
  private let order: [Int]
  var state: State

  /// Everything that grows with the rows.
  struct State {
    /// By row, in the prompt's order of labels.
    var scores: [RowScores] = []
    /// By row, in the prompt's order of labels.
    var labelScores: [[Double]] = []
    /// The labels' probabilities without content: one for all rows, or one each.
    var priors: [[Double]] = []
    /// By order of the shots (the given one first), by row: what was chosen.
    var choices: [[Int]] = []
    var tokens = 0
    var seconds = 0.0
    var shortened = 0

    /// Computes a block of rows in every order of the shots.
    mutating func take(
      _ runs: [PromptRun], _ rows: Range<Int>, checkInterruption: @escaping () throws -> Void
    ) throws {
      for (number, run) in runs.enumerated() {
        let scores = try run.scores(rows, checkInterruption: checkInterruption)
        let own = scores.map { run.labelScores($0) }
        if number == choices.count { choices.append([]) }
        choices[number] += own.map { LabelScores.largest($0) }
        guard number == 0 else { continue }
        self.scores += scores
        labelScores += own
        tokens += run.tokens[rows].reduce(0, +)
        if run.settings.calibrates, priors.isEmpty || run.settings.shots?.selection == .nearest {
          priors += try run.prior(rows, checkInterruption: checkInterruption)
        }
      }
    }
  }

  init(_ name: String, _ prompt: Prompt, labels: [String]) throws {
    self.name = name
    self.prompt = prompt
    let own = prompt.labels.map(\.name)
    guard Set(own) == Set(labels) else {
      throw PromptingError.labels(
        "\(name) has the labels \(own.joined(separator: ", ")), the first prompt \(labels.joined(separator: ", "))",
        help: "prompts of one trial have the same labels; their words may differ")
    }
    order = labels.compactMap { own.firstIndex(of: $0) }
    state = State()
  }

  package var tokens: Int { state.tokens }
  package var seconds: Double { state.seconds }
  /// Rows that got fewer shots than asked for.
  package var shortened: Int { state.shortened }
  package var isCalibrated: Bool { !state.priors.isEmpty }

  /// By row, by the trial's label, by word.
  package var wordScores: [RowScores] { state.scores.map { row in order.map { row[$0] } } }
  package var labelScores: [[Double]] { state.labelScores.map { row in order.map { row[$0] } } }
  package var probabilities: [[Double]] { labelScores.map { LabelScores.probabilities($0) } }

  /// The labels' probabilities without content, for each row or for all; nil where nothing was calibrated.
  package var priors: [[Double]] { state.priors.map { row in order.map { row[$0] } } }

  /// Probabilities after calibration; nil where nothing was calibrated.
  package var calibrated: [[Double]]? {
    let priors = priors
    guard let first = priors.first else { return nil }
    return probabilities.enumerated().map { row, probabilities in
      Calibration.calibrated(probabilities, prior: row < priors.count && priors.count > 1 ? priors[row] : first)
    }
  }

  /// What decides: calibrated probabilities where there are any.
  package var deciding: [[Double]] { calibrated ?? probabilities }

  /// For each order of the shots, what was chosen, before calibration.
  package var choicesByOrder: [[Int]] {
    state.choices.map { rows in rows.map { choice in order.firstIndex(of: choice) ?? 0 } }
  }
}

/// How good choices are.
package struct ChoiceFigures: Sendable {
  package let correct: Int
  package let total: Int
  package let isRight: [Bool]
  package let chosen: [Int]
  /// Macro F1.
  package let f1: Double
  package let loss: Double

  package var accuracy: Double { Double(correct) / Double(max(1, total)) }
  package var interval: WilsonInterval { WilsonInterval(successes: correct, trials: total) }

  package init(_ probabilities: [[Double]], truth: [Int], labels: Int) throws {
    chosen = probabilities.map { LabelScores.largest($0) }
    isRight = zip(chosen, truth).map { $0 == $1 }
    correct = isRight.reduce(0) { $0 + ($1 ? 1 : 0) }
    total = truth.count
    f1 = try ConfusionMatrix(truth: truth, predicted: chosen, classCount: labels).averaged(.macro).f1
    loss = try logLoss(truth: truth, probabilities: probabilities)
  }
}
