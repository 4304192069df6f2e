import Files
import Prompting
import Tables
import TestSupport
import Testing
import Transformers

/// Label scores as Scripts/reference/prompt_scores.py has them from transformers, a full pass for each label's word:
/// `prompts/<name>/model` and `cases.json`.
@Suite struct PromptScoresParity {
  @Test(arguments: Fixtures.folders(in: "prompts"))
  func scoresOfEveryCase(name: String) throws {
    var report = ParityReport("prompts/\(name)")
    let model = try PretrainedModel.load(Fixtures.url("prompts/\(name)/model").path, access: Fixtures.access)
    for (number, json) in (try Fixtures.json("prompts/\(name)/cases.json").array ?? []).enumerated() {
      let expected = try PromptCase(json)
      try expected.compare(with: model, "\(name), case \(number)")
      report.compared()
    }
    report.finish()
  }

  @Test func theFolderIsThere() {
    if Fixtures.folders(in: "prompts").isEmpty { print("parity prompts: 0 compared, 0 not yet () (no such folder)") }
  }
}

/// A case of cases.json.
struct PromptCase {
  let prompt: Prompt
  let settings: TrialSettings
  let rows: Table
  /// By row, by label: the tokens' logarithms for each word.
  let scores: [[[[Double]]]]
  let unconditional: [[[Double]]]?
  let prior: [Double]
  let probabilities: [[Double]]
  let calibrated: [[Double]]

  init(_ json: JSON) throws {
    func object(_ json: JSON?) throws -> JSONObject { try #require(json?.object) }
    func doubles(_ json: JSON?) throws -> [Double] { try #require(json?.array).map { try #require($0.double) } }
    let labels = try object(json["labels"]).members.map { Prompt.Label($0.key, $0.value.strings ?? []) }
    prompt = try Prompt(
      Template(try #require(json["template"]?.string)), labels: labels,
      instruction: try #require(json["instruction"]?.string))
    var settings = TrialSettings()
    let shots = Table(rows: try #require(json["shots"]?.array).map { try object($0) })
    if shots.rowCount > 0 {
      settings.shots = try Shots(
        shots, count: shots.rowCount, selection: .first, separator: try #require(json["separator"]?.string), seed: 0)
    }
    settings.calibrates = true
    self.settings = settings
    rows = Table(rows: try #require(json["rows"]?.array).map { try object($0) })
    func words(_ json: JSON) throws -> [[[Double]]] {
      try object(json).members.map { try #require($0.value.array).map { try doubles($0) } }
    }
    scores = try #require(json["scores"]?.array).map(words)
    unconditional = try json["unconditional"].map(words)
    prior = try doubles(json["prior"])
    probabilities = try #require(json["probabilities"]?.array).map { try doubles($0) }
    calibrated = try #require(json["calibrated"]?.array).map { try doubles($0) }
  }

  /// - Parameter tolerance: of a token's logarithm.
  func compare(with model: PretrainedModel, _ name: String, tolerance: Double = 1e-4) throws {
    let (trial, isComplete) = try Trial.run(model, [("p", prompt)], rows, settings)
    #expect(isComplete)
    let result = trial.results[0]
    try expectScores(result.wordScores, scores, tolerance, name)
    expectClose(result.priors.flatMap { $0 }, prior, absolute: tolerance)
    expectClose(result.probabilities.flatMap { $0 }, probabilities.flatMap { $0 }, absolute: tolerance)
    expectClose((result.calibrated ?? []).flatMap { $0 }, calibrated.flatMap { $0 }, absolute: 5 * tolerance)
    if let unconditional {
      let scorer = try PromptScorer(model, prompt)
      try expectScores([try scorer.unconditional()], [unconditional], tolerance, name + ", unconditional")
    }
  }

  private func expectScores(
    _ rows: [RowScores], _ expected: [[[[Double]]]], _ tolerance: Double, _ name: String
  ) throws {
    #expect(rows.count == expected.count)
    for (row, labels) in expected.enumerated() {
      for (label, words) in labels.enumerated() {
        for (word, tokens) in words.enumerated() {
          let got = rows[row][label][word]
          #expect(got.tokens == tokens.count, "\(name), row \(row), label \(label), word \(word): tokens")
          let sum = tokens.reduce(0, +)
          #expect(
            abs(got.sum - sum) <= tolerance * Double(tokens.count),
            "\(name), row \(row), label \(label), word \(word): \(got.sum), expected \(sum)")
        }
      }
    }
  }
}
