import Files
import Foundation
import NeuralNetworks
import TensorCore
import Transformers

/// Fits copies of one model in several ways to the same rows and measures what each costs and gives.
///
/// A ranking of methods means nothing without a search for the learning rate: each rung is tried with several on the
/// first seed, and the one best on the validation rows is fitted with every seed.
package final class Ladder {
  /// What one fit came to.
  package struct Fit: Sendable, Equatable {
    package var valid: Double
    package var validLoss: Double
    package var correct: Int
    package var total: Int
    package var seconds: Double
    package var peakBytes: Int
    package var drift: Double
  }

  /// What a rung came to.
  package struct Result: Sendable, Equatable {
    package let rung: String
    /// The learning rate that was best on the validation rows.
    package let rate: Double?
    package let trainable: Int
    package let parameters: Int
    /// One for each seed.
    package let fits: [Fit]
    /// Bytes that must be kept beside the base.
    package let diskBytes: Int

    package var accuracies: [Double] { fits.map { $0.total > 0 ? Double($0.correct) / Double($0.total) : .nan } }
    package var accuracy: Double { accuracies.reduce(0, +) / Double(max(1, fits.count)) }
    /// From the lowest to the highest seed; of one seed the 95 % interval of its share.
    package var spread: (lower: Double, upper: Double) {
      guard fits.count > 1, let low = accuracies.min(), let high = accuracies.max() else {
        let interval = WilsonInterval(successes: fits.first?.correct ?? 0, trials: fits.first?.total ?? 0)
        return (interval.lower, interval.upper)
      }
      return (low, high)
    }
    package var seconds: Double { fits.map(\.seconds).reduce(0, +) / Double(max(1, fits.count)) }
    package var peakBytes: Int { fits.map(\.peakBytes).max() ?? 0 }
    package var drift: Double { fits.map(\.drift).reduce(0, +) / Double(max(1, fits.count)) }
  }

  /// Rows as a model takes them.
  package struct Rows {
    package let train: TrainingData
    package let valid: TrainingData
    package let test: TrainingData

    package init(train: TrainingData, valid: TrainingData, test: TrainingData) {
      self.train = train
      self.valid = valid
      self.test = test
    }
  }

  /// A logistic regression over features: accuracy on valid and test, its seconds and how many numbers it has.
  package typealias Features = () throws -> (valid: (Int, Int), test: (Int, Int), count: Int)

  private let base: PretrainedModel
  private let head: (_ seed: UInt64) throws -> PretrainedModel
  private let rows: (_ model: PretrainedModel) throws -> Rows
  private let features: Features
  private let settings: TrainingSettings
  private let seeds: [UInt64]
  private let memory: LadderMemory

  /// - Parameters:
  ///   - base: the model that stays as it is.
  ///   - head: the base under a new head.
  ///   - rows: the examples, cut to what a model takes.
  ///   - settings: everything but the learning rate and the seed.
  ///   - memory: where fits that were made before are found.
  package init(
    _ base: PretrainedModel, seeds: [UInt64], settings: TrainingSettings, memory: LadderMemory = LadderMemory(),
    head: @escaping (_ seed: UInt64) throws -> PretrainedModel,
    rows: @escaping (_ model: PretrainedModel) throws -> Rows, features: @escaping Features
  ) {
    self.base = base
    self.seeds = seeds
    self.settings = settings
    self.memory = memory
    self.head = head
    self.rows = rows
    self.features = features
  }

  /// Fits of a rung, one after the other.
  ///
  /// - Parameter onStep: told of the fit and the steps done; throwing ends the rung, and what is finished of it is known
  ///   when it is climbed again.
  package func climb(
    _ rung: LadderRung, rates: [Double], onStep: @escaping (_ what: String, _ done: Int, _ total: Int) throws -> Void
  ) throws -> Result {
    guard rung.rate != nil else { return try climbFeatures(rung, onStep) }
    guard let firstSeed = seeds.first, !rates.isEmpty else {
      throw TrainingError.empty(operation: "ladder", what: "seeds or learning rates")
    }
    var best: (rate: Double, fit: Fit)?
    for rate in rates {
      let found: Fit
      do { found = try fit(rung, rate, firstSeed, onStep) } catch let error as TrainingError {
        // A rate that is too high is not the best; the other rates and rungs stand.
        guard case .diverged = error else { throw error }
        continue
      }
      if let now = best, (found.valid, -found.validLoss) <= (now.fit.valid, -now.fit.validLoss) { continue }
      best = (rate, found)
    }
    guard let rate = best?.rate else { throw TrainingError.allDiverged }
    let fits: [Fit] = try seeds.map { try fit(rung, rate, $0, onStep) }
    let model: PretrainedModel = try rung.prepare(head(firstSeed), firstSeed)
    return Result(
      rung: rung.name, rate: rate, trainable: model.trainableCount, parameters: model.parameterCount, fits: fits,
      diskBytes: 4 * model.trainableCount)
  }

  private func climbFeatures(
    _ rung: LadderRung, _ onStep: @escaping (_ what: String, _ done: Int, _ total: Int) throws -> Void
  ) throws -> Result {
    try onStep(rung.name, 0, 1)
    PeakMemory.restart()
    let began = Date()
    let found = try features()
    let fit = Fit(
      valid: Double(found.valid.0) / Double(max(1, found.valid.1)), validLoss: 0, correct: found.test.0,
      total: found.test.1, seconds: Date().timeIntervalSince(began), peakBytes: PeakMemory.bytes ?? 0, drift: 0)
    return Result(
      rung: rung.name, rate: nil, trainable: found.count, parameters: base.parameterCount + found.count, fits: [fit],
      diskBytes: 8 * found.count)
  }

  private func fit(
    _ rung: LadderRung, _ rate: Double, _ seed: UInt64,
    _ onStep: @escaping (_ what: String, _ done: Int, _ total: Int) throws -> Void
  ) throws -> Fit {
    let model: PretrainedModel = try rung.prepare(head(seed), seed)
    let rows: Rows = try rows(model)
    var settings: TrainingSettings = settings
    settings.learningRate = rate
    settings.seed = seed
    let key: String = memory.key([
      base.contentHash(), base.precision.rawValue, try rows.train.fingerprint(), try rows.valid.fingerprint(),
      try rows.test.fingerprint(), rung.name, model.methods.map { $0.settings.text() }.joined(separator: " "),
      String(model.trainableCount), settings.json.text(),
    ])
    if let known = memory.find(key) { return known }
    PeakMemory.restart()
    let trainer = try Trainer(model, rows.train, settings: settings)
    let what: String = "\(rung.name) \(rate)"
    trainer.cacheProgress = { done, total in try onStep(what, done, total) }
    try onStep(what, 0, trainer.totalSteps)
    while !trainer.isFinished {
      try trainer.makeStep()
      try onStep(what, trainer.step, trainer.totalSteps)
    }
    let seconds: Double = trainer.seconds
    let valid = try Evaluation(model, rows.valid)
    let test = try Evaluation(model, rows.test)
    let correct: Int = zip(test.predicted, test.truth).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
    let sample: [Int] = Array(0..<min(48, rows.test.count))
    let batches: [Batch] = stride(from: 0, to: sample.count, by: 16).map {
      rows.test.batch(Array(sample[$0..<min($0 + 16, sample.count)]))
    }
    let drift = try Drift(head(seed), model, batches)
    let result = Fit(
      valid: valid.value, validLoss: valid.loss, correct: correct, total: test.truth.count, seconds: seconds,
      peakBytes: PeakMemory.bytes ?? 0, drift: drift.layers.last?.cosineDistance ?? 0)
    memory.keep(key, result)
    return result
  }
}
