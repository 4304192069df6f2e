import Language
import Tables
import Training

/// The words of a text with their tags: entities are shown in the text, other tags behind their words.
package final class TaggedValue: LanguageObject {
  let text: String
  /// Places of the words in the text, in Unicode scalars.
  let places: [Range<Int>]
  let tagged: TaggedWords
  let tags: TagSet
  let spans: [TagSet.Span]

  init(_ text: String, places: [Range<Int>], _ tagged: TaggedWords, _ tags: TagSet) {
    self.text = text
    self.places = places
    self.tagged = tagged
    self.tags = tags
    spans = tags.spans(tagged)
  }

  package var kind: Kind { .prediction }
  package var summary: String { "tagged words: \(tagged.words.count) words, \(spans.count) marked" }
  package var fieldNames: [String] { ["words", "tags", "entities", "text"] }

  package func nextSteps(name: String) -> [String] { ["\(name).entities", "\(name).words", "\(name).tags"] }

  package func element(_ subscripts: [Subscript]) throws -> Value {
    throw LanguageError.message(
      "tagged words can't be indexed as they are", help: "their tables can: .words and .entities have a row for each")
  }

  package func field(_ name: String) throws -> Value? {
    switch name {
    case "words": return .table(try words())
    case "tags": return .strings(tagged.tags.map { tags.names[$0] })
    case "entities": return .table(try entities())
    case "text": return .string(text)
    default: return nil
    }
  }

  /// A row for each word: `word tag probability start end`.
  private func words() throws -> Table {
    try Table([
      ("word", .strings(tagged.words)), ("tag", .strings(tagged.tags.map { tags.names[$0] })),
      ("probability", .reals(zip(tagged.probabilities, tagged.tags).map { $0[$1] })),
      ("start", .integers(places.map(\.lowerBound))), ("end", .integers(places.map(\.upperBound))),
    ])
  }

  /// A row for each entity: `text type probability start end`, places in Unicode scalars of the text.
  private func entities() throws -> Table {
    let ranges: [Range<Int>] = spans.map {
      places[$0.words.lowerBound].lowerBound..<places[$0.words.upperBound - 1].upperBound
    }
    return try Table([
      ("text", .strings(ranges.map { TaggedValue.part(of: text, $0) })), ("type", .strings(spans.map(\.type))),
      ("probability", .reals(spans.map(\.probability))), ("start", .integers(ranges.map(\.lowerBound))),
      ("end", .integers(ranges.map(\.upperBound))),
    ])
  }

  /// A stretch of a text, counted in Unicode scalars.
  static func part(of text: String, _ range: Range<Int>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: text.unicodeScalars.dropFirst(range.lowerBound).prefix(range.count))
    return String(view)
  }

  /// A text with a blank for each stretch of white space, line ends too.
  static func oneLine(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

  package func isEqual(to other: any LanguageObject) -> Bool {
    guard let other = other as? TaggedValue else { return false }
    return other.text == text && other.tagged == tagged && other.tags == tags
  }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    guard size == .full else { return [StyledText(summary).cut(to: frame.width)] }
    let lines: [StyledText] = TaggedValue.wrapped(pieces(), width: frame.width)
    guard lines.count > frame.height else { return lines }
    return lines.prefix(frame.height - 1) + [StyledText("… \(lines.count - frame.height + 1) more lines", .faint)]
  }

  /// What stands between two blanks, a marked stretch as a whole: `[Anna person 0.97]`.
  private func pieces() -> [StyledText] {
    let scalars: [Unicode.Scalar] = Array(text.unicodeScalars)
    var pieces: [StyledText] = []
    var current = StyledText()
    func plain(_ range: Range<Int>) {
      for scalar in scalars[range.clamped(to: 0..<scalars.count)] {
        if scalar.properties.isWhitespace {
          if !current.isEmpty { pieces.append(current) }
          current = StyledText()
        } else {
          current.append(String(scalar))
        }
      }
    }
    var place: Int = 0
    for span in spans {
      let start: Int = places[span.words.lowerBound].lowerBound
      let end: Int = places[span.words.upperBound - 1].upperBound
      plain(place..<max(place, start))
      current.append("[", .faint)
      current.append(TaggedValue.oneLine(TaggedValue.part(of: text, start..<end)), .name)
      current.append(" \(span.type)", .accent)
      current.append(" \(Figures.two(span.probability))", .number)
      current.append("]", .faint)
      place = end
    }
    plain(place..<max(place, scalars.count))
    if !current.isEmpty { pieces.append(current) }
    return pieces
  }

  /// Pieces in lines, a blank between two of them.
  private static func wrapped(_ pieces: [StyledText], width: Int) -> [StyledText] {
    var lines: [StyledText] = []
    for piece in pieces {
      if let last = lines.last, last.width + 1 + piece.width <= width {
        lines[lines.count - 1] = last + StyledText(" ") + piece
      } else {
        lines.append(piece.cut(to: width))
      }
    }
    return lines.isEmpty ? [StyledText("no words", .faint)] : lines
  }
}
