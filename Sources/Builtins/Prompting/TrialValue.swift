import Language
import Prompting
import Tables
import Training

/// A trial in the language: prompts on the same rows, to which prompts and rows can be added.
package final class TrialValue: LanguageObject {
  package internal(set) var trial: Trial
  let model: ModelValue

  init(_ trial: Trial, _ model: ModelValue) {
    self.trial = trial
    self.model = model
  }

  package var kind: Kind { .trial }
  package var hasIdentity: Bool { true }
  package var summary: String {
    "a trial of \(trial.results.count) prompts on \(Numbers.grouped(trial.rowCount)) rows with \(model.model.name)"
  }
  package var fieldNames: [String] {
    ["table", "accuracy", "calibrated", "scores", "prompts", "labels", "rows", "majority", "chance", "hardest"]
  }

  package func field(_ name: String) throws -> Value? {
    switch name {
    case "table": return .table(try trial.summary())
    case "accuracy":
      return try .record(try trial.lines().map { ($0.result.name, .float($0.plain.accuracy)) })
    case "calibrated":
      return try .record(
        try trial.lines().map { ($0.result.name, $0.calibrated.map { .float($0.accuracy) } ?? .nothing) })
    case "scores": return .table(try scores())
    case "prompts": return .strings(trial.results.map(\.name))
    case "labels": return .strings(trial.labels)
    case "rows": return .table(trial.table)
    case "majority": return .float(trial.majority)
    case "chance": return .float(trial.chance)
    case "hardest":
      let means = trial.hardestForAll()
      return .table(try trial.table.gathering(Array(means.prefix(20)), operation: "trial"))
    default: return nil
    }
  }

  /// Every word's log-likelihood: a row for each prompt, row and word.
  private func scores() throws -> Table {
    var (prompts, rows, labels, words): ([String], [Int], [String], [String]) = ([], [], [], [])
    var (sums, tokens, perToken, perByte): ([Double], [Int], [Double], [Double]) = ([], [], [], [])
    for result in trial.results {
      let own = trial.labels.map { name in result.prompt.labels.first { $0.name == name }?.words ?? [] }
      for (row, scores) in result.wordScores.enumerated() {
        for (label, each) in scores.enumerated() {
          for (word, score) in each.enumerated() {
            prompts.append(result.name)
            rows.append(row)
            labels.append(trial.labels[label])
            words.append(own[label][word])
            sums.append(score.sum)
            tokens.append(score.tokens)
            perToken.append(score.perToken)
            perByte.append(score.perByte)
          }
        }
      }
    }
    return try Table(
      [
        ("prompt", .strings(prompts)), ("row", .integers(rows)), ("label", .strings(labels)),
        ("word", .strings(words)), ("logprob", .reals(sums)), ("tokens", .integers(tokens)),
        ("per_token", .reals(perToken)), ("per_byte", .reals(perByte)),
      ], operation: "trial")
  }

  /// `trial["plain"]`: the rows with what a prompt chose.
  package func element(_ subscripts: [Subscript]) throws -> Value {
    guard subscripts.count == 1, case .value(.string(let name)) = subscripts[0] else {
      throw LanguageError.message("a trial is indexed by a prompt's name")
    }
    return .table(try trial.table(of: trial.result(named: name)))
  }

  package func stringCompletions(for prefix: String, word: String?) -> [Completion] {
    trial.results.map(\.name).filter { $0.hasPrefix(prefix) }.map { Completion($0) }
  }

  package func nextSteps(name: String) -> [String] {
    var steps = ["\(name).best()", "\(name).table"]
    if let first = trial.results.first?.name {
      steps.append("\(name).errors(\"\(first)\")")
      if trial.results.count > 1 { steps.append("\(name).diff(\"\(first)\", \"\(trial.results[1].name)\")") }
    }
    return steps + ["\(name).add(prompt(\"...\"))"]
  }

  // MARK: State

  package func snapshot() -> (any ObjectSnapshot)? { Snapshot(value: self, trial: trial) }

  /// Scores are small beside models: a few numbers for each row and word.
  package var heldBytes: Int { trial.results.reduce(0) { $0 + $1.wordScores.count * 200 } }

  private struct Snapshot: ObjectSnapshot {
    let value: TrialValue
    let trial: Trial
    var heldBytes: Int { trial.results.reduce(0) { $0 + $1.wordScores.count * 200 } }
    func restore() { value.trial = trial }
  }

  // MARK: Looking

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    if size == .inline { return [StyledText("trial of \(trial.results.count) prompts")] }
    if size == .line { return [StyledText(summary).cut(to: frame.width)] }
    guard let lines = try? trial.lines() else { return [StyledText(summary).cut(to: frame.width)] }
    return TrialDisplay(trial, lines, frame).lines()
  }
}
