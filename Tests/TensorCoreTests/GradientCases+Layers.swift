import TensorCore

extension GradientCase {
  static let layers: [GradientCase] = [
    GradientCase("linear", [[5, 3], [4, 3], [4]]) { try $0[0].linear(weight: $0[1], bias: $0[2]) },
    GradientCase("linear", [[2, 6, 3], [20, 3]]) { try $0[0].linear(weight: $0[1]) },
    GradientCase("linear", [[3, 2], [2, 2]]) { try $0[0].linear(weight: $0[1]).linear(weight: $0[1]) },
    GradientCase("linearTransposed", [[5, 3], [3, 4], [4]]) { try $0[0].linearTransposed(weight: $0[1], bias: $0[2]) },
    GradientCase("@", [[5, 3], [3, 4]]) { try $0[0].matmul($0[1]) },
    GradientCase("@", [[3], [3]]) { try $0[0].matmul($0[1]) },
    GradientCase("@", [[2, 2, 3], [3]]) { try $0[0].matmul($0[1]) },
    GradientCase("@", [[2, 2, 3], [1, 3, 2]]) { try $0[0].matmul($0[1]) },
    GradientCase("lowRank", [[5, 4], [5, 3], [2, 3], [4, 2]]) {
      try $0[0].addingLowRank($0[1], down: $0[2], up: $0[3], scale: 0.7)
    },
    GradientCase("layerNorm", [[3, 5], [5], [5]]) { try $0[0].layerNorm(weight: $0[1], bias: $0[2], epsilon: 1e-5) },
    GradientCase("layerNorm", [[3, 5], [3, 5], [5], [5]]) {
      try $0[0].layerNorm(residual: $0[1], weight: $0[2], bias: $0[3], epsilon: 1e-5)
    },
    GradientCase("feedForward", [[5, 3], [6, 3], [6], [4, 6], [4]]) {
      let up = FeedForwardPart(weight: $0[1], bias: $0[2], isTransposed: true, plan: ProductPlan())
      let down = FeedForwardPart(weight: $0[3], bias: $0[4], isTransposed: true, plan: ProductPlan())
      return try $0[0].feedForward(up, .gelu, down)
    },
    GradientCase("feedForward", [[5, 3], [3, 6], [6, 3]]) {
      let up = FeedForwardPart(weight: $0[1], bias: nil, isTransposed: false, plan: ProductPlan())
      let down = FeedForwardPart(weight: $0[2], bias: nil, isTransposed: false, plan: ProductPlan())
      return try $0[0].feedForward(up, .tanh, down)
    },
    GradientCase("gate", [[3, 5], [3, 5]]) { try $0[0].gating($0[1], by: .silu) },
    GradientCase("rmsNorm", [[3, 5], [5]]) { try $0[0].rmsNorm(weight: $0[1], epsilon: 1e-5) },
    GradientCase("embedding", [[4, 3]]) { try $0[0].embedding([1, 3, 1]) },
    GradientCase("rotary", [[3, 8]]) {
      let table = RotaryTable(positions: [0, 3, 5], inverseFrequencies: [1, 0.1])
      return try $0[0].rotary(table, heads: 2)
    },
    GradientCase("dropout", [[5, 9]]) {
      let places = RowPlaces(step: 3, offsets: [0, 2, 5], examples: [7, 1])
      return try $0[0].dropout(Dropout(rate: 0.4, random: Philox(seed: 1, purpose: "test"), places: places))
    },
    attention([[6, 4], [6, 4], [6, 4]], AttentionLayout(offsets: [0, 1, 6], heads: 2)),
    attention(
      [[6, 4], [6, 4], [6, 4]], AttentionLayout(offsets: [0, 4, 4, 6], heads: 2, scale: 0.7, causal: true)),
    attention(
      [[6, 8], [6, 4], [6, 4]], AttentionLayout(offsets: [0, 6], heads: 4, keyValueHeads: 2, causal: true)),
    attention([[7, 2], [7, 2], [7, 2]], AttentionLayout(offsets: [0, 7], heads: 1, causal: true, window: 3)),
    attention([[7, 2], [7, 2], [7, 2]], AttentionLayout(offsets: [0, 7], heads: 1, window: 2)),
    attention(
      [[5, 4], [5, 2], [5, 2], [2, 2], [2, 2]],
      AttentionLayout(offsets: [0, 2, 5], heads: 2, keyValueHeads: 1, causal: true)),
    attention([[2, 4], [5, 4], [5, 4]], AttentionLayout(offsets: [0, 1, 2], keyOffsets: [0, 2, 5], heads: 2)),
    attention(
      [[5, 4], [5, 4], [5, 4]],
      AttentionLayout(
        offsets: [0, 2, 5], heads: 2,
        dropout: Dropout(
          rate: 0.3, random: Philox(seed: 1, purpose: "test"),
          places: RowPlaces(step: 1, offsets: [0, 2, 5], examples: [3, 4])))),
  ]

  private static func attention(_ shapes: [[Int]], _ layout: AttentionLayout) -> GradientCase {
    GradientCase("attention", shapes) { x in
      try Tensor.attention(
        query: x[0], key: x[1], value: x[2], prefix: x.count == 5 ? (key: x[3], value: x[4]) : nil, layout: layout)
    }
  }
}
