import Files
import Prompting
import Tables
import TestSupport
import Testing
import Transformers

@Suite struct SearchTests {
  private let gpt2: PretrainedModel
  private let bert: PretrainedModel

  init() throws {
    func load(_ name: String) throws -> PretrainedModel {
      try PretrainedModel.load(
        Fixtures.tests.appendingPathComponent("Fixtures/dev/prompts/\(name)/model").path, access: Fixtures.access)
    }
    gpt2 = try load("gpt2")
    bert = try load("bert")
  }

  private func rows(_ range: Range<Int>) throws -> Table {
    try Table([
      ("text", .strings(range.map { "thing \($0) is \($0 % 2 == 0 ? "fine and new" : "old and worn")" })),
      ("label", .strings(range.map { $0 % 2 == 0 ? "good" : "bad" })),
    ])
  }

  private func prompt(_ template: String) throws -> Prompt {
    try Prompt(Template(template), labels: [Prompt.Label("bad", ["poor"]), Prompt.Label("good", ["fine"])])
  }

  private func search(
    _ model: PretrainedModel, _ template: String, budget: Int, check: (() throws -> Void)? = nil,
    progress: (Int, Int) throws -> Void = { _, _ in }, measuring: Trial.ReportProgress = { _, _ in }
  ) throws -> PromptSearch {
    var settings = PromptSearch.Settings()
    settings.budget = budget
    settings.rows = 12
    settings.trial.seed = 3
    return try PromptSearch(
      model, prompt(template), train: rows(0..<40), heldOut: rows(100..<120), settings, checkInterruption: check,
      progress: progress, measuring: measuring)
  }

  @Test func keepsWithinItsBudgetAndLogsEverything() throws {
    for (model, template) in [(gpt2, "Review: {text}\nSentiment: {label}"), (bert, "{text} It was {mask}.")] {
      let search = try search(model, template, budget: 14)
      #expect(search.candidates.count == 14 && search.isComplete)
      #expect(search.trainRows == 12)
      #expect(search.candidates[0].edit == "as given" && search.candidates[0].parent == nil)
      let best = search.candidates[search.best]
      for candidate in search.candidates {
        #expect(
          (candidate.figures.correct, -candidate.figures.loss) <= (best.figures.correct, -best.figures.loss))
        #expect(candidate.parent.map { $0 < 14 } ?? true)
      }
      #expect(try search.log().rowCount == 14)
      #expect(search.start.rowCount == 20 && search.found.rowCount == 20)
      #expect(try search.startFigures.total == 20)
      #expect(try search.test().onlySecond <= 20)
    }
  }

  @Test func theSameSeedFindsTheSame() throws {
    let one = try search(gpt2, "{text} {label}", budget: 8)
    let other = try search(gpt2, "{text} {label}", budget: 8)
    #expect(one.candidates.map(\.edit) == other.candidates.map(\.edit) && one.best == other.best)
  }

  @Test func stoppedKeepsWhatWasTried() throws {
    struct Stop: Error {}
    let stopped = try search(gpt2, "{text} {label}", budget: 20, progress: { done, _ in if done == 5 { throw Stop() } })
    #expect(!stopped.isComplete && stopped.candidates.count == 5)
    let whole = try search(gpt2, "{text} {label}", budget: 5)
    #expect(whole.candidates.map(\.edit) == stopped.candidates.map(\.edit))
    #expect(throws: Stop.self) { try search(gpt2, "{text} {label}", budget: 5, check: { throw Stop() }) }
  }

  /// Half of the held-out rows are no result: what stops the measuring is thrown on.
  @Test func measuringTheHeldOutRowsCanBeStopped() throws {
    struct Stop: Error {}
    var told: [[Int]] = []
    let whole = try search(gpt2, "{text} {label}", budget: 8, measuring: { told.append([$0, $1]) })
    let total = whole.best == 0 ? 20 : 40
    #expect(told.first == [0, total] && told.last == [total, total])
    var isMeasuring = false
    #expect(throws: Stop.self) {
      try search(
        gpt2, "{text} {label}", budget: 3, check: { if isMeasuring { throw Stop() } },
        measuring: { _, _ in isMeasuring = true })
    }
    #expect(throws: Stop.self) {
      try search(gpt2, "{text} {label}", budget: 3, measuring: { _, _ in throw Stop() })
    }
  }

  @Test func shotsNeverAreScoredRows() throws {
    let search = try search(gpt2, "{text} {label}", budget: 30)
    let shots = search.candidates.compactMap(\.shots)
    #expect(!shots.isEmpty)
  }

  @Test func badInput() throws {
    #expect { try search(gpt2, "{txt} {label}", budget: 3) } throws: { "\($0)".contains("did you mean {text}?") }
    #expect { try search(gpt2, "{text} {label}", budget: 0) } throws: { "\($0)".contains("at least 1 candidate") }
    #expect { try search(gpt2, "{text} {mask}", budget: 3) } throws: { "\($0)".contains("fills no masks") }
  }
}
