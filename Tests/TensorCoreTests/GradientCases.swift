import TensorCore

extension GradientCase {
  static let all: [GradientCase] = functions + operations + shaping + layers + losses

  static let functions: [GradientCase] = ElementFunction.allCases.map { function in
    let positive: Set<ElementFunction> = [.log, .sqrt, .reciprocal]
    let range: ClosedRange<Float> =
      function == .floor ? 0.1...0.9 : positive.contains(function) ? 0.5...2.5 : -1.5...1.5
    return GradientCase(function.rawValue, [[3, 5]], in: range) {
      try $0[0].map(function)
    }
  }

  static let operations: [GradientCase] = ElementOperation.allCases.filter { !$0.isFlat }.flatMap {
    operation -> [GradientCase] in
    let positive: Set<ElementOperation> = [.divide, .power]
    if operation == .remainder {
      return [
        GradientCase(operation.rawValue, [[7]], in: 0.1...0.9) { x in
          let two = try Tensor(scalar: 2)
          return try Tensor.elementwise(operation, x[0], two)
        }
      ]
    }
    let range: ClosedRange<Float> = positive.contains(operation) ? 0.5...2 : -1.5...1.5
    let shapes: [[[Int]]] = [
      [[2, 3], [2, 3]], [[2, 3], [3]], [[3], [2, 3]], [[2, 1, 3], [4, 1]], [[], [2, 2]], [[2, 2], [1]],
      [[1, 3], [2, 1]],
    ]
    return shapes.map { pair in
      GradientCase(operation.rawValue, pair, in: range) { try Tensor.elementwise(operation, $0[0], $0[1]) }
    }
  }

  static let shaping: [GradientCase] = [
    GradientCase("scale", [[2, 3]]) { try $0[0].scaled(by: -2.5, plus: 1) },
    GradientCase("reshape", [[2, 6]]) { try $0[0].reshaped([3, -1]) },
    GradientCase("transpose", [[2, 3, 4]]) { try $0[0].transposed([2, 0, 1]) },
    GradientCase("slice", [[5, 3]]) { try $0[0].sliced(axis: 0, 1..<4) },
    GradientCase("slice", [[2, 5]]) { try $0[0].sliced(axis: 1, 1..<5, step: 2) },
    GradientCase("slice", [[2, 5]]) { try $0[0].sliced(axis: 1, 1..<3) * $0[0].sliced(axis: 1, 2..<4) },
    GradientCase("gather", [[4, 3]]) { try $0[0].gatheredRows([2, 0, 2]) },
    GradientCase("gather", [[2, 3, 2]]) { try $0[0].gathered(axis: 1, [1, 1, 0]) },
    GradientCase("cat", [[2, 3], [1, 3], [2, 3]]) { try Tensor.concatenated($0) },
    GradientCase("cat", [[2, 3], [2, 2]]) { try Tensor.concatenated($0, axis: 1) },
    GradientCase("cat", [[2, 3], [2, 3]]) { try Tensor.stacked($0, axis: 1) },
    GradientCase("sum", [[3, 4]]) { try $0[0].sum() },
    GradientCase("sum", [[3, 4]]) { try $0[0].sum(axis: 1) },
    GradientCase("sum", [[3, 2, 2]]) { try $0[0].mean(axis: 1, keepingAxis: true) },
    GradientCase("max", [[3, 4]]) { try $0[0].maximum(axis: 1) },
    GradientCase("max", [[3, 4]]) { try $0[0].maximum() },
    GradientCase("min", [[3, 4]]) { try $0[0].minimum(axis: 0, keepingAxis: true) },
    GradientCase("topk", [[3, 5]]) { try $0[0].topK(2).values },
    GradientCase("norm", [[3, 4, 2]]) { try $0[0].norm(axis: 1) },
    GradientCase("norm", [[3, 5]]) { try $0[0].normalized(axis: 1) },
    GradientCase("softmax", [[3, 5]]) { try $0[0].softmax() },
    GradientCase("softmax", [[3, 5]]) { try $0[0].softmax(axis: 0) },
    GradientCase("logSoftmax", [[3, 5]]) { try $0[0].logSoftmax() },
    GradientCase("segmentMean", [[5, 3]]) { try $0[0].segmentMean(offsets: [0, 2, 5]) },
    GradientCase("segmentMean", [[5, 3]]) { try $0[0].segmentSum(offsets: [0, 2, 5]) },
    GradientCase("segmentMax", [[5, 3]]) { try $0[0].segmentMax(offsets: [0, 1, 5]) },
  ]

  static let losses: [GradientCase] = [
    GradientCase("crossEntropy", [[4, 3]]) { try $0[0].crossEntropy([0, 2, -100, 1]) },
    GradientCase("crossEntropy", [[3, 4]]) {
      try $0[0].crossEntropy([3, 1, 1], weights: [1, 2, 0.5, 3], smoothing: 0.1)
    },
    GradientCase("crossEntropy", [[3, 4]]) { try $0[0].crossEntropy([3, 1, 1], divisor: 7) },
    GradientCase("square", [[3, 2]]) { try $0[0].meanSquaredError(Tensor([1, 2, 3, 4, 5, 6], shape: [3, 2])) },
    GradientCase("softplus", [[2, 2]]) { try $0[0].binaryCrossEntropy(Tensor([1, 0, 0.5, 1], shape: [2, 2])) },
  ]
}
