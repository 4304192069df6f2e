/// A message about a place in the source: what is wrong, where, and what to do.
package struct Diagnostic: Sendable, Equatable {
  package var message: String
  package var range: SourceRange?
  /// Said beside the carets: what stands there.
  package var label: String?
  package var help: String?
  /// The line as it should have been, ready for the up arrow.
  package var corrected: String?
  /// Whether it was found before anything ran.
  package var isSyntax: Bool

  package init(
    _ message: String, at range: SourceRange? = nil, label: String? = nil, help: String? = nil,
    corrected: String? = nil, isSyntax: Bool = false
  ) {
    self.message = message
    self.range = range
    self.label = label
    self.help = help
    self.corrected = corrected
    self.isSyntax = isSyntax
  }
}
