import Foundation
import NeuralNetworks
import TensorCore

/// Why a run ended.
package enum StopReason: Sendable, Equatable {
  case finished
  /// The person stopped it; it can go on.
  case interrupted
  /// The validation loss didn't fall any more.
  case earlyStopping
  /// Loss or gradients weren't finite; the weights are those of the step before.
  case diverged(String)
}

extension Trainer {
  /// Steps until the end, with evaluations and, where wanted, checkpoints on the way.
  ///
  /// - Parameters:
  ///   - until: the step to stop at; nil for the last.
  ///   - onStep: called after each step; false stops, with the state kept.
  ///   - onLine: called after each evaluation or epoch.
  ///   - checkpoint: called after each step that `checkpointEvery` divides, and at the end.
  package func run(
    until limit: Int? = nil, onStep: (StepReport) throws -> Bool = { _ in true },
    onLine: (TrainingHistory.Line) throws -> Void = { _ in }, checkpointEvery: Int? = nil,
    checkpoint: (Trainer) throws -> Void = { _ in }
  ) throws -> StopReason {
    let end: Int = min(limit ?? totalSteps, totalSteps)
    var reason: StopReason = hasStoppedEarly ? .earlyStopping : .finished
    while step < end, reason == .finished {
      let report: StepReport
      do {
        report = try makeStep()
      } catch let error as TrainingError {
        guard case .diverged = error, step > 0 else { throw error }
        reason = .diverged(error.description)
        break
      }
      if isEvaluationDue {
        try onLine(evaluate())
        if hasStoppedEarly {
          reason = .earlyStopping
          break
        }
      }
      if let every = checkpointEvery, every > 0, step % every == 0 { try checkpoint(self) }
      if try !onStep(report) {
        reason = isFinished ? .finished : .interrupted
        break
      }
    }
    if reason != .interrupted, step >= totalSteps || reason != .finished { try keepBest() }
    if checkpointEvery != nil { try checkpoint(self) }
    return reason
  }

  /// Whether the validation loss has not fallen for as long as the settings wait.
  private var hasStoppedEarly: Bool { settings.earlyStopping.map { evaluationsSinceBest >= $0 } ?? false }

  var isEvaluationDue: Bool {
    if step == totalSteps { return true }
    switch settings.evaluation {
    case .epoch: return step % stepsPerEpoch == 0
    case .steps(let every): return step % every == 0
    }
  }

  /// How often the model is measured up to a step.
  func evaluationCount(until end: Int) -> Int {
    let every: Int = if case .steps(let steps) = settings.evaluation { steps } else { stepsPerEpoch }
    return end / every + (end == totalSteps && end % every != 0 ? 1 : 0)
  }

  /// Measures the model on the validation rows and adds a line to the history.
  @discardableResult
  package func evaluate() throws -> TrainingHistory.Line {
    let began = Date()
    let measured: Evaluation? = try validation.map {
      try Evaluation(model, $0, cache: caches?.validation, precision: settings.precision)
    }
    seconds += Date().timeIntervalSince(began)
    var isBest: Bool = false
    if let loss = measured?.loss, loss.isFinite {
      isBest = loss < (best?.loss ?? .infinity)
      evaluationsSinceBest = isBest ? 0 : evaluationsSinceBest + 1
      if isBest {
        let keeps: Bool = settings.keep == .best
        let values: [(Parameter, Tensor)] =
          keeps ? model.parameters.filter(\.isTrainable).map { ($0, $0.value) } : []
        best = (loss, step, values)
      }
    }
    let line: TrainingHistory.Line = self.line(measured, isBest: isBest)
    history.lines.append(line)
    pending = (0, 0)
    return line
  }

  /// What happened since the last line of the history.
  private func line(_ measured: Evaluation?, isBest: Bool) -> TrainingHistory.Line {
    TrainingHistory.Line(
      step: step, epoch: Double(step) / Double(stepsPerEpoch),
      loss: pending.count > 0 ? pending.sum / Double(pending.count) : .nan, validationLoss: measured?.loss,
      metric: measured.flatMap { $0.value.isFinite ? $0.metric : nil },
      metricValue: measured.flatMap { $0.value.isFinite ? $0.value : nil }, learningRate: lastLearningRate,
      seconds: seconds, isBest: isBest)
  }

  /// The history, with a line for steps that no measurement has followed yet: those of a fit that was stopped.
  package var historySoFar: TrainingHistory {
    guard pending.count > 0 else { return history }
    var history: TrainingHistory = history
    history.lines.append(line(nil, isBest: false))
    return history
  }

  /// The learning rate of the step before.
  private var lastLearningRate: Double {
    learningRate * settings.schedule.factor(step: max(0, step - 1), warmup: warmupSteps, total: totalSteps)
  }

  /// Puts the best weights back where they are to be kept.
  func keepBest() throws {
    guard settings.keep == .best, let best, best.step != step else { return }
    for (parameter, value) in best.values { parameter.value = value }
  }
}
