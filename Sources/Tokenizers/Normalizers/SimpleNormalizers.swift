/// Every scalar's lower case.
struct Lowercase: Normalizer {
  func normalize(_ text: inout NormalizedText, in workspace: Workspace) {
    let map = workspace.scalars.lowercase
    var changes: [NormalizedText.Change] = []
    changes.reserveCapacity(text.scalars.count)
    for scalar in text.scalars {
      let (first, count) = map(scalar)
      for k in 0..<count {
        changes.append(NormalizedText.Change(scalar: map.pool[first + k], change: k == 0 ? 0 : 1))
      }
    }
    text.transform(changes)
  }
}

/// Takes out combining marks (after a decomposition, accents).
struct StripAccents: Normalizer {
  var changesASCII: Bool { false }

  func normalize(_ text: inout NormalizedText, in workspace: Workspace) {
    let classes = workspace.classes
    text.filter { $0 < 0x300 || classes[$0] & ScalarClass.mark == 0 }
  }
}

/// Takes white space off the ends.
struct StripNormalizer: Normalizer {
  let left: Bool
  let right: Bool

  func normalize(_ text: inout NormalizedText, in workspace: Workspace) {
    let classes = workspace.classes
    var first = 0
    var end = text.scalars.count
    if left { while first < end, classes[text.scalars[first]] & ScalarClass.space != 0 { first += 1 } }
    if right { while end > first, classes[text.scalars[end - 1]] & ScalarClass.space != 0 { end -= 1 } }
    text.scalars = Array(text.scalars[first..<end])
    text.starts = Array(text.starts[first..<end])
    text.ends = Array(text.ends[first..<end])
  }
}

/// Puts a text before the first character.
struct Prepend: Normalizer {
  let added: [UInt32]

  func normalize(_ text: inout NormalizedText, in workspace: Workspace) { text.prepend(added) }
}

/// Replaces a string, a run of spaces or a run of white space: what files ask for.
struct Replace: Normalizer {
  enum Pattern: Sendable {
    case text([UInt32])
    /// ` {2,}`, ` +`
    case spaces(atLeast: Int)
    /// `\s+`
    case blanks
  }

  let pattern: Pattern
  let content: [UInt32]

  func normalize(_ text: inout NormalizedText, in workspace: Workspace) {
    var result = NormalizedText()
    var i = 0
    var hasMatch = false
    while i < text.scalars.count {
      let length = match(text.scalars, i, workspace.classes)
      if length == 0 {
        result.scalars.append(text.scalars[i])
        result.starts.append(text.starts[i])
        result.ends.append(text.ends[i])
        i += 1
        continue
      }
      hasMatch = true
      // the replacement stands for the last scalar of the match, as in the reference
      for scalar in content {
        result.scalars.append(scalar)
        result.starts.append(text.starts[i + length - 1])
        result.ends.append(text.ends[i + length - 1])
      }
      i += length
    }
    if hasMatch { text = result }
  }

  private func match(_ scalars: [UInt32], _ i: Int, _ classes: ScalarClasses) -> Int {
    switch pattern {
    case .text(let wanted):
      guard !wanted.isEmpty, i + wanted.count <= scalars.count else { return 0 }
      for k in wanted.indices where scalars[i + k] != wanted[k] { return 0 }
      return wanted.count
    case .spaces(let least):
      var k = i
      while k < scalars.count, scalars[k] == 0x20 { k += 1 }
      return k - i >= least ? k - i : 0
    case .blanks:
      var k = i
      while k < scalars.count, classes[scalars[k]] & ScalarClass.space != 0 { k += 1 }
      return k - i
    }
  }
}

/// SentencePiece's `nmt`: control characters out, odd spaces to spaces.
struct NmtNormalizer: Normalizer {
  func normalize(_ text: inout NormalizedText, in workspace: Workspace) {
    text.filter { c in
      !((c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F)
    }
    for i in text.scalars.indices {
      switch text.scalars[i] {
      case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
        text.scalars[i] = 0x20
      default: break
      }
    }
  }
}

/// Writes bytes as characters, as a normalizer.
struct ByteLevelNormalizer: Normalizer {
  func normalize(_ text: inout NormalizedText, in workspace: Workspace) {
    var changes: [NormalizedText.Change] = []
    for value in text.scalars {
      guard let scalar = Unicode.Scalar(value) else { continue }
      for (number, byte) in Array(String(Character(scalar)).utf8).enumerated() {
        changes.append(NormalizedText.Change(scalar: ByteLevelAlphabet.scalars[Int(byte)], change: number == 0 ? 0 : 1))
      }
    }
    text.transform(changes)
  }
}
