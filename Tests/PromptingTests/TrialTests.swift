import Files
import Prompting
import Tables
import TestSupport
import Testing
import Transformers

@Suite struct TrialTests {
  private let model: PretrainedModel
  private let short: Prompt
  private let long: Prompt

  init() throws {
    model = try PretrainedModel.load(
      Fixtures.tests.appendingPathComponent("Fixtures/dev/prompts/gpt2/model").path, access: Fixtures.access)
    let labels = [Prompt.Label("bad", ["poor", "terrible"]), Prompt.Label("good", ["fine"])]
    short = try Prompt(Template("{text} {label}"), labels: labels)
    long = try Prompt(Template("Review: {text}\nSentiment: {label}"), labels: labels.reversed())
  }

  private func rows(_ count: Int, from first: Int = 0) throws -> Table {
    try Table([
      ("text", .strings((first..<(first + count)).map { "row \($0) of \($0 * 7 % 5) things" })),
      ("label", .strings((first..<(first + count)).map { $0 % 3 == 0 ? "bad" : "good" })),
    ])
  }

  private struct Stop: Error {}

  private func same(_ one: Trial, _ other: Trial) {
    #expect(one.truth == other.truth && one.table == other.table)
    #expect(one.results.map(\.name) == other.results.map(\.name))
    for (a, b) in zip(one.results, other.results) {
      expectClose(a.labelScores.flatMap { $0 }, b.labelScores.flatMap { $0 }, absolute: 2e-5, a.name)
      expectClose(a.priors.flatMap { $0 }, b.priors.flatMap { $0 }, absolute: 2e-5, a.name)
      #expect(a.tokens == b.tokens)
    }
  }

  private func settings(_ change: (inout TrialSettings) throws -> Void = { _ in }) rethrows -> TrialSettings {
    var settings = TrialSettings()
    settings.calibrates = true
    try change(&settings)
    return settings
  }

  @Test func extendedAsAtOnce() throws {
    let all = try rows(70)
    let settings = try settings { $0.shots = try Shots(rows(9, from: 100), count: 3, seed: 1) }
    let whole = try Trial.run(model, [("a", short), ("b", long)], all, settings).trial
    var parts = try Trial.run(model, [("a", short)], all.head(40), settings).trial
    #expect(try parts.add(model, rows: all.gathering(Array(40..<70))).added == 30)
    #expect(try parts.add(model, [("b", long)]) == 1)
    same(parts, whole)
    // What is there already is left out.
    let again = try parts.add(model, rows: all)
    #expect(again.added == 0 && again.known == 70)
    same(parts, whole)
  }

