import Files
import Foundation
import Glibc
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Transformers

/// SmolLM2-135M-Instruct from its GGUF file, where it is on this machine, against fixtures `real/smollm2`.
@Suite struct SmolLM2Parity {
  static let file: String? = {
    let home = ProcessInfo.processInfo.environment["HOME"] ?? "/"
    let places = [
      "\(home)/.cache/luthier/models/SmolLM2-135M-Instruct", "\(home)/.cache/luthier-peers/models/smol",
    ]
    return places.first { FileManager.default.fileExists(atPath: $0) }
  }()

  @Test(.enabled(if: SmolLM2Parity.file != nil && Fixtures.exists("real/smollm2.json")))
  func likelihoodsAndGreedyTexts() throws {
    var report = ParityReport("real/smollm2")
    let model = try PretrainedModel.load(try #require(SmolLM2Parity.file), access: Fixtures.access)
    #expect(model.notes.isEmpty, "\(model.notes)")
    let tokenizer = try #require(model.tokenizer)
    let given = try Fixtures.json("real/smollm2.json")
    func likelihoods(_ ids: [Int]) throws -> [Double] {
      let logits = try #require(try model(Batch([ids])).logits).logSoftmax(axis: -1)
      let width = logits.shape[1]
      return logits.withUnsafeBuffer { all in
        (1..<ids.count).map { Double(all[($0 - 1) * width + ids[$0]]) }
      }
    }
    for sentence in try #require(given["sentences"]?.array) {
      let ids = try #require(sentence["ids"]?.array).compactMap(\.int)
      let expected = try #require(sentence["token_logprobs"]?.array).compactMap(\.double)
      expectClose(try likelihoods(ids), expected, absolute: 5e-4, "log-probabilities")
      report.compared()
    }
    if let paragraph = given["paragraph"], let ids = paragraph["ids"]?.array?.compactMap(\.int),
      let wanted = paragraph["perplexity"]?.double
    {
      let values = try likelihoods(ids)
      let perplexity = exp(-values.reduce(0, +) / Double(values.count))
      #expect(abs(perplexity / wanted - 1) < 1e-4, "perplexity \(perplexity), expected \(wanted)")
      report.compared()
    }
    if Fixtures.exists("real/smollm2_logits.safetensors") {
      let file = try NamedTensors("real/smollm2_logits.safetensors")
      let logits = try #require(try model(Batch([file.indices("sentence0.input_ids").elements])).logits)
      let expected = try file.tensor("sentence0.last_logits").elements
      expectClose(Array(logits.elements.suffix(expected.count)), expected, absolute: 1e-3, "last logits")
      report.compared()
    }
    for example in try #require(given["generations"]?.array) {
      let prompt = try #require(example["prompt_ids"]?.array).compactMap(\.int)
      let expected = try #require(example["new_ids"]?.array).compactMap(\.int)
      if let messages = example["messages"]?.array {
        let text = try model.chatText(
          messages.map { ChatMessage(role: $0["role"]?.string ?? "", content: $0["content"]?.string ?? "") })
        #expect(try tokenizer.encode(text, addSpecialTokens: false).ids == prompt, "chat prompt")
      }
      var settings = GenerationSettings()
      settings.maxTokens = expected.count
      settings.endTokens = model.endTokens
      #expect(try model.generate([prompt], settings)[0].ids == expected, "\(example["prompt"]?.string ?? "chat")")
      report.compared()
    }
    report.finish()
  }
}
