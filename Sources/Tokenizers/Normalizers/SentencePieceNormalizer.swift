/// sentencepiece's own normalization: its rules by the longest match, spaces joined, `▁` before the text and for spaces.
///
/// Source: `Normalizer::Normalize` of google/sentencepiece.
struct SentencePieceNormalizer: Normalizer {
  let charsmap: PrecompiledCharsmap?
  /// User-defined pieces, which the rules leave alone; longest first.
  let kept: [[UInt32]]
  let addsPrefix: Bool
  let removesSpaces: Bool
  let escapesSpaces: Bool

  private static let mark: UInt32 = 0x2581
  /// What the rules look at: no replaced text is longer.
  private static let longestMatch = 32

  func normalize(_ text: inout NormalizedText, in workspace: Workspace) {
    var result = NormalizedText()
    let space = escapesSpaces ? Self.mark : 0x20
    var wasSpace = removesSpaces
    var i = 0
    var hasPrefix = !addsPrefix
    while i < text.scalars.count {
      let (replacement, length) = step(text.scalars, i)
      var scalars = replacement[...]
      if wasSpace { scalars = scalars.drop { $0 == 0x20 } }
      if !scalars.isEmpty {
        if !hasPrefix {
          append(space, text, i, length, to: &result)
          hasPrefix = true
        }
        for scalar in scalars { append(scalar == 0x20 ? space : scalar, text, i, length, to: &result) }
        wasSpace = removesSpaces && scalars.last == 0x20
      }
      i += length
    }
    if removesSpaces {
      while let last = result.scalars.last, last == space {
        result.scalars.removeLast()
        result.starts.removeLast()
        result.ends.removeLast()
      }
    }
    text = result
  }

  private func append(
    _ scalar: UInt32, _ text: NormalizedText, _ i: Int, _ length: Int, to result: inout NormalizedText
  ) {
    result.scalars.append(scalar)
    result.starts.append(text.starts[i])
    result.ends.append(text.ends[i + length - 1])
  }

  /// What the text at a place becomes, and how many scalars of it are used up.
  private func step(_ scalars: [UInt32], _ i: Int) -> ([UInt32], Int) {
    for piece in kept where i + piece.count <= scalars.count {
      if piece.indices.allSatisfy({ scalars[i + $0] == piece[$0] }) { return (piece, piece.count) }
    }
    guard let charsmap else { return ([scalars[i]], 1) }
    var bytes: [UInt8] = []
    var k = i
    while k < scalars.count && bytes.count < Self.longestMatch {
      if let scalar = Unicode.Scalar(scalars[k]), let encoded = UTF8.encode(scalar) {
        bytes.append(contentsOf: encoded)
      }
      k += 1
    }
    guard let longest = charsmap.prefixes(of: bytes).last else { return ([scalars[i]], 1) }
    var count = 0
    for byte in bytes.prefix(longest.length) where byte & 0xC0 != 0x80 { count += 1 }
    return (charsmap.replacement(at: longest.value), max(1, count))
  }
}

/// XLNet's: white space joined, typewriter quotes, accents off, lower case where the model wants it.
///
/// Source: `preprocess_text` of Google's XLNet (prepro_utils.py).
struct XLNetNormalizer: Normalizer {
  let removesSpace: Bool
  let keepsAccents: Bool
  let lowercases: Bool

  func normalize(_ text: inout NormalizedText, in workspace: Workspace) {
    if removesSpace { joinSpaces(&text, workspace.classes) }
    for quote: UInt32 in [0x60, 0x27] {
      Replace(pattern: .text([quote, quote]), content: [0x22]).normalize(&text, in: workspace)
    }
    if !keepsAccents {
      UnicodeNormalizer(isCompatibility: true, composes: false).normalize(&text, in: workspace)
      text.filter { UnicodeData.combiningClass($0) == 0 }
    }
    if lowercases { Lowercase().normalize(&text, in: workspace) }
  }

  /// Python's `" ".join(text.split())`.
  private func joinSpaces(_ text: inout NormalizedText, _ classes: ScalarClasses) {
    var result = NormalizedText()
    var space: Int?
    for i in text.scalars.indices {
      let scalar = text.scalars[i]
      if classes[scalar] & ScalarClass.space != 0 || (scalar >= 0x1C && scalar <= 0x1F) {
        if space == nil { space = i }
        continue
      }
      if let space, !result.scalars.isEmpty {
        result.scalars.append(0x20)
        result.starts.append(text.starts[space])
        result.ends.append(text.ends[space])
      }
      space = nil
      result.scalars.append(scalar)
      result.starts.append(text.starts[i])
      result.ends.append(text.ends[i])
    }
    text = result
  }
}
