import Language
import Prompting
import Tables
import Training

extension Builtin {
  /// The words that look for a better prompt.
  static let promptSearchWords: [Builtin] = [searchPrompts, bestOfSearch]

  private static let searchPrompts = Builtin(
    "search_prompts", area: .prompts, on: [.model], returns: .search,
    summary: "Edit a prompt step by step on train rows, keep what helps, and measure what comes out on held-out rows.",
    details: [
      "Edits: instructions, separators and leads, label words the model finds likely, shots and their order.",
      "Each candidate is tried on the same train rows and logged; the held-out rows are looked at once, at the end.",
    ],
    parameters: [
      .positional("prompt", .kind(.prompt), "where to start"),
      .positional("train", .kind(.table), "labelled rows to search on; shots come from them too"),
      .positional("held_out", .kind(.table), "labelled rows for the result"),
      .named("budget", .int, default: 24, "How many candidates at most."),
      .named("rows", .int, default: 64, "How many train rows each is tried on."),
      .named(
        "edits", .list(of: .choice(PromptSearch.Edit.allCases.map(\.rawValue))), shown: "all", "What may be edited."),
    ] + Parameter.asking + [
      .named("label", .string, default: "label", "The column with the truth."),
      .named("seed", .int, shown: "the session's", "For rows, shots and the order of edits."),
    ],
    keywords: ["prompt tuning", "hard prompt", "APE", "GrIPS", "optimize prompt", "label words", "verbalizer search"],
    python: "",
    examples: [
      Example(
        "\(tinyPrompt); m = tiny.for_masked_lm(); m.search_prompts(p, \(tinyRows), \(tinyRows), budget: 3, edits: [\"template\"]).log.len()",
        gives: 3)
    ], seeAlso: ["trial", "best", "prompt"]
  ) { call in
    let model = try call.receiver(as: ModelValue.self)
    var settings = PromptSearch.Settings()
    settings.trial = try call.trialSettings()
    settings.budget = try call.int("budget")
    settings.rows = try call.int("rows")
    guard settings.rows >= 1 else { throw call.error("rows: expected at least 1, got \(settings.rows)", at: "rows") }
    if call.has("edits") { settings.edits = try call.strings("edits").compactMap { PromptSearch.Edit(rawValue: $0) } }
    let search = try PromptSearch(
      model.model, call.object("prompt", as: PromptValue.self).prompt, train: try call.rows("train"),
      heldOut: try call.rows("held_out"), settings, checkInterruption: { try call.checkInterruption() },
      progress: { done, total in try call.progress("search", done, total) },
      measuring: { done, total in try call.progress("held out", done, total) })
    if !search.isComplete {
      call.stoppedEarly(replayWith: "budget", .int(search.candidates.count))
      call.noteStop("stopped after \(search.candidates.count) candidates")
    }
    return .object(SearchValue(search, model))
  }

  private static let bestOfSearch = Builtin(
    "best", area: .prompts, on: [.search], returns: .prompt,
    summary: "The prompt a search found; its shots are search.shots.", keywords: ["winner", "best prompt"],
    examples: [
      Example(
        "\(tinyPrompt); m = tiny.for_masked_lm(); best(m.search_prompts(p, \(tinyRows), \(tinyRows), budget: 1))",
        kind: .prompt)
    ], seeAlso: ["search_prompts", "trial"]
  ) { call in
    let search = try call.receiver(as: SearchValue.self).search
    return .object(PromptValue(search.candidates[search.best].prompt))
  }
}

/// A search for a prompt, in the language.
final class SearchValue: LanguageObject {
  let search: PromptSearch
  private let model: ModelValue

  init(_ search: PromptSearch, _ model: ModelValue) {
    self.search = search
    self.model = model
  }

  var kind: Kind { .search }
  var summary: String { "a search of \(search.candidates.count) prompts with \(model.model.name)" }
  var fieldNames: [String] { ["log", "prompt", "shots", "start", "found", "p", "accuracy"] }

  func field(_ name: String) throws -> Value? {
    switch name {
    case "log": return .table(try search.log())
    case "prompt": return .object(PromptValue(search.candidates[search.best].prompt))
    case "shots": return search.candidates[search.best].shots.map { .object(ShotsValue($0)) } ?? .nothing
    case "start": return .object(TrialValue(search.start, model))
    case "found": return .object(TrialValue(search.found, model))
    case "p": return .float(try search.test().pValue)
    case "accuracy":
      return try .record([
        ("start", .float(search.startFigures.accuracy)), ("best", .float(search.foundFigures.accuracy)),
      ])
    default: return nil
    }
  }

  func nextSteps(name: String) -> [String] {
    [
      "\(name).log", "\(name).best()", "\(name).shots",
      "model.trial(\(name).best(), reviews.test, shots: \(name).shots)",
    ]
  }

  func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    guard size == .full, let end = try? ending() else { return [StyledText(summary).cut(to: frame.width)] }
    var lines = [
      StyledText(
        "\(search.candidates.count) prompts tried on \(Numbers.grouped(search.trainRows)) train rows", .heading),
      StyledText("      train   loss  edit"),
    ]
    let order = search.candidates.indices.sorted {
      let (a, b) = (search.candidates[$0].figures, search.candidates[$1].figures)
      return (-a.correct, a.loss, $0) < (-b.correct, b.loss, $1)
    }
    let room = max(1, frame.height - lines.count - end.count - 1)
    for place in order.prefix(room) {
      let candidate = search.candidates[place]
      var line = StyledText("\(place)").padded(to: 4, alignRight: true)
      line += StyledText(Figures.three(candidate.figures.accuracy), .number).padded(to: 7, alignRight: true)
      line += StyledText(Figures.three(candidate.figures.loss), .number).padded(to: 7, alignRight: true)
      line.append("  " + candidate.edit, place == search.best ? .accent : .plain)
      if let parent = candidate.parent { line.append("  (of \(parent))", .faint) }
      lines.append(line)
    }
    if order.count > room { lines.append(StyledText("… \(order.count - room) more: .log has them all", .faint)) }
    return (lines + end).prefix(frame.height).map { $0.cut(to: frame.width) }
  }

  /// The result on the held-out rows.
  private func ending() throws -> [StyledText] {
    func line(_ name: String, _ figures: ChoiceFigures) -> StyledText {
      var line = StyledText("held out  " + TextWidth.padded(name, to: 7), .name)
      line += Figures.share(correct: figures.correct, total: figures.total)
      line.append("  loss \(Figures.three(figures.loss))")
      return line
    }
    let p = try search.test().pValue
    return [
      line("start", try search.startFigures), line("best", try search.foundFigures),
      StyledText("best - start: \(p < 0.001 ? "p < 0.001" : "p = \(Figures.three(p))") (exact McNemar test)", .faint),
    ]
  }
}
