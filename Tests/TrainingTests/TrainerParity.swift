import Files
import Foundation
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Training
import Transformers

private struct Trajectory: Decodable {
  struct Case: Decodable {
    let lr: Double
    let betas: [Double]
    let eps: Double
    let wd: Double
    let no_decay: Bool
    let warmup: Int?
    let clip: Double?
    let head_only: Bool
    let accum: Int
    let steps: Int
  }
  struct Step: Decodable {
    let losses: [Double]
    let loss: Double
    let grad_norm: Double
    let lr: Double
  }
  let `case`: Case
  let steps: [Step]
}

/// The model, batches and settings that fixtures `train` give.
enum TrainFixture {
  static func model(_ folder: String = "train/init") throws -> PretrainedModel {
    try PretrainedModel.load(Fixtures.url(folder).path, access: Fixtures.access)
  }

  /// Every batch of the file, row after row, without padding.
  static func data(_ path: String = "train/batches.safetensors") throws -> (data: TrainingData, batchSize: Int) {
    let file = try TensorFile(path)
    var sequences: [[Int]] = []
    var labels: [Int] = []
    var batchSize: Int = 0
    var index: Int = 0
    while file.entries["input_ids.\(index)"] != nil {
      let shape: [Int] = file.shape("input_ids.\(index)")
      let ids: [Int] = try file.integers("input_ids.\(index)")
      let mask: [Int] = try file.integers("attention_mask.\(index)")
      batchSize = shape[0]
      for row in 0..<shape[0] {
        let places: [Int] = (0..<shape[1]).filter { mask[row * shape[1] + $0] == 1 }
        sequences.append(places.map { ids[row * shape[1] + $0] })
      }
      labels += try file.integers("labels.\(index)")
      index += 1
    }
    return (try TrainingData(sequences: sequences, targets: .classes(labels)), batchSize)
  }

  static func freezeAllButHead(_ model: PretrainedModel) {
    for parameter in model.parameters {
      let head: [String] = ["pre_classifier.", "bert.pooler.", "classifier."]
      parameter.isTrainable = head.contains { parameter.name.hasPrefix($0) }
    }
  }
}

@Suite("Trainer parity") struct TrainerParity {
  @Test func trajectories() throws { try compare("train") }

  /// BERT's own ten steps, made by Scripts/reference/bert_training.py.
  @Test func bertTrajectories() throws {
    if Fixtures.exists("train_bert") { try compare("train_bert") }
  }

  private func compare(_ folder: String) throws {
    var report = ParityReport(folder)
    for name in Fixtures.folders(in: folder) where name != "init" {
      let expected = try decoded("\(folder)/\(name)/trajectory.json", as: Trajectory.self)
      let item: Trajectory.Case = expected.case
      let model = try TrainFixture.model(folder + "/init")
      let before: [String: [Float]] = Dictionary(
        model.parameters.map { ($0.name, $0.value.elements) }, uniquingKeysWith: { a, _ in a })
      if item.head_only { TrainFixture.freezeAllButHead(model) }
      let (data, batchSize) = try TrainFixture.data(folder + "/batches.safetensors")
      var settings = TrainingSettings()
      settings.epochs = 1
      settings.steps = item.steps
      settings.batchSize = batchSize
      settings.accumulate = item.accum
      settings.learningRate = item.lr
      settings.optimizer = .adamW(beta1: item.betas[0], beta2: item.betas[1], epsilon: item.eps)
      settings.weightDecay = item.wd
      settings.decaysEverything = !item.no_decay
      settings.schedule = item.warmup == nil ? .constant : .linear
      settings.warmup = Double(item.warmup ?? 0)
      settings.clip = item.clip
      settings.shuffles = false
      let trainer = try Trainer(model, data, settings: settings)
      for (index, step) in expected.steps.enumerated() {
        let mine: StepReport = try trainer.makeStep()
        expectClose(mine.losses, step.losses, absolute: 1e-5, "\(name) step \(index) losses")
        expectClose(mine.loss, step.loss, absolute: 1e-5, "\(name) step \(index) loss")
        expectClose(mine.gradientNorm, step.grad_norm, absolute: 1e-5, relative: 1e-6, "\(name) step \(index) norm")
        expectClose(mine.learningRate, step.lr, absolute: 1e-12, "\(name) step \(index) lr")
      }
      let file = try TensorFile("\(folder)/\(name)/final.safetensors")
      // The gradient of a key's bias is mathematically zero: what Adam makes of its rounding has no meaning.
      for parameter in model.parameters
      where !parameter.name.hasSuffix("k_lin.bias") && !parameter.name.hasSuffix("key.bias") {
        let wanted: [Float] = try file.floats(parameter.name)
        expectClose(parameter.value.elements, wanted, absolute: 2e-5, "\(name) \(parameter.name)")
        if !parameter.isTrainable { #expect(parameter.value.elements == before[parameter.name]) }
      }
      report.compared(name)
    }
    report.finish()
  }
}
