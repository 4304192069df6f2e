import Language
import Prompting
import Tables

/// Labelled examples for prompts, in the language.
package final class ShotsValue: LanguageObject {
  package let shots: Shots

  package init(_ shots: Shots) { self.shots = shots }

  package var kind: Kind { .shots }
  package var summary: String { "\(shots.count) \(shots.selection.rawValue) shots" }
  package var fieldNames: [String] { ["rows", "select", "k", "separator"] }
  package func field(_ name: String) throws -> Value? {
    switch name {
    case "rows": .table(shots.table)
    case "select": .string(shots.selection.rawValue)
    case "k": .int(shots.count)
    case "separator": .string(shots.separator)
    default: nil
    }
  }
  package func nextSteps(name: String) -> [String] {
    ["\(name).rows", "gen.trial(p, reviews.valid, shots: \(name))"]
  }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    let isNearest = shots.selection == .nearest
    var head = StyledText("\(shots.count) shot\(shots.count == 1 ? "" : "s")", .heading)
    head.append(", \(shots.selection.rawValue)")
    if isNearest {
      head.append(" of \(Numbers.grouped(shots.rows.count)) rows, by \(shots.embedder?.name ?? "their words")")
    }
    if size != .full || isNearest { return [head.cut(to: frame.width)] }
    return [head]
      + TableDisplay(
        shots.table, frame: DisplayFrame(width: frame.width, height: frame.height - 1, unicode: frame.unicode)
      ).lines()
  }
}

extension Builtin {
  /// The word that chooses examples.
  static let shotWords: [Builtin] = [shots]

  private static let shots = Builtin(
    "shots", area: .prompts, on: [.table], returns: .shots,
    summary: "Choose labelled rows to stand before each row of a prompt.",
    details: [
      "balanced: as many of each label, give or take one.",
      "nearest: for each row those most like it, the most alike last and never the row itself; by a model's features "
        + "(by:), else by words weighed by their rarity.",
    ],
    parameters: [
      .named("k", .int, default: 4, "How many, all labels together."),
      .named("select", .choice(Shots.Selection.allCases.map(\.rawValue)), default: "balanced", "How they are chosen."),
      .named("separator", .string, default: "\n\n", "What stands between them."),
      .named("by", .kind(.model), shown: "words", "For nearest: a model whose features tell likeness."),
      .named("label", .string, default: "label", "The column of labels."),
      .named("seed", .int, shown: "the session's", "For drawing."),
    ],
    keywords: ["few-shot", "demonstrations", "examples", "in-context learning", "num_fewshot"],
    python: "lm_eval.simple_evaluate(model, tasks=tasks, num_fewshot=4)",
    examples: [
      Example("\(tinyRows).shots(k: 2).rows.len()", gives: 2),
      Example("\(tinyRows).shots(k: 9)", fails: "9 shots from 4 labelled rows"),
    ], seeAlso: ["prompt", "trial"]
  ) { call in
    .object(
      ShotsValue(
        try Shots(
          try call.receiver(as: TableValue.self).table, count: try call.int("k"),
          selection: Shots.Selection(rawValue: try call.string("select")) ?? .balanced,
          separator: try call.string("separator"), seed: call.seedBits, label: try call.string("label"),
          embedder: call.objectIfAny("by", as: ModelValue.self)?.model)))
  }
}
