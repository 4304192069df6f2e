/// The regular expressions of GPT-like tokenizers as one hand-written scanner.
///
/// GPT-2: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
/// cl100k, Llama 3, Qwen 2: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
struct GPTPattern: PreTokenizer {
  /// The later family: any character may lead a word, numbers are cut, newlines are words.
  let isLater: Bool
  /// The most digits in a word; 0 for no limit.
  let digits: Int

  static let gpt2 = GPTPattern(isLater: false, digits: 0)

  private static let contractions = "'s|'t|'re|'ve|'m|'ll|'d"
  private static let earlier = "\(contractions)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"
  /// How the later ones begin, and the same written out.
  private static let beginnings = [
    "(?i:\(contractions))|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|",
    "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|",
  ]
  private static let end = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

  /// The regular expression, as files have it.
  var regex: String {
    guard isLater else { return Self.earlier }
    let number = digits == 0 ? "\\p{N}+" : digits == 1 ? "\\p{N}" : "\\p{N}{1,\(digits)}"
    return Self.beginnings[0] + number + Self.end
  }

  /// The pattern that a regular expression is, if it is one of those known.
  init?(regex: String) {
    if regex == Self.earlier {
      self = .gpt2
      return
    }
    let end = Self.end
    let start = Self.beginnings.first { regex.hasPrefix($0) }
    guard let start, regex.hasSuffix(end), regex.utf8.count >= start.utf8.count + end.utf8.count else { return nil }
    switch regex.dropFirst(start.count).dropLast(end.count) {
    case "\\p{N}{1,3}": self.init(isLater: true, digits: 3)
    case "\\p{N}": self.init(isLater: true, digits: 1)
    case "\\p{N}+": self.init(isLater: true, digits: 0)
    default: return nil
    }
  }

  init(isLater: Bool, digits: Int) {
    self.isLater = isLater
    self.digits = digits
  }

  func split(_ workspace: Workspace) {
    let scanner = GPTScanner(classes: workspace.classes, latin: workspace.classes.latin)
    if isLater {
      workspace.rescan { bytes, start, end in
        var i: Int = start
        while i < end {
          let next = scanner.nextLater(bytes, i, end, digits: digits)
          workspace.emit(i, next)
          i = next
        }
      }
    } else {
      workspace.rescan { bytes, start, end in
        var i: Int = start
        while i < end {
          let next = scanner.nextGPT2(bytes, i, end)
          workspace.emit(i, next)
          i = next
        }
      }
    }
  }
}

/// Finds where the word that begins at a byte ends. All methods return a place after `i`.
struct GPTScanner {
  let classes: ScalarClasses
  let latin: UnsafePointer<UInt8>

  private static let wordOrSpace = ScalarClass.letter | ScalarClass.number | ScalarClass.space

  @inline(__always)
  private func bits(_ p: UnsafePointer<UInt8>, _ i: Int) -> (bits: UInt8, length: Int) {
    let byte = p[i]
    if byte < 0x80 { return (latin[Int(byte)], 1) }
    let (scalar, length) = Bytes.decode(p + i)
    return (classes[scalar], length)
  }

  /// The end of a run of scalars of a class.
  @inline(__always)
  private func run(_ p: UnsafePointer<UInt8>, _ from: Int, _ end: Int, of wanted: UInt8) -> Int {
    var i = from
    while i < end {
      let (bits, length) = bits(p, i)
      if bits & wanted == 0 { break }
      i += length
    }
    return i
  }

  @inline(__always)
  private func symbols(_ p: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
    var i = from
    while i < end {
      let (bits, length) = bits(p, i)
      if bits & Self.wordOrSpace != 0 { break }
      i += length
    }
    return i
  }

  /// `\s+(?!\S)|\s+` at white space.
  @inline(__always)
  private func blank(_ p: UnsafePointer<UInt8>, _ i: Int, _ end: Int, first: Int) -> Int {
    var last = i
    var k = i + first
    while k < end {
      let (bits, length) = bits(p, k)
      if bits & ScalarClass.space == 0 { return last > i ? last : k }
      last = k
      k += length
    }
    return end
  }

  @inline(__always)
  private func contraction(_ p: UnsafePointer<UInt8>, _ i: Int, _ end: Int, fold: UInt8) -> Int {
    guard i + 1 < end else { return i }
    let a = p[i + 1] | fold
    if a == 0x73 || a == 0x74 || a == 0x6D || a == 0x64 { return i + 2 }
    // ſ is a case variant of s
    if fold != 0, i + 2 < end, p[i + 1] == 0xC5, p[i + 2] == 0xBF { return i + 3 }
    guard i + 2 < end else { return i }
    let b = p[i + 2] | fold
    if (a == 0x72 && b == 0x65) || (a == 0x76 && b == 0x65) || (a == 0x6C && b == 0x6C) { return i + 3 }
    return i
  }

  @inline(__always)
  func nextGPT2(_ p: UnsafePointer<UInt8>, _ i: Int, _ end: Int) -> Int {
    if p[i] == 0x27 {
      let after = contraction(p, i, end, fold: 0)
      if after > i { return after }
    }
    var j = i
    if p[i] == 0x20 && i + 1 < end { j = i + 1 }
    let (first, length) = bits(p, j)
    if first & ScalarClass.letter != 0 { return run(p, j + length, end, of: ScalarClass.letter) }
    if first & ScalarClass.number != 0 { return run(p, j + length, end, of: ScalarClass.number) }
    if first & ScalarClass.space == 0 { return symbols(p, j + length, end) }
    return blank(p, i, end, first: j > i ? 1 : length)
  }

  @inline(__always)
  func nextLater(_ p: UnsafePointer<UInt8>, _ i: Int, _ end: Int, digits: Int) -> Int {
    let byte = p[i]
    if byte == 0x27 {
      let after = contraction(p, i, end, fold: 0x20)
      if after > i { return after }
    }
    let (first, length) = bits(p, i)
    if first & ScalarClass.letter != 0 { return run(p, i + length, end, of: ScalarClass.letter) }
    if first & ScalarClass.number != 0 {
      if digits == 0 { return run(p, i + length, end, of: ScalarClass.number) }
      var k = i + length
      var count = 1
      while k < end, count < digits {
        let (next, size) = bits(p, k)
        if next & ScalarClass.number == 0 { break }
        k += size
        count += 1
      }
      return k
    }
    let after = i + length
    if after < end && byte != 0x0D && byte != 0x0A {
      let (next, size) = bits(p, after)
      if next & ScalarClass.letter != 0 { return run(p, after + size, end, of: ScalarClass.letter) }
      if byte == 0x20 && next & Self.wordOrSpace == 0 { return newlines(p, symbols(p, after + size, end), end) }
    }
    if first & ScalarClass.space == 0 { return newlines(p, symbols(p, after, end), end) }
    // `\s*[\r\n]+`: up to the last newline of the run
    let stop = run(p, i, end, of: ScalarClass.space)
    var k = stop
    while k > i {
      if p[k - 1] == 0x0A || p[k - 1] == 0x0D { return k }
      k -= 1
    }
    return blank(p, i, end, first: length)
  }

  @inline(__always)
  private func newlines(_ p: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
    var i = from
    while i < end, p[i] == 0x0A || p[i] == 0x0D { i += 1 }
    return i
  }
}
