import Files
import Foundation
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Transformers

@Suite struct PretrainedModelTests {
  private func load(_ folder: String) throws -> PretrainedModel {
    try PretrainedModel.load(
      Fixtures.tests.appendingPathComponent("Fixtures/dev/\(folder)").path, access: Fixtures.access)
  }

  private func configured(_ json: String) throws -> ModelConfiguration {
    let config = try JSON(parsing: json)
    return try Architecture.named(by: config).configuration(config)
  }

  // MARK: patterns

  @Test(arguments: [
    ("pooler", "bert.pooler.dense.weight", true), ("layer.1", "bert.encoder.layer.10.output.dense.bias", false),
    ("layer.1", "bert.encoder.layer.1.output.dense.bias", true), ("*.bias", "a.b.bias", true),
    ("*.bias", "a.b.bias.c", false),
    ("encoder.layer.*.attention*", "encoder.layer.3.attention.self.query.weight", true),
    ("", "a", false), ("a.b.c", "a.b", false), ("dense.weight", "pooler.dense.weight", true),
  ])
  func patterns(_ pattern: String, _ name: String, _ matches: Bool) {
    #expect(ParameterSelection.matches(pattern, name) == matches)
  }

  @Test func groupsAndLastBlocks() throws {
    let model = try load("arch/bert/seqcls")
    try model.freeze()
    #expect(model.trainableCount == 0)
    try model.unfreeze(["head"])
    #expect(
      model.parameters.filter(\.isTrainable).map(\.name).allSatisfy {
        $0.contains("pooler") || $0.contains("classifier")
      })
    #expect(model.firstTrainableStage == model.headStage)
    try model.unfreeze(lastBlocks: 1)
    #expect(model.firstTrainableStage == model.blockCount)
    #expect(throws: TransformerError.self) { try model.freeze(["encoder.layre"]) }
    #expect(throws: TransformerError.self) { try model.unfreeze(lastBlocks: 3) }
  }

  @Test func positionsOutsideTheTableAreRefused() throws {
    let model = try load("arch/bert/base")
    let limit = try #require(model.configuration.maximumPositions)
    for place in [limit, Int.max] {
      let batch = Batch(tokenIDs: [1, 2], sequenceOffsets: [0, 2], positionIDs: [0, place])
      #expect(throws: TransformerError.idOutOfRange(table: "position_ids", id: place, count: limit)) {
        try model.finalRows(batch)
      }
    }
  }

  // MARK: structure

  @Test func aHeadSharesTheBackbone() throws {
    let base = try load("arch/distilbert/base")
    let model = try base.with(head: .sequenceClassification, labels: ["a", "b"], seed: 3)
    let mine = try #require(model.parameter(named: "distilbert.transformer.layer.1.ffn.lin1.weight"))
    let theirs = try #require(base.parameter(named: "transformer.layer.1.ffn.lin1.weight"))
    #expect(mine !== theirs)
    #expect(mine.value.sharesStorage(with: theirs.value))
    #expect(
      model.parameters.filter(\.isNew).map(\.name) == [
        "pre_classifier.weight", "pre_classifier.bias", "classifier.weight", "classifier.bias",
      ])
    mine.value = try Tensor(zeros: mine.shape)
    #expect(theirs.value.elements.contains { $0 != 0 })
    model.reset()
    #expect(mine.value.sharesStorage(with: theirs.value))
  }

  @Test func copyingKeepsTiesAndFlags() throws {
    let model = try load("arch/gpt2/lm")
    try model.freeze(["h.0"])
    let copy = try model.copy()
    #expect(copy.parameters.map(\.name) == model.parameters.map(\.name))
    #expect(copy.parameters.map(\.isTrainable) == model.parameters.map(\.isTrainable))
    #expect(copy.parameter(named: "lm_head.weight") === copy.parameter(named: "transformer.wte.weight"))
  }

  /// Upstream's Llama and Qwen2 that answer questions hold the backbone as `transformer`, Mistral's as `model`.
  @Test(arguments: [("llama", "Llama", "transformer"), ("mistral_window", "Mistral", "model")])
  func decodersAnswerQuestions(_ folder: String, _ family: String, _ base: String) throws {
    let writer = try load("arch/\(folder)/lm")
    let model = try writer.with(head: .questionAnswering, seed: 1)
    #expect(model.className == family + "ForQuestionAnswering")
    #expect(model.parameters.filter(\.isNew).map(\.name) == ["qa_outputs.weight", "qa_outputs.bias"])
    #expect(model.parameter(named: base + ".layers.1.mlp.up_proj.weight") != nil)
    let place = try TemporaryFolder()
    let access = FileAccess(policy: .user, workingDirectory: place.path)
    try model.save("saved", access: access)
    let again = try PretrainedModel.load("saved", access: access)
    #expect(again.headKind == .questionAnswering && again.notes.isEmpty)
    let batch = Batch([[5, 6, 7, 8]])
    #expect(try again.logits(batch).elements == model.logits(batch).elements)
    let tags = try again.with(head: .tokenClassification, labels: ["O", "B-X"], seed: 1)
    #expect(try tags.finalRows(batch).elements == writer.finalRows(batch).elements)
  }

  @Test func stateComesBack() throws {
    let model = try load("arch/distilbert/seqcls")
    let state = model.state()
    let parameter = model.parameters[0]
    let before = parameter.value.elements
    parameter.value = try Tensor(zeros: parameter.shape)
    try model.freeze()
    model.restore(state)
    #expect(parameter.value.elements == before)
    #expect(model.trainableCount == model.parameterCount)
  }

  /// Blocks before the first trainable stage, computed once and taken up, give the same loss.
  @Test func resumingAtAStageGivesTheSame() throws {
    for folder in ["arch/distilbert/seqcls", "arch/gpt2/seqcls", "arch/bert/seqcls", "arch/llama/seqcls"] {
      let model = try load(folder)
      let batch = Batch([[2, 7, 9, 11], [5, 6], [3, 8, 4]])
      let labels = Labels.classes([0, 2, 1])
      let whole = try model.loss(batch, labels, ForwardContext()).item()
      for stage in 1...model.headStage {
        let before = try model.stream(batch, upTo: stage, ForwardContext())
        let pass = ForwardContext()
        let taken = try model.resumed(before.hidden, at: stage, batch, pass)
        let stream = try model.advance(taken, from: stage, upTo: model.headStage, pass)
        let loss = try model.loss(from: stream, labels, pass).loss.item()
        #expect(abs(loss - whole) < 1e-6, "\(folder) stage \(stage)")
      }
    }
  }

  @Test(arguments: ["spiece.model", "tokenizer.model"])
  func sentencePieceIsFoundUnderEitherName(_ name: String) throws {
    let source = Fixtures.tests.appendingPathComponent("Fixtures/dev").path
    let folder = try TemporaryFolder()
    for (from, to) in [
      ("arch/xlnet/base/config.json", "config.json"), ("arch/xlnet/base/model.safetensors", "model.safetensors"),
      ("tokenizers/unigram_xlnet/spiece.model", name),
    ] {
      let bytes = try Fixtures.access.read("\(source)/\(from)")
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder.path)/\(to)"))
    }
    let model = try PretrainedModel.load(folder.path, access: Fixtures.access)
    #expect(model.tokenizer?.kind == "Unigram", "\(model.notes)")
  }

  @Test func savedModelsLoadAlike() throws {
    let folder = try TemporaryFolder()
    let access = FileAccess(policy: .user, workingDirectory: folder.path)
    let base = try load("arch/roberta/base")
    let model = try base.with(head: .tokenClassification, labels: ["O", "B-LOC", "I-LOC"], seed: 1)
    try model.save("saved", access: access)
    let again = try PretrainedModel.load("saved", access: access)
    #expect(again.headKind == .tokenClassification)
    #expect(again.labels == ["O", "B-LOC", "I-LOC"])
    #expect(again.notes.isEmpty)
    let batch = Batch([[0, 9, 8, 2]])
    #expect(try again.logits(batch).elements == model.logits(batch).elements)
  }

  @Test func aSavedModelKeepsItsPooling() throws {
    let folder = try TemporaryFolder()
    let access = FileAccess(policy: .user, workingDirectory: folder.path)
    let modules = #"[{"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"}]"#
    try load("arch/bert/base").save("tiny", access: access)
    try folder.put("tiny/1_Pooling/config.json", #"{"pooling_mode_mean_tokens": true}"#)
    try folder.put("tiny/modules.json", modules)
    let model = try PretrainedModel.load("tiny", access: access)
    #expect(model.defaultPooling == .mean)
    try model.save("saved", access: access)
    #expect(try PretrainedModel.load("saved", access: access).defaultPooling == .mean)
    #expect(try folder.text("saved/modules.json") == modules)
    try folder.put("tiny/1_Pooling/config.json", #"{"pooling_mode_weightedmean_tokens": true}"#)
    try folder.put("tiny/modules.json", #"[{"type": "sentence_transformers.models.Dense"}]"#)
    let odd = try PretrainedModel.load("tiny", access: access)
    #expect(odd.defaultPooling == .cls && odd.notes.count { $0.contains("features") } == 2, "\(odd.notes)")
    try folder.put("tiny/1_Pooling/config.json", #"{"pooling_mode_mean_tokens": true"#)
    let broken = try PretrainedModel.load("tiny", access: access)
    #expect(broken.notes.contains { $0.contains("1_Pooling/config.json") }, "\(broken.notes)")
  }

  @Test func whatIsNoModelsIsNotReplaced() throws {
    let folder = try TemporaryFolder()
    let access = FileAccess(policy: .user, workingDirectory: folder.path)
    let model = try load("arch/bert/base")
    try folder.put("app/config.json", #"{"port": 8080}"#)
    #expect(throws: TransformerError.self) { try model.save("app", access: access) }
    #expect(try folder.names("app") == ["config.json"])
    #expect(try folder.text("app/config.json") == #"{"port": 8080}"#)
    model.trainedMaxLength = 4
    try model.save("saved", access: access)
    #expect(try PretrainedModel.load("saved", access: access).defaultMaxLength == 4)
    model.trainedMaxLength = nil
    try model.save("saved", access: access)
    #expect(try PretrainedModel.load("saved", access: access).defaultMaxLength == model.defaultMaxLength)
  }

  /// Untied embeddings are no stand-in for a decoder that the files lack: it is new, and said to be.
  @Test func anUntiedDecoderThatIsMissingIsNew() throws {
    let folder = try TemporaryFolder()
    let access = FileAccess(policy: .user, workingDirectory: folder.path)
    let untied = try load("generate/llama/model")
    try untied.with(head: .sequenceClassification, labels: ["a", "b"], seed: 1).save("saved", access: access)
    let again = try PretrainedModel.load("saved", access: access, head: .causalLM)
    #expect(again.notes.contains { $0.hasPrefix("new") && $0.contains("lm_head") })
    let decoder = try #require(again.parameter(named: "lm_head.weight"))
    #expect(decoder.value.elements != again.backbone.wordEmbeddings.weight.value.elements)
    #expect(try load("generate/llama/model").notes.isEmpty)
  }

  // MARK: configurations

  /// The scale of attention, moved into the projection of queries, gives the same.
  @Test func gpt2ScalesAttentionAsConfigured() throws {
    let source = Fixtures.tests.appendingPathComponent("Fixtures/dev/arch/gpt2/lm").path
    let folder = try TemporaryFolder()
    let weights = try Fixtures.access.read(source + "/model.safetensors")
    try Data(weights).write(to: URL(fileURLWithPath: folder.path + "/model.safetensors"))
    let config = String(decoding: try Fixtures.access.read(source + "/config.json"), as: UTF8.self)
      .replacing("\"scale_attn_weights\": true", with: "\"scale_attn_weights\": false")
      .replacing("_inverse_layer_idx\": false", with: "_inverse_layer_idx\": true")
    try Data(config.utf8).write(to: URL(fileURLWithPath: folder.path + "/config.json"))
    let scaled = try PretrainedModel.load(folder.path, access: Fixtures.access)
    let plain = try load("arch/gpt2/lm")
    let batch = Batch([[5, 6, 7, 8], [9, 10]])
    #expect(try scaled.logits(batch).elements != plain.logits(batch).elements)
    for layer in 0..<plain.blockCount {
      let factor = Float(plain.configuration.headSize).squareRoot() / Float(layer + 1)
      for name in ["weight", "bias"] {
        let joint = try #require(plain.parameter(named: "transformer.h.\(layer).attn.c_attn.\(name)"))
        var values = joint.value.elements
        let width = 3 * plain.hiddenSize
        for place in values.indices where place % width < plain.hiddenSize { values[place] *= factor }
        joint.value = try Tensor(values, shape: joint.shape)
      }
    }
    expectClose(try scaled.logits(batch).elements, try plain.logits(batch).elements, ofPeak: 1e-5, "scaled")
  }

  @Test(arguments: [
    (#"{"model_type": "brt"}"#, "did you mean \"bert\""), (#"{}"#, "model_type is missing"),
    (#"{"model_type": 3}"#, "model_type"), (#"{"model_type": "bert"}"#, "vocab_size is missing"),
    (#"{"model_type": "bert", "vocab_size": -1}"#, "vocab_size is -1"),
    (#"{"model_type": "bert", "vocab_size": 1e300}"#, "vocab_size"),
    (
      #"{"model_type": "bert", "vocab_size": 9, "hidden_size": 10, "num_hidden_layers": 1, "num_attention_heads": 3}"#,
      "divides"
    ),
    (
      #"{"model_type": "bert", "vocab_size": 9, "hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 3, "intermediate_size": 8, "max_position_embeddings": 9, "hidden_act": "gellu"}"#,
      "hidden_act"
    ),
    (
      #"{"model_type": "bert", "vocab_size": 9, "hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 3, "intermediate_size": 8, "max_position_embeddings": 9, "id2label": {"0": "a", "5": "b"}}"#,
      "id2label"
    ),
    (
      #"{"model_type": "bert", "vocab_size": 9, "hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 3, "intermediate_size": 8, "max_position_embeddings": 9, "hidden_dropout_prob": 1.5}"#,
      "hidden_dropout_prob"
    ),
  ])
  func absurdConfigurationsAreNamed(_ json: String, _ part: String) throws {
    do {
      _ = try configured(json)
      Issue.record("accepted: \(json)")
    } catch {
      #expect("\(error)".contains(part), "\(error)")
    }
  }

  private func llama(_ type: String, _ more: String) throws -> ModelConfiguration {
    try configured(
      #"{"model_type": "\#(type)", "vocab_size": 9, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 3, "#
        + #""num_attention_heads": 2, "num_key_value_heads": 2, "max_position_embeddings": 64, \#(more)}"#)
  }

  @Test(
    arguments: [
      ("llama", "", 64), ("mistral", "", 8), ("qwen2", "", 32), ("mistral", #", "num_key_value_heads": null"#, 64),
      ("qwen2", #", "num_key_value_heads": 16"#, 16),
    ])
  func aFileWithoutKeyValueHeadsMeansTheFamilysNumber(_ type: String, _ more: String, _ count: Int) throws {
    let configuration = try configured(
      #"{"model_type": "\#(type)", "vocab_size": 9, "hidden_size": 128, "intermediate_size": 8, "#
        + #""num_hidden_layers": 1, "num_attention_heads": 64, "max_position_embeddings": 64\#(more)}"#)
    #expect(configuration.keyValueHeadCount == count)
  }

  @Test func windowsStandWhereTheFileSays() throws {
    let uses = #""use_sliding_window": true, "sliding_window": 4"#
    let kinds = #""layer_types": ["sliding_attention", "full_attention", "sliding_attention"]"#
    let named = try llama("qwen2", "\(uses), \(kinds)")
    #expect(named.window == 4)
    #expect(named.windowLayers == [0, 2])
    let late = try llama("qwen2", #"\#(uses), "max_window_layers": 2"#)
    #expect(late.windowLayers == [2])
    let without = try llama("qwen2", #""use_sliding_window": true, "sliding_window": null"#)
    #expect(without.window == nil)
    #expect(throws: TransformerError.self) { try llama("qwen2", kinds) }
    #expect(throws: TransformerError.self) { try llama("qwen2", #"\#(uses), "layer_types": ["full_attention"]"#) }
    let mistral = try llama("mistral", #""sliding_window": null"#)
    #expect(mistral.window == nil)
  }

  @Test func rotaryKindsAreReadOrRefused() throws {
    let dynamic = try llama("llama", #""rope_scaling": {"type": "dynamic", "factor": 2.0}"#)
    #expect(dynamic.rotary?.scaling == ModelConfiguration.RotarySettings.Scaling.none)
    let linear = try llama("llama", #""rope_scaling": {"type": "linear", "factor": 2.0}"#)
    #expect(linear.rotary?.scaling == .linear(factor: 2))
    let sets =
      #""rope_scaling": {"type": "longrope", "attention_factor": 1.0, "short_factor": [1.0, 2.0], "long_factor""#
    let divided = try llama("llama", #"\#(sets): [1.0, 2.0]}"#)
    #expect(divided.rotary?.scaling == .divided(by: [1, 2]))
    for refused in [
      #"\#(sets): [1.0, 4.0]}"#,
      #""partial_rotary_factor": 0.5"#, #""rope_scaling": {"rope_type": "yarn", "factor": 2.0}"#,
      #""rope_scaling": {"type": "dynamic", "factor": 2.0, "original_max_position_embeddings": 32}"#,
    ] {
      #expect(throws: TransformerError.self, "\(refused)") { try llama("llama", refused) }
    }
  }

  @Test func everyArchitectureIsInTheList() {
    let files = Fixtures.package.appendingPathComponent("Sources/Transformers/Architectures").path
    let names = (try? Fixtures.access.list(files).map(\.name)) ?? []
    let families = names.filter { $0 != "Architecture.swift" }.map { $0.replacing(".swift", with: "").lowercased() }
    let known = Set(Architecture.all.map(\.modelType))
    for family in families { #expect(known.contains(family), "\(family) is not in Architecture.all") }
  }

  // MARK: batches

  @Test func badBatchesAreNamed() throws {
    let model = try load("arch/bert/base")
    #expect(throws: TransformerError.self) { try model(Batch([])) }
    #expect(throws: TransformerError.self) { try model(Batch([[]])) }
    #expect(throws: TransformerError.self) { try model(Batch([[99]])) }
    #expect(throws: TransformerError.self) { try model(Batch([[-1]])) }
    #expect(throws: TransformerError.self) { try model(Batch([Array(repeating: 5, count: 41)])) }
    #expect(throws: TransformerError.self) { try model(Batch([[1, 2]], tokenTypeIDs: [[0, 2]])) }
  }

  @Test func aSplitBatchAgrees() throws {
    for family in ["bert", "gpt2", "llama", "xlnet"] {
      let model = try load("arch/\(family)/base")
      let sequences = [[7, 8, 9, 10, 11], [12, 13], [14, 15, 16]]
      let whole = try model(Batch(sequences)).lastHiddenState
      var row = 0
      for sequence in sequences {
        let alone = try model(Batch([sequence])).lastHiddenState
        expectClose(
          alone.elements, try whole.sliced(axis: 0, row..<(row + sequence.count)).elements, ofPeak: 1e-5, family)
        row += sequence.count
      }
    }
  }

  @Test func frozenParametersGetNoGradient() throws {
    let model = try load("arch/llama/lm")
    try model.freeze(["layers.0", "embeddings"])
    let pass = ForwardContext(isRecording: true)
    let gradients = try model.loss(Batch([[4, 5, 6]]), .tokens([4, 5, 6]), pass).backward()
    for parameter in model.parameters {
      #expect((gradients[parameter.leaf] != nil) == parameter.isTrainable, "\(parameter.name)")
    }
  }
}
