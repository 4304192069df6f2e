/// How a trial asks.
package struct TrialSettings {
  /// What becomes of a row that is too long for the model.
  package enum Overflow: String, CaseIterable, Sendable {
    case error
    /// The first of its shots are left out, as many as need be; how many rows that was is said.
    case fewerShots = "fewer shots"
  }

  package var shots: Shots?
  package var calibrates = false
  package var scoring = Scoring.sum
  package var overflow = Overflow.error
  /// In how many orders the shots are tried; 1 for as they are.
  package var orders = 1
  package var seed: UInt64 = 0
  /// The column of the labels.
  package var label = "label"
  /// How a context is wrapped as a message; nil for none.
  package var wrap: ((String) throws -> String)?

  package init() {}
}
