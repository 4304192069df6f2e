import Tables
import TensorCore
import Training
import Transformers

/// Edits of a prompt tried one after the other on train rows, each kept that is better than the best so far; what
/// comes out is measured on rows that took no part.
package struct PromptSearch {
  /// What is edited.
  package enum Edit: String, CaseIterable, Sendable {
    case instruction, template, words, shots, order
  }

  package struct Settings {
    /// Candidates tried at most, the given prompt among them.
    package var budget = 24
    /// Train rows that candidates are tried on.
    package var rows = 64
    package var edits = Edit.allCases
    package var trial = TrialSettings()

    package init() {}
  }

  /// One prompt that was tried.
  package struct Candidate {
    package let prompt: Prompt
    package let shots: Shots?
    package let edit: String
    /// The candidate it is an edit of.
    package let parent: Int?
    package let figures: ChoiceFigures
    package let seconds: Double

    func isBetter(than other: Candidate) -> Bool {
      (figures.correct, -figures.loss) > (other.figures.correct, -other.figures.loss)
    }
  }

  package private(set) var candidates: [Candidate] = []
  package private(set) var best = 0
  /// How many train rows candidates were tried on.
  package private(set) var trainRows = 0
  /// The given prompt, and the best, on the held-out rows.
  package private(set) var start: Trial
  package private(set) var found: Trial
  package private(set) var isComplete = true

  /// - Parameters:
  ///   - checkInterruption: what it throws ends the search with what is reached; while the held-out rows are measured,
  ///     it is thrown on, as there is no result yet.
  ///   - progress: told how many candidates of how many are done; throwing ends the search with what is reached.
  ///   - measuring: told how many held-out rows of how many are done, of both prompts together.
  package init(
    _ model: PretrainedModel, _ prompt: Prompt, train: Table, heldOut: Table, _ settings: Settings,
    checkInterruption: (() throws -> Void)? = nil, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in },
    measuring: Trial.ReportProgress = { _, _ in }
  ) throws {
    guard settings.budget >= 1 else {
      throw PromptingError.data("budget: expected at least 1 candidate, got \(settings.budget)", help: "24 is usual")
    }
    var search = Engine(model, settings, checkInterruption)
    try search.prepare(prompt, train)
    do {
      try search.run(prompt) { try progress($0, settings.budget) }
    } catch  where search.isStopped && !search.candidates.isEmpty {
      isComplete = false
    }
    candidates = search.candidates
    best = search.best
    trainRows = search.rows.rowCount
    let total = heldOut.rowCount * (best == 0 ? 1 : 2)
    func measured(_ candidate: Candidate, _ name: String, after before: Int) throws -> Trial {
      var own = settings.trial
      own.shots = candidate.shots
      let ending = Ending()
      let (trial, isComplete) = try Trial.run(
        model, [(name, candidate.prompt)], heldOut, own,
        checkInterruption: checkInterruption.map { check in { try ending.noting(check) } },
        progress: { done, _ in try ending.noting { try measuring(before + done, total) } })
      guard isComplete else { throw ending.reason ?? PromptingError.notReached }
      return trial
    }
    start = try measured(candidates[0], "start", after: 0)
    found = best == 0 ? start : try measured(candidates[best], "best", after: heldOut.rowCount)
  }

  package var startFigures: ChoiceFigures { get throws { try start.lines()[0].deciding } }
  package var foundFigures: ChoiceFigures { get throws { try found.lines()[0].deciding } }

  /// Whether best and start differ on the held-out rows by more than chance.
  package func test() throws -> McNemar { try McNemar(first: startFigures.isRight, second: foundFigures.isRight) }

  /// Every candidate in the order in which it was tried.
  package func log() throws -> Table {
    func words(_ prompt: Prompt) -> String {
      prompt.labels.map { "\($0.name): \($0.words.joined(separator: "/"))" }.joined(separator: ", ")
    }
    return try Table(
      [
        ("number", .integers(Array(candidates.indices))),
        ("parent", Column(cells: candidates.map { $0.parent.map { .integer($0) } ?? .null })),
        ("edit", .strings(candidates.map(\.edit))), ("accuracy", .reals(candidates.map(\.figures.accuracy))),
        ("loss", .reals(candidates.map(\.figures.loss))),
        ("template", .strings(candidates.map(\.prompt.template.source))),
        ("instruction", .strings(candidates.map(\.prompt.instruction))),
        ("words", .strings(candidates.map { words($0.prompt) })),
        ("shots", .integers(candidates.map { $0.shots?.count ?? 0 })), ("seconds", .reals(candidates.map(\.seconds))),
      ], operation: "search_prompts")
  }
}

/// Keeps what ended the work, which a trial only tells by being incomplete.
private final class Ending {
  private(set) var reason: (any Error)?

  func noting(_ body: () throws -> Void) throws {
    do { try body() } catch {
      reason = error
      throw error
    }
  }
}

/// The search itself.
private struct Engine {
  let model: PretrainedModel
  let settings: PromptSearch.Settings
  let checkInterruption: (() throws -> Void)?
  private(set) var candidates: [PromptSearch.Candidate] = []
  private(set) var best = 0
  /// What candidates are tried on, and what shots are taken from.
  private(set) var rows = Table(names: [], columns: [], rowCount: 0)
  private var pool = Table(names: [], columns: [], rowCount: 0)
  private var words: [[String]]?
  private let random: Philox

  private let ending = Ending()

  /// Whether the caller ended the work.
  var isStopped: Bool { ending.reason != nil }

  init(_ model: PretrainedModel, _ settings: PromptSearch.Settings, _ check: (() throws -> Void)?) {
    self.model = model
    self.settings = settings
    let ending = ending
    checkInterruption = { try ending.noting { try check?() } }
    random = Philox(seed: settings.trial.seed, purpose: "search_prompts")
  }

