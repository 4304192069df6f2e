/// A message about a place in the source: what is wrong, where, and what to do.
package struct Diagnostic: Sendable {
  package var message: String
  package var range: SourceRange?
  /// Said beside the carets: what stands there.
  package var label: String?
  package var help: String?
  /// The line as it should have been, ready for the up arrow.
  package var corrected: String?
  /// Whether it was found before anything ran.
  package var isSyntax: Bool
  /// The text in which `range` counts.
  package var source: SourceText?
  /// Functions that were running, innermost first: name and the place of the call.
  package var calls: [CallSite] = []

  /// Text that makes the line right; from it `corrected` is made where the source is known.
  var replacement: Replacement?

  /// Whether the corrected line is made by bringing words from elsewhere to ours.
  var rewritesHabits = false

  struct Replacement: Sendable {
    var range: SourceRange
    var text: String
  }

  package struct CallSite: Sendable {
    package var function: String
    package var range: SourceRange
    package var source: SourceText
  }

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
