/// The tokens of one sequence, before it is cut and special tokens come around it.
final class RawSequence {
  let tokens = Buffer<RawToken>(capacity: 1024)
  var surfaces: [Int: String] = [:]
  var words: Int32 = 0

  func removeAll() {
    tokens.removeAll()
    if !surfaces.isEmpty { surfaces = [:] }
    words = 0
  }
}

extension Tokenizer {
  /// Tokenizes a text, added tokens first.
  ///
  /// - Parameters:
  ///   - word: the number of the word that the text is, where the caller split it.
  ///   - special: whether special tokens written in the text become them.
  func tokenize(
    _ string: String, word: Int32? = nil, special: Bool, into raw: RawSequence, in workspace: Workspace
  ) throws {
    var string = string
    workspace.parsesSpecialTokens = special
    try string.withUTF8 { try tokenize($0, word: word, into: raw, in: workspace) }
  }

  private func tokenize(
    _ text: UnsafeBufferPointer<UInt8>, word: Int32?, into raw: RawSequence, in workspace: Workspace
  ) throws {
    guard text.count < Int(Int32.max) / 4 else {
      throw TokenizerError.cannotEncode(reason: "a text of \(text.count) bytes is too long")
    }
    let matches = finder.matches(in: text, special: workspace.parsesSpecialTokens, classes: workspace.classes)
    var done: Int = 0
    var scalars: Int = 0
    for match in matches {
      if match.start > done {
        let piece = UnsafeBufferPointer(rebasing: text[done..<match.start])
        try tokenize(piece: piece, base: Int32(scalars), word: word, into: raw, in: workspace)
        scalars += Bytes.scalarCount(piece.baseAddress ?? UnsafePointer(vocabulary.arena.base), piece.count)
      } else if match.start < done {
        let shared = UnsafeBufferPointer(rebasing: text[match.start..<done])
        scalars -= Bytes.scalarCount(shared.baseAddress ?? UnsafePointer(vocabulary.arena.base), shared.count)
      }
      let own = UnsafeBufferPointer(rebasing: text[match.start..<match.end])
      let length = Bytes.scalarCount(own.baseAddress ?? UnsafePointer(vocabulary.arena.base), own.count)
      append(literalTokens[match.token], own, from: scalars, to: scalars + length, word: word, into: raw)
      scalars += length
      done = match.end
    }
    if done == 0 {
      try tokenize(piece: text, base: 0, word: word, into: raw, in: workspace)
    } else if done < text.count {
      let piece = UnsafeBufferPointer(rebasing: text[done...])
      try tokenize(piece: piece, base: Int32(scalars), word: word, into: raw, in: workspace)
    }
  }

  /// Appends an added token.
  ///
  /// - Parameter own: the bytes it was found in, white space that it takes along included.
  private func append(
    _ token: AddedToken, _ own: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, word: Int32?,
    into raw: RawSequence
  ) {
    var text = token.text
    if !own.elementsEqual(text.utf8) {
      text = String(decoding: own, as: UTF8.self)
      raw.surfaces[raw.tokens.count] = text
    }
    var leading: Int = 0
    var trailing: Int = 0
    if postProcessor.trimming != nil {
      let isBlank: (Unicode.Scalar) -> Bool = { $0.value == 0x120 || $0.properties.isWhitespace }
      leading = text.unicodeScalars.prefix(while: isBlank).count
      trailing = text.unicodeScalars.reversed().prefix(while: isBlank).count
    }
    raw.tokens.append(
      RawToken(
        id: Int32(truncatingIfNeeded: token.id), start: Int32(truncatingIfNeeded: start),
        end: Int32(truncatingIfNeeded: end), word: word ?? raw.words,
        leadingSpaces: UInt16(clamping: leading), trailingSpaces: UInt16(clamping: trailing)))
    raw.words += 1
  }

  /// Tokenizes a piece between added tokens.
  private func tokenize(
    piece: UnsafeBufferPointer<UInt8>, base: Int32, word: Int32?, into raw: RawSequence, in workspace: Workspace
  ) throws {
    if let normalizer {
      normalizer.normalize(piece, base: base, in: workspace)
    } else {
      workspace.text.set(piece, base: base)
    }
    if normalizedFinder.isEmpty {
      try tokenizeNormalized(word: word, into: raw, in: workspace)
      return
    }
    let text = workspace.text
    let all = UnsafeBufferPointer(start: UnsafePointer(text.bytes.base), count: text.bytes.count)
    let matches = normalizedFinder.matches(
      in: all, special: workspace.parsesSpecialTokens, classes: workspace.classes)
    if matches.isEmpty {
      try tokenizeNormalized(word: word, into: raw, in: workspace)
      return
    }
    text.makeRanges()
    let whole = TextBuffer()
    whole.swap(with: text)
    var done: Int = 0
    for match in matches + [AddedTokenFinder.Match(token: -1, start: whole.bytes.count, end: whole.bytes.count)] {
      if match.start > done {
        text.removeAll()
        text.alignment = .ranges
        text.bytes.append(from: whole.bytes.base + done, count: match.start - done)
        text.starts.append(from: whole.starts.base + done, count: match.start - done)
        text.ends.append(from: whole.ends.base + done, count: match.start - done)
        text.isASCII = Bytes.isASCII(text.bytes.base, text.bytes.count)
        try tokenizeNormalized(word: word, into: raw, in: workspace)
      }
      if match.token >= 0 && match.end > match.start {
        append(
          normalizedTokens[match.token],
          UnsafeBufferPointer(start: UnsafePointer(whole.bytes.base) + match.start, count: match.end - match.start),
          from: Int(whole.starts[match.start]), to: Int(whole.ends[match.end - 1]),
          word: word, into: raw)
      }
      done = match.end
    }
  }

