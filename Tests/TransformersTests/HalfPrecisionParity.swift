import Foundation
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Transformers

/// bf16 products against float32 and against torch's autocast: ours may not be further from float32 than 1.5 times
/// autocast is, over each tensor (as its root mean square), plus 1e-3 of the tensor's size. For processors with bf16
/// products.
@Suite struct HalfPrecisionParity {
  @Test func everyCase() throws {
    guard Fixtures.exists("bf16") else { return }
    guard Precision.bf16.isSupported else {
      print("parity bf16: skipped, this processor has no bf16 products")
      return
    }
    var report = ParityReport("bf16")
    for family in Fixtures.folders(in: "bf16") {
      try compare(family)
      report.compared(family)
    }
    report.finish()
  }

  private func compare(_ family: String) throws {
    let folder = "arch/\(family)/seqcls"
    let model = try PretrainedModel.load(Fixtures.url(folder).path, access: Fixtures.access)
    let inputs = try NamedTensors("arch/\(family)/inputs_right.safetensors")
    let padded = try PaddedBatch(inputs, keepsPadding: false, positions: family != "roberta")
    let labels = Labels.classes(try inputs.indices("labels_seqcls").elements)
    let exact = try NamedTensors("\(folder)/expected_right.safetensors")
    let autocast = try NamedTensors("bf16/\(family)/expected_right.safetensors")
    let pass = ForwardContext(isRecording: true, precision: .bf16)
    let output = try model(padded.batch, labels: labels, pass)
    let logits = try #require(output.logits)
    expectNear(
      logits.elements, try exact.tensor("logits").elements, autocast: try autocast.tensor("logits").elements,
      "\(family) logits")
    #expect(logits.elements != (try exact.tensor("logits").elements), "\(family): computed in float32")
    let loss = try #require(output.loss)
    let gradients = try loss.backward()
    let wanted = try NamedTensors("\(folder)/grads_right.safetensors")
    let theirs = try NamedTensors("bf16/\(family)/grads_right.safetensors")
    for parameter in model.parameters where theirs.has(parameter.name) {
      if parameter.name.hasSuffix("key.bias") || parameter.name.hasSuffix("k_lin.bias") { continue }
      let got = try gradients[parameter.leaf] ?? Tensor(zeros: parameter.shape)
      expectNear(
        got.elements, try wanted.tensor(parameter.name).elements,
        autocast: try theirs.tensor(parameter.name).elements, "\(family) gradient of \(parameter.name)")
    }
  }

  private func expectNear(_ got: [Float], _ exact: [Float], autocast: [Float], _ what: String) {
    func size(_ x: [Float], minus y: [Float]? = nil) -> Double {
      let squares = x.indices.map { pow(Double(x[$0]) - Double(y?[$0] ?? 0), 2) }
      return (squares.reduce(0, +) / Double(max(x.count, 1))).squareRoot()
    }
    guard got.count == exact.count, autocast.count == exact.count else {
      Issue.record("\(what): \(got.count) numbers, \(exact.count) and \(autocast.count) expected")
      return
    }
    let (ours, theirs) = (size(got, minus: exact), size(autocast, minus: exact))
    let limit = 1.5 * theirs + 1e-3 * size(exact)
    #expect(ours <= limit, "\(what): off by \(ours), autocast by \(theirs), of \(size(exact))")
  }
}
