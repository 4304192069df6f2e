import Builtins
import Foundation
import Language
import Shell
import TestSupport
import Testing

/// What people read: displays and errors, exactly as shown. `LUTHIER_RECORD=1` records them anew.
@Suite struct GoldenTexts {
  private func transcript(of cells: [String]) throws -> String {
    let transcript = try Transcript()
    BigStack.run { for cell in cells { transcript.run(cell) } }
    return transcript.text
  }

  /// Compares with the golden text; all that is no input or proposal fits 77 columns.
  private func expectFitting(_ text: String, _ golden: String) {
    expectGolden(text, golden)
    for line in text.split(separator: "\n") where !line.contains("> ") && !line.hasPrefix("  try:") {
      #expect(TextWidth.of(String(line)) <= 77, "\(line)")
    }
  }

  @Test func displaysOfValues() throws {
    let text = try transcript(of: [
      "1; 2.5; true; \"one\\ntwo\"",
      "[1, 2.0, \"three\", none]",
      "range(200)",
      "{positive: \"great\", \"0\": \"bad\", 3: [1, 2]}",
      "x -> x + 1",
      "fn twice(x, by: 2) { x * by }\ntwice",
      "len",
      "tensor([[1.5, -2.0], [3.25, 4.0]])",
      "tensor([1, 2, 3]) == 2",
      "arange(100000)",
      "zeros([2, 3, 4])",
      "reviews = read(\"samples/reviews.tsv\").split(train: 0.7, valid: 0.1)",
      "reviews",
      "reviews.train.head(3)",
      "reviews.train[0]",
      "reviews.train.label.head(2)",
      "reviews.train.describe()",
      "reviews.train.count(\"label\")",
      "reviews.train.group(\"label\")",
      "read(\"samples/entities.conll\").head(2)",
    ])
    expectFitting(text, "shell/displays-values.txt")
  }

  @Test func displaysOfModelsAndClassifiers() throws {
    let text = try transcript(of: [
      "tiny",
      "tiny.config",
      "tiny.tokenizer",
      "tiny.tokenize(\"Unfreezing works.\")",
      "tiny.encode(\"a b\", pair: \"c\")",
      "tiny.parameters(\"pooler\")",
      "tiny.encoder.layer[0].attention",
      "tiny([\"a b\", \"c\"])",
      "clf = tiny.for_sequence_classification(labels: [\"bad\", \"good\"], seed: 0)",
      "clf.freeze(); clf.unfreeze(\"head\")",
      "clf",
      "again = clf",
      "x = tensor([[-2.0, 1.0], [-1.0, 0.5], [-1.5, -1.0], [1.0, 1.5], [2.0, -0.5], [1.5, 0.0]])",
      "y = [\"bad\", \"bad\", \"bad\", \"good\", \"good\", \"good\"]",
      "c = logistic_regression(x, y)",
      "c",
      "c.coef",
      "c.predict(x[0])",
      "c.confusion(x, y: y)",
      "c.report(x, y: y)",
      "c.evaluate(x, y: y)",
    ])
    expectFitting(text, "shell/displays-models.txt")
  }

  @Test func typicalErrors() throws {
    let text = try transcript(of: TypicalErrors.cells)
    expectFitting(text, "shell/errors.txt")
  }

  @Test func typicalErrorsOfModelsAndData() throws {
    let text = try transcript(of: TypicalErrors.modelCells)
    expectFitting(text, "shell/errors-models.txt")
  }

  /// Pages fit a screen of 80 columns and 24 lines, whatever is declared.
  @Test func everyPageOfHelpFits() throws {
    let interpreter = try Transcript().interpreter
    for word in interpreter.builtins.names {
      let lines = try Help.lines(word, interpreter)
      #expect(lines.count <= 24, "?\(word) has \(lines.count) lines")
      for line in lines { #expect(line.width <= 77, "?\(word): \(line.plain)") }
    }
    for line in try Help.lines("words", interpreter) { #expect(line.width <= 77, "\(line.plain)") }
    let screen = HelpScreen.lines(interpreter.builtins)
    #expect(screen.count <= 24)
    for line in screen { #expect(line.width <= 77, "\(line.plain)") }
  }

  @Test func pagesOfValues() throws {
    let transcript = try Transcript()
    BigStack.run {
      transcript.run("reviews = read(\"samples/reviews.tsv\").split(train: 0.7, valid: 0.1)")
      transcript.run("x = [1, 2]; text = \"words\"; t = tensor([[1.0, 2.0]])")
    }
    for topic in ["reviews", "reviews.train", "reviews.train.text", "tiny", "x", "text", "t"] {
      try transcript.help(topic)
    }
    for line in transcript.text.split(separator: "\n") where !line.contains("> ") {
      #expect(TextWidth.of(String(line)) <= 77, "\(line)")
    }
    let pages = transcript.text.components(separatedBy: "\n?").dropFirst()
    #expect(pages.count == 7)
    for page in pages {
      #expect(page.contains("what could come next"), "\(page)")
      #expect(page.split(separator: "\n").count <= 24)
    }
  }
}
