import Synchronization

/// A tokenizer: text to ids and back.
///
/// Made from any of the files that checkpoints carry; see the initialisers. It can be used from several threads.
package final class Tokenizer: Sendable {
  /// All tokens, added ones included.
  package let vocabulary: Vocabulary
  package let specialTokens: SpecialTokens
  /// `model_max_length` of tokenizer_config.json, special tokens included; nothing where none (or an absurd one) is given.
  package let modelMaxLength: Int?
  /// The side on which the original pads. Luthier's batches are ragged: it only tells whether a context comes first.
  package let paddingSide: Truncation.Side

  let normalizer: (any Normalizer)?
  let preTokenizer: (any PreTokenizer)?
  let model: any TokenizerModel
  let postProcessor: PostProcessor
  let decoder: (any TokenDecoder)?
  let literalTokens: [AddedToken]
  let normalizedTokens: [AddedToken]
  let finder: AddedTokenFinder
  let normalizedFinder: AddedTokenFinder
  /// The texts of added tokens that the normalizer changes: what the reference shows of them.
  let normalizedTexts: [Int: [UInt8]]
  private let specialIDs: Set<Int>
  private let workspaces = Mutex<[Workspace]>([])

  /// The kind of model: `WordPiece`, `BPE`, `Unigram` or `WordLevel`.
  package var kind: String { model.kind }

  /// Number of ids: one more than the highest.
  package var vocabularySize: Int { vocabulary.count }

  init(parts: TokenizerParts) {
    vocabulary = parts.vocabulary
    specialTokens = parts.settings.specialTokens
    modelMaxLength = parts.settings.modelMaxLength
    paddingSide = parts.settings.paddingSide
    normalizer = parts.normalizer
    preTokenizer = parts.preTokenizer
    model = parts.model
    postProcessor = parts.postProcessor
    decoder = parts.decoder
    literalTokens = parts.addedTokens.filter { !$0.isNormalized }
    normalizedTokens = parts.addedTokens.filter { $0.isNormalized }
    finder = AddedTokenFinder(literalTokens, texts: literalTokens.map { Array($0.text.utf8) })
    let workspace = Workspace()
    let texts = normalizedTokens.map { token -> [UInt8] in
      let bytes = Array(token.text.utf8)
      guard let normalizer = parts.normalizer else { return bytes }
      bytes.withUnsafeBufferPointer { normalizer.normalize($0, base: 0, in: workspace) }
      return (0..<workspace.text.bytes.count).map { workspace.text.bytes[$0] }
    }
    normalizedFinder = AddedTokenFinder(normalizedTokens, texts: texts)
    var changed: [Int: [UInt8]] = [:]
    for (token, text) in zip(normalizedTokens, texts) where !text.elementsEqual(token.text.utf8) {
      changed[token.id] = text
    }
    normalizedTexts = changed
    specialIDs = Set(parts.addedTokens.filter(\.isSpecial).map(\.id))
  }

  /// Whether a token is special: left out by ``decode(_:skipSpecialTokens:)`` when asked.
  package func isSpecial(_ id: Int) -> Bool { specialIDs.contains(id) }

  /// How many special tokens `encode` adds to one sequence or to a pair.
  package func addedTokenCount(pair: Bool = false) -> Int { postProcessor.addedCount(pair: pair) }

  /// Lends a workspace to `body`.
  func withWorkspace<Result>(_ body: (Workspace) throws -> Result) rethrows -> Result {
    let workspace = workspaces.withLock { $0.popLast() } ?? Workspace()
    defer { workspaces.withLock { $0.append(workspace) } }
    return try body(workspace)
  }
}