  /// Draws the rows, as many of each label as of any other; the rest are there for shots.
  mutating func prepare(_ prompt: Prompt, _ train: Table) throws {
    try prompt.check(columns: train.names)
    let count = min(settings.rows, max(1, train.rowCount - (train.rowCount > 16 ? 8 : 0)))
    let chosen = try Shots(train, count: count, seed: settings.trial.seed, label: settings.trial.label)
    rows = chosen.table
    var taken = PromptRow.rows(of: rows, label: settings.trial.label)
    let rest = PromptRow.rows(of: train, label: settings.trial.label).enumerated().compactMap { place, row -> Int? in
      if let same = taken.firstIndex(of: row) {
        taken.remove(at: same)
        return nil
      }
      return row.label == nil ? nil : place
    }
    pool = try train.gathering(rest, operation: "search_prompts")
  }

  mutating func run(_ prompt: Prompt, progress report: (Int) throws -> Void) throws {
    let ending = ending
    func progress(_ done: Int) throws { try ending.noting { try report(done) } }
    try progress(0)
    try attempt(prompt, settings.trial.shots, "as given", parent: nil)
    try progress(1)
    var tried: [(Prompt, [PromptRow])] = [key(candidates[0])]
    var round: UInt32 = 0
    while candidates.count < settings.budget {
      let parent = best
      let edits = try edits(of: candidates[parent])
      let order = random.permutation(edits.count, at: round)
      round += 1
      var isImproved = false
      for place in order where candidates.count < settings.budget {
        let edit = edits[place]
        let own = (edit.prompt.named(""), edit.shots?.rows ?? [])
        if tried.contains(where: { $0 == own }) { continue }
        tried.append(own)
        guard try attempt(edit.prompt, edit.shots, edit.edit, parent: parent) else { continue }
        try progress(candidates.count)
        if candidates[candidates.count - 1].isBetter(than: candidates[best]) {
          best = candidates.count - 1
          isImproved = true
          break
        }
      }
      if !isImproved, candidates.count < settings.budget,
        round > 200
          || order.allSatisfy({ place in
            tried.contains { $0 == (edits[place].prompt.named(""), edits[place].shots?.rows ?? []) }
          })
      {
        return
      }
    }
  }

  private func key(_ candidate: PromptSearch.Candidate) -> (Prompt, [PromptRow]) {
    (candidate.prompt.named(""), candidate.shots?.rows ?? [])
  }

  /// Scores a candidate on the train rows; one that can't be scored (too long, words that begin each other) is passed
  /// over, unless it is the first.
  @discardableResult
  private mutating func attempt(_ prompt: Prompt, _ shots: Shots?, _ edit: String, parent: Int?) throws -> Bool {
    var own = settings.trial
    own.shots = shots
    own.orders = 1
    let trial: Trial
    do {
      let (result, isComplete) = try Trial.run(
        model, [(edit, prompt)], rows, own, checkInterruption: checkInterruption)
      guard isComplete else { throw ending.reason ?? PromptingError.notReached }
      trial = result
    } catch let error as PromptingError where parent != nil && error != .notReached {
      return false
    }
    guard let line = try trial.lines().first else { return false }
    candidates.append(
      .init(
        prompt: prompt, shots: shots, edit: edit, parent: parent, figures: line.deciding,
        seconds: line.result.seconds))
    return true
  }

  private mutating func edits(of candidate: PromptSearch.Candidate) throws -> [(
    edit: String, prompt: Prompt, shots: Shots?
  )] {
    var found: [(edit: String, prompt: Prompt, shots: Shots?)] = []
    let kinds = settings.edits
    if kinds.contains(.instruction) {
      found += TemplateEdits.instructions(candidate.prompt).map { ($0.edit, $0.prompt, candidate.shots) }
    }
    if kinds.contains(.template) {
      found += TemplateEdits.templates(candidate.prompt).map { ($0.edit, $0.prompt, candidate.shots) }
    }
    if kinds.contains(.words) {
      found += TemplateEdits.labelWords(candidate.prompt, try likelyWords()).map {
        ($0.edit, $0.prompt, candidate.shots)
      }
    }
    if kinds.contains(.shots) {
      if candidate.shots != nil { found.append(("no shots", candidate.prompt, nil)) }
      for (number, count) in [2, 4, 4, 8].enumerated() where count <= pool.rowCount {
        let seed = settings.trial.seed &+ UInt64(number)
        let shots = try Shots(
          pool, count: count, separator: settings.trial.shots?.separator ?? "\n\n", seed: seed,
          label: settings.trial.label)
        found.append(("\(count) shots, draw \(number)", candidate.prompt, shots))
      }
    }
    if kinds.contains(.order), let shots = candidate.shots, shots.selection != .nearest {
      for order in Shots.orders(of: shots.count, most: 4, seed: settings.trial.seed).dropFirst() {
        found.append(
          (
            "shots in the order " + order.map { String($0 + 1) }.joined(separator: " "), candidate.prompt,
            shots.reordered(order)
          ))
      }
    }
    return found
  }

  /// Words by likelihood, found once, with the prompt as it was given.
  private mutating func likelyWords() throws -> [[String]] {
    if let words { return words }
    let prompt = candidates[0].prompt
    let scorer = try PromptScorer(model, prompt)
    let all = PromptRow.rows(of: rows, label: settings.trial.label)
    let encoded = try all.map { try scorer.encode($0, shots: []) }
    let truth = try all.map { try prompt.label(named: $0.label ?? "") }
    let found = try LabelWordSearch.words(scorer, encoded, truth: truth, best: 5, checkInterruption: checkInterruption)
    words = found
    return found
  }
}
