import Files
import Language
import Retrieval
import Tables
import Transformers

/// An answer with the pieces it was given.
package final class AnswerValue: LanguageObject {
  let question: String
  let text: String
  private let tokens: [Int]
  private let prompt: AnswerPrompt
  private let prompter: AnswerPrompter
  private let mode: SearchMode
  private let generator: ModelValue
  /// Made when it is first asked for.
  private var reasons: AnswerReasons?

  init(
    question: String, text: String, tokens: [Int], prompt: AnswerPrompt, prompter: AnswerPrompter, mode: SearchMode,
    generator: ModelValue
  ) {
    self.question = question
    self.text = text
    self.tokens = tokens
    self.prompt = prompt
    self.prompter = prompter
    self.mode = mode
    self.generator = generator
  }

  package var kind: Kind { .answer }
  package var summary: String { "an answer by \(generator.model.name) from \(pieces(prompt.used.count))" }
  package var fieldNames: [String] {
    ["answer", "question", "pieces", "why", "prompt", "tokens", "left_out", "sources"]
  }

  package func field(_ name: String) throws -> Value? {
    switch name {
    case "answer": return .string(text)
    case "question": return .string(question)
    case "pieces": return .object(HitsValue(question, prompt.used, mode))
    case "why": return .table(try why())
    case "prompt": return .string(prompt.text)
    case "tokens": return .int(prompt.tokens.count)
    case "left_out": return .object(HitsValue(question, prompt.leftOut, mode))
    case "sources": return .strings(prompt.used.map(\.source))
    default: return nil
    }
  }

  /// How much each piece raised the logarithm of the answer's probability, and all of them together.
  private func why() throws -> Table {
    guard !tokens.isEmpty else { throw LanguageError.message("there is no answer to give reasons for") }
    let found =
      try reasons ?? prompter.reasons(tokens, question, prompt.passages, by: generator.model)
    reasons = found
    let names = prompt.used.indices.map { "[\($0 + 1)]" } + ["all"]
    let sources = prompt.used.map { HitsDisplay.name($0) } + [""]
    let without = found.without + [found.bare]
    return try Table([
      ("piece", .strings(names)), ("source", .strings(sources)),
      ("raised", .reals(without.map { found.whole - $0 })), ("without", .reals(without)),
      ("with_all", .reals(without.map { _ in found.whole })),
    ])
  }

  package func nextSteps(name: String) -> [String] { ["\(name).why", "\(name).pieces", "print(\(name).prompt)"] }

  private func pieces(_ count: Int) -> String { count == 1 ? "1 piece" : "\(count) pieces" }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    let answer = text.isEmpty ? "(no answer)" : text
    guard size == .full else { return [StyledText(TextWidth.visible(answer)).cut(to: frame.width)] }
    let lines = HitsDisplay.wrapped(answer, width: frame.width, lines: max(1, frame.height - prompt.used.count - 2))
    return lines.map { StyledText($0) } + rest(in: frame)
  }

  package func display(afterStreaming shown: String, in frame: DisplayFrame) -> [StyledText]? {
    shown.trimmingSpaces() == text ? rest(in: frame) : nil
  }

  /// Everything but the answer itself.
  private func rest(in frame: DisplayFrame) -> [StyledText] {
    var lines: [StyledText] = []
    for (place, hit) in prompt.used.enumerated().prefix(max(1, frame.height - 3)) {
      var line = StyledText("[\(place + 1)] ", .faint)
      line.append(HitsDisplay.score(hit.score, mode), .number)
      line.append("  ")
      line.append(HitsDisplay.name(hit), .name)
      lines.append(line.cut(to: frame.width))
    }
    var last = "from \(pieces(prompt.used.count)), a prompt of \(Numbers.grouped(prompt.tokens.count)) tokens"
    if !prompt.leftOut.isEmpty { last += ", \(pieces(prompt.leftOut.count)) left out" }
    lines.append(StyledText(last, .faint).cut(to: frame.width))
    return lines
  }
}
