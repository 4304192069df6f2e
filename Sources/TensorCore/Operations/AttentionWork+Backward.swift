import CKernels

extension AttentionWork {
  /// Where gradients go; nil where none is wanted.
  private struct Targets {
    var query: UnsafeMutablePointer<Float>?
    var key: UnsafeMutablePointer<Float>?
    var value: UnsafeMutablePointer<Float>?
    /// For each sequence `[prefix, keyValueHeads · size]`, summed at the end.
    var prefixKey: UnsafeMutablePointer<Float>?
    var prefixValue: UnsafeMutablePointer<Float>?
  }

  /// Adds the gradients of the inputs that have nodes.
  func backward(_ g: Tensor, result: Tensor, logs: Tensor, _ gradients: Gradients) throws {
    let perSequence = [sequences, prefix, layout.keyValueHeads * size]
    let dq = nodes.query == nil ? nil : try Tensor(zeros: query.shape)
    let dk = nodes.key == nil ? nil : try Tensor(zeros: key.shape)
    let dv = nodes.value == nil ? nil : try Tensor(zeros: value.shape)
    let dpk = nodes.prefixKey == nil ? nil : try Tensor(zeros: perSequence)
    let dpv = nodes.prefixValue == nil ? nil : try Tensor(zeros: perSequence)
    let targets = Targets(
      query: dq?.freshPointer, key: dk?.freshPointer, value: dv?.freshPointer, prefixKey: dpk?.freshPointer,
      prefixValue: dpv?.freshPointer)
    let (dy, y, l) = (g.pointer, result.pointer, logs.pointer)
    ThreadPool.run(sequences * layout.keyValueHeads) { index in
      let (sequence, head) = (order[index / layout.keyValueHeads], index % layout.keyValueHeads)
      backward(sequence, head, dy, y, l, targets)
    }
    if let dq { try gradients.add(to: nodes.query) { dq } }
    if let dk { try gradients.add(to: nodes.key) { dk } }
    if let dv { try gradients.add(to: nodes.value) { dv } }
    for (partial, node) in [(dpk, nodes.prefixKey), (dpv, nodes.prefixValue)] {
      guard let partial, let node else { continue }
      try gradients.add(to: node) { try partial.sum(axis: 0).viewed(as: node.shape) }
    }
  }

  private func backward(
    _ sequence: Int, _ keyHead: Int, _ dy: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
    _ logs: UnsafePointer<Float>, _ targets: Targets
  ) {
    let (queries, keys) = rows(of: sequence)
    if queries.isEmpty || prefix + keys.count == 0 { return }
    let (wide, few) = (layout.heads * size, layout.keyValueHeads * size)
    let place = keyHead * size
    let at = keys.lowerBound * few + place
    let (k, v) = (key.pointer + at, value.pointer + at)
    let (beforeK, beforeV) = (prefixKey.map { $0.pointer + place }, prefixValue.map { $0.pointer + place })
    let own = sequence * prefix * few + place
    let dropout = layout.dropout.flatMap { $0.rate > 0 ? $0 : nil }
    let wantsScores = targets.query != nil || targets.key != nil || targets.prefixKey != nil
    let wantsValues = targets.value != nil || targets.prefixValue != nil
    let block = min(max(16, blockRows(keys: keys.count) / 2), queries.count)
    let area = block * (prefix + keys.count)
    AttentionWork.withScratch(block + 3 * area) { scratch in
      let (deltas, p, dp, dropped) = (scratch, scratch + block, scratch + block + area, scratch + block + 2 * area)
      for head in keyHead * group..<(keyHead + 1) * group {
        for start in stride(from: 0, to: queries.count, by: block) {
          let rows = min(block, queries.count - start)
          let row = queries.lowerBound + start
          let visible = layout.visibility(row: start, queries: queries.count, keys: keys.count, prefix: prefix)
          let columns = self.columns(visible, rows: rows, keys: keys.count)
          if columns == 0 { continue }
          let here = row * wide + head * size
          let q = query.pointer + here
          scores(q, wide, beforeK, k, few, p, rows: rows, columns: columns)
          ck_attention_again(
            p, columns, rows, columns, scale, visible, logs + head * query.shape[0] + row)
          if wantsValues {
            if let dropout { drop(p, dropped, dropout, head: head, row: row, rows: rows, columns: columns) }
            spread(
              dropout == nil ? p : dropped, dy + here, wide, targets.prefixValue.map { $0 + own },
              targets.value.map { $0 + at }, few, rows: rows, columns: columns)
          }
          if !wantsScores { continue }
          scores(dy + here, wide, beforeV, v, few, dp, rows: rows, columns: columns)
          if let dropout { drop(dp, dp, dropout, head: head, row: row, rows: rows, columns: columns) }
          ck_dot_rows(dy + here, y + here, wide, rows, size, deltas)
          ck_attention_slope(p, dp, columns, rows, columns, scale, deltas)
          if let dq = targets.query {
            mix(dp, beforeK, k, few, dq + here, wide, rows: rows, columns: columns)
          }
          if targets.key != nil || targets.prefixKey != nil {
            spread(
              dp, q, wide, targets.prefixKey.map { $0 + own }, targets.key.map { $0 + at }, few, rows: rows,
              columns: columns)
          }
        }
      }
    }
  }
}
