/// Cuts words into tokens.
protocol TokenizerModel: Sendable {
  /// The name in tokenizer.json.
  var kind: String { get }

  /// Tokenizes every split of the workspace's text into `workspace.pieces`.
  ///
  /// - Throws: ``TokenizerError/cannotEncode(reason:)`` where a word has no token and the model no unknown token.
  func tokenize(_ workspace: Workspace) throws

  /// The id whose pieces show the text they cover and not its own (the unknown piece of Unigram).
  var surfaceID: Int32? { get }

  /// Whether a token may show other text than what it covers: marks of its own, or what stands for unknown characters.
  var changesText: Bool { get }
}

extension TokenizerModel {
  var surfaceID: Int32? { nil }
  var changesText: Bool { true }
}
