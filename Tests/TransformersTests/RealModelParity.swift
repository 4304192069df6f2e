import Checkpoints
import Files
import Foundation
import TensorCore
import TestSupport
import Testing
import Transformers

/// all-MiniLM-L6-v2, where it is on this machine, against fixtures `real/minilm`.
@Suite struct RealModelParity {
  static let folder: String? = {
    let home = ProcessInfo.processInfo.environment["HOME"] ?? "/"
    let places = ["\(home)/.cache/luthier/models/all-MiniLM-L6-v2", "\(home)/.cache/luthier-peers/models/minilm"]
    return places.first { FileManager.default.fileExists(atPath: $0 + "/model.safetensors") }
  }()

  @Test(.enabled(if: RealModelParity.folder != nil && Fixtures.exists("real/minilm.safetensors")))
  func miniLM() throws {
    var report = ParityReport("real")
    let model = try PretrainedModel.load(try #require(RealModelParity.folder), access: Fixtures.access)
    let expected = try NamedTensors("real/minilm.safetensors")
    let given = try Fixtures.json("real/minilm.json")
    let texts = try #require(given["texts"]?.strings)
    #expect(model.defaultPooling == .mean)
    let cls = try model.features(texts, FeatureOptions(pooling: .cls))
    expectClose(cls.values.elements, try expected.tensor("cls").elements, absolute: 1e-4, "cls")
    let mean = try model.features(texts, FeatureOptions(normalize: true))
    expectClose(
      mean.values.elements, try expected.tensor("mean_pooled_normalised").elements, absolute: 1e-5, "mean, normalised")
    let cosines = try mean.values.linear(weight: mean.values)
    expectClose(cosines.elements, try expected.tensor("cosine").elements, absolute: 1e-5, "cosines")
    let long = try #require(given["long_text"]?.string)
    let length = try #require(given["max_length"]?.int)
    let cut = try model.features([long], FeatureOptions(normalize: true, maxLength: length))
    #expect(cut.truncated == 1)
    expectClose(
      cut.values.elements, try expected.tensor("long_mean_pooled_normalised").elements, absolute: 1e-5, "cut text")
    for layer in 0...model.blockCount {
      let rows = try model.features([texts[0]], FeatureOptions(pooling: .cls, layer: layer)).values
      let wanted = try expected.tensor("row0_hidden_states.\(layer).first8")
      expectClose(
        try rows.sliced(axis: 1, 0..<8).elements, try wanted.sliced(axis: 0, 0..<1).elements, absolute: 1e-4,
        "layer \(layer)")
    }
    report.compared("minilm")
    report.finish()
  }
}
