import Tables
import Training
import Transformers

/// Prompts tried on the same labelled rows.
package struct Trial {
  package let settings: TrialSettings
  /// The labels, as the first prompt has them.
  package let labels: [String]
  package private(set) var table: Table
  package private(set) var truth: [Int]
  package private(set) var results: [PromptResult]

  package var rowCount: Int { truth.count }

  /// Told how many rows of how many are done; throwing ends the work with what is reached.
  package typealias ReportProgress = (_ done: Int, _ total: Int) throws -> Void

  /// How many rows are computed at once.
  private static let blockSize = 32

  /// Tries prompts on the rows of a table.
  ///
  /// - Returns: the trial, and whether it was done in full: where `progress` or `checkInterruption` threw, the rows
  ///   that all prompts have done.
  /// - Throws: ``PromptingError`` and the model's errors; what ended it, where no row was done.
  package static func run(
    _ model: PretrainedModel, _ prompts: [(name: String, prompt: Prompt)], _ table: Table, _ settings: TrialSettings,
    checkInterruption: (() throws -> Void)? = nil, progress: ReportProgress = { _, _ in }
  ) throws -> (trial: Trial, isComplete: Bool) {
    var trial = try Trial(prompts, table, settings)
    let isComplete = try unwrapping {
      try trial.compute(model, prompts, rows: table, checkInterruption: checkInterruption, progress: progress)
    }
    return (trial, isComplete)
  }

  private init(_ prompts: [(name: String, prompt: Prompt)], _ table: Table, _ settings: TrialSettings) throws {
    guard let first = prompts.first else { throw PromptingError.data("there is no prompt to try", help: "give one") }
    self.settings = settings
    let labels = first.prompt.labels.map(\.name)
    self.labels = labels
    self.table = table.head(0)
    truth = []
    results = try prompts.map { try PromptResult($0.name, $0.prompt, labels: labels) }
  }

  // MARK: Going on

  /// Adds prompts, computed for all rows. Where it is ended early, those that are done stay.
  ///
  /// - Returns: how many prompts were added.
  package mutating func add(
    _ model: PretrainedModel, _ prompts: [(name: String, prompt: Prompt)],
    checkInterruption: (() throws -> Void)? = nil, progress: ReportProgress = { _, _ in }
  ) throws -> Int {
    for (number, prompt) in prompts.enumerated() {
      var other = self
      other.results = [try PromptResult(prompt.name, prompt.prompt, labels: labels)]
      other.table = table.head(0)
      other.truth = []
      let rows = rowCount
      do {
        let isComplete = try other.compute(
          model, [prompt], rows: table, checkInterruption: checkInterruption,
          progress: { done, _ in try progress(number * rows + done, rows * prompts.count) })
        if !isComplete { throw EarlyEnd(reason: PromptingError.notReached) }
      } catch let end as EarlyEnd {
        if number == 0 { throw end.reason }
        return number
      }
      results += other.results
    }
    return prompts.count
  }

  /// Adds rows, computed for all prompts; those that are here already are left out. Where it is ended early, the rows
  /// that all prompts have done stay.
  ///
  /// - Returns: how many rows were added, how many were here, whether it was done in full.
  package mutating func add(
    _ model: PretrainedModel, rows: Table, checkInterruption: (() throws -> Void)? = nil,
    progress: ReportProgress = { _, _ in }
  ) throws -> (added: Int, known: Int, isComplete: Bool) {
    let missing = rows.names.filter { table.index(of: $0) == nil }
    guard missing.isEmpty, table.names.allSatisfy({ rows.index(of: $0) != nil }) else {
      throw PromptingError.data(
        "the rows have the columns \(rows.names.joined(separator: ", ")), the trial's "
          + table.names.joined(separator: ", "), help: "add rows of the same kind")
    }
    var known: [PromptRow] = PromptRow.rows(of: table, label: settings.label)
    var fresh: [Int] = []
    for (place, row) in PromptRow.rows(of: rows, label: settings.label).enumerated() {
      if let same = known.firstIndex(of: row) { known.remove(at: same) } else { fresh.append(place) }
    }
    let before = rowCount
    if fresh.isEmpty { return (0, rows.rowCount, true) }
    let isComplete = try Trial.unwrapping {
      try compute(
        model, results.map { ($0.name, $0.prompt) }, rows: try rows.gathering(fresh, operation: "add"),
        checkInterruption: checkInterruption, progress: progress)
    }
    return (rowCount - before, rows.rowCount - fresh.count, isComplete)
  }

  // MARK: Computing

  /// Wraps what a progress or interruption closure throws, to tell it from failures.
  private struct EarlyEnd: Error { let reason: any Error }

  private static func unwrapping<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let end as EarlyEnd { throw end.reason }
  }

  private mutating func compute(
    _ model: PretrainedModel, _ prompts: [(name: String, prompt: Prompt)], rows added: Table,
    checkInterruption: (() throws -> Void)?, progress: ReportProgress
  ) throws -> Bool {
    let rows = PromptRow.rows(of: added, label: settings.label)
    let truth = try self.truth(of: rows, added, prompts[0].prompt)
    for prompt in prompts { try prompt.prompt.check(columns: added.names) }
    let check: () throws -> Void = {
      do { try checkInterruption?() } catch { throw EarlyEnd(reason: error) }
    }
    let first = rowCount
    var states: [PromptResult.State] = results.map(\.state)
    var done = 0
    var reason: (any Error)?
    do {
      let orders = settings.shots.map { shots in
        shots.selection == .nearest || settings.orders < 2
          ? [Array(0..<shots.count)] : Shots.orders(of: shots.count, most: settings.orders, seed: settings.seed)
      }
      var runs: [[PromptRun]] = []
      for (place, prompt) in prompts.enumerated() {
        let start = ContinuousClock.now
        let scorer = try PromptScorer(
          model, prompt.prompt, name: prompt.name, separator: settings.shots?.separator ?? "\n\n", wrap: settings.wrap)
        var own: [PromptRun] = []
        for order in orders ?? [[]] {
          let isGiven = settings.shots?.selection == .nearest || order.isEmpty || own.isEmpty
          own.append(
            try PromptRun(
              scorer, rows, settings, order: isGiven ? nil : order, first: first, checkInterruption: check))
        }
        runs.append(own)
        states[place].shortened += own.first?.shortened ?? 0
        states[place].seconds += Self.seconds(since: start)
      }
      try report(progress, 0, rows.count)
      for start in stride(from: 0, to: rows.count, by: Self.blockSize) {
        let block = start..<min(start + Self.blockSize, rows.count)
        var next = states
        for place in runs.indices {
          let clock = ContinuousClock.now
          try next[place].take(runs[place], block, checkInterruption: check)
          next[place].seconds += Self.seconds(since: clock)
        }
        states = next
        done = block.upperBound
        try report(progress, done, rows.count)
      }
    } catch let end as EarlyEnd {
      reason = end.reason
    }
    if let reason, done == 0 { throw EarlyEnd(reason: reason) }
    for place in results.indices { results[place].state = states[place] }
    let kept = added.head(done)
    table = rowCount == 0 ? kept : try table.appending(kept)
    self.truth += truth.prefix(done)
    return done == rows.count
  }

  private func report(_ progress: ReportProgress, _ done: Int, _ total: Int) throws {
    do { try progress(done, total) } catch { throw EarlyEnd(reason: error) }
  }

  private static func seconds(since start: ContinuousClock.Instant) -> Double {
    let parts = (ContinuousClock.now - start).components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  }

  private func truth(of rows: [PromptRow], _ table: Table, _ prompt: Prompt) throws -> [Int] {
    guard table.index(of: settings.label) != nil else {
      throw PromptingError.data(
        "the rows have no column \"\(settings.label)\"",
        help: "the columns are \(table.names.joined(separator: ", ")); name the one with the truth: label: \"...\"")
    }
    if rows.isEmpty { throw PromptingError.data("there are no rows to try prompts on", help: "give some") }
    return try rows.enumerated().map { number, row in
      guard let label = row.label else {
        throw PromptingError.data("row \(number) has no label", help: "leave rows without one out")
      }
      return try prompt.label(named: label)
    }
  }
}
