import Prompting
import Testing

@Suite struct TemplateTests {
  private let row = PromptRow(["text": "Fine {label} }}", "a b": "2"], label: "good")
  private let labels = [Prompt.Label("bad", ["poor"]), Prompt.Label("good", ["great", "so good"])]

  private func rendered(_ template: String, mask: String = "{mask}") throws -> String {
    try Prompt(Template(template), labels: labels).rendered(row, mask: mask)
  }

  @Test func columnsAndBraces() throws {
    #expect(try rendered("{{x}} { text } {a b}{label}") == "{x} Fine {label} }} 2")
    #expect(try Template("{{}}{text}{text}{b}{label}").fields == ["text", "b"])
    // What a row holds is never read as a template.
    #expect(try rendered("{text}|{label}") == "Fine {label} }}|")
  }

  @Test func spacesBeforeTheLabelGoWithItsWord() throws {
    let filled = try Prompt(Template("A:  {label} end"), labels: labels).filled(row)
    #expect([filled.before, filled.gap, filled.after] == ["A:", "  ", " end"])
    #expect(try rendered("So:\n{label}") == "So:\n")
  }

  @Test func theOwnLabelIsNeverShown() throws {
    for template in ["{text} {label}", "{text} {label}.", "{text} {mask}."] {
      let text = try rendered(template)
      #expect(!text.contains("good") && !text.contains("great"), "\(template): \(text)")
    }
    #expect(try rendered("It was {mask}.", mask: "[MASK]") == "It was [MASK].")
  }

  @Test func shotsShowTheirLabels() throws {
    let prompt = try Prompt(Template("{text}\nSo: {label}!"), labels: labels, instruction: "Say it.")
    let shots = [PromptRow(["text": "Ugh"], label: "bad"), PromptRow(["text": "Yes"], label: "good")]
    let text = try prompt.rendered(PromptRow(["text": "Hm"]), shots: shots, separator: "\n--\n")
    #expect(text == "Say it.\n--\nUgh\nSo: poor!\n--\nYes\nSo: great!\n--\nHm\nSo:")
  }

  @Test(arguments: [
    ("{text}", "no place for the answer"), ("{label} {label}", "2 places"), ("{mask}{label}", "2 places"),
    ("{text {label}", "a { inside"), ("{text", "nothing closes"), ("text} {label}", "nothing opened"),
    ("{} {label}", "an empty {}"), ("{ } {label}", "an empty {}"), ("{a\nb} {label}", "line break"), ("", "no place"),
  ])
  func templatesThatCannotBeRead(template: String, message: String) {
    #expect { try Template(template) } throws: { "\($0)".contains(message) }
  }

  @Test(
    arguments: [
      ([("a", ["x"])], "one label only"), ([("a", ["x"]), ("b", [])], "has no word"),
      ([("a", ["x"]), ("b", [" "])], "empty word"), ([("a", ["x"]), ("b", ["x"])], "stands for both"),
      ([("a", ["x", "x"]), ("b", ["y"])], "stands for both"),
      ([("a", ["good"]), ("b", ["good enough"])], "the beginning of"),
    ] as [([(String, [String])], String)])
  func labelsThatCannotBeTold(labels: [(String, [String])], message: String) {
    #expect {
      try Prompt(Template("{text} {label}"), labels: labels.map { Prompt.Label($0.0, $0.1) })
    } throws: { "\($0)".contains(message) }
  }

  @Test func aRowsLabelThatThePromptLacks() throws {
    let labelled = try Prompt(Template("{text} {label}"), labels: labels)
    #expect { try labelled.label(named: "neutral") } throws: { "\($0)".contains("neutral: \"...\"") }
    let bare = try Prompt(Template("{text} {label}"), labels: [])
    #expect { try bare.label(named: "good") } throws: { "\($0)".contains("no labels to score") }
  }

  @Test func wordsThatOnlyLookAlikeAreFine() throws {
    _ = try Prompt(Template("{label}"), labels: [Prompt.Label("a", ["not"]), Prompt.Label("b", ["nothing"])])
  }

  @Test func unknownFieldsNameTheNearest() throws {
    let prompt = try Prompt(Template("{txt} {label}"), labels: labels)
    #expect { try prompt.filled(row) } throws: { "\($0)".contains("did you mean {text}?") }
    #expect { try prompt.check(columns: ["review", "label"]) } throws: { "\($0)".contains("review, label") }
  }

  @Test func files() throws {
    let text =
      "name: q\r\n# remark\ninstruction: One\\nTwo\nlabel good: great | so good\nlabel bad: poor\n---\nR: {text}\nS: {label}\n"
    let file = try Prompt.read(text, path: "p.txt")
    #expect(file.name == "q" && file.instruction == "One\nTwo" && file.template == "R: {text}\nS: {label}")
    #expect(file.labels == [Prompt.Label("good", ["great", "so good"]), Prompt.Label("bad", ["poor"])])
    #expect(try Prompt.read("{text} {label}", path: "p").template == "{text} {label}")
    #expect { try Prompt.read("nme: x\n---\n{label}", path: "p.txt") } throws: { "\($0)".contains("p.txt, line 1") }
    #expect { try Prompt.read("name\n---\n{label}", path: "p.txt") } throws: { "\($0)".contains("key: value") }
  }
}
