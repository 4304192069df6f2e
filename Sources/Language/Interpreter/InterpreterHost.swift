/// How far long work has come.
package struct Progress: Sendable, Equatable {
  package var label: String
  package var done: Int
  package var total: Int
  /// The rate as the work counts it, e.g. `1,840 tokens/s`; the host shows time left by itself.
  package var rate: String

  package init(_ label: String, done: Int, total: Int, rate: String = "") {
    self.label = label
    self.done = done
    self.total = total
    self.rate = rate
  }
}

/// What the interpreter tells the shell while a statement runs.
package protocol InterpreterHost: AnyObject {
  /// Lines of `print`.
  func show(_ lines: [StyledText])
  /// A remark of one line: `12 of 400 texts cut at 256 tokens`.
  func note(_ text: String)
  func progress(_ progress: Progress)
  /// A text of its own follows, below what was streamed before.
  func beginStream()
  /// Text as it is generated; nothing on a host that isn't a terminal.
  func stream(_ text: String)
  /// Asks the user a question to be answered with yes or no; no where nobody sits there.
  func confirm(_ question: String) throws -> Bool
  /// What to do about a name without value, where the host knows more than that: it was taken back.
  func help(forMissing name: String) -> String?
}

extension InterpreterHost {
  package func progress(_ progress: Progress) {}
  package func beginStream() {}
  package func stream(_ text: String) {}
  package func confirm(_ question: String) throws -> Bool { false }
  package func help(forMissing name: String) -> String? { nil }
}
