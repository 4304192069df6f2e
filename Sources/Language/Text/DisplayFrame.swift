/// How much of a value to show.
package enum DisplaySize: Sendable, Hashable {
  /// A few words, as an element of a list or an argument.
  case inline
  /// One line: what it is and its sizes.
  case line
  /// The whole display, cut to the frame.
  case full
}

/// The room a display has.
package struct DisplayFrame: Sendable, Equatable {
  package var width: Int
  package var height: Int
  /// Whether characters beyond ASCII can be shown (plots fall back to `* + o`).
  package var unicode: Bool

  package init(width: Int = 77, height: Int = 20, unicode: Bool = true) {
    self.width = max(20, width)
    self.height = max(3, height)
    self.unicode = unicode
  }

  package static let standard = DisplayFrame()
}
