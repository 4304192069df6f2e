import Language
import Tables
import Training

/// Answers found in a context, the best first.
package final class AnswersValue: LanguageObject {
  let answers: [FoundAnswer]
  let context: String

  init(_ answers: [FoundAnswer], context: String) {
    self.answers = answers
    self.context = context
  }

  package var kind: Kind { .prediction }
  package var summary: String { "an answer: \(answers.first.map(AnswersValue.shown) ?? "none")" }
  package var length: Int? { answers.count }
  package func item(at place: Int) throws -> Value {
    guard answers.indices.contains(place) else { throw LanguageError.message("there is no answer \(place)") }
    return .object(AnswersValue([answers[place]], context: context))
  }
  package func element(_ subscripts: [Subscript]) throws -> Value {
    guard subscripts.count == 1, case .value(.int(let index)) = subscripts[0] else {
      throw LanguageError.message("answers are indexed by one whole number", help: ".answers is a table of them")
    }
    guard let place = Subscript.place(index, count: answers.count) else {
      throw LanguageError.message("no answer \(index): there are \(answers.count)")
    }
    return try item(at: place)
  }
  package func nextSteps(name: String) -> [String] { ["\(name).text", "\(name).answers"] }
  package var fieldNames: [String] { ["text", "probability", "score", "start", "end", "answers"] }

  package func field(_ name: String) throws -> Value? {
    guard let best = answers.first else { return nil }
    switch name {
    case "text": return best.range == nil ? .nothing : .string(best.text)
    case "probability": return .float(best.probability)
    case "score": return .float(best.score)
    case "start": return best.range.map { .int($0.lowerBound) } ?? .nothing
    case "end": return best.range.map { .int($0.upperBound) } ?? .nothing
    case "answers": return .table(try table())
    default: return nil
    }
  }

  /// A row for each: `text probability score start end`, places in Unicode scalars of the context.
  private func table() throws -> Table {
    try Table([
      ("text", .strings(answers.map(\.text))), ("probability", .reals(answers.map(\.probability))),
      ("score", .reals(answers.map(\.score))),
      ("start", Column(cells: answers.map { $0.range.map { .integer($0.lowerBound) } ?? .null })),
      ("end", Column(cells: answers.map { $0.range.map { .integer($0.upperBound) } ?? .null })),
    ])
  }

  package func isEqual(to other: any LanguageObject) -> Bool {
    guard let other = other as? AnswersValue else { return false }
    return other.answers == answers && other.context == context
  }

  private static func shown(_ answer: FoundAnswer) -> String {
    answer.range == nil ? "no answer" : TaggedValue.oneLine(answer.text)
  }

  /// `Josiah Thorne  0.93   161:174   … and the keeper, Josiah Thorne, had to carry …`
  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    guard size == .full else { return [StyledText(summary).cut(to: frame.width)] }
    let isCut: Bool = answers.count > frame.height
    let shown: [FoundAnswer] = Array(answers.prefix(isCut ? frame.height - 1 : frame.height))
    let width: Int = min(frame.width / 2, shown.map { TextWidth.of(AnswersValue.shown($0)) }.max() ?? 0)
    let places: [String] = shown.map { $0.range.map { "\($0.lowerBound):\($0.upperBound)" } ?? "" }
    let placeWidth: Int = places.map(\.count).max() ?? 0
    var lines: [StyledText] = zip(shown, places).map { answer, place in
      let isNone: Bool = answer.range == nil
      var line: StyledText = StyledText(AnswersValue.shown(answer), isNone ? .faint : .name).cut(to: width)
        .padded(to: width)
      line.append("  \(Figures.two(answer.probability))", .number)
      if let range = answer.range {
        line += StyledText(place).padded(to: placeWidth + 2, alignRight: true)
        line.append("  " + surroundings(range), .faint)
      }
      return line.cut(to: frame.width)
    }
    let rest: String = Words.count(answers.count - shown.count, "more answer", "more answers")
    if isCut { lines.append(StyledText("… " + rest, .faint)) }
    return lines
  }

  /// What stands around an answer.
  private func surroundings(_ range: Range<Int>) -> String {
    let start: Int = max(0, range.lowerBound - 16)
    let text: String = TaggedValue.part(of: context, start..<range.upperBound + 60)
    return (start > 0 ? "…" : "") + TaggedValue.oneLine(text)
  }
}
