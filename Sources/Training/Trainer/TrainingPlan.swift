import Foundation
import NeuralNetworks
import TensorCore
import Transformers

/// What a fit will take: counted where it can be, measured on a few steps of a copy where it can't.
package struct TrainingPlan: Sendable, Equatable {
  package let steps: Int
  package let epochs: Double
  package let parameterCount: Int
  package let trainableCount: Int
  /// Bytes of all parameters, of the gradients, of the optimizer's state, and of what a step of the longest batch keeps.
  package let weightBytes: Int
  package let gradientBytes: Int
  package let optimizerBytes: Int
  package let activationBytes: Int
  /// Bytes of what is computed once and kept; nil where nothing is.
  package let cacheBytes: Int?
  package let cacheIsOnDisk: Bool
  package let cacheKeepsOneRow: Bool
  /// Seconds for the cache, for all steps, for all measurements on the validation rows.
  package let cacheSeconds: Double
  package let stepSeconds: Double
  package let evaluationSeconds: Double
  package let evaluations: Int
  /// Steps that were made to find out.
  package let measuredSteps: Int

  package var seconds: Double { cacheSeconds + stepSeconds + evaluationSeconds }
  /// Bytes in memory at the highest: trained weights count twice, as the old ones are kept for undo.
  package var memoryBytes: Int {
    weightBytes + 2 * gradientBytes + optimizerBytes + activationBytes + (cacheIsOnDisk ? 0 : cacheBytes ?? 0)
  }

  /// Plans what a trainer would do. The trainer and its model stay as they are.
  ///
  /// - Parameters:
  ///   - until: the step to stop at; nil for the last.
  ///   - progress: steps made of those to be measured; throwing from it stops.
  package init(_ trainer: Trainer, until: Int? = nil, progress: (_ done: Int, _ total: Int) throws -> Void) throws {
    let model: PretrainedModel = trainer.model
    steps = min(until ?? trainer.totalSteps, trainer.totalSteps)
    epochs = Double(steps) / Double(trainer.stepsPerEpoch)
    parameterCount = model.parameterCount
    trainableCount = model.trainableCount
    weightBytes = 4 * parameterCount
    gradientBytes = 4 * trainableCount
    optimizerBytes = 4 * trainableCount * trainer.settings.optimizer.stateNames.count
    let stage: Int? = trainer.cacheStage
    let valid: TrainingData? = trainer.validation
    if let stage {
      cacheBytes =
        try PrefixCache.byteCount(model, trainer.data, stage: stage)
        + (valid.map { try PrefixCache.byteCount(model, $0, stage: stage) } ?? 0)
      cacheKeepsOneRow = PrefixCache.keepsOneRow(model, stage: stage)
    } else {
      (cacheBytes, cacheKeepsOneRow) = (nil, false)
    }
    cacheIsOnDisk = (cacheBytes ?? 0) > PrefixCache.memoryLimit

    // A step's work goes with its tokens; on a cache of one row a text it goes with its rows.
    let oneRow: Bool = cacheKeepsOneRow
    func work(_ data: TrainingData, _ rows: [Int]) -> Double {
      oneRow ? Double(rows.count) : Double(rows.reduce(0) { $0 + data.sequences[$1].count })
    }
    let batches: [[Int]] = trainer.order.batches(epoch: 0)
    let sample: [Int] = batches.prefix(Self.sampledSteps * trainer.settings.accumulate).flatMap { $0 }
    let measured = try Measurement(trainer, trainer.data.selecting(sample), progress)
    measuredSteps = measured.steps
    let perStep: Double = work(trainer.data, Array(0..<trainer.data.count)) / Double(trainer.stepsPerEpoch)
    stepSeconds = measured.stepSeconds / max(1, measured.stepWork(oneRow)) * perStep * Double(steps)
    let tokens: Double = Double(trainer.data.tokenCount + (valid?.tokenCount ?? 0))
    let sampleTokens: Double = Double(max(1, measured.data.tokenCount))
    cacheSeconds = stage == nil ? 0 : measured.cacheSeconds / sampleTokens * tokens
    evaluations = valid == nil ? 0 : trainer.evaluationCount(until: steps)
    let evaluated: Double = valid.map { work($0, Array(0..<$0.count)) } ?? 0
    let sampleWork: Double = max(1, work(measured.data, Array(0..<measured.data.count)))
    evaluationSeconds = measured.evaluationSeconds / sampleWork * evaluated * Double(evaluations)
    let longest: Double = batches.map { work(trainer.data, $0) }.max() ?? 1
    let longestMeasured: Double = max(1, measured.longestWork(oneRow))
    let kept: Int = measured.peakBytes - 2 * gradientBytes - optimizerBytes
    activationBytes = Int(Double(max(0, kept)) * max(1, longest / longestMeasured))
  }

  static let sampledSteps: Int = 4
}

/// A few steps on some of the rows, made by a copy.
private struct Measurement {
  let data: TrainingData
  let batches: [[Int]]
  let steps: Int
  let cacheSeconds: Double
  let stepSeconds: Double
  let evaluationSeconds: Double
  let peakBytes: Int
  /// Which steps count: the first one also allocates.
  private let counted: Range<Int>

  /// Seconds after which no further step is made.
  private static let patience: Double = 4

  init(_ trainer: Trainer, _ data: TrainingData, _ progress: (Int, Int) throws -> Void) throws {
    self.data = data
    var settings: TrainingSettings = trainer.settings
    settings.steps = nil
    settings.epochs = 2
    settings.shuffles = false
    settings.bucketsByLength = false
    settings.cachesPrefix = trainer.cacheStage != nil
    let copy = try Trainer(trainer.model.copy(), data, settings: settings)
    let began = Date()
    try progress(0, TrainingPlan.sampledSteps)
    try copy.prepareCache()
    cacheSeconds = Date().timeIntervalSince(began)
    var seconds: [Double] = []
    batches = copy.order.batches(epoch: 0)
    peakBytes = try Storage.measuringPeak {
      while seconds.count < TrainingPlan.sampledSteps, !copy.isFinished {
        seconds.append(try copy.makeStep().seconds)
        try progress(seconds.count, TrainingPlan.sampledSteps)
        if Date().timeIntervalSince(began) > Measurement.patience { break }
      }
    }.bytes
    steps = seconds.count
    counted = (seconds.count > 1 ? 1 : 0)..<seconds.count
    stepSeconds = seconds[counted].reduce(0, +)
    guard trainer.validation != nil else {
      evaluationSeconds = 0
      return
    }
    let start = Date()
    _ = try Evaluation(copy.model, data, cache: copy.caches?.training)
    evaluationSeconds = Date().timeIntervalSince(start)
  }

  private func work(_ rows: [Int], _ oneRow: Bool) -> Double {
    oneRow ? Double(rows.count) : Double(rows.reduce(0) { $0 + data.sequences[$1].count })
  }

  /// The work of the steps that count; batches come again where there are fewer than steps.
  func stepWork(_ oneRow: Bool) -> Double {
    let perStep: Int = max(1, batches.count * counted.count / max(1, steps))
    let used: ArraySlice<[Int]> = batches.suffix(perStep)
    return used.reduce(0) { $0 + work($1, oneRow) }
  }

  func longestWork(_ oneRow: Bool) -> Double { batches.map { work($0, oneRow) }.max() ?? 1 }
}
