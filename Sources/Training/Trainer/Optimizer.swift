import CKernels
import Foundation
import NeuralNetworks
import TensorCore

/// How parameters follow their gradients.
package enum OptimizerKind: Sendable, Equatable {
  /// Adam with decoupled weight decay (Loshchilov & Hutter 2019).
  case adamW(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
  /// Adam; weight decay joins the gradient (Kingma & Ba 2015).
  case adam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
  /// Gradient descent with momentum.
  case sgd(momentum: Double = 0.9)

  package var name: String {
    switch self {
    case .adamW: return "adamw"
    case .adam: return "adam"
    case .sgd: return "sgd"
    }
  }

  /// Tensors of state that each parameter has.
  var stateNames: [String] {
    if case .sgd = self { return ["momentum"] }
    return ["exp_avg", "exp_avg_sq"]
  }
}

/// The state of an optimizer: for each parameter its running means and how many steps it has made.
package final class Optimizer {
  package struct State {
    package var tensors: [Tensor]
    package var steps: Int
  }

  package let kind: OptimizerKind
  /// By the parameter's name.
  package internal(set) var states: [String: State] = [:]

  package init(_ kind: OptimizerKind) { self.kind = kind }

  /// One step of one parameter, in place.
  ///
  /// - Parameters:
  ///   - gradient: of the parameter's shape.
  ///   - factor: what the gradient is multiplied by first (clipping).
  package func step(
    _ parameter: Parameter, gradient: Tensor, learningRate: Double, weightDecay: Double, factor: Double
  ) throws {
    var state: State
    if let known = states.removeValue(forKey: parameter.name) {
      state = known
    } else {
      state = State(tensors: try kind.stateNames.map { _ in try Tensor(zeros: parameter.shape) }, steps: 0)
    }
    state.steps += 1
    try update(&parameter.value, gradient, &state, learningRate, weightDecay, factor)
    states[parameter.name] = state
  }

  private func update(
    _ value: inout Tensor, _ gradient: Tensor, _ state: inout State, _ rate: Double, _ decay: Double, _ factor: Double
  ) throws {
    let steps: Int = state.steps
    let kind: OptimizerKind = kind
    // The running means are held by nothing else while they change, or each step would copy them.
    var first: Tensor = state.tensors.removeFirst()
    var second: Tensor? = state.tensors.popLast()
    try value.withUnsafeMutableBuffer { value in
      try gradient.withUnsafeBuffer { gradient in
        try first.withUnsafeMutableBuffer { first in
          guard let p = value.baseAddress, let g = gradient.baseAddress, let m = first.baseAddress else { return }
          guard second != nil else {
            Optimizer.sgd(kind, p, g, m, value.count, rate, decay, factor)
            return
          }
          try second?.withUnsafeMutableBuffer { second in
            guard let v = second.baseAddress else { return }
            Optimizer.adam(kind, p, g, m, v, value.count, steps, rate, decay, factor)
          }
        }
      }
    }
    state.tensors = [first] + (second.map { [$0] } ?? [])
  }

  private static func sgd(
    _ kind: OptimizerKind, _ p: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ m: UnsafeMutablePointer<Float>,
    _ count: Int, _ rate: Double, _ decay: Double, _ factor: Double
  ) {
    guard case .sgd(let momentum) = kind else { return }
    ThreadPool.runPieces(of: count, size: 1 << 16) { piece in
      let at: Int = piece.lowerBound
      ck_sgd(p + at, g + at, m + at, piece.count, Float(factor), Float(decay), Float(momentum), Float(rate))
    }
  }

  private static func adam(
    _ kind: OptimizerKind, _ p: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ m: UnsafeMutablePointer<Float>,
    _ v: UnsafeMutablePointer<Float>, _ count: Int, _ steps: Int, _ rate: Double, _ decay: Double, _ factor: Double
  ) {
    var isDecoupled: Bool = true
    var (beta1, beta2, epsilon) = (0.9, 0.999, 1e-8)
    switch kind {
    case .adamW(let b1, let b2, let e): (beta1, beta2, epsilon) = (b1, b2, e)
    case .adam(let b1, let b2, let e):
      (beta1, beta2, epsilon) = (b1, b2, e)
      isDecoupled = false
    case .sgd: return
    }
    let correction1: Double = 1 - pow(beta1, Double(steps))
    let correction2: Double = 1 - pow(beta2, Double(steps))
    let settings = ck_adam_settings(
      clip: Float(factor), decay: Float(isDecoupled ? rate * decay : decay), a1: Float(1 - beta1), b2: Float(beta2),
      a2: Float(1 - beta2), step: Float(rate / correction1), root: Float(1 / correction2.squareRoot()),
      epsilon: Float(epsilon))
    ThreadPool.runPieces(of: count, size: 1 << 16) { piece in
      var settings: ck_adam_settings = settings
      let at: Int = piece.lowerBound
      if isDecoupled {
        ck_adamw(p + at, g + at, m + at, v + at, piece.count, &settings)
      } else {
        ck_adam(p + at, g + at, m + at, v + at, piece.count, &settings)
      }
    }
  }
}

/// Whether weight decay spares a parameter: biases and the weights of norms, as is usual in finetuning.
package func isSparedFromDecay(_ name: String, shape: [Int]) -> Bool {
  if name.hasSuffix("bias") { return true }
  guard shape.count == 1 else { return false }
  let module: Substring = name.split(separator: ".").dropLast().last ?? ""
  let lowered: String = module.lowercased()
  return lowered.contains("norm") || lowered.hasPrefix("ln_")
}
