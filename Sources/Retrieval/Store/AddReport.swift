/// What adding documents came to.
package struct AddReport: Equatable, Sendable {
  /// Documents that are new, that took another's place, and that were there already.
  package var added = 0
  package var replaced = 0
  package var unchanged = 0
  /// Documents with the text of one that is there under another name.
  package var copies = 0
  /// Begun by a process that ended, and finished now.
  package var continued = 0
  package var chunks = 0
  package var tokens = 0
  /// Chunks that were embedded by this call.
  package var embedded = 0
  /// Chunks that were longer than the model's limit.
  package var cut = 0
  package var skipped: [SkippedDocument] = []
  /// Whether the work was stopped before the last document.
  package var isStopped = false
  /// How many documents there were, and how many of them, from the first one on, were dealt with.
  package var asked = 0
  package var done = 0
}
