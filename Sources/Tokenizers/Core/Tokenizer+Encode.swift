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
    encoding.reserve(window.count + otherWindow.count + parts.count)
    for part in parts {
      switch part {
      case .special(let id, let text, let typeID):
        if vocabulary.text(of: id) != text { encoding.surfaces[encoding.count] = text }
        encoding.ids.append(id)
        encoding.offsets.append(0..<0)
        encoding.typeIDs.append(typeID)
        encoding.specialTokensMask.append(true)
        encoding.wordIDs.append(nil)
        encoding.sequenceIDs.append(nil)
      case .sequence(let number, let typeID):
        guard let sequence = number == 0 ? first : second else { continue }
        encoding.append(
          sequence, number == 0 ? window : otherWindow, number: number, typeID: typeID,
          trimming: postProcessor.trimming)
      }
    }
    return encoding
  }
}

extension Encoding {
  /// Appends a window of a sequence.
  fileprivate mutating func append(
    _ sequence: RawSequence, _ window: Range<Int>, number: Int, typeID: Int, trimming: PostProcessor.Trimming?
  ) {
    let tokens = sequence.tokens
    for (place, text) in sequence.surfaces where window.contains(place) {
      surfaces[ids.count + place - window.lowerBound] = text
    }
    typeIDs.append(contentsOf: repeatElement(typeID, count: window.count))
    specialTokensMask.append(contentsOf: repeatElement(false, count: window.count))
    sequenceIDs.append(contentsOf: repeatElement(Int?.some(number), count: window.count))
    for i in window {
      let token = tokens[i]
      ids.append(Int(token.id))
      wordIDs.append(Int(token.word))
      var start = Int(token.start)
      var end = Int(token.end)
      if let trimming, token.leadingSpaces | token.trailingSpaces != 0 {
        var leading = Int(token.leadingSpaces)
        // a space that the pre-tokenizer added is not in the text
        if leading > 0 && trimming.addsPrefixSpace && (i == window.lowerBound || start == 0) { leading -= 1 }
        start = min(start + leading, end)
        let trailing = Int(token.trailingSpaces)
        if trailing > 0 && end >= trailing { end = max(end - trailing, start) }
      }
      offsets.append(start..<max(start, end))
    }
  }
}
