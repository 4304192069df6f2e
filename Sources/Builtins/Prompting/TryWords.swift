import Language
import Prompting
import Tables
import Transformers

extension Builtin {
  /// The word that looks at one row step by step.
  static let tryPromptWords: [Builtin] = [tryPrompt]

  private static let tryPrompt = Builtin(
    "try_prompt", area: .prompts, on: [.model], returns: .report,
    summary: "One row step by step: the filled prompt, its tokens, the next token, each label's score, the choice.",
    parameters: [
      .positional("prompt", .kind(.prompt), "the prompt"),
      .positional("row", .either([.record, .kind(.table)]), "a row: reviews[0]"),
      .named("shots", .kind(.shots), shown: "none", "Labelled examples before it."),
      .named("calibrate", .bool, default: true, "Show probabilities after calibration too."),
      .named(
        "scoring", .choice(Scoring.allCases.map(\.rawValue)), default: "sum", "How words are weighed, as in trial."),
      .named("chat", .bool, default: false, "As a message, by the model's chat template."),
      .named("best", .int, default: 5, "How many next tokens are shown."),
    ],
    keywords: ["inspect", "debug prompt", "next token", "in-context learning"],
    python: "torch.log_softmax(model(ids).logits[0, -1], -1).topk(5)",
    examples: [
      Example("\(tinyPrompt); m = tiny.for_masked_lm(); m.try_prompt(p, {text: \"a\"}).scores.len()", gives: 2),
      Example("\(tinyPrompt); tiny.try_prompt(p, {text: \"a\"})", fails: "has no head"),
    ], seeAlso: ["prompt", "trial", "render"]
  ) { call in
    let model = try call.receiver(as: ModelValue.self).model
    let prompt = try call.object("prompt", as: PromptValue.self).prompt
    let row = try call.promptRow("row")
    let settings = try call.trialSettings()
    let attempt = try Attempt(
      model, prompt, row, settings, best: max(1, min(try call.int("best"), 8)),
      checkInterruption: { try call.checkInterruption() })
    return .object(AttemptValue(attempt))
  }
}

/// One row step by step, in the language.
final class AttemptValue: LanguageObject {
  let attempt: Attempt

  init(_ attempt: Attempt) { self.attempt = attempt }

  var kind: Kind { .report }
  var summary: String { "one row tried: \(attempt.labels[attempt.chosen]) chosen" }
  var fieldNames: [String] { ["text", "tokens", "next", "scores", "chosen", "truth", "probabilities", "calibrated"] }

  func field(_ name: String) throws -> Value? {
    switch name {
    case "text": .string(attempt.text)
    case "tokens": .strings(attempt.tokens)
    case "next":
      .table(
        try Table([
          ("token", .strings(attempt.next.map(\.token))), ("probability", .reals(attempt.next.map(\.probability))),
        ]))
    case "scores": try .record(zip(attempt.labels, attempt.scores).map { ($0, .float($1)) })
    case "probabilities": try .record(zip(attempt.labels, attempt.probabilities).map { ($0, .float($1)) })
    case "calibrated":
      try attempt.calibrated.map { try .record(zip(attempt.labels, $0).map { ($0, .float($1)) }) } ?? .nothing
    case "chosen": .string(attempt.labels[attempt.chosen])
    case "truth": attempt.truth.map { .string($0) } ?? .nothing
    default: nil
    }
  }

  func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    guard size == .full else { return [StyledText(summary).cut(to: frame.width)] }
    let labels = labelLines()
    let next = nextLines(frame)
    let room = max(2, frame.height - labels.count - next.count - 2)
    var lines: [StyledText] = []
    let text = wrapped(attempt.text, frame.width)
    if text.count > room {
      lines.append(StyledText("… \(text.count - room + 1) lines before", .faint))
      lines += text.suffix(room - 1).map { StyledText($0) }
    } else {
      lines += text.map { StyledText($0) }
    }
    lines.append(tokenLine(frame))
    lines += next + labels
    return lines.prefix(frame.height).map { $0.cut(to: frame.width) }
  }

  private func wrapped(_ text: String, _ width: Int) -> [String] {
    TextLines.of(text).flatMap { line -> [String] in
      var rest = TextWidth.visible(line)
      var parts: [String] = []
      while TextWidth.of(rest) > width {
        var part = TextWidth.prefix(rest, width: width)
        if let space = part.lastIndex(of: " "), space > part.startIndex { part = String(part[...space]) }
        if part.isEmpty { break }
        parts.append(part)
        rest = String(rest.dropFirst(part.count))
      }
      return parts + [rest]
    }
  }

  /// How many tokens, and the last of them.
  private func tokenLine(_ frame: DisplayFrame) -> StyledText {
    var line = StyledText("\(Numbers.grouped(attempt.tokens.count)) tokens", .accent)
    line.append(attempt.limit.map { " of \(Numbers.grouped($0))" } ?? "", .faint)
    var shown: [String] = []
    var room = frame.width - line.width - 6
    for token in attempt.tokens.reversed() {
      let text = TextWidth.visible(token)
      room -= TextWidth.of(text) + 1
      if room < 0 { break }
      shown.insert(text, at: 0)
    }
    line.append("  " + (shown.count < attempt.tokens.count ? "… " : "") + shown.joined(separator: "|"), .faint)
    return line
  }

  private func nextLines(_ frame: DisplayFrame) -> [StyledText] {
    let width = min(20, attempt.next.map { TextWidth.of(TextWidth.visible($0.token)) }.max() ?? 0)
    let most = max(attempt.next.first?.probability ?? 1, 1e-9)
    let head = attempt.isMasked ? "at the mask" : "next token"
    return [StyledText(head, .heading)]
      + attempt.next.map { next in
        var line = StyledText("  " + TextWidth.padded(TextWidth.visible(next.token), to: width) + "  ", .string)
        line.append(Figures.three(next.probability) + " ", .number)
        let bar = Int((next.probability / most * Double(max(10, frame.width - width - 14))).rounded())
        line.append(String(repeating: frame.unicode ? "█" : "#", count: max(0, min(bar, frame.width))), .accent)
        return line
      }
  }

  private func labelLines() -> [StyledText] {
    let width = max(5, min(20, attempt.labels.map { TextWidth.of($0) }.max() ?? 0))
    var head = StyledText(TextWidth.padded("label", to: width), .heading)
    head.append("     score  probability")
    if attempt.calibrated != nil { head.append("  calibrated") }
    var lines = [head]
    let order = attempt.labels.indices.sorted {
      (-(attempt.deciding[$0]), $0) < (-(attempt.deciding[$1]), $1)
    }
    for place in order.prefix(8) {
      var line = StyledText(attempt.labels[place], .name).cut(to: width).padded(to: width)
      line += StyledText(Figures.three(attempt.scores[place]), .number).padded(to: 10, alignRight: true)
      line += StyledText(Figures.three(attempt.probabilities[place]), .number).padded(to: 13, alignRight: true)
      if let calibrated = attempt.calibrated {
        line += StyledText(Figures.three(calibrated[place]), .number).padded(to: 12, alignRight: true)
      }
      if place == attempt.chosen { line.append("  chosen") }
      if attempt.labels[place] == attempt.truth {
        line.append("  true", place == attempt.chosen ? .good : .warning)
      }
      lines.append(line)
    }
    if attempt.labels.count > 8 { lines.append(StyledText("… \(attempt.labels.count - 8) more labels", .faint)) }
    return lines
  }
}
