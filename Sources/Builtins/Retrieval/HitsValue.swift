import Files
import Language
import Retrieval
import Tables

/// What a search found, best first: chunks with their scores.
package final class HitsValue: LanguageObject {
  let question: String
  let hits: [SearchHit]
  let mode: SearchMode

  init(_ question: String, _ hits: [SearchHit], _ mode: SearchMode) {
    self.question = question
    self.hits = hits
    self.mode = mode
  }

  package var kind: Kind { .hits }
  package var summary: String { "\(hits.count) chunks found for \"\(TextWidth.cut(question, to: 40))\"" }
  package var length: Int? { hits.count }
  package func item(at place: Int) throws -> Value { .record(RecordValue(row: try table().row(place))) }
  package func truth() throws -> Bool { !hits.isEmpty }
  package var fieldNames: [String] { ["question", "table"] + columns.map(\.name) }

  private var columns: [(name: String, column: Column)] {
    var columns: [(name: String, column: Column)] = [
      ("score", .reals(hits.map(\.score))), ("source", .strings(hits.map(\.source))),
      ("title", .strings(hits.map(\.title))), ("heading", .strings(hits.map(\.heading))),
      ("place", .integers(hits.map(\.place))), ("text", .strings(hits.map { $0.text.trimmingSpaces() })),
    ]
    var names: [String] = []
    for hit in hits {
      for member in hit.columns.members where !names.contains(member.key) { names.append(member.key) }
    }
    for name in names where !columns.contains(where: { $0.name == name }) {
      columns.append((name, Column(cells: hits.map { $0.columns[name] ?? .null })))
    }
    return columns
  }

  func table() throws -> Table { try Table(columns, operation: "search") }

  package func field(_ name: String) throws -> Value? {
    switch name {
    case "question": return .string(question)
    case "table": return .table(try table())
    default: return try table()[name].map { .object(ColumnValue($0, name: name)) }
    }
  }

  package func element(_ subscripts: [Subscript]) throws -> Value {
    try TableValue(try table()).element(subscripts)
  }

  package func nextSteps(name: String) -> [String] { ["\(name)[0].text", "\(name).score", "\(name).table"] }

  package func isEqual(to other: any LanguageObject) -> Bool {
    guard let other = other as? HitsValue else { return false }
    return other.hits == hits && other.question == question
  }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    if size == .inline { return [StyledText("\(hits.count) chunks", .faint)] }
    if size == .line || hits.isEmpty {
      return [StyledText(hits.isEmpty ? "nothing found" : summary).cut(to: frame.width)]
    }
    let room = max(1, (frame.height - 1) / min(hits.count, 5) - 1)
    var lines: [StyledText] = []
    var shown = 0
    for (place, hit) in hits.enumerated() {
      let own = HitsDisplay.lines(hit, number: place + 1, mode: mode, textLines: min(room, 3), in: frame)
      let isLast = place + 1 == hits.count
      if lines.count + own.count + (isLast ? 0 : 1) > frame.height { break }
      lines += own
      shown += 1
    }
    if shown < hits.count { lines.append(StyledText("… \(hits.count - shown) more", .faint)) }
    return lines
  }
}

/// Chunks as lines.
enum HitsDisplay {
  /// Score and where it stands, then the beginning of its text.
  static func lines(
    _ hit: SearchHit, number: Int, mode: SearchMode, textLines: Int, in frame: DisplayFrame
  ) -> [StyledText] {
    var head = StyledText("\(number)  ", .faint)
    head.append(score(hit.score, mode), .number)
    head.append("  ")
    head.append(name(hit), .name)
    return [head.cut(to: frame.width)]
      + wrapped(body(hit), width: frame.width - 3, lines: textLines).map { StyledText("   ") + StyledText($0) }
  }

  /// The text without the heading that the line above says already.
  private static func body(_ hit: SearchHit) -> String {
    guard !hit.heading.isEmpty, hit.text.hasPrefix("#"), let end = hit.text.firstIndex(where: \.isNewline) else {
      return hit.text
    }
    return String(hit.text[end...])
  }

  static func score(_ score: Double, _ mode: SearchMode) -> String {
    Numbers.fixed(score, mode == .both ? 4 : 3)
  }

  /// `leave.md · Leave › Illness`, with the chunk's place where there are several.
  static func name(_ hit: SearchHit) -> String {
    var parts: [String] = []
    if !hit.source.isEmpty, !hit.source.hasPrefix("text ") { parts.append(PathText.name(of: hit.source)) }
    if !hit.heading.isEmpty { parts.append(hit.heading) } else if !hit.title.isEmpty { parts.append(hit.title) }
    if parts.isEmpty { parts.append("text") }
    if hit.places > 1 { parts.append("\(hit.place + 1) of \(hit.places)") }
    return parts.joined(separator: " · ")
  }

  /// The text on one to so many lines, its white space as single spaces; what is left out ends in `…`.
  static func wrapped(_ text: String, width: Int, lines: Int) -> [String] {
    var result: [String] = []
    var line = ""
    // No more of a long chunk is looked at than can be shown.
    let words = text.prefix(width * (lines + 2)).split(whereSeparator: \.isWhitespace)
    for word in words {
      let word = TextWidth.visible(String(word))
      if line.isEmpty {
        line = word
      } else if TextWidth.of(line) + 1 + TextWidth.of(word) <= width {
        line += " " + word
      } else {
        result.append(line)
        line = word
        if result.count == lines { break }
      }
    }
    if result.count < lines, !line.isEmpty {
      result.append(line)
      line = ""
    }
    result = result.map { TextWidth.cut($0, to: width) }
    if !line.isEmpty || words.count > 0 && text.count > width * (lines + 2) {
      if let last = result.popLast() { result.append(TextWidth.prefix(last, width: width - 1) + "…") }
    }
    return result
  }
}

extension String {
  /// Without white space at its ends.
  func trimmingSpaces() -> String {
    var text = Substring(self)
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
