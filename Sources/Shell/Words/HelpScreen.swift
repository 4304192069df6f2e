import Language

/// `help` without a topic: the steps of finetuning with a line of code each, as far as their words are here.
package enum HelpScreen {
  private struct Step {
    var does: String
    var code: String
    /// The word without which the line isn't shown.
    var word: String
  }

  private static let steps: [Step] = [
    Step(does: "open a model", code: "model = load(\"all-MiniLM-L6-v2\")", word: "load"),
    Step(does: "see its tokens", code: "model.tokenize(\"Unfreezing works.\")", word: "tokenize"),
    Step(does: "read labelled texts", code: "reviews = read(\"samples/reviews.tsv\").split()", word: "read"),
    Step(does: "their labels", code: "y = reviews.train.label", word: "read"),
    Step(does: "compute features", code: "x = model.features(reviews.train, pooling: \"mean\")", word: "features"),
    Step(does: "learn on features", code: "c = logistic_regression(x, y)", word: "logistic_regression"),
    Step(
      does: "put a head on", code: "top = model.for_sequence_classification(labels: y)",
      word: "for_sequence_classification"),
    Step(does: "choose what learns", code: "top.freeze();  top.unfreeze(\"head\")", word: "unfreeze"),
    Step(does: "train", code: "run = top.fit(reviews, epochs: 3)", word: "fit"),
    Step(does: "measure, see errors", code: "top.evaluate(reviews.test);  top.errors(reviews.test)", word: "evaluate"),
    Step(does: "train little of it", code: "lora = top.add_lora(rank: 8)", word: "add_lora"),
    Step(does: "open one that writes", code: "gen = load(\"SmolLM2-135M-Instruct\")", word: "generate"),
    Step(does: "write a prompt", code: "p = prompt(\"{text} It was {label}\", labels: y)", word: "prompt"),
    Step(does: "try it", code: "gen.trial(p, reviews.valid)", word: "trial"),
    Step(does: "index documents", code: "d = index(none, model);  d.add(\"samples/handbook\")", word: "index"),
    Step(does: "search them", code: "d.search(\"How long is the leave?\", k: 3)", word: "search"),
    Step(does: "keep it", code: "save(top, \"my-model\")", word: "save"),
  ]

  package static func lines(_ builtins: BuiltinTable) -> [StyledText] {
    var lines = [StyledText("The steps of finetuning, a line of code each", .heading)]
    for step in steps where builtins.contains(step.word) {
      lines.append(StyledText("  " + TextWidth.padded(step.does, to: 21)) + StyledText(step.code, .accent))
    }
    lines.append(StyledText())
    for (what, does) in [
      ("?fit", "the page of a word, or of a value of yours"), ("help words", "all words by area"),
      ("help \"learning rate\"", "search"), (":help", "lines for the shell: :save :undo :lesson ..."),
      (":save lesson.luth", "keep this session as a script that replays"),
    ] {
      lines.append(StyledText("  " + TextWidth.padded(what, to: 21), .name) + StyledText(does))
    }
    return lines
  }
}
