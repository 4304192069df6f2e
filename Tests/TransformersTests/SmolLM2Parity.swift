import Files
import Foundation
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
  func logProbabilities() throws {
    var report = ParityReport("real/smollm2")
    let model = try PretrainedModel.load(try #require(SmolLM2Parity.file), access: Fixtures.access)
    #expect(model.notes.isEmpty, "\(model.notes)")
    let given = try Fixtures.json("real/smollm2.json")
    for sentence in try #require(given["sentences"]?.array).prefix(3) {
      let ids = try #require(sentence["ids"]?.array).compactMap(\.int)
      let expected = try #require(sentence["token_logprobs"]?.array).compactMap(\.double)
      let logits = try #require(try model(Batch([ids])).logits).logSoftmax(axis: -1)
      let width = logits.shape[1]
      let elements = logits.elements
      let got = (1..<ids.count).map { Double(elements[($0 - 1) * width + ids[$0]]) }
      expectClose(got, expected, absolute: 5e-4, "log-probabilities")
      report.compared()
    }
    report.finish()
  }
}
