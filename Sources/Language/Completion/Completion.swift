/// Something that could be typed at the cursor.
package struct Completion: Sendable, Equatable {
  /// What replaces the word at the cursor.
  package var text: String
  /// A few words on it: a shape, a summary, a default.
  package var detail: String

  package init(_ text: String, detail: String = "") {
    self.text = text
    self.detail = detail
  }
}
