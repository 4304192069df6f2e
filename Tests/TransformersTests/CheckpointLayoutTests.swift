import Checkpoints
import Files
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Transformers

/// What checkpoints hold beside or in place of the usual tensors, and options of config.json that change numbers.
@Suite struct CheckpointLayoutTests {
  private typealias Rotary = ModelConfiguration.RotarySettings
  private let batch = Batch([[2, 9, 8, 3], [2, 14, 3]])

  private func folder(_ fixture: String) -> String {
    Fixtures.tests.appendingPathComponent("Fixtures/dev/arch/\(fixture)").path
  }

  /// A fixture's model with other tensors and, after `"model_type"`, other lines of config.json.
  private func load(
    _ fixture: String, in place: TemporaryFolder, config lines: String = "",
    _ change: (inout [(name: String, value: StorableTensor)]) throws -> Void = { _ in }
  ) throws -> PretrainedModel {
    let access = FileAccess(policy: .user, workingDirectory: place.path)
    let checkpoint = try Checkpoint.open(folder(fixture), access: Fixtures.access)
    var tensors = try checkpoint.tensors.map { (name: $0.name, value: StorableTensor.floats(try $0.tensor())) }
    try change(&tensors)
    let config = String(decoding: try Fixtures.access.read(folder(fixture) + "/config.json"), as: UTF8.self)
    // of a key that stands twice the last counts
    let end = try #require(config.lastIndex(of: "}"))
    try place.put("model/config.json", "\(config[..<end])\(lines.isEmpty ? "" : ", " + lines)}")
    try SafetensorsFile.write(tensors, to: "model/model.safetensors", access: access)
    return try PretrainedModel.load("model", access: access)
  }

  private func plain(_ fixture: String) throws -> (logits: [Float], words: Tensor, bias: [Float]) {
    let model = try PretrainedModel.load(folder(fixture), access: Fixtures.access)
    let names = ["cls.predictions.bias", "lm_head.bias"]
    let bias = try #require(names.compactMap { model.parameter(named: $0) }.first)
    return (try model.logits(batch).elements, model.backbone.wordEmbeddings.weight.value, bias.value.elements)
  }

  /// Upstream ties only what is equal: a decoder of its own in the file is the decoder.
  @Test func aDecoderThatDiffersIsNotTied() throws {
    let (logits, words, bias) = try plain("bert/mlm")
    let place = try TemporaryFolder()
    let model = try load("bert/mlm", in: place) {
      $0.append(("cls.predictions.decoder.weight", .floats(try words * 2)))
    }
    let expected = logits.enumerated().map { 2 * ($1 - bias[$0 % bias.count]) + bias[$0 % bias.count] }
    expectClose(try model.logits(batch).elements, expected, ofPeak: 1e-5, "apart")
    #expect(model.notes.contains { $0.contains("cls.predictions.decoder.weight") }, "\(model.notes)")
    let access = FileAccess(policy: .user, workingDirectory: place.path)
    try model.save("saved", access: access)
    let again = try PretrainedModel.load("saved", access: access)
    #expect(again.notes.isEmpty && again.configuration.tiesWordEmbeddings == false, "\(again.notes)")
    #expect(try again.logits(batch).elements == model.logits(batch).elements)
    let equal = try load("bert/mlm", in: place) { $0.append(("cls.predictions.decoder.weight", .floats(words))) }
    #expect(equal.notes.isEmpty && equal.configuration.tiesWordEmbeddings, "\(equal.notes)")
  }

  /// The bias that an untied decoder adds is its own, where files have it; else the head's, all that older files have.
  @Test(arguments: [("bert/mlm", "cls.predictions"), ("roberta/mlm", "lm_head")])
  func anUntiedDecoderHasItsOwnBias(_ fixture: String, _ head: String) throws {
    let (logits, words, bias) = try plain(fixture)
    let place = try TemporaryFolder()
    let older = try load(fixture, in: place, config: #""tie_word_embeddings": false"#) {
      $0.append((head + ".decoder.weight", .floats(words)))
    }
    expectClose(try older.logits(batch).elements, logits, ofPeak: 1e-5, "older")
    #expect(older.notes.isEmpty && older.parameter(named: head + ".decoder.bias") != nil, "\(older.notes)")
    let expected = logits.enumerated().map { $1 - 3 * bias[$0 % bias.count] }
    for tied in [true, false] {
      let model = try load(fixture, in: place, config: #""tie_word_embeddings": \#(tied)"#) {
        $0.append((head + ".decoder.weight", .floats(words)))
        $0.append((head + ".decoder.bias", .floats(try Tensor(bias.map { $0 * -2 }, shape: [bias.count]))))
      }
      expectClose(try model.logits(batch).elements, expected, ofPeak: 1e-5, "tied \(tied)")
      #expect(model.notes.isEmpty, "\(model.notes)")
    }
  }

  /// Packed weights are no weights; a model that was only once meant to be packed loads, and is saved as it is.
  @Test func packedWeightsAreRefusedByName() throws {
    let place = try TemporaryFolder()
    let settings = #""quantization_config": {"quant_method": "gptq", "bits": 4}"#
    do {
      _ = try load("llama/lm", in: place, config: settings) {
        $0.append(("model.layers.0.mlp.up_proj.qweight", .indices(try IndexTensor([1, 2], shape: [2]))))
      }
      Issue.record("packed weights were read")
    } catch {
      #expect("\(error)".contains("gptq") && "\(error)".contains("qweight"), "\(error)")
    }
    let model = try load("llama/lm", in: place, config: settings)
    #expect(model.savedConfiguration()["quantization_config"] == nil)
  }

  @Test func decodersThatSeeAheadAreRefused() throws {
    for fixture in ["gpt2/lm", "llama/lm", "qwen2_window/lm"] {
      let place = try TemporaryFolder()
      _ = try load(fixture, in: place, config: #""is_causal": true"#)
      #expect(throws: TransformerError.self, "\(fixture)") {
        try load(fixture, in: place, config: #""is_causal": false"#)
      }
    }
  }

  /// RoBERTa's positions begin behind the padding id, so it needs one.
  @Test func robertaNeedsAPaddingToken() throws {
    let place = try TemporaryFolder()
    for value in ["null", "1000"] {
      #expect(throws: TransformerError.self, "\(value)") {
        try load("roberta/base", in: place, config: #""pad_token_id": \#(value)"#)
      }
    }
    #expect(try load("roberta/base", in: place, config: #""pad_token_id": -1"#).notes.isEmpty)
  }

  /// As Qwen's cards tell one to add it to a file that has `rope_parameters` already.
  @Test func aScalingThatWasAddedCounts() throws {
    let place = try TemporaryFolder()
    let parameters = #""rope_parameters": {"rope_type": "default", "rope_theta": 50.0}"#
    let scaling = #", "rope_scaling": {"type": "linear", "factor": 2}"#
    let added = try load("llama/lm", in: place, config: parameters + scaling)
    #expect(added.configuration.rotary == Rotary(base: 10_000, scaling: .linear(factor: 2)))
    for empty in ["null", "{}"] {
      let model = try load("llama/lm", in: place, config: parameters + #", "rope_scaling": \#(empty)"#)
      #expect(model.configuration.rotary == Rotary(base: 50, scaling: Rotary.Scaling.none))
    }
  }
}
