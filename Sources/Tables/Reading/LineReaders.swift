import Files

/// Forms that go line by line: CoNLL and plain text.
enum LineReaders {
  /// Sentences as `token<TAB>tag` lines with empty lines between them; with more fields the first is the token and the
  /// last the tag. Columns `tokens` and `tags`. Before a sentence's first
  /// token, a line without tabs that begins with a lone `#` is a comment, unless it ends with a tag such as `O` or `B-PER`.
  static func conll(
    _ bytes: UnsafeRawBufferPointer, path: String, _ progress: TableReader.Progress
  ) throws -> Table {
    var tokens: [[String]] = []
    var tags: [[String]] = []
    var sentence: (tokens: [String], tags: [String]) = ([], [])
    func finish() {
      if !sentence.tokens.isEmpty {
        tokens.append(sentence.tokens)
        tags.append(sentence.tags)
        sentence = ([], [])
      }
    }
    try eachLine(bytes, progress) { text, line in
      if text.allSatisfy({ $0 == 32 || $0 == 9 }) { return finish() }
      let separators: Set<UInt8> = text.contains(9) ? [9] : [32]
      let fields = text.split(omittingEmptySubsequences: true) { separators.contains($0) }
      if fields.first.map({ $0.elementsEqual("-DOCSTART-".utf8) }) ?? false { return finish() }
      if sentence.tokens.isEmpty, separators == [32], isComment(fields) { return }
      guard fields.count >= 2, let first = fields.first, let last = fields.last else {
        throw TableError.malformed(
          path: path, format: "CoNLL", line: line,
          reason: "a token and a tag are expected, with a tab or a blank between them")
      }
      sentence.tokens.append(try decoded(UnsafeBufferPointer(rebasing: first), path, line))
      sentence.tags.append(try decoded(UnsafeBufferPointer(rebasing: last), path, line))
    }
    finish()
    return Table(names: ["tokens", "tags"], columns: [.lists(tokens), .lists(tags)], rowCount: tokens.count)
  }

  /// Whether what stands between spaces is a comment and no token with its tag.
  private static func isComment(_ fields: [UnsafeBufferPointer<UInt8>.SubSequence]) -> Bool {
    guard let first = fields.first, first.elementsEqual("#".utf8), let last = fields.last else { return false }
    let isTag: Bool = "BIESLU".utf8.contains(last.first ?? 0) && last.dropFirst().first == UInt8(ascii: "-")
    return !(isTag || last.elementsEqual("O".utf8))
  }

  /// A row for each line that holds more than white space: column `text`.
  static func text(_ bytes: UnsafeRawBufferPointer, path: String, _ progress: TableReader.Progress) throws -> Table {
    var texts: [String] = []
    try eachLine(bytes, progress) { text, line in
      if text.allSatisfy({ $0 <= 32 }) { return }
      texts.append(try decoded(text, path, line))
    }
    return Table(names: ["text"], columns: [.strings(texts)], rowCount: texts.count)
  }

  private static func eachLine(
    _ bytes: UnsafeRawBufferPointer, _ progress: TableReader.Progress,
    _ body: (UnsafeBufferPointer<UInt8>, Int) throws -> Void
  ) throws {
    let content: UnsafeBufferPointer<UInt8> = bytes.bindMemory(to: UInt8.self)
    var start: Int = 0
    var line: Int = 0
    while start < content.count {
      line += 1
      let end: Int = content[start...].firstIndex(of: 10) ?? content.count
      let textEnd: Int = end > start && content[end - 1] == 13 ? end - 1 : end
      try body(UnsafeBufferPointer(rebasing: content[start..<textEnd]), line)
      start = end + 1
      if line % 4096 == 0 { try progress(start, content.count) }
    }
  }

  private static func decoded(_ text: UnsafeBufferPointer<UInt8>, _ path: String, _ line: Int) throws -> String {
    if let text = String(validating: text, as: UTF8.self) { return text }
    throw FileError.notText(path: path, line: line, byte: 0)  // the caller finds the place
  }
}
