import NeuralNetworks
import TensorCore
import Transformers

extension PretrainedModel {
  /// Another model without methods, whose weights are the base's, bit by bit, and whose head is the one it had.
  package func unloaded() throws -> PretrainedModel {
    guard !methods.isEmpty else { throw TrainingError.method("\(name) has no method attached") }
    let model: PretrainedModel = try copy(withMethods: false)
    // Of several methods the first knows what the base was.
    for method in methods.reversed() {
      for (parameter, value) in method.originals {
        model.parameter(named: parameter.name)?.value = value
      }
    }
    try model.unfreeze()
    model.fitCount = 0
    model.trainedMaxLength = methods.first?.baseMaxLength
    model.rememberParameters()
    return model
  }

  /// Another model without methods that gives what this one gives: the methods in use taken into the weights.
  ///
  /// - Throws: ``TrainingError/method(_:)`` where one of them can't be.
  package func merged() throws -> PretrainedModel {
    guard !methods.isEmpty else { throw TrainingError.method("\(name) has no method attached") }
    if let method = methods.first(where: { $0.control.isActive && !$0.canMerge }) {
      let others: [String] = methods.filter { $0.control.isActive && $0.canMerge }.map { "\"\($0.name)\"" }
      let hint: String = others.isEmpty ? "" : "; use(\(others.joined(separator: ", "))) leaves it out"
      throw TrainingError.method(
        "\"\(method.name)\" (\(method.title)) can't be merged: it is no change of weights\(hint)")
    }
    let model: PretrainedModel = try copy(withMethods: false)
    let targets: [String: Linear] = Dictionary(model.projections.map { ($0.path, $0.projection) }) { first, _ in first }
    for (path, projection) in projections {
      let parts = projection.methods.filter(\.isActive).compactMap { $0 as? any MergingProjectionMethod }
      guard !parts.isEmpty, let target = targets[path] else { continue }
      var weight: Tensor = try projection.outputMatrix()
      var bias: Tensor? = projection.bias?.value.detached
      for part in parts { (weight, bias) = try part.merge(into: weight, bias: bias, of: projection) }
      for part in parts { weight = try part.mergeInput(into: weight) }
      try target.setOutputMatrix(weight)
      if let bias, let own = target.bias { own.value = bias }
    }
    try model.unfreeze()
    model.rememberParameters()
    return model
  }

  /// The largest difference between the logits (or, without a head, the last rows) of two models on a fixed batch of
  /// tokens, drawn from the vocabulary.
  package func largestDifference(from other: PretrainedModel) throws -> Double {
    let random = Philox(seed: 0, purpose: "merge")
    let longest: Int = max(1, min(32, positionLimit ?? 32))
    let sequences: [[Int]] = (0..<4).map { row in
      let numbers: [Float] = random.uniform(max(1, longest - 7 * row), at: UInt32(row))
      return numbers.map {
        min(Int(Double($0) * Double(configuration.vocabularySize)), configuration.vocabularySize - 1)
      }
    }
    func outputs(_ model: PretrainedModel) throws -> [Float] {
      let batch = Batch(sequences)
      return try (model.head == nil ? model.finalRows(batch) : model.logits(batch)).elements
    }
    var largest: Double = 0
    for (a, b) in zip(try outputs(self), try outputs(other)) { largest = max(largest, abs(Double(a) - Double(b))) }
    return largest
  }
}

extension AttachedMethod {
  /// Whether the method is a change of weights.
  package var canMerge: Bool { kind == LoRASettings.kind || kind == IA3Settings.kind }
  /// Whether its effect can be made weaker or stronger.
  package var canScale: Bool { kind != PrefixSettings.kind && kind != SoftPromptSettings.kind }
}

extension PretrainedModel {
  /// Puts the named methods in use and no others; what trains follows.
  ///
  /// - Throws: ``TrainingError/unknown(operation:what:name:known:)``; for two adapters at once, which would stand at the
  ///   same places, ``TrainingError/method(_:)``.
  package func use(_ names: [String]) throws {
    for name in names { _ = try method(name, for: "use") }
    let adapters: [AttachedMethod] = methods.filter { $0.kind == AdapterSettings.kind && names.contains($0.name) }
    if adapters.count > 1 {
      throw TrainingError.method(
        "\"\(adapters[0].name)\" and \"\(adapters[1].name)\" are adapters at the same places: one can be in use")
    }
    for method in methods {
      let isActive: Bool = names.contains(method.name)
      if method.control.state.isActive != isActive { method.control.state.isActive = isActive }
      for parameter in method.parameters { parameter.isTrainable = isActive }
    }
  }

  /// Multiplies a method's effect.
  package func scale(_ name: String, by factor: Double) throws {
    let method: AttachedMethod = try method(name, for: "scale")
    guard method.canScale else {
      throw TrainingError.method("\"\(name)\" (\(method.title)) can't be scaled: it is not added to anything")
    }
    guard factor.isFinite, abs(factor) < 1e6 else {
      throw TrainingError.method("by must be from -1,000,000 to 1,000,000, got \(factor)")
    }
    method.control.state.scale = Float(factor)
  }

  /// The method of that name.
  package func method(_ name: String, for operation: String) throws -> AttachedMethod {
    if let found = method(named: name) { return found }
    guard !methods.isEmpty else { throw TrainingError.method("\(self.name) has no method attached") }
    throw TrainingError.unknown(operation: operation, what: "method", name: name, known: methods.map(\.name))
  }
}