  /// Splits the workspace's text and has the model cut the splits.
  private func tokenizeNormalized(word: Int32?, into raw: RawSequence, in workspace: Workspace) throws {
    let text = workspace.text
    guard text.bytes.count > 0 else { return }
    workspace.splits.removeAll()
    workspace.splits.append(Span(start: 0, end: Int32(truncatingIfNeeded: text.bytes.count)))
    workspace.hasRawBytes = false
    preTokenizer?.split(workspace)
    workspace.pieces.removeAll()
    try model.tokenize(workspace)
    collect(word: word, into: raw, in: workspace)
    var words = Int32(truncatingIfNeeded: workspace.splits.count)
    // a model may find more words than it was given
    if workspace.pieces.count > 0 { words = max(words, workspace.pieces[workspace.pieces.count - 1].split + 1) }
    raw.words += words
  }

  /// Turns the model's pieces into tokens with their places in the original.
  private func collect(word: Int32?, into raw: RawSequence, in workspace: Workspace) {
    let text = workspace.text
    let pieces = UnsafePointer(workspace.pieces.base)
    let count = workspace.pieces.count
    let before = raw.tokens.count
    raw.tokens.reserve(before + count)
    let tokens = raw.tokens.base + before
    raw.tokens.count = before + count
    let firstWord = raw.words
    for i in 0..<count {
      tokens[i] = RawToken(
        id: pieces[i].id, start: 0, end: 0, word: word ?? (firstWord &+ pieces[i].split), leadingSpaces: 0,
        trailingSpaces: 0)
    }
    switch text.alignment {
    case .identity where text.isASCII:
      let base = text.base
      for i in 0..<count {
        tokens[i].start = base + pieces[i].start
        tokens[i].end = base + pieces[i].end
      }
    case .identity: placeByCounting(pieces, count, tokens, text)
    case .single:
      let starts = text.starts.base
      for i in 0..<count {
        tokens[i].start = starts[Int(pieces[i].start)]
        tokens[i].end = starts[Int(max(pieces[i].start, pieces[i].end - 1))] + 1
      }
    case .ranges:
      let starts = text.starts.base
      let ends = text.ends.base
      for i in 0..<count {
        tokens[i].start = starts[Int(pieces[i].start)]
        tokens[i].end = ends[Int(max(pieces[i].start, pieces[i].end - 1))]
      }
    }
    if postProcessor.trimming != nil {
      for i in 0..<count { countSpaces(of: pieces[i], &tokens[i], in: workspace) }
    }
    guard let surfaceID = model.surfaceID else { return }
    for i in 0..<count where pieces[i].id == surfaceID {
      let surface = UnsafeBufferPointer(
        start: text.bytes.base + Int(pieces[i].start), count: Int(pieces[i].end - pieces[i].start))
      raw.surfaces[before + i] = String(decoding: surface, as: UTF8.self)
    }
  }

  /// Counts the scalars before each token of a text that was not normalized.
  private func placeByCounting(
    _ pieces: UnsafePointer<Piece>, _ count: Int, _ tokens: UnsafeMutablePointer<RawToken>, _ text: TextBuffer
  ) {
    let bytes = text.bytes.base
    let size = text.bytes.count
    // number of scalars that begin before byte `counted`
    var counted: Int = 0
    var scalars: Int32 = text.base
    for i in 0..<count {
      let start = Int(pieces[i].start)
      let end = Int(pieces[i].end)
      if counted > start {
        counted = 0
        scalars = text.base
      }
      while counted < start {
        if bytes[counted] & 0xC0 != 0x80 { scalars += 1 }
        counted += 1
      }
      tokens[i].start = start < size && bytes[start] & 0xC0 == 0x80 ? scalars - 1 : scalars
      while counted < end {
        if bytes[counted] & 0xC0 != 0x80 { scalars += 1 }
        counted += 1
      }
      tokens[i].end = scalars
    }
  }

  private func countSpaces(of piece: Piece, _ token: inout RawToken, in workspace: Workspace) {
    let bytes = workspace.text.bytes.base
    let start = Int(piece.start)
    let end = Int(piece.end)
    if workspace.hasRawBytes, !model.changesText {
      var i = start
      while i < end, bytes[i] == 0x20 { i += 1 }
      token.leadingSpaces = UInt16(clamping: i - start)
      i = end
      while i > start, bytes[i - 1] == 0x20 { i -= 1 }
      token.trailingSpaces = UInt16(clamping: end - i)
      return
    }
    guard let text = vocabulary.text(of: Int(piece.id)) else { return }
    let isBlank: (Unicode.Scalar) -> Bool = { $0.value == 0x120 || $0.properties.isWhitespace }
    token.leadingSpaces = UInt16(clamping: text.unicodeScalars.prefix(while: isBlank).count)
    token.trailingSpaces = UInt16(clamping: text.unicodeScalars.reversed().prefix(while: isBlank).count)
  }
}
