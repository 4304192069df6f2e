/// BERT's: splits at white space, and every punctuation character is a word by itself.
struct BertPreTokenizer: PreTokenizer {
  func split(_ workspace: Workspace) {
    let classes = workspace.classes
    let kinds = Self.kinds
    kinds.withUnsafeBufferPointer { kinds in
      workspace.rescan { bytes, start, end in
        var wordStart: Int = start
        var i: Int = start
        while i < end {
          let byte = bytes[i]
          var kind: UInt8
          var length: Int = 1
          if byte < 0x80 {
            kind = kinds[Int(byte)]
          } else {
            let (scalar, count) = Bytes.decode(bytes + i)
            length = count
            let bits = classes[scalar]
            kind = bits & ScalarClass.space != 0 ? 1 : (bits & ScalarClass.punctuation != 0 ? 2 : 0)
          }
          if kind != 0 {
            workspace.emit(wordStart, i)
            if kind == 2 { workspace.emit(i, i + length) }
            wordStart = i + length
          }
          i += length
        }
        workspace.emit(wordStart, end)
      }
    }
  }

  /// For ASCII: 1 white space, 2 punctuation (symbols such as `$` and `+` are counted in).
  private static let kinds: [UInt8] = (UInt8(0)..<128).map { byte in
    if byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) { return 1 }
    return byte.isASCIIPunctuation ? 2 : 0
  }
}
