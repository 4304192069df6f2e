import Prompting
import TestSupport
import Testing
import Transformers

/// One row step by step.
@Suite struct AttemptTests {
  private func attempt(_ template: String, wrap: ((String) throws -> String)? = nil) throws -> Attempt {
    let model = try PretrainedModel.load(Fixtures.url("prompts/gpt2/model").path, access: Fixtures.access)
    let prompt = try Prompt(
      Template(template), labels: [Prompt.Label("bad", ["poor"]), Prompt.Label("good", ["fine"])])
    var settings = TrialSettings()
    settings.wrap = wrap
    return try Attempt(model, prompt, PromptRow(["text": "A day."]), settings, best: 700)
  }

  /// What is shown as next is where the words begin: not the line break that goes with them.
  @Test func theNextTokenStandsBehindTheLineBreakAtThePromptsEnd() throws {
    let plain = try attempt("{text} So: {label}")
    #expect(plain.text == "A day. So:")
    for broken in [try attempt("{text} So:\n{label}"), try attempt("{text} So: {label}", wrap: { $0 + "\n" })] {
      #expect(broken.text == "A day. So:\n")
      #expect(broken.tokens.last == "\n")
      #expect(broken.words[0][0].tokens > 1, "the line break is scored with the word")
      expectClose([broken.next.reduce(0) { $0 + $1.probability }], [1], absolute: 1e-4)
      #expect(broken.next.count == 700)
    }
  }

  /// Words that share their first token are told apart by the next one, but the prompt ends before both.
  @Test func wordsThatBeginAlikeAreNotTakenForThePrompt() throws {
    let model = try PretrainedModel.load(Fixtures.url("prompts/gpt2/model").path, access: Fixtures.access)
    let prompt = try Prompt(
      Template("{text} It is {label}"),
      labels: [Prompt.Label("bad", ["a bad day"]), Prompt.Label("good", ["a good day"])])
    let attempt = try Attempt(model, prompt, PromptRow(["text": "A day."]), TrialSettings(), best: 3)
    #expect(attempt.text == "A day. It is")
  }
}
