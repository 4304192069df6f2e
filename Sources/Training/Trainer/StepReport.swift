import NeuralNetworks
import TensorCore

/// What one step did.
package struct StepReport {
  /// How one module fared.
  package struct ModuleReport: Sendable, Equatable {
    package let name: String
    package let gradientNorm: Double
    /// Norm of the change of its parameters, and of the parameters themselves.
    package let updateNorm: Double
    package let weightNorm: Double
  }

  /// From 1.
  package let step: Int
  package let totalSteps: Int
  /// From 0.
  package let epoch: Int
  /// Rows of the table that took part.
  package let rows: [Int]
  /// Loss of each batch of the step, and their mean.
  package let losses: [Double]
  package let loss: Double
  /// Of all gradients together, before clipping.
  package let gradientNorm: Double
  package let learningRate: Double
  package let tokens: Int
  package var seconds: Double
  /// Of the last batch.
  package let logits: Tensor?
  /// By module, where asked for.
  package var modules: [ModuleReport]

  static func modules(_ parameters: [Parameter], _ norms: [Double], before: [Tensor]) throws -> [ModuleReport] {
    var names: [String] = []
    var sums: [String: (gradient: Double, update: Double, weight: Double)] = [:]
    for (place, parameter) in parameters.enumerated() {
      let name: String = parameter.name.split(separator: ".").dropLast().joined(separator: ".")
      var change: Tensor = parameter.value.detached
      try change.accumulate(before[place], scale: -1)
      if sums[name] == nil { names.append(name) }
      var sum = sums[name] ?? (0, 0, 0)
      sum.gradient += norms[place] * norms[place]
      sum.update += change.sumOfSquares()
      sum.weight += parameter.value.sumOfSquares()
      sums[name] = sum
    }
    return names.map { name in
      let sum = sums[name] ?? (0, 0, 0)
      return ModuleReport(
        name: name, gradientNorm: sum.gradient.squareRoot(), updateNorm: sum.update.squareRoot(),
        weightNorm: sum.weight.squareRoot())
    }
  }
}
