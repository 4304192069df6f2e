import Foundation
import NeuralNetworks
import TensorCore
import Transformers

/// A folder of checkpoints, and how many steps lie between two of them.
package struct CheckpointPlace: Sendable, Equatable {
  package let folder: String
  package let every: Int

  package init(folder: String, every: Int) {
    self.folder = folder
    self.every = max(1, every)
  }
}

/// Finetunes a model: step by step, epoch by epoch, or all at once.
///
/// Everything random is drawn from (seed, purpose, place), so a trainer that is stopped after any step and taken up
/// again, in the same process or from a checkpoint, gives the same bits as one that ran through.
package final class Trainer {
  package let model: PretrainedModel
  package let data: TrainingData
  package let validation: TrainingData?
  package let settings: TrainingSettings
  package let optimizer: Optimizer
  /// The highest learning rate; may be changed between steps.
  package var learningRate: Double
  /// Steps done.
  package internal(set) var step: Int = 0
  package internal(set) var history = TrainingHistory()
  /// Seconds spent in steps and evaluations.
  package internal(set) var seconds: Double = 0

  package let batchesPerEpoch: Int
  package let stepsPerEpoch: Int
  package let totalSteps: Int
  package let warmupSteps: Int

  var order: BatchOrder
  var epochBatches: (epoch: Int, batches: [[Int]])?
  var caches: (training: PrefixCache, validation: PrefixCache?)?
  var best: (loss: Double, step: Int, values: [(Parameter, Tensor)])?
  var evaluationsSinceBest: Int = 0
  /// Sum and number of the losses since the last line of the history.
  var pending: (sum: Double, count: Int) = (0, 0)
  /// Bytes of what was computed once and kept; nil where nothing is.
  package var cacheBytes: Int? {
    caches.map { $0.training.byteCount + ($0.validation?.byteCount ?? 0) }
  }
  /// Where and how often checkpoints are to be written; nil for none. It comes back with a checkpoint.
  package var checkpoints: CheckpointPlace?
  /// Whether what doesn't change stands in the folder.
  package internal(set) var hasBegunCheckpoints = false
  /// The digest of the examples, once a checkpoint asked for it.
  var knownFingerprint: String?
  /// Called before and while the cache is filled.
  package var cacheProgress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }

  /// - Throws: ``TrainingError`` for settings out of range, a model without a head, or nothing that trains.
  package init(
    _ model: PretrainedModel, _ data: TrainingData, validation: TrainingData? = nil, settings: TrainingSettings
  ) throws {
    try settings.checked()
    guard model.head != nil else {
      throw TrainingError.undefined(operation: "fit", reason: "\(model.name) has no head to train for a task")
    }
    guard model.trainableCount > 0 else {
      throw TrainingError.undefined(
        operation: "fit", reason: "every parameter is frozen; unfreeze some, for example model.unfreeze(\"head\")")
    }
    self.model = model
    self.data = data
    self.validation = validation
    self.settings = settings
    optimizer = Optimizer(settings.optimizer)
    learningRate = settings.learningRate
    order = BatchOrder(
      exampleCount: data.count, batchSize: settings.batchSize, seed: settings.seed, shuffles: settings.shuffles,
      lengths: settings.bucketsByLength ? data.sequences.map(\.count) : nil)
    batchesPerEpoch = order.batchCount
    stepsPerEpoch = (batchesPerEpoch - 1) / settings.accumulate + 1
    let (all, overflow) = stepsPerEpoch.multipliedReportingOverflow(by: settings.epochs)
    totalSteps = settings.steps ?? (overflow ? Int.max / 2 : all)
    warmupSteps = Schedule.warmupSteps(settings.warmup, total: totalSteps)
  }

  /// The epoch that the next step belongs to, from 0.
  package var epoch: Int { step / stepsPerEpoch }
  package var isFinished: Bool { step >= totalSteps }

  /// The learning rate of the next step.
  package var currentLearningRate: Double {
    learningRate * settings.schedule.factor(step: step, warmup: warmupSteps, total: totalSteps)
  }

  // MARK: One step

  /// Makes one step: forward and backward of its batches, clipping, update. Where no label of its batches counts there
  /// is nothing to learn: the step has loss 0 and changes nothing.
  ///
  /// - Parameter detailed: whether gradient norms and sizes of the update are measured for each module.
  /// - Throws: ``TrainingError/diverged`` if loss or gradients aren't finite; the weights stay as they were.
  @discardableResult
  package func makeStep(detailed: Bool = false) throws -> StepReport {
    let began = Date()
    let micro: [[Int]] = microBatches()
    try prepareCache()
    let trainable: [Parameter] = model.parameters.filter(\.isTrainable)
    var sums: [Tensor?] = Array(repeating: nil, count: trainable.count)
    var losses: [Double] = []
    var logits: Tensor?
    var tokens: Int = 0
    // Each batch of a step weighs as much as it has labels, so that a batch in parts gives what the whole gives.
    let weights: [Double] = micro.map(labelWeight)
    let total: Double = weights.reduce(0, +)
    for (rows, weight) in zip(micro, weights) {
      let (loss, output) = try forward(rows)
      logits = output
      tokens += rows.reduce(0) { $0 + data.sequences[$1].count }
      losses.append(try weight > 0 ? Double(loss.item()) : 0)
      if weight == 0 { continue }
      let scaled: Tensor = micro.count == 1 ? loss : try loss.scaled(by: Float(weight / total))
      let gradients: Gradients = try scaled.backward()
      for (place, parameter) in trainable.enumerated() {
        guard let gradient = gradients.take(parameter.leaf) else { continue }
        if sums[place] == nil { sums[place] = gradient } else { try sums[place]?.accumulate(gradient) }
      }
    }
    let norms: [Double] = sums.map { $0?.norm() ?? 0 }
    let norm: Double = norms.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let loss: Double =
      micro.count == 1
      ? losses[0] : zip(losses, weights).reduce(0) { $0 + ($1.1 > 0 ? $1.0 * $1.1 / total : 0) }
    let learns: Bool = total > 0
    guard loss.isFinite, norm.isFinite else { throw diverged(loss, trainable, norms) }
    guard !learns || sums.contains(where: { $0 != nil }) else {
      throw TrainingError.undefined(
        operation: "fit", reason: "no gradient reaches a trainable parameter: the loss does not depend on them")
    }
    let rate: Double = currentLearningRate
    let factor: Double = settings.clip.map { min(1, $0 / (norm + 1e-6)) } ?? 1
    let before: [Tensor] = detailed ? trainable.map(\.value) : []
    for (place, parameter) in trainable.enumerated() {
      guard let gradient = sums[place] else { continue }
      sums[place] = nil
      let spared: Bool = !settings.decaysEverything && isSparedFromDecay(parameter.name, shape: parameter.shape)
      try optimizer.step(
        parameter, gradient: gradient, learningRate: rate * layerFactor(parameter),
        weightDecay: spared ? 0 : settings.weightDecay, factor: factor)
    }
    var report = StepReport(
      step: step + 1, totalSteps: totalSteps, epoch: epoch, rows: micro.flatMap { $0 }, losses: losses, loss: loss,
      gradientNorm: norm, learningRate: rate, tokens: tokens, seconds: 0, logits: logits, modules: [])
    if detailed { report.modules = try StepReport.modules(trainable, norms, before: before) }
    step += 1
    if learns {
      pending.sum += loss
      pending.count += 1
    }
    history.losses.append(loss)
    report.seconds = Date().timeIntervalSince(began)
    seconds += report.seconds
    return report
  }

  /// The batches of the next step.
  func microBatches() -> [[Int]] {
    if epochBatches?.epoch != epoch { epochBatches = (epoch, order.batches(epoch: epoch)) }
    let batches: [[Int]] = epochBatches?.batches ?? []
    let first: Int = (step % stepsPerEpoch) * settings.accumulate
    return Array(batches[first..<min(first + settings.accumulate, batches.count)])
  }

  /// What the mean of the loss over some rows divides by.
  private func labelWeight(_ rows: [Int]) -> Double {
    let draw = Masking.Draw(seed: settings.seed, epoch: epoch)
    return data.weight(of: rows, draw, classWeights: settings.classWeights, skipsFirst: model.skipsFirstLabel)
  }

  private func forward(_ rows: [Int]) throws -> (loss: Tensor, logits: Tensor) {
    let dropout = DropoutSource(
      seed: settings.seed, step: step, rate: settings.dropout, isEverywhere: settings.frozenDropout)
    let context = ForwardContext(isRecording: true, dropout: dropout, precision: settings.precision)
    let options = LossOptions(labelSmoothing: settings.labelSmoothing, classWeights: settings.classWeights)
    let draw = Masking.Draw(seed: settings.seed, epoch: epoch)
    let batch: Batch = data.batch(rows, draw)
    let stream: Transformers.Stream
    if let cache = caches?.training {
      let resumed = try model.resumed(cache.hidden(rows), at: cache.stage, batch, context)
      stream = try model.advance(resumed, from: cache.stage, upTo: model.headStage, context)
    } else {
      stream = try model.stream(batch, context)
    }
    return try model.loss(from: stream, data.labels(rows, draw), context, options: options)
  }

  /// The stage up to which a cache pays: something constant stands before what trains, and examples are seen more than
  /// once; nil where it doesn't.
  var cacheStage: Int? {
    guard settings.cachesPrefix, !settings.frozenDropout, data.masking == nil, totalSteps > stepsPerEpoch else {
      return nil
    }
    return PrefixCache.stage(of: model)
  }

  func prepareCache() throws {
    guard let stage = cacheStage else {
      caches = nil
      return
    }
    if let kept = caches?.training, kept.isCurrent(for: model, stage: stage) { return }
    caches = nil
    let total: Int = data.count + (validation?.count ?? 0)
    let training = try PrefixCache(model, data, stage: stage, precision: settings.precision) { done, _ in
      try cacheProgress(done, total)
    }
    let valid: PrefixCache? = try validation.map { rows in
      try PrefixCache(model, rows, stage: stage, precision: settings.precision) { done, _ in
        try cacheProgress(data.count + done, total)
      }
    }
    caches = (training, valid)
  }

  /// What layer-wise decay multiplies the learning rate of a parameter by.
  private func layerFactor(_ parameter: Parameter) -> Double {
    guard let decay = settings.layerDecay else { return 1 }
    return pow(decay, Double(model.headStage - stage(of: parameter)))
  }

  private lazy var stages: [ObjectIdentifier: Int] = {
    var found: [ObjectIdentifier: Int] = [:]
    for stage in 0...model.headStage {
      for module in model.modules(ofStage: stage) {
        for parameter in module.parameters() where found[ObjectIdentifier(parameter)] == nil {
          found[ObjectIdentifier(parameter)] = stage
        }
      }
    }
    return found
  }()

  private func stage(of parameter: Parameter) -> Int { stages[ObjectIdentifier(parameter)] ?? model.headStage }

  private func diverged(_ loss: Double, _ trainable: [Parameter], _ norms: [Double]) -> TrainingError {
    let place: Int = norms.firstIndex { !$0.isFinite } ?? norms.indices.max { norms[$0] < norms[$1] } ?? 0
    let name: String = trainable.indices.contains(place) ? trainable[place].name : "none"
    return .diverged(
      step: step + 1, loss: loss, parameter: name, gradientNorm: norms.indices.contains(place) ? norms[place] : 0)
  }
}
