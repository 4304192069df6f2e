/// Splits a normalized text into the words that the model takes one by one.
protocol PreTokenizer: Sendable {
  /// Splits every split of the workspace further; may rewrite its text.
  func split(_ workspace: Workspace)
}

/// Pre-tokenizers one after the other.
struct PreTokenizerSequence: PreTokenizer {
  let steps: [any PreTokenizer]

  func split(_ workspace: Workspace) {
    for step in steps { step.split(workspace) }
  }
}

extension Workspace {
  /// Calls `scan` with the text's bytes for each split; it appends what it finds to ``otherSplits``.
  @inline(__always)
  func rescan(_ scan: (UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Void) {
    otherSplits.removeAll()
    let bytes = UnsafePointer(text.bytes.base)
    for i in 0..<splits.count {
      let span = splits[i]
      scan(bytes, Int(span.start), Int(span.end))
    }
    takeSplits()
  }

  @inline(__always)
  func emit(_ start: Int, _ end: Int) {
    if end > start {
      otherSplits.append(Span(start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: end)))
    }
  }
}
