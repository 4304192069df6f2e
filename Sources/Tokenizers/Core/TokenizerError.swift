/// What can go wrong while reading a tokenizer or encoding with it.
///
/// Each case says where (`at`: file and place in it), what was expected and what was found.
package enum TokenizerError: Error, Equatable, CustomStringConvertible {
  /// The bytes are not what the format asks for: `at` names the file and byte or line.
  case malformed(file: String, at: String, expected: String, got: String)
  /// A kind of normalizer, pre-tokenizer, model, post-processor or decoder that Luthier does not know.
  case unknownKind(file: String, part: String, kind: String)
  /// A file that is needed is not there.
  case missing(what: String, needed: String)
  /// A setting of `encode` that cannot be met.
  case cannotEncode(reason: String)
  /// An id outside the vocabulary.
  case unknownID(Int, vocabularySize: Int)

  package var description: String {
    switch self {
    case .malformed(let file, let at, let expected, let got):
      return "\(file): \(at): expected \(expected), got \(got)"
    case .unknownKind(let file, let part, let kind):
      return "\(file): \(part) of kind \"\(kind)\" is not supported"
    case .missing(let what, let needed):
      return "\(what) is missing: \(needed)"
    case .cannotEncode(let reason):
      return "encode: \(reason)"
    case .unknownID(let id, let size):
      return "id \(id) is not in the vocabulary of \(size) tokens"
    }
  }
}
