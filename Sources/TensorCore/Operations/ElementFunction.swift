import CKernels

/// A function of one number that applies element by element, with its derivative.
package enum ElementFunction: String, CaseIterable, Sendable {
  case identity, negate, exp, log, sqrt, abs, square, reciprocal
  case sigmoid, tanh, relu, silu, gelu, geluTanh, quickGelu, reluSquared, relu6, leakyRelu
  case mish, hardswish, softplus, gelu10, laplace, elu, erf, sin, cos, floor, sign

  /// The activation of that name in a config.json, as in transformers' ACT2FN.
  package init?(configName: String) {
    switch configName {
    case "gelu", "gelu_python": self = .gelu
    case "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_accurate": self = .geluTanh
    case "quick_gelu": self = .quickGelu
    case "gelu_10": self = .gelu10
    case "relu": self = .relu
    case "relu2": self = .reluSquared
    case "relu6": self = .relu6
    case "leaky_relu": self = .leakyRelu
    case "silu", "swish": self = .silu
    case "mish": self = .mish
    case "hardswish": self = .hardswish
    case "sigmoid": self = .sigmoid
    case "tanh": self = .tanh
    case "linear": self = .identity
    case "laplace": self = .laplace
    default: return nil
    }
  }

  var kernel: ck_function {
    switch self {
    case .identity: ck_identity
    case .negate: ck_negate
    case .exp: ck_exp
    case .log: ck_log
    case .sqrt: ck_sqrt
    case .abs: ck_abs
    case .square: ck_square
    case .reciprocal: ck_reciprocal
    case .sigmoid: ck_sigmoid
    case .tanh: ck_tanh
    case .relu: ck_relu
    case .silu: ck_silu
    case .gelu: ck_gelu
    case .geluTanh: ck_gelu_tanh
    case .quickGelu: ck_quick_gelu
    case .reluSquared: ck_relu_squared
    case .relu6: ck_relu6
    case .leakyRelu: ck_leaky_relu
    case .mish: ck_mish
    case .hardswish: ck_hardswish
    case .softplus: ck_softplus
    case .gelu10: ck_gelu_10
    case .laplace: ck_laplace
    case .elu: ck_elu
    case .erf: ck_erf
    case .sin: ck_sin
    case .cos: ck_cos
    case .floor: ck_floor
    case .sign: ck_sign
    }
  }
}

/// Elements that one thread works on at a time: two buffers of it fit into the first-level caches.
let elementPiece = 1 << 14

/// How many rows make about one ``elementPiece``.
func rowPiece(_ columns: Int) -> Int { max(1, elementPiece / max(columns, 1)) }

extension Tensor {
  /// `function` of each element.
  package func map(_ function: ElementFunction) throws -> Tensor {
    let result = try Tensor(uninitialized: shape, operation: function.rawValue)
    let (x, y) = (pointer, result.freshPointer)
    let kernel = function.kernel
    ThreadPool.runPieces(of: count, size: elementPiece) { piece in
      ck_map(kernel, x + piece.lowerBound, y + piece.lowerBound, piece.count)
    }
    let input = self
    return result.recording(function.rawValue, [self]) { gradient, gradients in
      try gradients.add(to: input.node) {
        let dx = try Tensor(uninitialized: input.shape)
        let (x, dy, out) = (input.pointer, gradient.pointer, dx.freshPointer)
        ThreadPool.runPieces(of: input.count, size: elementPiece) { piece in
          let start = piece.lowerBound
          ck_map_backward(kernel, x + start, dy + start, out + start, piece.count)
        }
        return dx
      }
    }
  }

  /// `scale · x + shift`.
  package func scaled(by scale: Float, plus shift: Float = 0) throws -> Tensor {
    let result = try Tensor(uninitialized: shape, operation: "scale")
    let (x, y) = (pointer, result.freshPointer)
    ThreadPool.runPieces(of: count, size: elementPiece) { piece in
      ck_scale(scale, shift, x + piece.lowerBound, y + piece.lowerBound, piece.count)
    }
    let node = self.node
    return result.recording("scale", [self]) { gradient, gradients in
      try gradients.add(to: node) { try gradient.scaled(by: scale) }
    }
  }

  /// Adds `other`, of the same shape, times `scale`, in place.
  package mutating func accumulate(_ other: Tensor, scale: Float = 1) throws {
    guard other.count == count else {
      throw TensorError.shapeMismatch(operation: "+=", shapes: [shape, other.shape], expected: "equal shapes")
    }
    try makeUnique()
    node = nil
    let (x, y) = (other.pointer, freshPointer)
    ThreadPool.runPieces(of: count, size: elementPiece) { piece in
      ck_accumulate(scale, x + piece.lowerBound, y + piece.lowerBound, piece.count)
    }
  }
}
