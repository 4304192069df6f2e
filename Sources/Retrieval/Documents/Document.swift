import Files

/// A text to be indexed, with what is known of it.
package struct Document: Sendable {
  /// Where it comes from: a path, a row's id. Adding another text from there replaces this one. Nil for a bare text.
  package var source: String?
  package var title: String
  /// In UTF-8.
  package var text: [UInt8]
  /// Whether lines that begin with `#` are headings.
  package var isMarkdown: Bool
  /// What else a table says of it, for filters.
  package var columns: JSONObject

  package init(
    source: String? = nil, title: String = "", text: [UInt8], isMarkdown: Bool = false,
    columns: JSONObject = JSONObject([])
  ) {
    self.source = source
    self.title = title
    self.text = text
    self.isMarkdown = isMarkdown
    self.columns = columns
  }

  /// What tells texts apart.
  var hash: String { SHA256.hex(text) }
}

/// Where documents come from, each read when its turn comes.
package enum DocumentSource: Sendable {
  case given(Document)
  case file(path: String)
}

/// Something that was not read, and why, in words.
package struct SkippedDocument: Sendable, Equatable {
  package let name: String
  package let reason: String
}
