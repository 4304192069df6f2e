import Foundation
import TestSupport
import Testing
import Training
import Transformers

private struct VariantTrajectory: Decodable {
  struct Case: Decodable {
    let optimizer: String
    let lr: Double
    let wd: Double
    let schedule: String
    let warmup: Int
    let clip: Double?
    let layer_decay: Double?
    let label_smoothing: Double
    let class_weights: [Float]?
    let steps: Int
  }
  struct Step: Decodable {
    let loss: Double
    let grad_norm: Double
    let lr: Double
  }
  let `case`: Case
  let steps: [Step]
}

/// Optimizers, schedules and weighings of the loss, made by Scripts/reference/training_variants.py.
@Suite("Training variants parity") struct TrainingVariantsParity {
  @Test func trajectories() throws {
    guard Fixtures.exists("train_variants") else { return }
    var report = ParityReport("train_variants")
    for name in Fixtures.folders(in: "train_variants") {
      let expected = try decoded("train_variants/\(name)/trajectory.json", as: VariantTrajectory.self)
      let item: VariantTrajectory.Case = expected.case
      let model = try TrainFixture.model("train_bert/init")
      let (data, batchSize) = try TrainFixture.data("train_bert/batches.safetensors")
      let trainer = try Trainer(model, data, settings: settings(item, batchSize))
      for (index, step) in expected.steps.enumerated() {
        let mine: StepReport = try trainer.makeStep()
        expectClose(mine.loss, step.loss, absolute: 1e-5, "\(name) step \(index) loss")
        expectClose(mine.gradientNorm, step.grad_norm, absolute: 1e-5, relative: 1e-5, "\(name) step \(index) norm")
        expectClose(mine.learningRate, step.lr, absolute: 1e-12, "\(name) step \(index) lr")
      }
      let file = try TensorFile("train_variants/\(name)/final.safetensors")
      for key in file.entries.keys.sorted() {
        let parameter = try #require(model.parameters.first { $0.name == key })
        expectClose(parameter.value.elements, try file.floats(key), absolute: 2e-5, "\(name) \(key)")
      }
      report.compared(name)
    }
    report.finish()
  }

  private func settings(_ item: VariantTrajectory.Case, _ batchSize: Int) throws -> TrainingSettings {
    var settings = TrainingSettings()
    settings.epochs = 1
    settings.steps = item.steps
    settings.batchSize = batchSize
    settings.learningRate = item.lr
    switch item.optimizer {
    case "adam": settings.optimizer = .adam()
    case "sgd": settings.optimizer = .sgd(momentum: 0.9)
    default: settings.optimizer = .adamW()
    }
    settings.weightDecay = item.wd
    settings.schedule = try #require(Schedule(rawValue: item.schedule))
    settings.warmup = Double(item.warmup)
    settings.clip = item.clip
    settings.layerDecay = item.layer_decay
    settings.labelSmoothing = Float(item.label_smoothing)
    settings.classWeights = item.class_weights
    settings.shuffles = false
    return settings
  }

  @Test(
    "a batch in parts gives what the whole gives, also where the parts differ and classes weigh",
    .enabled(if: Fixtures.exists("train_bert")))
  func accumulation() throws {
    func losses(batch: Int, accumulate: Int, weights: [Float]?) throws -> ([Double], [Double]) {
      var settings = TrainingSettings()
      settings.epochs = 2
      settings.batchSize = batch
      settings.accumulate = accumulate
      settings.classWeights = weights
      settings.learningRate = 2e-3
      settings.shuffles = false
      let data = try TrainFixture.data("train_bert/batches.safetensors").data
      let some = try data.selecting(Array(0..<22))
      let trainer = try Trainer(TrainFixture.model("train_bert/init"), some, settings: settings)
      var norms: [Double] = []
      while !trainer.isFinished { norms.append(try trainer.makeStep().gradientNorm) }
      return (trainer.history.losses, norms)
    }
    for weights in [nil, [0.5, 2, 1.25]] as [[Float]?] {
      let whole = try losses(batch: 8, accumulate: 1, weights: weights)
      let parts = try losses(batch: 4, accumulate: 2, weights: weights)
      expectClose(parts.0, whole.0, absolute: 1e-5, "losses")
      expectClose(parts.1, whole.1, absolute: 1e-5, relative: 1e-5, "gradient norms")
      let thirds = try losses(batch: 3, accumulate: 8, weights: weights)
      let all = try losses(batch: 22, accumulate: 1, weights: weights)
      expectClose(thirds.0, all.0, absolute: 1e-5, "losses of thirds")
    }
  }
}
