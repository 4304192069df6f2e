/// Cuts words into tokens.
protocol TokenizerModel: Sendable {
  /// The name in tokenizer.json.
  var kind: String { get }

  /// Tokenizes every split of the workspace's text into `workspace.pieces`.
  ///
  /// - Throws: ``TokenizerError/cannotEncode(reason:)`` where a word has no token and the model no unknown token.
  func tokenize(_ workspace: Workspace) throws

  /// Whether a piece's text is the text it covers and not its id's (unknown pieces of Unigram).
  func showsSurface(_ id: Int32) -> Bool
}

extension TokenizerModel {
  func showsSurface(_ id: Int32) -> Bool { false }
}
