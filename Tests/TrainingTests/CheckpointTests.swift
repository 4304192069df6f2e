import Checkpoints
import Files
import Foundation
import TensorCore
import TestSupport
import Testing
import Training
import Transformers

@Suite("Checkpoints of a fit") struct CheckpointTests {
  private let access = FileAccess(policy: .user)

  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder: String = NSTemporaryDirectory() + "luthier-checkpoint-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func trainer(_ change: (inout TrainingSettings) -> Void = { _ in }) throws -> Trainer {
    var settings = TrainingSettings()
    settings.epochs = 2
    settings.batchSize = 8
    settings.learningRate = 1e-2
    settings.keep = .best
    settings.seed = 3
    change(&settings)
    let data = try TrainFixture.data().data
    return try Trainer(TrainFixture.model(), data, validation: data, settings: settings)
  }

  @Test("a fit taken up from a checkpoint gives the bits of one that was never stopped", arguments: [1, 9, 10, 13])
  func resumes(stop: Int) throws {
    let whole = try trainer()
    #expect(try whole.run() == .finished)
    try inFolder { folder in
      let stopped = try trainer()
      try stopped.beginCheckpoints(folder, access: access)
      _ = try stopped.run(until: stop, checkpointEvery: 1) { try $0.writeCheckpoint(folder, access: access) }
      stopped.checkpoints = CheckpointPlace(folder: folder, every: 4)
      try stopped.writeCheckpoint(folder, access: access)
      let again = try Trainer.resume(folder, access: access)
      #expect(again.step == stop)
      #expect(again.checkpoints == CheckpointPlace(folder: folder, every: 4), "it goes on with its checkpoints")
      #expect(try again.run() == .finished)
      #expect(again.model.parameters.map(\.value.elements) == whole.model.parameters.map(\.value.elements))
      #expect(again.history.losses == whole.history.losses)
      #expect(again.history.lines.map(\.validationLoss) == whole.history.lines.map(\.validationLoss))
    }
  }

  @Test("a checkpoint of something else is refused, and nothing changes") func refused() throws {
    try inFolder { folder in
      let first = try trainer()
      try first.beginCheckpoints(folder, access: access)
      let other = try trainer { $0.learningRate = 0.5 }
      let before = other.model.parameters.map(\.value.elements)
      #expect(throws: TrainingError.self) { try other.restore(folder, access: access) }
      #expect(other.model.parameters.map(\.value.elements) == before)
      #expect(throws: (any Error).self) { try Trainer.resume(folder + "/nowhere", access: access) }
      try Data("nonsense".utf8).write(to: URL(fileURLWithPath: folder + "/state.safetensors"))
      #expect(throws: (any Error).self) { try Trainer.resume(folder, access: access) }
    }
  }

  @Test("a damaged state is refused", arguments: ["moments", "steps", "\"step\": 1", "\"since_best\": 0"])
  func damaged(part: String) throws {
    try inFolder { folder in
      let first = try trainer()
      try first.beginCheckpoints(folder, access: access)
      _ = try first.run(until: 1)
      try first.writeCheckpoint(folder, access: access)
      let path: String = folder + "/state.safetensors"
      let file = try SafetensorsFile(access.map(path))
      let tensors = try file.tensors.map { stored -> (name: String, value: StorableTensor) in
        if part == "steps", stored.name.hasPrefix("steps/") { return (stored.name, .indices(IndexTensor([Int.max]))) }
        if part == "moments", stored.name.hasPrefix("exp_avg/") {
          return (stored.name, .floats(try Tensor(zeros: [1])))
        }
        return (stored.name, stored.type.isInteger ? .indices(try stored.indices()) : .floats(try stored.tensor()))
      }
      var metadata: [String: String] = file.metadata
      metadata["state"] = metadata["state"]?.replacing(part, with: "\(part.dropLast())\(Int.max)")
      #expect(!part.hasPrefix("\"") || metadata != file.metadata)
      try SafetensorsFile.write(tensors, metadata: metadata.map { ($0.key, $0.value) }, to: path, access: access)
      #expect(throws: TrainingError.self) { try Trainer.resume(folder, access: access) }
    }
  }

  @Test("settings come back as they were") func settings() throws {
    var settings = TrainingSettings()
    settings.learningRate = 0.1 + 0.2
    settings.optimizer = .sgd(momentum: 0.3)
    settings.evaluation = .steps(7)
    settings.classWeights = [1, 0.1]
    settings.clip = nil
    settings.seed = .max
    #expect(try TrainingSettings(json: settings.json, path: "x") == settings)
  }
}
