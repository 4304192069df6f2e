import Checkpoints
import Files
import Foundation
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Training
import Transformers

@Suite struct MethodFileTests {
  private let access = FileAccess(policy: .user)

  @Test(arguments: MethodTests.families) func `files give the method back, on every family`(_ family: String) throws {
    let base = try MethodTests.model(family)
    let start: [Float] = try base.logits(MethodTests.batch).elements
    for kind in SomeMethod.allCases {
      let what = "\(family) \(kind.rawValue)"
      let model = try kind.attached(to: base)
      try MethodTests.train(model)
      let trained: [Float] = try model.logits(MethodTests.batch).elements
      let folder = try TemporaryFolder()
      try model.saveMethod(kind.rawValue, to: folder.at("adapter"), access: access)
      let loaded = try base.loadingMethod(folder.at("adapter"), name: "again", access: access)
      #expect(try loaded.model.logits(MethodTests.batch).elements == trained, "\(what) from its adapter's files")
      #expect(loaded.method.title == model.methods[0].title || kind == .projectedPrefix, "\(what)")
      if kind != .projectedPrefix { #expect(loaded.model.trainableCount == model.trainableCount, "\(what) trains") }
      // The whole model, methods beside it; writing is slow, so not every kind on every family.
      guard family == "bert" || kind == .pissa || kind == .prompt else { continue }
      try model.scaleIfItCan(kind.rawValue, by: 0.5)
      let scaled: [Float] = try model.logits(MethodTests.batch).elements
      try model.saveWithMethods(folder.at("model"), access: access)
      let whole = try PretrainedModel.load(folder.at("model"), access: access)
      try whole.readMethods(folder.at("model"), access: access)
      #expect(try whole.logits(MethodTests.batch).elements == scaled, "\(what) from the model's folder")
      #expect(try whole.unloaded().logits(MethodTests.batch).elements == start, "\(what) unloaded after loading")
      try base.saveWithMethods(folder.at("model"), access: access)
      let plain = try PretrainedModel.load(folder.at("model"), access: access)
      try plain.readMethods(folder.at("model"), access: access)
      #expect(plain.methods.isEmpty, "\(what): methods of an older save stay away")
    }
  }

  @Test(arguments: SomeMethod.allCases) func `a fit with a method is resumed to the bit`(_ kind: SomeMethod) throws {
    func trainer() throws -> Trainer {
      var settings = TrainingSettings()
      (settings.batchSize, settings.learningRate, settings.epochs, settings.dropout) = (4, 0.02, 3, 0.1)
      let model = try kind.attached(to: MethodTests.model("distilbert"))
      return try Trainer(model, MethodTests.data(), settings: settings)
    }
    let whole = try trainer()
    #expect(try whole.run() == .finished)
    let folder = try TemporaryFolder()
    let stopped = try trainer()
    try stopped.beginCheckpoints(folder.at("run"), access: access)
    _ = try stopped.run(until: 3, checkpointEvery: 1) { try $0.writeCheckpoint(folder.at("run"), access: access) }
    let again = try Trainer.resume(folder.at("run"), access: access)
    #expect(again.model.methods.map(\.title) == whole.model.methods.map(\.title))
    #expect(try again.run() == .finished)
    #expect(again.history.losses == whole.history.losses)
    #expect(again.model.parameters.map(\.value.elements) == whole.model.parameters.map(\.value.elements))
  }

  /// Changes a saved adapter's tensors and settings.
  private func change(
    _ folder: String, config: ((inout JSONObject) -> Void)? = nil,
    tensors: ((inout [(name: String, value: StorableTensor)]) throws -> Void)? = nil
  ) throws {
    if let config, case .object(var object) = try access.readJSON(folder + "/adapter_config.json") {
      config(&object)
      try access.writeAtomically(folder + "/adapter_config.json", bytes: Array(JSON.object(object).text().utf8))
    }
    guard let tensors else { return }
    let path: String = folder + "/adapter_model.safetensors"
    let file = try SafetensorsFile(access.map(path))
    var list: [(name: String, value: StorableTensor)] = try file.tensors.map {
      ($0.name, .floats(try Tensor($0.tensor().elements, shape: $0.shape)))
    }
    try tensors(&list)
    try SafetensorsFile.write(list, to: path, access: access)
  }

  private func refused(
    _ part: String, on base: PretrainedModel, _ folder: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before: [[Float]] = base.parameters.map(\.value.elements)
    do {
      _ = try base.loadingMethod(folder, name: nil, access: access)
      Issue.record("it was taken, expected \"\(part)\"", sourceLocation: sourceLocation)
    } catch {
      #expect("\(error)".contains(part), "\(error)", sourceLocation: sourceLocation)
    }
    #expect(base.methods.isEmpty && base.parameters.map(\.value.elements) == before, sourceLocation: sourceLocation)
  }

  @Test func `files that don't fit are refused, and the model stays as it is`() throws {
    let base = try MethodTests.model("bert")
    let model = try SomeMethod.lora.attached(to: base)
    func fresh() throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      try model.saveMethod("lora", to: folder.at("a"), access: access)
      return folder
    }
    var folder = try fresh()
    try change(folder.at("a")) { $0["r"] = .integer(5) }
    try refused("rank should be 5", on: base, folder.at("a"))
    folder = try fresh()
    try change(
      folder.at("a"), tensors: { list in list.removeAll { $0.name.hasSuffix("1.attention.self.query.lora_B.weight") } })
    try refused("lacks", on: base, folder.at("a"))
    try refused("another base", on: MethodTests.model("gpt2"), folder.at("a"))
    folder = try fresh()
    let two = try PretrainedModel.load(Fixtures.url("arch/bert/base").path, access: access)
      .with(head: .sequenceClassification, labels: ["a", "b"], seed: 1)
    try refused("labels", on: two, folder.at("a"))
    folder = try fresh()
    try change(folder.at("a")) { $0["peft_type"] = .string("OFT") }
    try refused("OFT", on: base, folder.at("a"))
    folder = try fresh()
    try change(folder.at("a")) { $0["init_lora_weights"] = .string("olora") }
    try refused("olora", on: base, folder.at("a"))
    folder = try fresh()
    try change(folder.at("a")) { $0["alpha_pattern"] = JSON.object([("layer\\.[01]\\..*", .integer(4))]) }
    try refused("regular expression", on: base, folder.at("a"))
    folder = try fresh()
    try change(folder.at("a")) { $0["lora_alpha"] = .string("16") }
    try refused("lora_alpha is no number", on: base, folder.at("a"))
    folder = try fresh()
    try change(folder.at("a")) { $0["alora_invocation_tokens"] = .array([.integer(5)]) }
    try refused("alora_invocation_tokens", on: base, folder.at("a"))
    folder = try fresh()
    try change(folder.at("a"), tensors: { list in list.removeAll { $0.name.contains("classifier") } })
    try refused("lacks classifier.weight, which its modules_to_save", on: base, folder.at("a"))
    folder = try fresh()
    try change(folder.at("a")) { $0["bias"] = .string("lora_only") }
    try refused("which its bias setting asks for", on: base, folder.at("a"))
    folder = try fresh()
    try folder.put("a/adapter_config.json", "{\"peft_type\": \"LORA\"}")
    try refused("r is missing", on: base, folder.at("a"))
    try folder.put("a/adapter_config.json", "[1")
    try refused("JSON", on: base, folder.at("a"))
    try folder.put("a/adapter_config.json", "{}")
    try refused("peft_type", on: base, folder.at("a"))
    folder = try fresh()
    try folder.put("a/adapter_model.safetensors", "nonsense")
    try refused("safetensors", on: base, folder.at("a"))
    try refused("no", on: base, folder.at("nowhere"))
  }

