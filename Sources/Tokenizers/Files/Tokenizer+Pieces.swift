extension Tokenizer {
  /// A WordPiece tokenizer of a few pieces, as for trying things out: `["[UNK]", "[CLS]", "[SEP]", "play", "##ing"]`.
  ///
  /// Missing special tokens come after the pieces.
  ///
  /// - Parameter lowercases: whether text becomes lower case and loses its accents.
  package convenience init(pieces: [String], lowercases: Bool = true) throws {
    var pieces = pieces
    for text in ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"] where !pieces.contains(text) { pieces.append(text) }
    if let broken = pieces.first(where: { $0.isEmpty || $0.utf8.contains(0x0A) }) {
      throw TokenizerError.malformed(
        file: "the list", at: "a piece", expected: "text without line breaks", got: broken.debugDescription)
    }
    try self.init(
      vocabularyText: Array(pieces.joined(separator: "\n").utf8),
      config: Array(#"{"tokenizer_class": "BertTokenizer", "do_lower_case": \#(lowercases)}"#.utf8))
  }
}
