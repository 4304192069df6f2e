import Language
import Prompting
import Tables
import Training

extension Builtin {
  /// Words about trials.
  static let trialWords: [Builtin] = [trial, addToTrial, best, diff, trialErrors]

  /// A trial for examples.
  static let tinyTrial: String =
    "\(tinyPrompt); q = prompt(\"{text} {mask}\", labels: {bad: \"c\", good: \"d\"}); m = tiny.for_masked_lm()\n"
    + "t = m.trial({a: p, b: q}, \(tinyRows))"

  private static let trial = Builtin(
    "trial", area: .prompts, on: [.model], returns: .trial,
    summary: "Try prompts on labelled rows: a line for each, with its accuracy and what it cost.",
    details: [
      "A label's score is the log-likelihood of its word after the prompt, as lm-evaluation-harness computes it; "
        + "the probabilities of several words of a label add up.",
      "What prompts and rows have in common is read once. Ctrl-C keeps the rows that are done.",
    ],
    parameters: [
      .positional("prompts", .either([.kind(.prompt), .list, .record]), "a prompt, a list, or a record with names"),
      .positional("rows", .either([.kind(.table), .record]), "rows with the template's columns and a label"),
    ] + Parameter.asking + [
      .named("orders", .int, default: 1, "Try the shots in so many orders: least, median and most accuracy."),
      .named(
        "overflow", .choice(TrialSettings.Overflow.allCases.map(\.rawValue)), default: "error",
        "What becomes of rows too long for the model; nothing is ever cut."),
      .named("first", .int, shown: "all", "Only the first so many rows."),
      .named("label", .string, default: "label", "The column with the truth."),
      .named("seed", .int, shown: "the session's", "For the orders."),
    ],
    keywords: ["zero-shot", "few-shot", "in-context learning", "lm_eval", "evaluate prompts", "calibrate"],
    python: "lm_eval.simple_evaluate(model, tasks=tasks, num_fewshot=4)",
    examples: [
      Example("\(tinyTrial); t.prompts", gives: .strings(["a", "b"])),
      Example("\(tinyPrompt); tiny.for_masked_lm().trial(p, table({txt: [\"a\"], label: [\"bad\"]}))", fails: "{text}"),
    ], seeAlso: ["prompt", "shots", "add", "best", "diff", "search_prompts"], makesNew: true
  ) { call in
    let model = try call.receiver(as: ModelValue.self)
    let prompts = try call.prompts("prompts")
    let settings = try call.trialSettings()
    var rows = try call.rows("rows")
    if let first = try call.intIfAny("first") {
      guard first >= 1 else { throw call.error("first: expected at least 1, got \(first)", at: "first") }
      rows = rows.head(first)
    }
    let (trial, isComplete) = try Trial.run(
      model.model, prompts, rows, settings, checkInterruption: { try call.checkInterruption() },
      progress: call.reporting("trial"))
    if !isComplete {
      call.stoppedEarly(replayWith: "first", .int(trial.rowCount))
      call.noteStop("stopped after \(trial.rowCount) of \(rows.rowCount) rows; add(trial, rows) goes on")
    }
    let overlap = settings.shots?.overlap(with: PromptRow.rows(of: rows, label: settings.label)) ?? 0
    if overlap > 0 { call.note("\(overlap) of the shots are rows of the trial too") }
    return .object(TrialValue(trial, model))
  }

