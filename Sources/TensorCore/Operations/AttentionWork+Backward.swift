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

    var wantsKeys: Bool { key != nil || prefixKey != nil }
    var wantsValues: Bool { value != nil || prefixValue != nil }
    var wantsScores: Bool { query != nil || wantsKeys }
  }

  /// Adds the gradients of the inputs that have nodes.
  func backward(_ g: Tensor, result: Tensor, logs: Tensor, _ gradients: Gradients) throws {
    let perSequence = [sequences, prefix, few]
    let dq = nodes.query == nil ? nil : try Tensor(zeros: query.shape)
    let dk = nodes.key == nil ? nil : try Tensor(zeros: key.shape)
    let dv = nodes.value == nil ? nil : try Tensor(zeros: value.shape)
    let dpk = nodes.prefixKey == nil ? nil : try Tensor(zeros: perSequence)
    let dpv = nodes.prefixValue == nil ? nil : try Tensor(zeros: perSequence)
    let targets = Targets(
      query: dq?.freshPointer, key: dk?.freshPointer, value: dv?.freshPointer, prefixKey: dpk?.freshPointer,
      prefixValue: dpv?.freshPointer)
    let (dy, y, l) = (g.pointer, result.pointer, logs.pointer)
    try forEachHead(scratch: scratchCount) { backward($0, $1, dy, y, l, targets, $2) }
    if let dq { try gradients.add(to: nodes.query) { dq } }
    if let dk { try gradients.add(to: nodes.key) { dk } }
    if let dv { try gradients.add(to: nodes.value) { dv } }
    for (partial, node) in [(dpk, nodes.prefixKey), (dpv, nodes.prefixValue)] {
      guard let partial, let node else { continue }
      try gradients.add(to: node) { try partial.sum(axis: 0).viewed(as: node.shape) }
    }
  }

  private func scratchCount(_ queries: Int, _ all: Int) -> Int {
    let block = blockRows(queries, all: all)
    return 2 * kernel.packedCount(size, all) + kernel.packedCount(all, size) + kernel.packedCount(block, size) + 2 * all
      * size
      + block + 3 * block * all + 8 * 16
  }

  private func backward(
    _ sequence: Int, _ keyHead: Int, _ dy: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
    _ logs: UnsafePointer<Float>, _ targets: Targets, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let (queries, keys) = rows(of: sequence)
    let all = prefix + keys.count
    if queries.isEmpty || all == 0 { return }
    let dropout = layout.dropout.flatMap { $0.rate > 0 ? $0 : nil }
    let block = blockRows(queries.count, all: all)
    var rest = scratch
    func take(_ count: Int) -> UnsafeMutablePointer<Float> {
      defer { rest += (count + 15) / 16 * 16 }
      return rest
    }
    let (dk, dv) = (take(all * size), take(all * size))
    let keysAcross = take(kernel.packedCount(size, all))
    let valuesAcross = take(kernel.packedCount(size, all))
    let keysDown = take(kernel.packedCount(all, size))
    let packed = take(kernel.packedCount(block, size))
    let (deltas, p, dp, dropped) = (take(block), take(block * all), take(block * all), take(block * all))
    // Keys and values with the prefix before them pass through dk and dv, which are not in use yet.
    let k = gathered(key, prefixKey, keys, head: keyHead, dk)
    kernel.pack(k.first, k.step, 1, size, all, 0, all, keysAcross)
    if targets.query != nil { kernel.pack(k.first, k.step, 0, all, size, 0, size, keysDown) }
    if targets.wantsScores {
      let v = gathered(value, prefixValue, keys, head: keyHead, dv)
      kernel.pack(v.first, v.step, 1, size, all, 0, all, valuesAcross)
    }
    dk.initialize(repeating: 0, count: all * size)
    dv.initialize(repeating: 0, count: all * size)
    for head in keyHead * group..<(keyHead + 1) * group {
      for start in stride(from: 0, to: queries.count, by: block) {
        let rows = min(block, queries.count - start)
        let row = queries.lowerBound + start
        let visible = layout.visibility(row: start, queries: queries.count, keys: keys.count, prefix: prefix)
        let columns = self.columns(visible, rows: rows, all: all)
        if columns == 0 { continue }
        let here = row * wide + head * size
        let (q, g) = (query.pointer + here, dy + here)
        kernel.multiply(q, wide, 0, keysAcross, size, size, all, 0, columns, p, columns, rows, nil, 0)
        ck_attention_again(p, columns, rows, columns, scale, visible, logs + head * query.shape[0] + row)
        if targets.wantsScores {
          kernel.multiply(g, wide, 0, valuesAcross, size, size, all, 0, columns, dp, columns, rows, nil, 0)
        }
        if let dropout {
          drop(
            p, dropped, dropout, head: head, row: row, rows: rows, columns: columns,
            second: targets.wantsScores ? dp : nil)
        }
        if targets.wantsValues {
          kernel.pack(g, wide, 0, rows, size, 0, size, packed)
          kernel.multiply(
            dropout == nil ? p : dropped, columns, 1, packed, rows, rows, size, 0, size, dv, size, columns, nil, 1)
        }
        if !targets.wantsScores { continue }
        ck_dot_rows(g, y + here, wide, rows, size, deltas)
        ck_attention_slope(p, dp, columns, rows, columns, scale, deltas)
        if let dq = targets.query {
          kernel.multiply(dp, columns, 0, keysDown, all, columns, size, 0, size, dq + here, wide, rows, nil, 0)
        }
        if targets.wantsKeys {
          kernel.pack(q, wide, 0, rows, size, 0, size, packed)
          kernel.multiply(dp, columns, 1, packed, rows, rows, size, 0, size, dk, size, columns, nil, 1)
        }
      }
    }
    let own = sequence * prefix * few + keyHead * size
    let place = keys.lowerBound * few + keyHead * size
    for (sum, before, after) in [(dk, targets.prefixKey, targets.key), (dv, targets.prefixValue, targets.value)] {
      if let before {
        for r in 0..<prefix { (before + own + r * few).update(from: sum + r * size, count: size) }
      }
      if let after {
        for r in 0..<keys.count { (after + place + r * few).update(from: sum + (prefix + r) * size, count: size) }
      }
    }
  }
}
