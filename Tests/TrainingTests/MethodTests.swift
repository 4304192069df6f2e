import Files
import Foundation
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Training
import Transformers

/// Methods as the tests attach them.
enum SomeMethod: String, CaseIterable {
  case lora, rslora, dora, pissa, loraEverywhere, pfeiffer, houlsby, parallel, prefix, projectedPrefix, prompt, ia3

  /// Whether the model gives the same with it, before it is trained.
  var changesNothing: Bool {
    switch self {
    case .prefix, .projectedPrefix, .prompt: false
    default: true
    }
  }

  var merges: Bool {
    switch self {
    case .lora, .rslora, .dora, .pissa, .loraEverywhere, .ia3: true
    default: false
    }
  }

  func attached(to model: PretrainedModel, seed: UInt64 = 3) throws -> PretrainedModel {
    var lora = LoRASettings()
    lora.rank = 3
    switch self {
    case .lora: break
    case .rslora: lora.isRankStabilized = true
    case .dora: lora.isDoRA = true
    case .pissa: lora.initialization = .pissa
    case .loraEverywhere:
      (lora.targets, lora.bias, lora.initialization) = (["all-linear"], .loraOnly, .gaussian)
    case .pfeiffer, .houlsby, .parallel:
      var settings = try #require(AdapterSettings(form: rawValue))
      settings.reduction = 4
      return try model.adding(settings, name: rawValue, seed: seed)
    case .prefix, .projectedPrefix:
      var settings = PrefixSettings()
      (settings.length, settings.projects) = (3, self == .projectedPrefix)
      return try model.adding(settings, name: rawValue, seed: seed)
    case .prompt:
      var settings = SoftPromptSettings()
      settings.length = 3
      return try model.adding(settings, name: rawValue, seed: seed)
    case .ia3: return try model.adding(IA3Settings(), name: rawValue, seed: seed)
    }
    return try model.adding(lora, name: rawValue, seed: seed)
  }
}

@Suite struct MethodTests {
  static let families: [String] = Fixtures.folders(in: "arch")

  static func model(_ family: String) throws -> PretrainedModel {
    let base = try PretrainedModel.load(Fixtures.url("arch/\(family)/base").path, access: Fixtures.access)
    return try base.with(head: .sequenceClassification, labels: ["a", "b", "c"], seed: 1)
  }

  static let batch = Batch([[5, 9, 12, 7, 6], [8, 11, 6], [14, 7, 9, 10]])
  static let labels: Labels = .classes([0, 2, 1])

  static func data() throws -> TrainingData {
    let rows: [[Int]] = [
      [5, 9, 12, 7, 6], [8, 11, 6], [14, 7, 9, 10], [6, 6, 13], [9, 5], [7, 12, 11, 8, 14, 10],
    ]
    return try TrainingData(sequences: rows, targets: .classes([0, 2, 1, 1, 0, 2]))
  }

  static func train(_ model: PretrainedModel, steps: Int = 3, rate: Double = 0.05) throws {
    var settings = TrainingSettings()
    (settings.batchSize, settings.learningRate, settings.epochs, settings.schedule) = (3, rate, 3, .constant)
    settings.warmup = 0
    let trainer = try Trainer(model, data(), settings: settings)
    for _ in 0..<steps { try trainer.makeStep() }
  }

