import Language
import Shell
import TestSupport
import Testing

/// The pages of help as people read them. New words and arguments change them: look at the difference, then record anew
/// with `LUTHIER_RECORD=1`.
@Suite struct HelpGoldens {
  @Test func theStepsOfFinetuning() throws {
    let lines = HelpScreen.lines(try Transcript().interpreter.builtins)
    expectGolden(lines.map { $0.plain + "\n" }.joined(), "shell/help.txt")
  }

  @Test func allWords() throws {
    let transcript = try Transcript()
    try transcript.help("words")
    expectGolden(transcript.text, "shell/help-words.txt")
  }

  @Test func pagesOfWords() throws {
    let transcript = try Transcript()
    for word in ["fit", "features", "tokenize", "logistic_regression", "split", "len"] { try transcript.help(word) }
    try transcript.help("\"learning rate\"")
    try transcript.help("from_pretrained")
    expectGolden(transcript.text, "shell/help-pages.txt")
  }

  @Test func aValueWithNothingButItsSummaryIsSaidOnce() throws {
    let transcript = try Transcript()
    transcript.run(#"p = tiny.for_token_classification(labels: ["I-X"], seed: 1).predict("a b")"#)
    try transcript.help("p")
    #expect(transcript.text.split(separator: "\n").count { $0.contains("tagged words") } == 1, "\(transcript.text)")
    #expect(transcript.text.contains("  p.entities\n"))
  }

  @Test func aMistypedWordIsAskedAbout() throws {
    let transcript = try Transcript()
    try transcript.help("fitt")
    #expect(transcript.text.contains("did you mean fit?"))
  }

  @Test func aWordBehindAValueHasItsPage() throws {
    let transcript = try Transcript()
    BigStack.run { transcript.run("r = {a: 1}") }
    try transcript.help("r.len")
    #expect(transcript.text.contains("len  data"))
    #expect(throws: LanguageError.self) { try transcript.help("r.lenn") }
  }

  @Test func aLetterIsNotFoundInsideWords() throws {
    let transcript = try Transcript()
    #expect(throws: LanguageError.self) { try transcript.help("qz") }
    #expect(!HelpSearch.lines("k", in: transcript.interpreter.builtins).contains { $0.plain.hasPrefix("  tokenize") })
  }

  @Test func pagesOfValues() throws {
    let transcript = try Transcript()
    BigStack.run {
      transcript.run("reviews = read(\"samples/reviews.tsv\").split(train: 0.7, valid: 0.1)")
      transcript.run("x = tensor([[1.0], [2.0], [3.0]]); c = logistic_regression(x, [\"a\", \"b\", \"b\"])")
    }
    for name in ["reviews", "reviews.train", "reviews.train.label", "tiny", "x", "c"] { try transcript.help(name) }
    expectGolden(transcript.text, "shell/help-values.txt")
  }
}
