import CKernels

extension AttentionWork {
  /// Writes the attention into `result`, the logarithm of each row's sum into `logs` `[heads, T]`.
  func forward(into result: Tensor, logs: Tensor?, probabilities: Tensor?) {
    let out = result.freshPointer
    let logs = logs?.freshPointer
    ThreadPool.run(sequences * layout.heads) { index in
      let (sequence, head) = (order[index / layout.heads], index % layout.heads)
      forward(sequence, head, out, logs)
    }
  }

  private func forward(
    _ sequence: Int, _ head: Int, _ out: UnsafeMutablePointer<Float>, _ logs: UnsafeMutablePointer<Float>?
  ) {
    let (queries, keys) = rows(of: sequence)
    if queries.isEmpty { return }
    let (wide, few) = (layout.heads * size, layout.keyValueHeads * size)
    let place = head / group * size
    let block = min(blockRows(keys: keys.count), queries.count)
    let k = key.pointer + keys.lowerBound * few + place
    let v = value.pointer + keys.lowerBound * few + place
    let (beforeK, beforeV) = (prefixKey.map { $0.pointer + place }, prefixValue.map { $0.pointer + place })
    AttentionWork.withScratch(block * (prefix + keys.count + 1)) { scratch in
      for start in stride(from: 0, to: queries.count, by: block) {
        let rows = min(block, queries.count - start)
        let row = queries.lowerBound + start
        let visible = layout.visibility(row: start, queries: queries.count, keys: keys.count, prefix: prefix)
        let columns = self.columns(visible, rows: rows, keys: keys.count)
        let (sums, s) = (scratch, scratch + block)
        let o = out + row * wide + head * size
        if columns == 0 {
          for r in 0..<rows { (o + r * wide).initialize(repeating: 0, count: size) }
          continue
        }
        scores(query.pointer + row * wide + head * size, wide, beforeK, k, few, s, rows: rows, columns: columns)
        ck_attention_exp(
          s, columns, rows, columns, scale, visible, sums, logs.map { $0 + head * query.shape[0] + row })
        if let dropout = layout.dropout, dropout.rate > 0 {
          drop(s, s, dropout, head: head, row: row, rows: rows, columns: columns)
        }
        mix(s, beforeV, v, few, o, wide, rows: rows, columns: columns)
        ck_scale_rows(o, wide, rows, size, sums, 1)
      }
    }
  }

  /// The probabilities of one sequence, `[heads, queries, prefix + keys]`.
  func probabilities(of sequence: Int) throws -> Tensor {
    let (queries, keys) = rows(of: sequence)
    let (wide, few, all) = (layout.heads * size, layout.keyValueHeads * size, prefix + keys.count)
    let result = try Tensor(zeros: [layout.heads, queries.count, all])
    if result.count == 0 { return result }
    let out = result.freshPointer
    ThreadPool.run(layout.heads) { head in
      let place = head / group * size
      let s = out + head * queries.count * all
      let visible = layout.visibility(row: 0, queries: queries.count, keys: keys.count, prefix: prefix)
      scores(
        query.pointer + queries.lowerBound * wide + head * size, wide, prefixKey.map { $0.pointer + place },
        key.pointer + keys.lowerBound * few + place, few, s, rows: queries.count, columns: all)
      AttentionWork.withScratch(queries.count) { sums in
        ck_attention_exp(s, all, queries.count, all, scale, visible, sums, nil)
        ck_scale_rows(s, all, queries.count, all, sums, 1)
      }
    }
    return result
  }
}
