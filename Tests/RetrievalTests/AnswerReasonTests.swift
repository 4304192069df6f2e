import Retrieval
import TestSupport
import Testing
import Transformers

/// How much each piece raised an answer.
@Suite struct AnswerReasonTests {
  private struct Stop: Error {}

  private let model: PretrainedModel
  private let prompter: AnswerPrompter

  init() throws {
    model = try PretrainedModel.load(Fixtures.url("prompts/gpt2/model").path, access: Fixtures.access)
    let tokenizer = try #require(model.tokenizer)
    prompter = try AnswerPrompter(template: nil, tokenizer: tokenizer, room: 200, format: nil)
  }

  private func reasons(_ passages: [String], _ check: () throws -> Void = {}) throws -> AnswerReasons {
    try prompter.reasons([5, 6, 7], "What is it?", passages, by: model, checkInterruption: check)
  }

  @Test func onePassForEachPieceBesideTheWholeAndTheBare() throws {
    var asked = 0
    let found = try reasons(["a fine day", "old soup"]) { asked += 1 }
    #expect(asked == 4 && found.without.count == 2)
    // Without its only piece an answer is as likely as without any.
    let one = try reasons(["a fine day"])
    #expect(one.without == [one.bare])
    expectClose([found.without[1]], [one.whole], absolute: 1e-5)
  }

  @Test func endsWhereItIsStopped() throws {
    for last in 1...4 {
      var asked = 0
      #expect(throws: Stop.self) {
        try reasons(["a fine day", "old soup"]) {
          asked += 1
          if asked == last { throw Stop() }
        }
      }
      #expect(asked == last)
    }
  }
}
