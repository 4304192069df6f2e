import Files
import Foundation
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Training
import Transformers

/// A case of `peft` or `adapterhub`: a base, an adapter's folder, and what the reference computes with both.
struct MethodCase {
  let folder: String
  let meta: JSON
  let config: JSON
  let expected: TensorFile
  let base: PretrainedModel
  let batch: Batch
  let labels: Labels
  /// For each of our rows its place in the reference's padded `[B, S]`.
  let places: [Int]
  /// S, without virtual tokens.
  let width: Int
  /// What the reference's adapter is called in its parameters' names.
  let name: String

  init(_ root: String, _ name: String) throws {
    folder = root + "/" + name
    meta = try Fixtures.json(folder + "/meta.json")
    config = try Fixtures.json(folder + "/adapter/adapter_config.json")
    expected = try TensorFile(folder + "/expected.safetensors")
    let baseName: String = try #require(meta["base"]?.string)
    base = try PretrainedModel.load(Fixtures.url("\(root)/\(baseName)").path, access: Fixtures.access)
    self.name = config["name"]?.string ?? "default"
    let file = try TensorFile("\(root)/\(baseName)/batch.safetensors")
    let shape: [Int] = file.shape("input_ids")
    let (ids, mask) = (try file.integers("input_ids"), try file.integers("attention_mask"))
    let given: [Int] = try file.integers("labels")
    width = shape[1]
    var sequences: [[Int]] = []
    var places: [Int] = []
    var isLeft: Bool = false
    for row in 0..<shape[0] {
      let own: [Int] = (0..<shape[1]).map { row * shape[1] + $0 }.filter { mask[$0] == 1 }
      if own.first != row * shape[1] { isLeft = true }
      sequences.append(own.map { ids[$0] })
      places += own
    }
    self.places = places
    var batch = Batch(sequences)
    if isLeft, base.architecture.modelType != "roberta" {
      let shift: Int = meta["virtual_tokens"]?.int ?? 0
      let columns: Int = shape[1]
      batch.positionIDs = places.map { $0 % columns + shift }
    }
    self.batch = batch
    labels = given.count == shape[0] ? .classes(given) : .tokens(places.map { given[$0] })
  }

  /// The reference's name of a parameter as ours.
  func own(_ reference: String) -> String {
    var name: String = reference
    for prefix in ["base_model.model.", "base_model."] where name.hasPrefix(prefix) {
      name = String(name.dropFirst(prefix.count))
      break
    }
    return name.replacingOccurrences(of: ".modules_to_save.\(self.name)", with: "")
      .replacingOccurrences(of: ".base_layer.", with: ".")
  }

  /// The elements of the reference's logits at our rows: real tokens, and virtual ones where it has them.
  func logits(_ name: String, virtual: Int) throws -> [Float] {
    let shape: [Int] = expected.shape(name)
    let all: [Float] = try expected.floats(name)
    guard shape.count == 3 else { return all }
    let size: Int = shape[2]
    // The reference has virtual rows before the padded text's.
    #expect(shape[1] == width + virtual, "\(folder) \(name): \(shape), \(virtual) virtual rows")
    return places.flatMap { place -> [Float] in
      let start: Int = (place / width * shape[1] + virtual + place % width) * size
      return Array(all[start..<(start + size)])
    }
  }

  /// Our logits without those of virtual rows.
  func mine(_ model: PretrainedModel) throws -> [Float] {
    let logits: Tensor = try model.logits(batch)
    let virtual: Int = model.backbone.hooks.promptLength
    guard expected.shape("logits").count == 3, virtual > 0 else { return logits.elements }
    var rows: [Int] = []
    var next: Int = 0
    for sequence in 0..<batch.sequenceCount {
      rows += (next + virtual)..<(next + virtual + batch.length(sequence))
      next += virtual + batch.length(sequence)
    }
    return try logits.gatheredRows(rows).elements
  }

  /// Compares logits, loss, gradients of everything that trains, and counts.
  func compare(_ model: PretrainedModel) throws {
    let virtual: Int = model.backbone.hooks.promptLength
    expectClose(try mine(model), try logits("logits", virtual: virtual), absolute: 1e-4, "\(folder) logits")
    let pass = ForwardContext(isRecording: true)
    let loss: Tensor = try model.loss(batch, labels, pass)
    expectClose(Double(try loss.item()), Double(try expected.floats("loss")[0]), absolute: 1e-5, "\(folder) loss")
    let gradients: Gradients = try loss.backward()
    let wanted: [String] = expected.entries.keys.filter { $0.hasPrefix("grad.") }
    #expect(!wanted.isEmpty)
    for key in wanted {
      let name: String = own(String(key.dropFirst(5)))
      let parameter: Parameter? = model.parameter(named: name)
      guard let parameter else {
        Issue.record("\(folder): no parameter \(name)")
        continue
      }
      #expect(parameter.shape == expected.shape(key), "\(folder) \(name)")
      let mine: [Float] = gradients[parameter.leaf]?.elements ?? Array(repeating: 0, count: parameter.count)
      expectClose(mine, try expected.floats(key), absolute: 1e-5, ofPeak: 1e-4, "\(folder) \(key)")
    }
    let names: Set<String> = Set((meta["trainable_names"]?.object?.keys ?? []).map(own))
    #expect(names == Set(model.parameters.filter(\.isTrainable).map(\.name)), "\(folder) trainable names")
    #expect(model.trainableCount == meta["trainable_parameters"]?.int, "\(folder) trainable parameters")
  }
}
