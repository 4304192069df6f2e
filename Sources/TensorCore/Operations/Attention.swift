import CKernels

/// How attention over ragged sequences is laid out, and what each row sees.
package struct AttentionLayout: Sendable {
  /// First query row of each sequence and, last, how many there are.
  package var offsets: [Int]
  /// The same for keys and values, where they are others; a sequence's queries are then its last rows.
  package var keyOffsets: [Int]
  /// How many heads the queries have.
  package var heads: Int
  /// How many heads keys and values have; each serves `heads / keyValueHeads` heads of queries.
  package var keyValueHeads: Int
  /// What scores are multiplied with; by default 1 / √(head size).
  package var scale: Float?
  /// Whether a row sees only itself and the rows before it.
  package var causal: Bool
  /// How many rows, itself included, a row sees at most (before it, and if not `causal` after it too).
  package var window: Int?
  /// Dropout of the probabilities; its places are those of the query rows.
  package var dropout: Dropout?
  /// Of the products; softmax is float32.
  package var precision: Precision

  package init(
    offsets: [Int], keyOffsets: [Int]? = nil, heads: Int, keyValueHeads: Int? = nil, scale: Float? = nil,
    causal: Bool = false, window: Int? = nil, dropout: Dropout? = nil, precision: Precision = .float32
  ) {
    self.offsets = offsets
    self.keyOffsets = keyOffsets ?? offsets
    self.heads = heads
    self.keyValueHeads = keyValueHeads ?? heads
    self.scale = scale
    self.causal = causal
    self.window = window
    self.dropout = dropout
    self.precision = precision
  }

  /// What the query rows from `row` on of a sequence see of `prefix` keys for all and `keys` of their own.
  func visibility(row: Int, queries: Int, keys: Int, prefix: Int) -> ck_visibility {
    let position = keys - queries + row
    var visible = ck_visibility(prefix: prefix, first: prefix, first_step: 0, end: prefix + keys, end_step: 0)
    if causal {
      visible.end = prefix + position + 1
      visible.end_step = 1
    }
    if let window {
      visible.first = prefix + position - window + 1
      visible.first_step = 1
      if !causal {
        visible.end = prefix + position + window
        visible.end_step = 1
      }
    }
    return visible
  }
}

extension Tensor {
  /// Scaled dot-product attention over ragged sequences: softmax(Q Kᵀ · scale) V for each sequence and head.
  ///
  /// Source: Vaswani et al. 2017, "Attention Is All You Need", eq. 1 (arXiv:1706.03762). Scores exist only for a block
  /// of rows at a time and are computed again for the backward pass.
  ///
  /// - Parameters:
  ///   - query: `[T, heads · D]`, the rows of all sequences one after the other.
  ///   - key, value: `[S, keyValueHeads · D]`, likewise; S = T unless the layout has other key offsets.
  ///   - prefix: keys and values `[P, keyValueHeads · D]` that stand before those of every sequence (prefix tuning).
  /// - Returns: `[T, heads · D]`.
  /// - Throws: ``TensorError/shapeMismatch`` if sizes differ or the offsets don't end at T and S.
  /// - Complexity: O(Σ Tᵢ Sᵢ · heads · D) time.
  package static func attention(
    query: Tensor, key: Tensor, value: Tensor, prefix: (key: Tensor, value: Tensor)? = nil, layout: AttentionLayout
  ) throws -> Tensor {
    let work = try AttentionWork(query, key, value, prefix, layout)
    let inputs = [query, key, value, prefix?.key, prefix?.value]
    let recording = inputs.contains { $0?.node != nil }
    let logs = recording ? try Tensor(uninitialized: [layout.heads, query.shape[0]]) : nil
    let result = try Tensor(uninitialized: query.shape, operation: "attention")
    try work.forward(into: result, logs: logs)
    guard let logs else { return result }
    return result.recording("attention", inputs) { g, gradients in
      try work.backward(g, result: result, logs: logs, gradients)
    }
  }

  /// The probabilities of attention for one sequence: `[heads, queries, prefix + keys]`, without a record.
  package static func attentionProbabilities(
    query: Tensor, key: Tensor, prefix: Tensor? = nil, layout: AttentionLayout, sequence: Int
  ) throws -> Tensor {
    let pair = prefix.map { (key: $0, value: $0) }
    let work = try AttentionWork(query, key, key, pair, layout)
    guard sequence >= 0, sequence < layout.offsets.count - 1 else {
      throw TensorError.indexOutOfRange(operation: "attention", index: sequence, count: layout.offsets.count - 1)
    }
    return try work.probabilities(of: sequence)
  }
}