  private static let addToTrial = Builtin(
    "add", area: .prompts, on: [.trial], returns: .trial,
    summary: "More prompts or more rows for a trial; what is done already is not computed again.",
    details: [
      "Rows that are in the trial already are left out, so a trial that was stopped goes on with the same table."
    ],
    parameters: [
      .positional("more", .either([.kind(.prompt), .list, .record, .kind(.table)]), "prompts, or rows"),
      .named("first", .int, shown: "all", "Only the first so many."),
    ],
    keywords: ["extend", "more rows", "more prompts"], python: "",
    examples: [
      Example("\(tinyTrial); t.add({c: p}); t.prompts", gives: .strings(["a", "b", "c"])),
      Example("\(tinyTrial); t.add(table({text: [\"d\"], label: [\"good\"]})); t.rows.len()", gives: 5),
    ], seeAlso: ["trial"]
  ) { call in
    let value = try call.receiver(as: TrialValue.self)
    let first = try call.intIfAny("first")
    if let first, first < 1 { throw call.error("first: expected at least 1, got \(first)", at: "first") }
    var trial = value.trial
    let check = { try call.checkInterruption() }
    if let table: TableValue = call.value("more").object() {
      let rows = first.map { table.table.head($0) } ?? table.table
      let result = try trial.add(
        value.model.model, rows: rows, checkInterruption: check, progress: call.reporting("add"))
      if result.known > 0 { call.note("\(Numbers.grouped(result.known)) rows were there already") }
      if !result.isComplete {
        call.stoppedEarly(replayWith: "first", .int(result.added + result.known))
        call.noteStop("stopped after \(result.added) more rows")
      }
    } else {
      var prompts = try call.prompts("more", known: trial.results.map(\.name))
      if let first { prompts = Array(prompts.prefix(first)) }
      let count = try trial.add(
        value.model.model, prompts, checkInterruption: check, progress: call.reporting("add"))
      if count < prompts.count {
        call.stoppedEarly(replayWith: "first", .int(count))
        call.noteStop("stopped after \(count) of \(prompts.count) prompts")
      }
    }
    call.willChange(value)
    value.trial = trial
    return .object(value)
  }

  private static let best = Builtin(
    "best", area: .prompts, on: [.trial], returns: .prompt,
    summary: "The prompt with the best accuracy (calibrated, where it was), then the least log loss.",
    keywords: ["winner", "best prompt"], python: "max(results, key=accuracy)",
    examples: [Example("\(tinyTrial); t.best()", kind: .prompt)], seeAlso: ["trial", "diff"]
  ) { call in
    guard let line = try call.receiver(as: TrialValue.self).trial.lines().first else {
      throw call.error("the trial is empty")
    }
    return .object(PromptValue(line.result.prompt.named(line.result.name)))
  }

  private static let diff = Builtin(
    "diff", area: .prompts, on: [.trial], returns: .report,
    summary: "The rows that one prompt gets right and the other wrong, and whether that may be chance.",
    parameters: [
      .positional("a", .string, "a prompt's name"), .positional("b", .string, "another's"),
    ],
    keywords: ["mcnemar", "compare prompts", "fixed", "broken"], python: "mcnemar(table, exact=True)",
    examples: [
      Example("\(tinyTrial); t.diff(\"a\", \"a\").p", gives: 1.0),
      Example("\(tinyTrial); t.diff(\"a\", \"z\")", fails: "no prompt \"z\""),
    ], seeAlso: ["trial", "errors", "best"]
  ) { call in
    let trial = try call.receiver(as: TrialValue.self).trial
    return .object(
      try TrialDifference(trial, try trial.result(named: call.string("a")), try trial.result(named: call.string("b")))
        .report())
  }

  private static let trialErrors = Builtin(
    "errors", area: .prompts, on: [.trial], returns: .table,
    summary: "The rows a prompt of a trial chose wrong, the worst first.",
    details: ["Worst is where the truth got the least probability, which stands in the column true_probability."],
    parameters: [.positional("prompt", .string, shown: "the best", "a prompt's name")],
    keywords: ["mistakes", "hardest", "wrong"], python: "df[chosen != y]",
    examples: [Example("\(tinyTrial); t.errors(\"a\")", kind: .table)], seeAlso: ["trial", "diff"]
  ) { call in
    let trial = try call.receiver(as: TrialValue.self).trial
    let given = try call.stringIfAny("prompt").map { try trial.result(named: $0) }
    guard let result = try given ?? trial.lines().first?.result else { throw call.error("the trial is empty") }
    return .table(try trial.table(of: result, rows: trial.mistakes(of: result)))
  }
}
