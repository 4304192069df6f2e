import Files
import Language
import Retrieval
import Tables
import Training
import Transformers

/// How an answer came about.
enum AnswerOrigin {
  /// Written by a language model, of these tokens.
  case written(tokens: [Int], prompt: AnswerPrompt, prompter: AnswerPrompter)
  /// Cut out of a piece by a model that finds answers: what it found in each, the piece it stands in.
  case found([FoundAnswer], piece: Int)
}

/// An answer with the pieces it was given.
package final class AnswerValue: LanguageObject {
  let question: String
  let text: String
  private let used: [SearchHit]
  private let leftOut: [SearchHit]
  private let origin: AnswerOrigin
  private let mode: SearchMode
  private let generator: ModelValue
  /// Made when it is first asked for.
  private var reasons: AnswerReasons?

  init(
    question: String, text: String, used: [SearchHit], leftOut: [SearchHit], origin: AnswerOrigin, mode: SearchMode,
    generator: ModelValue
  ) {
    self.question = question
    self.text = text
    self.used = used
    self.leftOut = leftOut
    self.origin = origin
    self.mode = mode
    self.generator = generator
  }

  package var kind: Kind { .answer }
  package var summary: String { "an answer by \(generator.model.name) from \(pieces(used.count))" }
  package var fieldNames: [String] {
    ["answer", "question", "pieces", "why", "prompt", "tokens", "left_out", "sources"]
  }

  package func field(_ name: String) throws -> Value? { try field(name, checkInterruption: {}) }

  package func field(_ name: String, checkInterruption: () throws -> Void) throws -> Value? {
    switch name {
    case "answer": return .string(text)
    case "question": return .string(question)
    case "pieces": return .object(HitsValue(question, used, mode))
    case "why": return .table(try why(checkInterruption))
    case "prompt":
      if case .written(_, let prompt, _) = origin { return .string(prompt.text) }
      return .nothing
    case "tokens":
      if case .written(_, let prompt, _) = origin { return .int(prompt.tokens.count) }
      return .nothing
    case "left_out": return .object(HitsValue(question, leftOut, mode))
    case "sources": return .strings(used.map(\.source))
    default: return nil
    }
  }

  private var numbers: [String] { used.indices.map { "[\($0 + 1)]" } }

  /// Of a written answer how much each piece raised the logarithm of its probability, and all of them together; of a
  /// found one what each piece had to offer.
  private func why(_ checkInterruption: () throws -> Void) throws -> Table {
    switch origin {
    case .found(let answers, _):
      return try Table([
        ("piece", .strings(numbers)), ("source", .strings(used.map { HitsDisplay.name($0) })),
        ("answer", .strings(answers.map(\.text))), ("score", .reals(answers.map(\.score))),
        ("probability", .reals(answers.map(\.probability))),
      ])
    case .written(let tokens, let prompt, let prompter):
      guard !tokens.isEmpty else { throw LanguageError.message("there is no answer to give reasons for") }
      let found =
        try reasons
        ?? prompter.reasons(
          tokens, question, prompt.passages, by: generator.model, checkInterruption: checkInterruption)
      reasons = found
      let without = found.without + [found.bare]
      return try Table([
        ("piece", .strings(numbers + ["all"])), ("raised", .reals(without.map { found.whole - $0 })),
        ("without", .reals(without)), ("with_all", .reals(without.map { _ in found.whole })),
        ("source", .strings(used.map { HitsDisplay.name($0) } + [""])),
      ])
    }
  }

  package func nextSteps(name: String) -> [String] { ["\(name).why", "\(name).pieces", "print(\(name).prompt)"] }

  private func pieces(_ count: Int) -> String { count == 1 ? "1 piece" : "\(count) pieces" }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    let answer = text.isEmpty ? "(no answer)" : text
    guard size == .full else { return [StyledText(TextWidth.visible(answer)).cut(to: frame.width)] }
    let lines = HitsDisplay.wrapped(answer, width: frame.width, lines: max(1, frame.height - used.count - 2))
    return lines.map { StyledText($0) } + rest(in: frame)
  }

  package func display(afterStreaming shown: String, in frame: DisplayFrame) -> [StyledText]? {
    shown.trimmingSpaces() == text ? rest(in: frame) : nil
  }

  /// Everything but the answer itself.
  private func rest(in frame: DisplayFrame) -> [StyledText] {
    var lines: [StyledText] = []
    for (place, hit) in used.enumerated().prefix(max(1, frame.height - 3)) {
      var line = StyledText("[\(place + 1)] ", .faint)
      line.append(HitsDisplay.score(hit.score, mode), .number)
      line.append("  ")
      line.append(HitsDisplay.name(hit), .name)
      lines.append(line.cut(to: frame.width))
    }
    var last = used.isEmpty ? "from no piece, the model alone" : "from \(pieces(used.count))"
    switch origin {
    case .written(_, let prompt, _): last += ", a prompt of \(Numbers.grouped(prompt.tokens.count)) tokens"
    case .found(let answers, let piece) where answers.indices.contains(piece):
      last = "found in [\(piece + 1)], \(Figures.three(answers[piece].probability)) of its candidates"
    case .found: break
    }
    if !leftOut.isEmpty { last += ", \(pieces(leftOut.count)) left out" }
    lines.append(StyledText(last, .faint).cut(to: frame.width))
    return lines
  }
}