  @Test func everyFileOfTheFolderIsInTheList() throws {
    let folder: URL = Fixtures.package.appendingPathComponent("Sources/Training/Methods")
    var declared: Int = 0
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
      let text: String = try String(contentsOf: file, encoding: .utf8)
      declared +=
        text.components(separatedBy: "static let ").dropFirst().filter {
          $0.prefix { $0 != "\n" }.contains("= Method(")
        }.count
    }
    #expect(declared == Method.all.count)
    #expect(Set(Method.all.map(\.kind)).count == Method.all.count)
  }

  @Test(arguments: families) func `at the start and after training, on every family`(_ family: String) throws {
    let base = try Self.model(family)
    let before: [[Float]] = base.parameters.map(\.value.elements)
    let start: [Float] = try base.logits(Self.batch).elements
    for kind in SomeMethod.allCases {
      let what = "\(family) \(kind.rawValue)"
      let model = try kind.attached(to: base)
      #expect(base.parameters.map(\.value.elements) == before, "\(what): the base changed")
      let first: [Float] = try model.logits(Self.batch).elements
      if kind.changesNothing {
        switch kind {
        case .pissa, .dora: expectClose(first, start, absolute: 1e-5, what)
        default: #expect(first == start, "\(what) changes outputs at its start")
        }
      } else {
        #expect(first != start, "\(what) has no effect")
      }
      let frozen = model.parameters.filter { !$0.isTrainable }.map { ($0, $0.value.elements) }
      let own = model.methods[0].parameters.map(\.value.elements)
      try Self.train(model)
      for (parameter, value) in frozen {
        #expect(parameter.value.elements == value, "\(what): \(parameter.name) was frozen and changed")
      }
      let moved = zip(model.methods[0].parameters, own).filter { $0.value.elements != $1 }.count
      #expect(moved > 0, "\(what) learned nothing")
      let after: [Float] = try model.logits(Self.batch).elements
      #expect(after != first)
      if kind.merges {
        let merged = try model.merged()
        expectClose(try merged.logits(Self.batch).elements, after, absolute: 5e-5, "\(what) merged")
        #expect(merged.methods.isEmpty)
      } else {
        #expect(throws: TrainingError.self) { try model.merged() }
      }
      let unloaded = try model.unloaded()
      #expect(unloaded.parameters.map(\.value.elements) == before, "\(what): unload doesn't give the base")
      #expect(try unloaded.logits(Self.batch).elements == start)
      try model.use([])
      if !model.methods[0].full.isEmpty, kind != .pissa {
        for (parameter, value) in model.methods[0].originals { parameter.value = value }
        #expect(try model.logits(Self.batch).elements == start, "\(what) out of use")
      }
    }
  }

  @Test(arguments: families) func `copies, states and resets keep methods`(_ family: String) throws {
    let base = try Self.model(family)
    for kind in SomeMethod.allCases {
      let what = "\(family) \(kind.rawValue)"
      let model = try kind.attached(to: base)
      try Self.train(model, steps: 2)
      let trained: [Float] = try model.logits(Self.batch).elements
      let copy = try model.copy()
      #expect(try copy.logits(Self.batch).elements == trained, "\(what) copied")
      #expect(copy.trainableCount == model.trainableCount, "\(what) copied flags")
      #expect(try copy.unloaded().logits(Self.batch).elements == base.logits(Self.batch).elements, "\(what)")
      let state = model.state()
      try model.use([])
      #expect(try model.logits(Self.batch).elements != trained)
      model.restore(state)
      #expect(try model.logits(Self.batch).elements == trained, "\(what) taken back")
      try Self.train(copy, steps: 1)
      #expect(try model.logits(Self.batch).elements == trained, "\(what): training a copy changed the model")
      model.reset()
      let again = try kind.attached(to: base)
      #expect(try model.logits(Self.batch).elements == again.logits(Self.batch).elements, "\(what) reset")
    }
  }

  @Test func `a head made over methods resets to frozen layers and to what was in use`() throws {
    let base = try PretrainedModel.load(Fixtures.url("arch/bert/base").path, access: Fixtures.access)
    var first = try SomeMethod.lora.attached(to: base)
    first = try SomeMethod.ia3.attached(to: first)
    try first.use(["lora"])
    let model = try first.with(head: .sequenceClassification, labels: ["a", "b", "c"], seed: 1)
    let trainable: Int = model.trainableCount
    #expect(trainable < model.parameterCount / 2)
    try model.use(["lora", "ia3"])
    try Self.train(model, steps: 1)
    model.reset()
    #expect(model.trainableCount == trainable)
    #expect(model.methods.map(\.control.isActive) == [true, false])
  }

  @Test func `unload gives the length back that the base was trained with`() throws {
    let base = try Self.model("bert")
    base.trainedMaxLength = 4
    let model = try SomeMethod.ia3.attached(to: SomeMethod.lora.attached(to: base))
    model.trainedMaxLength = 7
    #expect(try model.unloaded().trainedMaxLength == 4)
    #expect(try model.copy().unloaded().trainedMaxLength == 4)
    // Another head was trained with none.
    let other = try model.with(head: .tokenClassification, labels: ["x", "y"], seed: 1)
    #expect(try other.unloaded().trainedMaxLength == nil)
  }

  @Test func `methods stand beside each other`() throws {
    let base = try Self.model("bert")
    var model = try SomeMethod.lora.attached(to: base)
    model = try SomeMethod.houlsby.attached(to: model)
    model = try SomeMethod.prefix.attached(to: model)
    #expect(model.methods.map(\.name) == ["lora", "houlsby", "prefix"])
    try Self.train(model)
    let all: [Float] = try model.logits(Self.batch).elements
    try model.use(["lora"])
    let merged = try model.merged()
    expectClose(
      try merged.logits(Self.batch).elements, try model.logits(Self.batch).elements, absolute: 5e-5,
      "merged one of three")
    try model.use(["lora", "houlsby", "prefix"])
    #expect(try model.logits(Self.batch).elements == all)
    #expect(throws: TrainingError.self) { try SomeMethod.lora.attached(to: model) }
    #expect(throws: TrainingError.self) { try model.use(["other"]) }
    #expect(throws: TrainingError.self) { try model.scale("prefix", by: 0.5) }
    try model.use(["lora"])
    try model.scale("lora", by: 0)
    let silent: [Float] = try model.logits(Self.batch).elements
    try model.use([])
    expectClose(silent, try model.logits(Self.batch).elements, absolute: 1e-6, "scaled to nothing")
  }

  @Test func `methods at the same projections merge to what they give together`() throws {
    let base = try Self.model("bert")
    for parameter in base.group("biases") {
      parameter.value = try Tensor((0..<parameter.count).map { sin(Float($0)) }, shape: parameter.shape)
    }
    var settings = LoRASettings()
    (settings.targets, settings.isDoRA) = (["key", "value", "output.dense"], true)
    let first = try base.adding(IA3Settings(), name: "ia3", seed: 1).adding(settings, name: "dora", seed: 2)
    let second = try base.adding(settings, name: "dora", seed: 2).adding(IA3Settings(), name: "ia3", seed: 1)
    for model in [first, second] {
      try Self.train(model)
      expectClose(
        try model.merged().logits(Self.batch).elements, try model.logits(Self.batch).elements, absolute: 5e-5,
        model.methods.map(\.name).joined(separator: ", then "))
    }
  }

  @Test func `a LoRA asks a quantised model for no floats`() throws {
    let path: String = Fixtures.tests.appendingPathComponent("Fixtures/gguf/llama3.gguf").path
    let model = try SomeMethod.lora.attached(to: PretrainedModel.load(path, access: Fixtures.access))
    let stored: [Parameter] = model.parameters.filter { $0.stored != nil }
    #expect(!stored.isEmpty && stored.allSatisfy { !$0.holdsFloats })
  }

  @Test func `a combined LoRA is the weighted sum`() throws {
    let base = try Self.model("bert")
    var a = LoRASettings()
    a.targets = ["query"]
    var b = LoRASettings()
    (b.targets, b.rank) = (["all-linear"], 2)
    var model = try base.adding(a, name: "a", seed: 1).adding(b, name: "b", seed: 2)
    try Self.train(model)
    model = try model.copy()
    let both: [Float] = try model.logits(Self.batch).elements
    let sum = try model.combining(["a", "b"], weights: [1, 1], name: "sum")
    expectClose(try sum.logits(Self.batch).elements, both, absolute: 2e-5, "1 + 1")
    try model.scale("a", by: 0.3)
    try model.scale("b", by: -1)
    let scaled: [Float] = try model.logits(Self.batch).elements
    try model.scale("a", by: 1)
    try model.scale("b", by: 1)
    let weighted = try model.combining(["a", "b"], weights: [0.3, -1], name: "sum")
    expectClose(try weighted.logits(Self.batch).elements, scaled, absolute: 2e-5, "0.3 - 1")
  }

  @Test func `what stands before a method is computed once, and gives the same losses`() throws {
    var settings = LoRASettings()
    (settings.targets, settings.initialization) = (["layer.1"], .gaussian)
    let base = try Self.model("bert")
    func losses(caching: Bool) throws -> (losses: [Double], cached: Bool) {
      var training = TrainingSettings()
      (training.batchSize, training.learningRate, training.epochs, training.dropout) = (3, 0.01, 3, 0.2)
      training.cachesPrefix = caching
      let trainer = try Trainer(base.adding(settings, name: "lora", seed: 1), Self.data(), settings: training)
      _ = try trainer.run()
      return (trainer.history.losses, trainer.cacheBytes != nil)
    }
    let (with, without) = (try losses(caching: true), try losses(caching: false))
    #expect(with.cached && !without.cached)
    expectClose(with.losses, without.losses, absolute: 1e-5, "losses with and without the cache")
    // A prefix or a soft prompt changes every block: nothing is constant.
    for kind in [SomeMethod.prefix, .prompt] {
      let model = try kind.attached(to: base)
      #expect(PrefixCache.stage(of: model) == nil)
    }
    var adapter = AdapterSettings()
    adapter.full = []
    let frozen = try base.adding(adapter, name: "adapter", seed: 1)
    for parameter in frozen.parameters {
      parameter.isTrainable = parameter.name.contains("layer.1.") && parameter.isTrainable
    }
    #expect(PrefixCache.stage(of: frozen) == 2)
  }

  @Test func `a soft prompt's last row predicts the first word, also in a batch in parts`() throws {
    let base = try PretrainedModel.load(Fixtures.url("arch/gpt2/base").path, access: Fixtures.access)
    let rows: [[Int]] = [[5, 9], [8, 11, 6, 12, 7, 14, 10, 9, 13]]
    func loss(batch: Int) throws -> Double {
      let model = try SomeMethod.prompt.attached(to: base.with(head: .causalLM, seed: 1))
      var settings = TrainingSettings()
      (settings.batchSize, settings.accumulate, settings.dropout) = (batch, 2 / batch, 0)
      settings.shuffles = false
      let data = try TrainingData(sequences: rows, targets: .tokens(rows))
      return try Trainer(model, data, settings: settings).makeStep().loss
    }
    expectClose(try loss(batch: 1), try loss(batch: 2), relative: 1e-5, "two batches of one text, one of two")
  }

  /// What guesses while writing rest on, also behind rows that a method adds and in a window.
  @Test(arguments: ["gpt2", "llama", "mistral_window", "qwen2_window"])
  func `rows read together and after forgotten ones are as read alone`(_ family: String) throws {
    let base = try PretrainedModel.load(Fixtures.url("arch/\(family)/lm").path, access: Fixtures.access)
    let ids = (0..<14).map { 3 + $0 * 5 % 40 }
    for model in try [base] + [SomeMethod.lora, .prefix, .prompt].map({ try $0.attached(to: base) }) {
      let cache = RaggedCache()
      _ = try model.nextLogits([Array(ids.prefix(5))], cache: cache)
      _ = try model.nextLogits([[ids[5], 50, 51, 52]], cache: cache, everyRow: true)
      cache.dropLast(3)
      let rows = try model.nextLogits([Array(ids.suffix(8))], cache: cache, everyRow: true)
      for row in 0..<8 {
        let alone = try model.nextLogits([Array(ids.prefix(7 + row))], cache: nil)
        expectClose(
          try rows.sliced(axis: 0, row..<(row + 1)).elements, alone.elements, absolute: 1e-4, "\(family) row \(row)")
      }
    }
  }

  @Test func `a model has not moved from itself`() throws {
    let model = try Self.model("bert")
    let still = try Drift(model, model.copy(), [Self.batch])
    #expect(still.layers.allSatisfy { $0.cosineDistance == 0 && $0.relativeChange == 0 })
    let other = try model.copy()
    try Self.train(other)
    let moved = try Drift(model, other, [Self.batch])
    #expect((moved.layers.last?.cosineDistance ?? 0) > 0)
  }

  @Test func `singular values that lie close together are exact`() throws {
    let size = 160
    var elements: [Float] = Array(repeating: 0, count: size * size)
    var principal: [Float] = elements
    for place in 0..<size {
      elements[place * size + place] = 1 + Float(place) / 800
      if place >= size - 6 { principal[place * size + place] = elements[place * size + place] }
    }
    let parts = try SingularValues(Tensor(elements, shape: [size, size]), count: 6)
    let largest: [Double] = (1...6).map { Double(elements[(size - $0) * (size + 1)]) }
    expectClose(parts.values, largest, absolute: 1e-9, "singular values")
    let product: Tensor = try parts.scaledLeft(by: 1).matmul(parts.scaledRight(by: 1))
    expectClose(product.elements, principal, absolute: 1e-6, "the principal part")
  }
}
