/// Writes spaces as `▁`, puts one before the text, and begins a word at each.
struct Metaspace: PreTokenizer {
  enum Prepending: String, Sendable {
    case always, first, never
  }

  let replacement: [UInt8]
  let prepending: Prepending
  let splits: Bool

  func split(_ workspace: Workspace) {
    workspace.rewrite { source, start, end, out in
      var isMarked = source.bytes[start] == 0x20
      if !isMarked {
        isMarked =
          end - start >= replacement.count
          && replacement.indices.allSatisfy { source.bytes[start + $0] == replacement[$0] }
      }
      if !isMarked && (prepending == .always || (prepending == .first && source.starts[start] == 0)) {
        mark(source, start, out)
      }
      for i in start..<end {
        if source.bytes[i] == 0x20 {
          mark(source, i, out)
        } else {
          out.append(source, i, i + 1)
        }
      }
    }
    if splits { StringSplit(pattern: replacement, behavior: .mergedWithNext, isInverted: false).split(workspace) }
  }

  private func mark(_ source: TextBuffer, _ i: Int, _ out: TextBuffer) {
    for byte in replacement {
      out.bytes.append(byte)
      out.starts.append(source.starts[i])
      out.ends.append(source.ends[i])
    }
  }
}
