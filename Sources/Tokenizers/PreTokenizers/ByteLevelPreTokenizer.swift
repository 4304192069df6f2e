/// GPT-2's: splits with its regular expression, and writes bytes as characters.
struct ByteLevelPreTokenizer: PreTokenizer {
  let addsPrefixSpace: Bool
  let splits: Bool
  /// Whether the text stays as bytes, which the model understands, instead of being written in the byte alphabet.
  let keepsBytes: Bool

  func split(_ workspace: Workspace) {
    if addsPrefixSpace {
      workspace.rewrite { source, start, end, out in
        if source.bytes[start] != 0x20 {
          out.bytes.append(0x20)
          out.starts.append(source.starts[start])
          out.ends.append(source.ends[start])
        }
        out.append(source, start, end)
      }
    }
    if splits { GPTPattern.gpt2.split(workspace) }
    if keepsBytes {
      workspace.hasRawBytes = true
      return
    }
    workspace.rewrite { source, start, end, out in
      for i in start..<end {
        let written = Bytes.append(ByteLevelAlphabet.scalars[Int(source.bytes[i])], to: out.bytes)
        for _ in 0..<written {
          out.starts.append(source.starts[i])
          out.ends.append(source.ends[i])
        }
      }
    }
  }
}

extension TextBuffer {
  /// Appends a part of another text with its places; both have ranges.
  func append(_ source: TextBuffer, _ start: Int, _ end: Int) {
    bytes.append(from: source.bytes.base + start, count: end - start)
    starts.append(from: source.starts.base + start, count: end - start)
    ends.append(from: source.ends.base + start, count: end - start)
  }
}

extension Workspace {
  /// Rewrites the text split by split; `body` appends the new bytes of a split that is not empty, with their places.
  func rewrite(_ body: (_ source: TextBuffer, _ start: Int, _ end: Int, _ out: TextBuffer) -> Void) {
    text.makeRanges()
    otherText.removeAll()
    otherText.alignment = .ranges
    otherSplits.removeAll()
    for i in 0..<splits.count {
      let span = splits[i]
      let start = otherText.bytes.count
      body(text, Int(span.start), Int(span.end), otherText)
      emit(start, otherText.bytes.count)
    }
    otherText.isASCII = Bytes.isASCII(otherText.bytes.base, otherText.bytes.count)
    text.swap(with: otherText)
    takeSplits()
  }
}
