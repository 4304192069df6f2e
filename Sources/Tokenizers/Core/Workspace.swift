/// A range of bytes.
struct Span: BitwiseCopyable {
  var start: Int32
  var end: Int32
}

/// A token as the model gives it: a range of bytes of the normalized text.
struct Piece: BitwiseCopyable {
  var id: Int32
  var start: Int32
  var end: Int32
  /// Number of the split it comes from.
  var split: Int32
}

/// A token with its place in the original text, counted in scalars.
struct RawToken: BitwiseCopyable {
  var id: Int32
  var start: Int32
  var end: Int32
  var word: Int32
  /// White space at the token's start and end, for post-processors that trim offsets.
  var leadingSpaces: UInt16
  var trailingSpaces: UInt16
}

/// Normalized text and where each byte of it comes from.
final class TextBuffer {
  enum Alignment {
    /// The bytes are the original's; the first is scalar `base` of it.
    case identity
    /// Byte i comes from scalar `starts[i]`.
    case single
    /// Byte i comes from scalars `starts[i]..<ends[i]`.
    case ranges
  }

  let bytes = Buffer<UInt8>(capacity: 4096)
  let starts = Buffer<Int32>(capacity: 64)
  let ends = Buffer<Int32>(capacity: 64)
  var alignment: Alignment = .identity
  var base: Int32 = 0
  var isASCII: Bool = true

  func removeAll() {
    bytes.removeAll()
    starts.removeAll()
    ends.removeAll()
    alignment = .identity
    base = 0
    isASCII = true
  }

  /// Takes bytes as they are.
  func set(_ source: UnsafeBufferPointer<UInt8>, base: Int32) {
    removeAll()
    self.base = base
    guard let start = source.baseAddress else { return }
    bytes.append(from: start, count: source.count)
    isASCII = Bytes.isASCII(start, source.count)
  }

  /// Writes out where each byte comes from, where that is not done yet.
  func makeRanges() {
    switch alignment {
    case .ranges: return
    case .single:
      ends.removeAll()
      ends.reserve(bytes.count)
      for i in 0..<bytes.count { ends.append(starts[i] + 1) }
    case .identity:
      starts.removeAll()
      ends.removeAll()
      starts.reserve(bytes.count)
      ends.reserve(bytes.count)
      var scalar: Int32 = base - 1
      for i in 0..<bytes.count {
        if bytes[i] & 0xC0 != 0x80 { scalar += 1 }
        starts.append(scalar)
        ends.append(scalar + 1)
      }
    }
    alignment = .ranges
  }

  func swap(with other: TextBuffer) {
    bytes.swap(with: other.bytes)
    starts.swap(with: other.starts)
    ends.swap(with: other.ends)
    (alignment, other.alignment) = (other.alignment, alignment)
    (base, other.base) = (other.base, base)
    (isASCII, other.isASCII) = (other.isASCII, isASCII)
  }
}

/// Everything that encoding needs and that is kept from text to text. Used by one thread at a time.
final class Workspace: @unchecked Sendable {  // lent to one thread at a time by `Tokenizer.withWorkspace`
  let classes = ScalarClasses()
  let text = TextBuffer()
  let otherText = TextBuffer()
  let splits = Buffer<Span>(capacity: 1024)
  let otherSplits = Buffer<Span>(capacity: 1024)
  let pieces = Buffer<Piece>(capacity: 1024)
  let cache = WordCache()
  let merging = MergeScratch()
  let scalars = ScalarMaps()
  var lattice: [LatticeNode] = []
  /// Whether the text's bytes stand for themselves in a byte-level vocabulary (`Ġ` is still a space).
  var hasRawBytes = false
  var parsesSpecialTokens = true
  let first = RawSequence()
  let second = RawSequence()

  /// Takes what a scanner wrote to `otherSplits`.
  func takeSplits() {
    splits.swap(with: otherSplits)
    otherSplits.removeAll()
  }
}
