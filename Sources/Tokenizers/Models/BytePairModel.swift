/// BPE.
struct BytePairModel: TokenizerModel {
  let kind = "BPE"
  init(vocabulary: Vocabulary, merges: MergeList, settings: JSONField) throws {
    throw TokenizerError.unknownKind(file: settings.file, part: settings.path, kind: "BPE")
  }
  func tokenize(_ workspace: Workspace) throws {}
}
final class MergeScratch {}
struct LatticeNode {}
struct Unigram: TokenizerModel {
  let kind = "Unigram"
  init(vocabulary: Vocabulary, scores: [Double], settings: JSONField) throws {
    throw TokenizerError.unknownKind(file: settings.file, part: settings.path, kind: "Unigram")
  }
  func tokenize(_ workspace: Workspace) throws {}
}
