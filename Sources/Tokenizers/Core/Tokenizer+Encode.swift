extension Tokenizer {
  /// Encodes a text or a pair of texts.
  ///
  /// - Parameters:
  ///   - text, pair: the sequences; `pair` may be empty but not missing to get a pair.
  ///   - addSpecialTokens: whether the post-processor adds `[CLS]`, `[SEP]` and their like.
  ///   - parseSpecialTokens: whether special tokens written in the text (`[MASK]`) become them.
  ///   - truncation: how to cut; nothing leaves the text whole.
  /// - Throws: ``TokenizerError/cannotEncode(reason:)`` where the truncation cannot be met.
  package func encode(
    _ text: String, pair: String? = nil, addSpecialTokens: Bool = true, parseSpecialTokens: Bool = true,
    truncation: Truncation? = nil
  ) throws -> Encoding {
    try withWorkspace { workspace in
      workspace.first.removeAll()
      try tokenize(text, special: parseSpecialTokens, into: workspace.first, in: workspace)
      if let pair {
        workspace.second.removeAll()
        try tokenize(pair, special: parseSpecialTokens, into: workspace.second, in: workspace)
      }
      return try assemble(
        workspace.first, pair == nil ? nil : workspace.second, special: addSpecialTokens, truncation: truncation)
    }
  }

  /// Encodes texts that are split into words already: `wordIDs` count the words given, offsets count in each word.
  package func encode(
    words: [String], pair: [String]? = nil, addSpecialTokens: Bool = true, parseSpecialTokens: Bool = true,
    truncation: Truncation? = nil
  ) throws -> Encoding {
    try withWorkspace { workspace in
      workspace.first.removeAll()
      for (number, word) in words.enumerated() {
        try tokenize(
          word, word: Int32(clamping: number), special: parseSpecialTokens, into: workspace.first, in: workspace)
      }
      if let pair {
        workspace.second.removeAll()
        for (number, word) in pair.enumerated() {
          try tokenize(
            word, word: Int32(clamping: number), special: parseSpecialTokens, into: workspace.second, in: workspace)
        }
      }
      return try assemble(
        workspace.first, pair == nil ? nil : workspace.second, special: addSpecialTokens, truncation: truncation)
    }
  }

  /// The most tokens that the windows of one text may have together.
  private static let mostOverflow = 2e7

  /// Cuts the sequences and puts the special tokens around them.
  private func assemble(_ first: RawSequence, _ second: RawSequence?, special: Bool, truncation: Truncation?) throws
    -> Encoding
  {
    let parts = postProcessor.parts(pair: second != nil, special: special)
    let count = first.tokens.count
    let otherCount = second?.tokens.count
    guard let truncation else {
      return build(parts, first, second, 0..<count, 0..<(otherCount ?? 0))
    }
    let added = special ? postProcessor.addedCount(pair: second != nil) : 0
    guard truncation.maxLength >= added else {
      throw TokenizerError.cannotEncode(
        reason: "max_length \(truncation.maxLength) is less than the \(added) special tokens")
    }
    guard truncation.stride >= 0 else {
      throw TokenizerError.cannotEncode(reason: "stride \(truncation.stride) is negative")
    }
    let kept = try truncation.lengths(first: count, second: otherCount, room: truncation.maxLength - added)
    let windows = try truncation.windows(of: count, kept: kept.first)
    let otherWindows = try truncation.windows(of: otherCount ?? 0, kept: kept.second)
    var encoding = build(parts, first, second, windows[0], otherWindows[0])
    if windows.count == 1 && otherWindows.count == 1 { return encoding }
    encoding.wasTruncated = true
    guard truncation.keepsOverflow else { return encoding }
    let (all, isTooMany) = windows.count.multipliedReportingOverflow(by: otherWindows.count)
    guard !isTooMany, Double(all) * Double(max(1, kept.first + kept.second)) < Self.mostOverflow else {
      throw TokenizerError.cannotEncode(
        reason: "\(windows.count) windows of \(truncation.maxLength) tokens at stride \(truncation.stride) are too many"
      )
    }
    for window in windows.dropFirst() {
      for other in otherWindows { encoding.overflowing.append(build(parts, first, second, window, other)) }
    }
    for other in otherWindows.dropFirst() {
      encoding.overflowing.append(build(parts, first, second, windows[0], other))
    }
    return encoding
  }

  private func build(
    _ parts: [PostProcessor.Part], _ first: RawSequence, _ second: RawSequence?, _ window: Range<Int>,
    _ otherWindow: Range<Int>
  ) -> Encoding {
    var encoding = Encoding(texts: vocabulary)
    let room = parts.reduce(0) { room, part in
      if case .sequence(let number, _) = part { return room + (number == 0 ? window.count : otherWindow.count) }
      return room + 1
    }
    encoding.ids = [Int](unsafeUninitializedCapacity: room) { out, count in
      for part in parts {
        switch part {
        case .special(let id, let text, _):
          if !isText(text, of: id) { encoding.surfaces[count] = text }
          out[count] = id
          count += 1
        case .sequence(let number, _):
          guard let sequence = number == 0 ? first : second else { continue }
          let window = number == 0 ? window : otherWindow
          if !sequence.surfaces.isEmpty {
            for (place, text) in sequence.surfaces where window.contains(place) {
              encoding.surfaces[count + place - window.lowerBound] = text
            }
          }
          let tokens = sequence.tokens.base
          for i in window {
            out[count] = Int(tokens[i].id)
            count += 1
          }
        }
      }
    }
    let trimming = postProcessor.trimming
    encoding.offsets = Self.fill(parts, first, second, window, otherWindow, room, special: 0..<0) {
      tokens, i, start, _ in
      let token = tokens[i]
      guard let trimming, token.leadingSpaces | token.trailingSpaces != 0 else {
        return Int(token.start)..<Int(token.end)
      }
      return Self.trimmed(token, isFirst: i == start || token.start == 0, trimming)
    }
    encoding.wordIDs = Self.fill(parts, first, second, window, otherWindow, room, special: nil) { tokens, i, _, _ in
      Int(tokens[i].word)
    }
    encoding.sequenceIDs = Self.fill(parts, first, second, window, otherWindow, room, special: nil) { _, _, _, number in
      number
    }
    encoding.specialTokensMask = Self.fill(parts, first, second, window, otherWindow, room, special: true) {
      _, _, _, _ in
      false
    }
    encoding.typeIDs = [Int](unsafeUninitializedCapacity: room) { out, count in
      for part in parts {
        switch part {
        case .special(_, _, let typeID):
          out[count] = typeID
          count += 1
        case .sequence(let number, let typeID):
          for _ in number == 0 ? window : otherWindow {
            out[count] = typeID
            count += 1
          }
        }
      }
    }
    return encoding
  }

  /// Whether an id's text is this, without making a string.
  private func isText(_ text: String, of id: Int) -> Bool {
    vocabulary.bytes(of: id)?.elementsEqual(text.utf8) ?? false
  }

  /// One array of an encoding: a value for each special token, and one made from each token of the sequences.
  @inline(__always)
  private static func fill<Value>(
    _ parts: [PostProcessor.Part], _ first: RawSequence, _ second: RawSequence?, _ window: Range<Int>,
    _ otherWindow: Range<Int>, _ room: Int, special: Value,
    _ value: (_ tokens: UnsafePointer<RawToken>, _ i: Int, _ start: Int, _ number: Int) -> Value
  ) -> [Value] {
    [Value](unsafeUninitializedCapacity: room) { out, count in
      guard let base = out.baseAddress else { return }
      for part in parts {
        switch part {
        case .special:
          (base + count).initialize(to: special)
          count += 1
        case .sequence(let number, _):
          guard let sequence = number == 0 ? first : second else { continue }
          let window = number == 0 ? window : otherWindow
          let tokens = UnsafePointer(sequence.tokens.base)
          for i in window {
            (base + count).initialize(to: value(tokens, i, window.lowerBound, number))
            count += 1
          }
        }
      }
    }
  }

  /// Offsets without the white space at a token's ends.
  private static func trimmed(_ token: RawToken, isFirst: Bool, _ trimming: PostProcessor.Trimming) -> Range<Int> {
    var start = Int(token.start)
    var end = Int(token.end)
    var leading = Int(token.leadingSpaces)
    // a space that the pre-tokenizer added is not in the text; where there are more, it added none
    if leading == 1 && trimming.addsPrefixSpace && isFirst { leading = 0 }
    start = min(start + leading, end)
    let trailing = Int(token.trailingSpaces)
    if trailing > 0 && end >= trailing { end = max(end - trailing, start) }
    return start..<max(start, end)
  }
}
