import TensorCore

extension Tokenizer {
  /// Encodes many texts (or pairs) on all threads. Same results in the same order as encoding them one by one.
  ///
  /// - Parameters:
  ///   - pairs: as many as texts, or nothing.
  ///   - progress: called between rounds of texts; throwing from it stops the work.
  package func encodeBatch(
    _ texts: [String], pairs: [String]? = nil, addSpecialTokens: Bool = true, parseSpecialTokens: Bool = true,
    truncation: Truncation? = nil, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> [Encoding] {
    if let pairs, pairs.count != texts.count {
      throw TokenizerError.cannotEncode(reason: "\(texts.count) texts but \(pairs.count) pairs")
    }
    // a round is short enough for Ctrl-C, a piece long enough for a thread
    let round = 4096
    let piece = 16
    var results: [Encoding] = []
    results.reserveCapacity(texts.count)
    var done = 0
    while done < texts.count {
      let range = done..<min(done + round, texts.count)
      let slots = BatchSlots(range.count)
      ThreadPool.runPieces(of: range.count, size: piece) { part in
        for i in part {
          let place = range.lowerBound + i
          slots[i] = Result {
            try self.encode(
              texts[place], pair: pairs?[place], addSpecialTokens: addSpecialTokens,
              parseSpecialTokens: parseSpecialTokens, truncation: truncation)
          }
        }
      }
      for i in 0..<range.count { if let result = slots[i] { results.append(try result.get()) } }
      done = range.upperBound
      try progress(done, texts.count)
    }
    return results
  }
}

/// A place per text, each written by one thread only.
private final class BatchSlots: @unchecked Sendable {
  private let base: UnsafeMutablePointer<Result<Encoding, any Error>?>
  private let count: Int

  init(_ count: Int) {
    self.count = count
    base = .allocate(capacity: max(1, count))
    base.initialize(repeating: nil, count: count)
  }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  subscript(index: Int) -> Result<Encoding, any Error>? {
    get { base[index] }
    set { base[index] = newValue }
  }
}
