import Checkpoints
import Files
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Transformers

/// Fixtures `generate/`: greedy decoding and beams token by token, filtered probabilities, and the cache of keys and
/// values. The reference's prompts are padded on the left; ours are ragged.
@Suite struct GenerationParity {
  @Test func everyCase() throws {
    var report = ParityReport("generate")
    for family in Fixtures.folders(in: "generate") {
      let root = "generate/\(family)"
      let model = try PretrainedModel.load(Fixtures.url("\(root)/model").path, access: Fixtures.access)
      let cases = try Fixtures.json("\(root)/cases.json")
      let tensors = try NamedTensors("\(root)/tensors.safetensors")
      for item in try #require(cases["generate"]?.array) {
        try compare(model, item, tensors, root)
        report.compared()
      }
      for item in try #require(cases["filtered"]?.array) {
        try compareFiltered(model, item, cases, tensors, root)
        report.compared()
      }
      try compareCache(model, tensors, root)
      report.compared()
    }
    report.finish()
  }

  private func ids(_ json: JSON?) throws -> [[Int]] {
    try #require(json?.array).map { try #require($0.array).compactMap(\.int) }
  }

  private func compare(_ model: PretrainedModel, _ item: JSON, _ tensors: NamedTensors, _ root: String) throws {
    let name = try #require(item["name"]?.string)
    let padded = try ids(item["prompt_ids"])
    let masks = try ids(item["attention_mask"])
    let prompts = zip(padded, masks).map { zip($0, $1).filter { $0.1 == 1 }.map(\.0) }
    let kwargs = try #require(item["kwargs"])
    let width = try #require(item["prompt_length"]?.int)
    var settings = GenerationSettings()
    settings.maxTokens = try kwargs["max_new_tokens"]?.int ?? (#require(kwargs["max_length"]?.int) - width)
    settings.beams = kwargs["num_beams"]?.int ?? 1
    settings.count = kwargs["num_return_sequences"]?.int ?? 1
    settings.lengthPenalty = kwargs["length_penalty"]?.double ?? 1
    settings.stopsEarly = kwargs["early_stopping"]?.bool ?? false
    settings.repetitionPenalty = kwargs["repetition_penalty"]?.double ?? 1
    settings.noRepeatNgram = kwargs["no_repeat_ngram_size"]?.int ?? 0
    settings.minTokens = kwargs["min_new_tokens"]?.int ?? 0
    if let end = kwargs["eos_token_id"] {
      settings.endTokens = Set(end.int.map { [$0] } ?? end.array?.compactMap(\.int) ?? [])
    }
    let known = [
      "do_sample", "max_new_tokens", "max_length", "num_beams", "num_return_sequences", "length_penalty",
      "early_stopping", "repetition_penalty", "no_repeat_ngram_size", "min_new_tokens", "eos_token_id", "pad_token_id",
    ]
    for key in kwargs.object?.keys ?? [] { #expect(known.contains(key), "\(root) \(name): unknown setting \(key)") }
    #expect(kwargs["do_sample"]?.bool != true, "\(root) \(name): drawn tokens can't agree")
    #expect(kwargs["early_stopping"].map { $0.bool != nil } ?? true, "\(root) \(name): early_stopping")
    let texts = try model.generate(prompts, settings)
    let expected = try ids(item["sequences"])
    #expect(texts.count == expected.count, "\(root) \(name)")
    for (text, whole) in zip(texts, expected) {
      let wanted = Array(whole.dropFirst(width))
      #expect(Array(wanted.prefix(text.ids.count)) == text.ids, "\(root) \(name): \(text.ids), expected \(wanted)")
      let hasEnded = text.ids.last.map { settings.endTokens.contains($0) } ?? false
      #expect(hasEnded || text.ids.count == settings.maxTokens, "\(root) \(name) ended early: \(text.ids)")
      // What follows in the reference's row is filling: beams are filled with their first end token where that of
      // padding is 0.
      let filling = settings.endTokens.union([kwargs["pad_token_id"]?.int ?? 0])
      #expect(filling.isSuperset(of: wanted.dropFirst(text.ids.count)), "\(root) \(name) ended early")
    }
    if let scores = item["sequences_scores"]?.array?.compactMap(\.double) {
      expectClose(texts.map { Double($0.score ?? .nan) }, scores, absolute: 1e-4, "\(root) \(name) scores")
    }
    if tensors.has("\(name).step_logits") {
      try compareSteps(model, prompts, texts, try tensors.tensor("\(name).step_logits"), "\(root) \(name)")
    }
    if let rows = item["rows_without_padding"], settings.beams == 1 {
      for (row, whole) in try ids(rows).enumerated() {
        let alone = try model.generate([prompts[row]], settings)
        #expect(prompts[row] + (alone.first?.ids ?? []) == whole, "\(root) \(name) row \(row) alone")
      }
    }
  }

  /// The logits from which each token was chosen, each from a full pass.
  private func compareSteps(
    _ model: PretrainedModel, _ prompts: [[Int]], _ texts: [GeneratedTokens], _ expected: Tensor, _ what: String
  ) throws {
    let (steps, width) = (expected.shape[1], expected.shape[2])
    let elements = expected.elements
    for (row, text) in texts.enumerated() {
      for step in 0..<min(steps, text.ids.count) {
        let logits = try model.nextLogits([prompts[text.prompt] + text.ids.prefix(step)], cache: nil)
        let start = (row * steps + step) * width
        expectClose(logits.elements, Array(elements[start..<(start + width)]), absolute: 1e-4, "\(what) step \(step)")
      }
    }
  }

  private func compareFiltered(
    _ model: PretrainedModel, _ item: JSON, _ cases: JSON, _ tensors: NamedTensors, _ root: String
  ) throws {
    let name = try #require(item["name"]?.string)
    let kwargs = try #require(item["kwargs"])
    var settings = GenerationSettings()
    settings.temperature = kwargs["temperature"]?.double ?? 1
    settings.topK = kwargs["top_k"]?.int
    settings.topP = kwargs["top_p"]?.double
    settings.minP = kwargs["min_p"]?.double
    settings.repetitionPenalty = kwargs["repetition_penalty"]?.double ?? 1
    let known = ["temperature", "top_k", "top_p", "min_p", "repetition_penalty"]
    for key in kwargs.object?.keys ?? [] { #expect(known.contains(key), "\(root) \(name): unknown setting \(key)") }
    let filter = LogitsFilter(settings)
    let next = try tensors.tensor("next_logits")
    let wanted = try tensors.tensor("filtered.\(name)").elements
    let width = next.shape[1]
    let batch = try #require(cases["generate"]?.array?.first { $0["name"]?.string == "greedy_left_padded_batch" })
    let prompts = try ids(batch["prompt_ids"])
    for row in 0..<next.shape[0] {
      var scores = Array(next.elements[(row * width)..<((row + 1) * width)])
      filter.constrain(&scores, tokens: prompts[row], generated: 0)
      filter.warp(&scores)
      let (got, expected) = (LogitsFilter.softmax(scores), Array(wanted[(row * width)..<((row + 1) * width)]))
      expectClose(got, expected, absolute: 1e-5, "\(root) filtered \(name) row \(row)")
      // Also those that are as unlikely as the tolerance.
      #expect(got.map { $0 > 0 } == expected.map { $0 > 0 }, "\(root) filtered \(name) row \(row): what is kept")
    }
  }

  private func compareCache(_ model: PretrainedModel, _ tensors: NamedTensors, _ root: String) throws {
    let ids = try tensors.indices("kv.input_ids").elements
    let full = try tensors.tensor("kv.full_logits")
    let width = full.shape[2]
    expectClose(
      try #require(try model(Batch([ids])).logits).elements, full.elements, absolute: 1e-4, "\(root) full pass")
    let cache = RaggedCache()
    for (step, id) in ids.enumerated() {
      let logits = try model.nextLogits([[id]], cache: cache)
      expectClose(
        logits.elements, Array(full.elements[(step * width)..<((step + 1) * width)]), absolute: 1e-4,
        "\(root) cached step \(step)")
    }
    for layer in 0..<model.blockCount {
      let rows = try #require(try cache.rows(layer: layer))
      for (part, own) in [("keys", rows.keys), ("values", rows.values)] {
        let wanted = try tensors.tensor("kv.layer\(layer).\(part)")  // [1, Hk, T, D]
        let (heads, count, size) = (wanted.shape[1], wanted.shape[2], wanted.shape[3])
        let mine = try own.reshaped([count, heads, size]).transposed([1, 0, 2])
        expectClose(mine.elements, wanted.elements, absolute: 1e-4, "\(root) cached \(part) of layer \(layer)")
      }
    }
  }
}
