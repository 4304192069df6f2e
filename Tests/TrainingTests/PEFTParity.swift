import Checkpoints
import Files
import Foundation
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Tokenizers
import Training
import Transformers

@Suite("PEFT parity") struct PEFTParity {
  @Test func peft() throws {
    var report = ParityReport("peft")
    for name in Fixtures.folders(in: "peft") where !name.hasPrefix("base_") {
      let item = try MethodCase("peft", name)
      switch item.config["peft_type"]?.string {
      case "LORA", "IA3": try compareWeights(item)
      case "PREFIX_TUNING", "PROMPT_TUNING": try comparePrompt(item)
      case let other:
        report.notYet("peft/\(other ?? name)")
        continue
      }
      report.compared(name)
    }
    report.finish()
  }

  private func load(_ item: MethodCase) throws -> PretrainedModel {
    let path: String = Fixtures.url(item.folder + "/adapter").path
    let loaded = try item.base.loadingMethod(path, name: item.name, access: Fixtures.access)
    #expect(loaded.notes.filter { $0.hasPrefix("in the file") } == [])
    return loaded.model
  }

  /// Counts of the whole model: peft still counts the heads it put copies in place of.
  private func compareCounts(_ item: MethodCase, _ model: PretrainedModel) {
    let copies: Int = (item.meta["trainable_names"]?.object?.members ?? []).reduce(0) { sum, member in
      guard member.key.contains("modules_to_save") else { return sum }
      return sum + (member.value.array ?? []).compactMap(\.int).reduce(1, *)
    }
    #expect(model.parameterCount + copies == item.meta["all_parameters"]?.int, "\(item.folder) all parameters")
  }

  private func compareWeights(_ item: MethodCase) throws {
    let model: PretrainedModel = try load(item)
    try item.compare(model)
    compareCounts(item, model)
    let merged: PretrainedModel = try model.merged()
    #expect(merged.methods.isEmpty)
    for key in item.expected.entries.keys where key.hasPrefix("merged.") {
      let parameter: Parameter = try #require(merged.parameter(named: String(key.dropFirst(7))))
      expectClose(parameter.value.elements, try item.expected.floats(key), absolute: 1e-5, "\(item.folder) \(key)")
    }
    let logits: [Float] = try item.mine(merged)
    expectClose(logits, try item.logits("merged_logits", virtual: 0), absolute: 1e-4, "\(item.folder) merged logits")
    expectClose(logits, try item.mine(model), absolute: 5e-5, "\(item.folder) merged against attached")
    let unloaded: PretrainedModel = try model.unloaded()
    #expect(try unloaded.logits(item.batch).elements == item.base.logits(item.batch).elements)
    for parameter in item.base.parameters {
      #expect(unloaded.parameter(named: parameter.name)?.value.elements == parameter.value.elements)
    }
    if item.expected.entries["base_logits"] != nil {
      expectClose(
        try unloaded.logits(item.batch).elements, try item.expected.floats("base_logits"), absolute: 1e-4,
        "\(item.folder) base logits")
    }
  }

  private func comparePrompt(_ item: MethodCase) throws {
    let loaded: PretrainedModel = try load(item)
    let virtual: Int = loaded.backbone.hooks.promptLength
    #expect(max(virtual, loaded.backbone.hooks.prefixLength) == item.meta["virtual_tokens"]?.int)
    let method: AttachedMethod = try #require(loaded.methods.first)
    expectClose(
      try #require(try loaded.promptRows(method)).elements, try item.expected.floats("prompt_embeddings"), absolute: 0,
      "\(item.folder) rows of the file")
    expectClose(
      try item.mine(loaded), try item.logits("logits", virtual: virtual), absolute: 1e-4, "\(item.folder) logits")
    let trained: PretrainedModel = try withEncoder(item, loaded)
    try item.compare(trained)
    compareCounts(item, trained)
    expectClose(
      try #require(try trained.promptRows(trained.methods[0])).elements, try item.expected.floats("prompt_embeddings"),
      absolute: 1e-5, "\(item.folder) rows of the network")
    #expect(throws: TrainingError.self) { try loaded.merged() }
    try compareText(item)
  }

  /// The model with the trained parameters of `prompt_encoder.safetensors`, the network's included.
  private func withEncoder(_ item: MethodCase, _ loaded: PretrainedModel) throws -> PretrainedModel {
    let source = try EncoderSource(item.folder + "/prompt_encoder.safetensors", name: item.name)
    let full: [String] = try #require(loaded.methods.first).full.map(\.name)
    let model: PretrainedModel
    if item.config["peft_type"]?.string == "PREFIX_TUNING" {
      var settings = PrefixSettings()
      settings.length = try #require(item.config["num_virtual_tokens"]?.int)
      settings.projects = item.config["prefix_projection"]?.bool ?? false
      settings.innerSize = item.config["encoder_hidden_size"]?.int
      settings.full = full
      model = try item.base.adding(settings, name: item.name, source: source, seed: 0)
    } else {
      var settings = SoftPromptSettings()
      settings.length = try #require(item.config["num_virtual_tokens"]?.int)
      settings.full = full
      model = try item.base.adding(settings, name: item.name, source: source, seed: 0)
    }
    for name in full {
      model.parameter(named: name)?.value = try #require(loaded.parameter(named: name)).value
    }
    return model
  }

  /// A prompt that began with a text: the rows are the embeddings of its tokens.
  private func compareText(_ item: MethodCase) throws {
    guard let text = item.config["prompt_tuning_init_text"]?.string,
      let path = item.config["tokenizer_name_or_path"]?.string
    else { return }
    let folder: String = Fixtures.url(item.folder + "/adapter/" + path).standardizedFileURL.path
    item.base.tokenizer = try Tokenizer(folder: { name in
      let path: String = folder + "/" + name
      return FileManager.default.fileExists(atPath: path) ? try Fixtures.access.read(path) : nil
    })
    var settings = SoftPromptSettings()
    settings.length = try #require(item.config["num_virtual_tokens"]?.int)
    settings.initialization = .text(text)
    let model: PretrainedModel = try item.base.adding(settings, name: "text", seed: 0)
    expectClose(
      try #require(try model.promptRows(model.methods[0])).elements, try item.expected.floats("prompt_embeddings"),
      absolute: 0, "\(item.folder) rows of the text")
  }
}

/// Parameters of `prompt_encoder.safetensors`.
private final class EncoderSource: ParameterSource {
  private let file: TensorFile
  private let prefix: String

  init(_ path: String, name: String) throws {
    file = try TensorFile(path)
    prefix = "prompt_encoder.\(name)."
  }

  func value(named name: String, shape: [Int]) throws -> Tensor? {
    guard name.hasPrefix(prefix) else { return nil }
    let key: String = String(name.dropFirst(prefix.count))
    guard file.entries[key] != nil else { return nil }
    return try Tensor(file.floats(key), shape: file.shape(key))
  }

  func made(_ parameter: Parameter) {}
}