  @Test func `adapters whose arithmetic isn't here are refused`() throws {
    let base = try MethodTests.model("bert")
    let model = try SomeMethod.parallel.attached(to: base)
    let folder = try TemporaryFolder()
    try model.saveMethod("parallel", to: folder.at("a"), access: access)
    func set(_ field: String, _ value: JSON) throws {
      try change(folder.at("a")) { object in
        guard case .object(var inner)? = object["config"] else { return }
        inner[field] = value
        object["config"] = .object(inner)
      }
    }
    for (field, bad, good) in [
      ("scaling", JSON.string("learned"), JSON.real(4)), ("residual_before_ln", .string("post_add"), .bool(true)),
      ("original_ln_after", .bool(false), .bool(true)), ("non_linearity", .string("frob"), .string("LeakyReLU")),
    ] {
      try set(field, bad)
      try refused(bad.string ?? "false", on: base, folder.at("a"))
      try set(field, good)
      _ = try base.loadingMethod(folder.at("a"), name: nil, access: access)
    }
    try set("dropout", .real(0.1))
    let notes = try base.loadingMethod(folder.at("a"), name: nil, access: access).notes
    #expect(notes == ["the adapter was trained with dropout 0.1 of its own; trained on from here it has none"])
  }

  @Test func `unknown names are named and do no harm`() throws {
    let base = try MethodTests.model("bert")
    let model = try SomeMethod.lora.attached(to: base)
    let folder = try TemporaryFolder()
    try model.saveMethod("lora", to: folder.at("a"), access: access)
    let news: (inout JSONObject) -> Void = { object in
      object["some_new_field"] = .integer(3)
      object["another"] = .bool(false)
      object["a_third"] = .object([])
    }
    try change(folder.at("a"), config: news) { list in
      list.append(("base_model.model.something.else", .floats(try Tensor([1, 2]))))
    }
    let loaded = try base.loadingMethod(folder.at("a"), name: nil, access: access)
    #expect(
      loaded.notes == [
        "adapter_config.json: some_new_field is not known here and was not used",
        "in the file, not used: base_model.model.something.else",
      ])
    #expect(try loaded.model.logits(MethodTests.batch).elements == model.logits(MethodTests.batch).elements)
  }

  @Test func `a combined LoRA is saved with what trained beside its parts`() throws {
    let base = try MethodTests.model("bert")
    let start: [[Float]] = base.parameters.map(\.value.elements)
    var first = LoRASettings()
    first.bias = .loraOnly
    let model = try base.adding(first, name: "a", seed: 1).adding(LoRASettings(), name: "b", seed: 2)
    try MethodTests.train(model)
    let sum = try model.combining(["a", "b"], weights: [1, 0.5], name: "sum")
    let folder = try TemporaryFolder()
    try sum.saveMethod("sum", to: folder.at("a"), access: access)
    let loaded = try base.loadingMethod(folder.at("a"), name: nil, access: access)
    #expect(try loaded.model.logits(MethodTests.batch).elements == sum.logits(MethodTests.batch).elements)
    #expect(try sum.unloaded().parameters.map(\.value.elements) == start)
  }

  @Test func `a new head that the file doesn't hold trains, and is spoken of`() throws {
    let base = try MethodTests.model("bert")
    let model = try SomeMethod.lora.attached(to: base)
    let folder = try TemporaryFolder()
    try model.saveMethod("lora", to: folder.at("a"), access: access)
    try change(folder.at("a"), config: { $0["modules_to_save"] = .null }) { list in
      list.removeAll { !$0.name.contains("lora_") }
    }
    let loaded = try base.loadingMethod(folder.at("a"), name: nil, access: access)
    #expect(loaded.notes.count == 1 && loaded.notes[0].contains("holds no head"))
    #expect(loaded.model.trainableCount == model.trainableCount)
    // A head that came with the model stays as it is.
    let copy = try base.copy().loadingMethod(folder.at("a"), name: nil, access: access)
    #expect(copy.notes == [] && copy.model.trainableCount == copy.method.parameterCount)
  }

  @Test func `a second file's head takes the first one's place, and is spoken of`() throws {
    let base = try MethodTests.model("bert")
    let folder = try TemporaryFolder()
    for (name, rate) in [("a", 0.05), ("b", 0.02)] {
      let model = try base.adding(LoRASettings(), name: name, seed: 1)
      try MethodTests.train(model, rate: rate)
      try model.saveMethod(name, to: folder.at(name), access: access)
    }
    let first = try base.loadingMethod(folder.at("a"), name: "a", access: access)
    #expect(first.notes == [])
    let second = try first.model.loadingMethod(folder.at("b"), name: "b", access: access)
    #expect(second.notes.count == 1 && second.notes[0].contains("beside \"a\""))
  }

  @Test func `an alpha that the file doesn't say is peft's`() throws {
    let base = try MethodTests.model("bert")
    let folder = try TemporaryFolder()
    try SomeMethod.lora.attached(to: base).saveMethod("lora", to: folder.at("a"), access: access)
    try change(folder.at("a")) { $0["lora_alpha"] = nil }
    let loaded = try base.loadingMethod(folder.at("a"), name: nil, access: access)
    #expect(loaded.method.summary.hasPrefix("rank 3, alpha 8 "))
  }

  @Test func `patterns of ranks and alphas are read`() throws {
    let base = try MethodTests.model("bert")
    var settings = LoRASettings()
    settings.rank = 2
    settings.ranks = ["bert.encoder.layer.1.attention.self.query": 4]
    settings.alphas = ["bert.encoder.layer.1.attention.self.query": 3]
    settings.initialization = .gaussian
    let model = try base.adding(settings, name: "lora", seed: 5)
    try MethodTests.train(model)
    let folder = try TemporaryFolder()
    try model.saveMethod("lora", to: folder.at("a"), access: access)
    let config = try access.readJSON(folder.at("a") + "/adapter_config.json")
    #expect(config["rank_pattern"]?["bert.encoder.layer.1.attention.self.query"]?.int == 4)
    let loaded = try base.loadingMethod(folder.at("a"), name: nil, access: access)
    #expect(try loaded.model.logits(MethodTests.batch).elements == model.logits(MethodTests.batch).elements)
  }
}

extension PretrainedModel {
  /// Scales a method, where it can be.
  fileprivate func scaleIfItCan(_ name: String, by factor: Double) throws {
    do { try scale(name, by: factor) } catch is TrainingError {}
  }
}