  @Test func stoppedKeepsWhatIsDone() throws {
    let all = try rows(100)
    let (trial, isComplete) = try Trial.run(
      model, [("a", short), ("b", long)], all, settings(), progress: { done, _ in if done >= 64 { throw Stop() } })
    #expect(!isComplete && trial.rowCount == 64)
    same(trial, try Trial.run(model, [("a", short), ("b", long)], all.head(64), settings()).trial)
    var resumed = trial
    let rest = try resumed.add(model, rows: all)
    #expect(rest.added == 36 && rest.known == 64 && rest.isComplete)
    same(resumed, try Trial.run(model, [("a", short), ("b", long)], all, settings()).trial)
    #expect(throws: Stop.self) {
      try Trial.run(model, [("a", short)], all, settings(), progress: { _, _ in throw Stop() })
    }
    var count = 0
    var more = trial
    let added = try more.add(
      model, [("c", short), ("d", long)],
      progress: { done, _ in
        if done > 64 { throw Stop() }; count += 1
      })
    #expect(added == 1 && more.results.map(\.name) == ["a", "b", "c"])
    #expect(throws: Stop.self) { try more.add(model, [("e", short)], checkInterruption: { throw Stop() }) }
    #expect(more.results.count == 3)
  }

  @Test func figures() throws {
    let trial = try Trial.run(model, [("a", short), ("b", long)], rows(30), settings()).trial
    let lines = try trial.lines()
    #expect(lines[0].deciding.correct >= lines[1].deciding.correct)
    #expect(trial.chance == 0.5 && abs(trial.majority - 20.0 / 30) < 1e-12)
    for line in lines {
      #expect(line.plain.correct == zip(line.plain.chosen, trial.truth).count { $0 == $1 })
      let sums = line.result.probabilities.map { $0.reduce(0, +) }
      expectClose(sums, sums.map { _ in 1 }, absolute: 1e-12)
    }
    let (fixed, broken, test) = try trial.difference(trial.results[0], trial.results[1])
    #expect(test.onlySecond == fixed.count && test.onlyFirst == broken.count)
    #expect(
      try trial.table(of: trial.results[0]).names == [
        "text", "label", "chosen", "p(good)", "p(bad)", "true_probability",
      ]
        || trial.labels == ["bad", "good"])
    #expect { try trial.result(named: "z") } throws: { "\($0)".contains("\"a\", \"b\"") }
  }

  @Test func severalWordsAddUp() throws {
    let trial = try Trial.run(model, [("a", short)], rows(3), settings()).trial
    let words = trial.results[0].wordScores[0]
    let sum = LabelScores.logSumExp(words[0].map(\.sum))
    #expect(words[0].count == 2 && sum > (words[0].map(\.sum).max() ?? 0))
    #expect(trial.results[0].labelScores[0][0] == sum)
    let tokens = LabelScores.scores(words, .token)
    #expect(tokens[0] == words[0].map(\.perToken).max())
    #expect(LabelScores.scores(words, .byte)[1] == words[1][0].sum / 4)
  }

  @Test func ordersOfShots() throws {
    let settings = try settings {
      $0.shots = try Shots(rows(9), count: 3, seed: 0)
      $0.orders = 4
    }
    let trial = try Trial.run(model, [("a", short)], rows(20, from: 50), settings).trial
    let line = try trial.lines()[0]
    #expect(line.byOrder.count == 4 && line.byOrder == line.byOrder.sorted())
    #expect(line.byOrder.contains(line.plain.accuracy))
    #expect(Shots.orders(of: 2, most: 10, seed: 0).count == 2)
    #expect(Set(Shots.orders(of: 4, most: 24, seed: 3)).count == 24)
  }

  @Test func balancedShots() throws {
    let shots = try Shots(rows(30), count: 5, seed: 4)
    let counts = Dictionary(grouping: shots.rows, by: { $0.label }).mapValues(\.count)
    #expect(Set(counts.values) == [2, 3])
    #expect(try Shots(rows(30), count: 5, seed: 4).rows == shots.rows)
    #expect(try Shots(rows(30), count: 5, seed: 5).rows != shots.rows)
    // Where a label runs out the others fill up.
    #expect(try Shots(rows(6), count: 6, seed: 4).rows.count == 6)
  }

  @Test func nearestShots() throws {
    let pool = try Table([
      ("text", .strings(["red apples", "green pears", "red wine and cheese", "slow trains"])),
      ("label", .strings(["good", "bad", "good", "bad"])),
    ])
    let shots = try Shots(pool, count: 2, selection: .nearest, seed: 0)
    let own = try shots.demonstrations(
      for: [PromptRow(["text": "cheese with red wine"]), PromptRow(["text": "red apples"])], fields: ["text"])
    #expect(own[0].map { $0["text"] } == ["red apples", "red wine and cheese"])
    #expect(!own[1].contains { $0["text"] == "red apples" }, "a row is never its own example")
    let settings = settings { $0.shots = shots }
    #expect(try Trial.run(model, [("a", short)], rows(3), settings).trial.results[0].priors.count == 3)
  }

  @Test func tooLongIsSaid() throws {
    let text = String(repeating: "many words ", count: 30)
    let table = try Table([("text", .strings([text])), ("label", .strings(["good"]))])
    let shots = try Shots(
      Table([("text", .strings([text, "b"])), ("label", .strings(["good", "bad"]))]), count: 2, selection: .first,
      seed: 0)
    #expect { try Trial.run(model, [("a", short)], table, settings { $0.shots = shots }) } throws: {
      "\($0)".contains("with 2 shots") && "\($0)".contains("reads 320") && "\($0)".contains("fewer shots")
    }
    let fewer = settings {
      $0.shots = shots
      $0.overflow = .fewerShots
    }
    #expect(try Trial.run(model, [("a", short)], table, fewer).trial.results[0].shortened == 1)
  }

  @Test func badInput() throws {
    func fails(_ message: String, _ body: () throws -> Void) {
      #expect { try body() } throws: { "\($0)".contains(message) }
    }
    let rows = try rows(4)
    let masked = try Prompt(Template("{text} {mask}"), labels: short.labels)
    let bare = try Prompt(Template("{text} {label}"), labels: [])
    let pieces = try Prompt(
      Template("{text} {label}"), labels: [Prompt.Label("good", ["qz"]), Prompt.Label("bad", ["qzj"])])
    let other = try Prompt(Template("{text} {label}"), labels: [Prompt.Label("x", ["p"]), Prompt.Label("y", ["q"])])
    fails("fills no masks") { _ = try Trial.run(model, [("a", masked)], rows, settings()) }
    fails("no labels") { _ = try PromptScorer(model, bare) }
    fails("beginning of") { _ = try Trial.run(model, [("a", pieces)], rows, settings()) }
    fails("the rows have the label \"bad\"") { _ = try Trial.run(model, [("a", other)], rows, settings()) }
    fails("no column \"label\"") { _ = try Trial.run(model, [("a", short)], rows.dropping(["label"]), settings()) }
    fails("no rows") { _ = try Trial.run(model, [("a", short)], rows.head(0), settings()) }
    fails("{text}") { _ = try Trial.run(model, [("a", short)], rows.renaming([("text", "review")]), settings()) }
    fails("no prompt") { _ = try Trial.run(model, [], rows, settings()) }
    fails("has the labels x, y") { _ = try Trial.run(model, [("a", short), ("b", other)], rows, settings()) }
    fails("9 shots from 4") { _ = try Shots(rows, count: 9, seed: 0) }
    fails("at least 1 shot") { _ = try Shots(rows, count: 0, seed: 0) }
    let bert = try PretrainedModel.load(
      Fixtures.tests.appendingPathComponent("Fixtures/dev/prompts/bert/model").path, access: Fixtures.access)
    fails("fills masks") { _ = try Trial.run(bert, [("a", short)], rows, settings()) }
    fails("which masked models don't say") {
      _ = try Trial.run(bert, [("a", masked)], rows, settings { $0.scoring = .unconditional })
    }
    let nothing = try Prompt(
      Template("{text} {mask}"), labels: [Prompt.Label("good", ["fine"]), Prompt.Label("bad", ["\u{ad}"])])
    fails("comes to no tokens") { _ = try Trial.run(bert, [("a", nothing)], rows, settings()) }
    let alike = try Prompt(
      Template("{text} {mask}"), labels: [Prompt.Label("good", ["Fine"]), Prompt.Label("bad", ["fine"])])
    fails("are the same tokens") { _ = try Trial.run(bert, [("a", alike)], rows, settings()) }
  }
}
