/// What becomes of the parts of a text that a pattern matches.
enum SplitBehavior: String, Sendable {
  case removed = "Removed"
  case isolated = "Isolated"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"

  /// A part of a split.
  struct Part {
    var start: Int
    var end: Int
    var isMatch: Bool
  }

  /// Emits the words that parts make, in order.
  func emit(_ parts: [Part], to workspace: Workspace) {
    switch self {
    case .removed: for part in parts where !part.isMatch { workspace.emit(part.start, part.end) }
    case .isolated: for part in parts { workspace.emit(part.start, part.end) }
    case .contiguous:
      var open: Part?
      for part in parts {
        if let last = open, last.isMatch == part.isMatch {
          open?.end = part.end
        } else {
          if let last = open { workspace.emit(last.start, last.end) }
          open = part
        }
      }
      if let last = open { workspace.emit(last.start, last.end) }
    case .mergedWithPrevious:
      var words: [(start: Int, end: Int)] = []
      var wasMatch = false
      for part in parts {
        if part.isMatch && !wasMatch && !words.isEmpty {
          words[words.count - 1].end = part.end
        } else {
          words.append((part.start, part.end))
        }
        wasMatch = part.isMatch
      }
      for word in words { workspace.emit(word.start, word.end) }
    case .mergedWithNext:
      var words: [(start: Int, end: Int)] = []
      var wasMatch = false
      for part in parts.reversed() {
        if part.isMatch && !wasMatch && !words.isEmpty {
          words[words.count - 1].start = part.start
        } else {
          words.append((part.start, part.end))
        }
        wasMatch = part.isMatch
      }
      for word in words.reversed() { workspace.emit(word.start, word.end) }
    }
  }
}

/// Splits at single scalars of a kind.
struct ScalarSplit: PreTokenizer {
  let behavior: SplitBehavior
  /// Whether what matches and what stands between change their roles; the scalars that match stay apart.
  var isInverted = false
  let isMatch: @Sendable (UInt32, UInt8) -> Bool

  func split(_ workspace: Workspace) {
    let classes = workspace.classes
    var parts: [SplitBehavior.Part] = []
    workspace.rescan { bytes, start, end in
      parts.removeAll(keepingCapacity: true)
      var i = start
      while i < end {
        let (scalar, length) = Bytes.decode(bytes + i)
        let matches = isMatch(scalar, classes[scalar])
        if !matches, let last = parts.last, !last.isMatch {
          parts[parts.count - 1].end = i + length
        } else {
          parts.append(SplitBehavior.Part(start: i, end: i + length, isMatch: matches))
        }
        i += length
      }
      if isInverted { for place in parts.indices { parts[place].isMatch.toggle() } }
      behavior.emit(parts, to: workspace)
    }
  }

  static let whitespace = ScalarSplit(behavior: .removed) { $1 & ScalarClass.space != 0 }

  static func digits(individual: Bool) -> ScalarSplit {
    ScalarSplit(behavior: individual ? .isolated : .contiguous) { $1 & ScalarClass.number != 0 }
  }

  static func punctuation(_ behavior: SplitBehavior) -> ScalarSplit {
    ScalarSplit(behavior: behavior) { scalar, bits in
      if scalar < 0x80 { return UInt8(scalar).isASCIIPunctuation }
      return bits & ScalarClass.punctuation != 0
    }
  }
}

extension UInt8 {
  var isASCIIPunctuation: Bool {
    (self >= 0x21 && self <= 0x2F) || (self >= 0x3A && self <= 0x40) || (self >= 0x5B && self <= 0x60)
      || (self >= 0x7B && self <= 0x7E)
  }
}

/// Splits at occurrences of a string.
struct StringSplit: PreTokenizer {
  let pattern: [UInt8]
  let behavior: SplitBehavior
  let isInverted: Bool

  func split(_ workspace: Workspace) {
    guard !pattern.isEmpty else { return }
    var parts: [SplitBehavior.Part] = []
    workspace.rescan { bytes, start, end in
      parts.removeAll(keepingCapacity: true)
      var done = start
      var i = start
      while i + pattern.count <= end {
        if bytes[i] == pattern[0] && pattern.indices.allSatisfy({ bytes[i + $0] == pattern[$0] }) {
          if i > done { parts.append(SplitBehavior.Part(start: done, end: i, isMatch: isInverted)) }
          parts.append(SplitBehavior.Part(start: i, end: i + pattern.count, isMatch: !isInverted))
          i += pattern.count
          done = i
        } else {
          i += 1
        }
      }
      if end > done { parts.append(SplitBehavior.Part(start: done, end: end, isMatch: isInverted)) }
      behavior.emit(parts, to: workspace)
    }
  }
}

/// `\w+|[^\w\s]+`: words and runs of punctuation.
struct WordPreTokenizer: PreTokenizer {
  func split(_ workspace: Workspace) {
    let classes = workspace.classes
    workspace.rescan { bytes, start, end in
      var open = start
      var openKind: UInt8 = 0
      var i = start
      while i < end {
        let (scalar, length) = Bytes.decode(bytes + i)
        let bits = classes[scalar]
        var kind: UInt8 = 2
        if bits & ScalarClass.space != 0 {
          kind = 0
        } else if bits & ScalarClass.letter != 0 || ScalarClass.isWord(scalar) {
          kind = 1
        }
        if kind != openKind {
          if openKind != 0 { workspace.emit(open, i) }
          open = i
          openKind = kind
        }
        i += length
      }
      if openKind != 0 { workspace.emit(open, end) }
    }
  }
}
