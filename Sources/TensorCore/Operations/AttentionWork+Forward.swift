import CKernels

extension AttentionWork {
  private func scratchCount(_ queries: Int, _ all: Int) -> Int {
    kernel.packedCount(size, all) + kernel.packedCount(all, size) + (prefix > 0 ? 2 * all * size : 0)
      + blockRows(queries, all: all) * (all + 1)
  }

  /// Writes the attention into `result`, the logarithm of each row's sum into `logs` `[heads, T]`.
  func forward(into result: Tensor, logs: Tensor?) throws {
    let out = result.freshPointer
    let logs = logs?.freshPointer
    try forEachHead(scratch: scratchCount) { forward($0, $1, out, logs, $2) }
  }

  /// Does the work of each sequence and head of keys, each with memory of its own, the long sequences first.
  ///
  /// - Parameter scratch: how many floats `work` needs for so many queries, and so many keys with the prefix.
  func forEachHead(
    scratch scratchCount: (_ queries: Int, _ all: Int) -> Int,
    _ work: (_ sequence: Int, _ keyHead: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void
  ) throws {
    var most = 0
    for sequence in 0..<sequences {
      let (queries, keys) = rows(of: sequence)
      most = max(most, scratchCount(queries.count, prefix + keys.count))
    }
    let scratch = try BlockScratch(count: most)
    ThreadPool.run(sequences * layout.keyValueHeads) { index in
      scratch.with { work(order[index / layout.keyValueHeads], index % layout.keyValueHeads, $0) }
    }
  }

  private func forward(
    _ sequence: Int, _ keyHead: Int, _ out: UnsafeMutablePointer<Float>, _ logs: UnsafeMutablePointer<Float>?,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    let (queries, keys) = rows(of: sequence)
    if queries.isEmpty { return }
    let all = prefix + keys.count
    if all == 0 {
      for row in queries { (out + row * wide + keyHead * group * size).initialize(repeating: 0, count: group * size) }
      return
    }
    let (packedK, packedV) = (scratch, scratch + kernel.packedCount(size, all))
    var rest = packedV + kernel.packedCount(all, size)
    let k = gathered(key, prefixKey, keys, head: keyHead, rest)
    if prefix > 0 { rest += all * size }
    let v = gathered(value, prefixValue, keys, head: keyHead, rest)
    if prefix > 0 { rest += all * size }
    kernel.pack(k.first, k.step, 1, size, all, 0, all, packedK)
    kernel.pack(v.first, v.step, 0, all, size, 0, size, packedV)
    let block = blockRows(queries.count, all: all)
    let (sums, s) = (rest, rest + block)
    for head in keyHead * group..<(keyHead + 1) * group {
      for start in stride(from: 0, to: queries.count, by: block) {
        let rows = min(block, queries.count - start)
        let row = queries.lowerBound + start
        let visible = layout.visibility(row: start, queries: queries.count, keys: keys.count, prefix: prefix)
        let columns = self.columns(visible, rows: rows, all: all)
        let o = out + row * wide + head * size
        if columns == 0 {
          for r in 0..<rows { (o + r * wide).initialize(repeating: 0, count: size) }
          continue
        }
        kernel.multiply(
          query.pointer + row * wide + head * size, wide, 0, packedK, size, size, all, 0, columns, s, columns, rows,
          nil, 0)
        ck_attention_exp(s, columns, rows, columns, scale, visible, sums, logs.map { $0 + head * query.shape[0] + row })
        if let dropout = layout.dropout, dropout.rate > 0 {
          drop(s, s, dropout, head: head, row: row, rows: rows, columns: columns)
        }
        kernel.multiply(s, columns, 0, packedV, all, columns, size, 0, size, o, wide, rows, nil, 0)
        ck_scale_rows(o, wide, rows, size, sums, 1)
      }
    }
  }

  /// The probabilities of one sequence, `[heads, queries, prefix + keys]`.
  func probabilities(of sequence: Int) throws -> Tensor {
    let (queries, keys) = rows(of: sequence)
    let all = prefix + keys.count
    let result = try Tensor(zeros: [layout.heads, queries.count, all])
    if result.count == 0 { return result }
    let out = result.freshPointer
    let scratch = try BlockScratch(count: kernel.packedCount(size, all) + all * size + queries.count)
    ThreadPool.run(layout.heads) { head in
      scratch.with { memory in
        let s = out + head * queries.count * all
        let (packed, sums) = (memory, memory + kernel.packedCount(size, all) + all * size)
        let k = gathered(key, prefixKey, keys, head: head / group, packed + kernel.packedCount(size, all))
        kernel.pack(k.first, k.step, 1, size, all, 0, all, packed)
        let visible = layout.visibility(row: 0, queries: queries.count, keys: keys.count, prefix: prefix)
        kernel.multiply(
          query.pointer + queries.lowerBound * wide + head * size, wide, 0, packed, size, size, all, 0, all, s, all,
          queries.count, nil, 0)
        ck_attention_exp(s, all, queries.count, all, scale, visible, sums, nil)
        ck_scale_rows(s, all, queries.count, all, sums, 1)
      }
    }
    return result
  }
}
