import Foundation
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Training
import Transformers

@Suite("Trainer") struct TrainerTests {
  private func weights(_ model: PretrainedModel) -> [[Float]] { model.parameters.map(\.value.elements) }

  private func settings(_ change: (inout TrainingSettings) -> Void = { _ in }) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.epochs = 2
    settings.batchSize = 8
    settings.learningRate = 1e-3
    settings.seed = 7
    change(&settings)
    return settings
  }

  private func trained(_ settings: TrainingSettings, headOnly: Bool = false) throws -> (Trainer, PretrainedModel) {
    let model = try TrainFixture.model()
    if headOnly { TrainFixture.freezeAllButHead(model) }
    let data = try TrainFixture.data().data
    let trainer = try Trainer(model, data, validation: data, settings: settings)
    #expect(try trainer.run() == .finished)
    return (trainer, model)
  }

  @Test("the first step of Adam is as long as the learning rate") func firstStep() throws {
    for kind in [OptimizerKind.adamW(), .adam()] {
      let parameter = NeuralNetworks.Parameter(name: "w", value: try Tensor([0, 0], shape: [2]))
      try Optimizer(kind).step(
        parameter, gradient: Tensor([0.5, -2], shape: [2]), learningRate: 1, weightDecay: 0, factor: 1)
      expectClose(parameter.value.elements, [-1, 1], absolute: 1e-6, kind.name)
    }
  }

  @Test("the same settings give the same bits, also after a stop") func deterministic() throws {
    let (first, model) = try trained(settings())
    let (_, again) = try trained(settings())
    #expect(weights(model) == weights(again))
    let data = try TrainFixture.data().data
    let third = try TrainFixture.model()
    let stopped = try Trainer(third, data, validation: data, settings: settings())
    var steps: Int = 0
    let reason: StopReason = try stopped.run(onStep: { _ in
      steps += 1
      return steps < 5
    })
    #expect(reason == .interrupted && stopped.step == 5)
    #expect(try stopped.run() == .finished)
    #expect(weights(third) == weights(model))
    #expect(stopped.history.losses == first.history.losses)
  }

  @Test("what is frozen keeps its bytes and gets no gradient; a cached prefix changes no loss") func frozen() throws {
    let untouched = try TrainFixture.model()
    let (cached, model) = try trained(settings(), headOnly: true)
    let (plain, other) = try trained(settings { $0.cachesPrefix = false }, headOnly: true)
    expectClose(cached.history.losses, plain.history.losses, relative: 1e-6, "losses")
    for (parameter, before) in zip(model.parameters, untouched.parameters) where !parameter.isTrainable {
      #expect(parameter.value.elements == before.value.elements, "\(parameter.name)")
    }
    for (a, b) in zip(model.parameters, other.parameters) {
      expectClose(a.value.elements, b.value.elements, absolute: 1e-5, a.name)
    }
  }

  @Test("the file-backed cache gives the same as the one in memory") func cacheOnDisk() throws {
    let model = try TrainFixture.model()
    TrainFixture.freezeAllButHead(model)
    let data = try TrainFixture.data().data
    let stage = try #require(PrefixCache.stage(of: model))
    let memory = try PrefixCache(model, data, stage: stage, limit: .max)
    let disk = try PrefixCache(model, data, stage: stage, limit: 0)
    #expect(disk.isOnDisk && !memory.isOnDisk && disk.byteCount == memory.byteCount)
    #expect(memory.byteCount == data.count * model.hiddenSize * 4, "one row a text")
    let rows: [Int] = [5, 0, 3]
    #expect(try disk.hidden(rows).elements == memory.hidden(rows).elements)
  }

  @Test("a fit of nothing is refused") func nothingTrains() throws {
    let model = try TrainFixture.model()
    for parameter in model.parameters { parameter.isTrainable = false }
    let data = try TrainFixture.data().data
    #expect(throws: TrainingError.self) { try Trainer(model, data, settings: settings()) }
    #expect(throws: TrainingError.self) {
      try Trainer(TrainFixture.model(), data, settings: settings { $0.learningRate = -1 })
    }
    #expect(throws: TrainingError.self) { try TrainingData(sequences: [[1], [2]], targets: .classes([0])) }
    #expect(throws: TrainingError.self) { try TrainingData(sequences: [], targets: .classes([])) }
  }

  @Test("a batch in which no label counts changes nothing and ends nothing") func nothingCounts() throws {
    let model = try TrainFixture.model()
    let data = try TrainFixture.data().data
    guard case .classes(let classes) = data.targets else {
      Issue.record("no classes")
      return
    }
    var classWeights: [Float] = Array(repeating: 1, count: model.labels.count)
    classWeights[classes[0]] = 0
    let before: [[Float]] = weights(model)
    let trainer = try Trainer(
      model, data,
      settings: settings {
        ($0.epochs, $0.batchSize, $0.shuffles, $0.classWeights) = (1, 1, false, classWeights)
      })
    #expect(try trainer.makeStep().loss == 0)
    #expect(weights(model) == before)
    #expect(try trainer.run() == .finished)
    #expect(trainer.history.losses.allSatisfy(\.isFinite) && weights(model) != before)
  }

  @Test("a loss that is no number stops, names step and parameter, and keeps the weights") func diverges() throws {
    let model = try TrainFixture.model()
    let data = try TrainFixture.data().data
    let trainer = try Trainer(
      model, data,
      settings: settings {
        $0.learningRate = 1e30
        $0.clip = nil
        $0.warmup = 0
      })
    let reason: StopReason = try trainer.run()
    guard case .diverged(let text) = reason else {
      Issue.record("got \(reason)")
      return
    }
    #expect(text.contains("at step \(trainer.step + 1)"))
    #expect(model.parameters.allSatisfy { $0.value.isFinite })
  }

  @Test("the best weights are put back") func keepsBest() throws {
    let (trainer, model) = try trained(
      settings {
        $0.epochs = 6
        $0.learningRate = 0.05
        $0.keep = .best
      })
    let lines = trainer.history.lines
    #expect(lines.count == 6)
    let lowest: Double = lines.compactMap(\.validationLoss).min() ?? .nan
    let now = try Evaluation(model, TrainFixture.data().data)
    expectClose(now.loss, lowest, relative: 1e-6, "validation loss of what was kept")
    #expect(try trainer.history.table().rowCount == 6)
  }

  @Test("each trained parameter is copied at most once") func copies() throws {
    let model = try TrainFixture.model()
    TrainFixture.freezeAllButHead(model)
    let data = try TrainFixture.data().data
    // What undo holds: the weights as they were, shared until a step changes them.
    let before = model.state()
    let trainer = try Trainer(model, data, validation: data, settings: settings())
    let frozen = model.parameters.filter { !$0.isTrainable }.map { ($0, $0.value.storage) }
    let copies: Int = Tensor.copies
    #expect(try trainer.run() == .finished)
    #expect(trainer.step == 20)
    let trained: Int = model.parameters.filter(\.isTrainable).count
    #expect(Tensor.copies - copies == trained, "one copy for each of \(trained) trained parameters")
    #expect(frozen.allSatisfy { $0.0.value.storage === $0.1 }, "frozen parameters keep their storage")
    model.restore(before)
    let original = try TrainFixture.model()
    for (parameter, other) in zip(model.parameters, original.parameters) {
      #expect(parameter.value.elements == other.value.elements, "\(parameter.name) comes back")
    }
  }

  @Test("batches hold every row once, in an order drawn from seed and epoch") func order() {
    let order = BatchOrder(exampleCount: 103, batchSize: 10, seed: 1, shuffles: true)
    #expect(order.batches(epoch: 0).flatMap { $0 }.sorted() == Array(0..<103))
    #expect(order.batches(epoch: 0) == order.batches(epoch: 0))
    #expect(order.batches(epoch: 0) != order.batches(epoch: 1))
    let lengths: [Int] = (0..<103).map { ($0 * 37) % 50 }
    let alike = BatchOrder(exampleCount: 103, batchSize: 10, seed: 1, shuffles: true, lengths: lengths)
    let batches = alike.batches(epoch: 0)
    #expect(batches.flatMap { $0 }.sorted() == Array(0..<103))
    let spans: [Int] = batches.map { rows in
      let own: [Int] = rows.map { lengths[$0] }
      return (own.max() ?? 0) - (own.min() ?? 0)
    }
    #expect(spans.reduce(0, +) < 100)
  }

  @Test("schedules rise, then fall as they should") func schedules() {
    #expect(Schedule.warmupSteps(0.1, total: 54) == 6)
    #expect(Schedule.warmupSteps(3, total: 54) == 3)
    #expect(Schedule.warmupSteps(1e300, total: .max) == .max)
    expectClose(Schedule.linear.factor(step: 0, warmup: 3, total: 10), 0)
    expectClose(Schedule.linear.factor(step: 3, warmup: 3, total: 10), 1)
    expectClose(Schedule.linear.factor(step: 9, warmup: 3, total: 10), 1.0 / 7, absolute: 1e-15)
    expectClose(Schedule.cosine.factor(step: 5, warmup: 0, total: 10), 0.5, absolute: 1e-15)
    expectClose(Schedule.constant.factor(step: 9, warmup: 3, total: 10), 1)
  }
}

extension TrainerTests {
  @Test("a cached prefix is computed anew when what it was made of changes") func staleCache() throws {
    func losses(caching: Bool) throws -> [Double] {
      let model = try TrainFixture.model()
      TrainFixture.freezeAllButHead(model)
      var settings = TrainingSettings()
      settings.epochs = 2
      settings.batchSize = 8
      settings.cachesPrefix = caching
      let trainer = try Trainer(model, try TrainFixture.data().data, settings: settings)
      let first: Double = try trainer.makeStep().loss
      let frozen = try #require(model.parameters.first { $0.name.hasSuffix("word_embeddings.weight") })
      frozen.value = try frozen.value.scaled(by: 3)
      return [first, try trainer.makeStep().loss]
    }
    expectClose(try losses(caching: true), try losses(caching: false), relative: 1e-6, "losses")
  }
}
