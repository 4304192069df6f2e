import Language
import Tokenizers

/// What has a tokenizer: a tokenizer, a model.
package protocol HoldsTokenizer: LanguageObject {
  var heldTokenizer: Tokenizer? { get }
}

extension ModelValue: HoldsTokenizer {
  package var heldTokenizer: Tokenizer? { model.tokenizer }
}

/// A tokenizer in the language.
package final class TokenizerValue: LanguageObject, HoldsTokenizer {
  package let tokenizer: Tokenizer

  package init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  package var kind: Kind { .tokenizer }
  package var heldTokenizer: Tokenizer? { tokenizer }

  package var summary: String {
    "a \(tokenizer.kind) tokenizer of \(Numbers.grouped(tokenizer.vocabularySize)) tokens"
  }

  package func nextSteps(name: String) -> [String] {
    ["\(name).tokenize(\"a text\")", "\(name).encode(\"a text\", max_length: 128).ids", "\(name).decode([101, 102])"]
  }

  package var fieldNames: [String] { ["kind", "vocabulary_size", "max_length", "special_tokens", "special_ids"] }

  package func field(_ name: String) throws -> Value? {
    switch name {
    case "kind": return .string(tokenizer.kind)
    case "vocabulary_size": return .int(tokenizer.vocabularySize)
    case "max_length": return tokenizer.modelMaxLength.map { .int($0) } ?? .nothing
    case "special_tokens": return try .record(roles.map { ($0.0, .string($0.1.text)) })
    case "special_ids": return try .record(roles.map { ($0.0, .int($0.1.id)) })
    default: return nil
    }
  }

  private var roles: [(String, SpecialTokens.Entry)] {
    let special = tokenizer.specialTokens
    let all: [(String, SpecialTokens.Entry?)] = [
      ("cls", special.cls), ("sep", special.sep), ("bos", special.bos), ("eos", special.eos), ("unk", special.unk),
      ("pad", special.pad), ("mask", special.mask),
    ]
    return all.compactMap { role, entry in entry.map { (role, $0) } }
  }

  /// `t["[MASK]"]` is a token's id, `t[103]` an id's token.
  package func element(_ subscripts: [Subscript]) throws -> Value {
    guard subscripts.count == 1, case .value(let index) = subscripts[0] else {
      throw LanguageError.message("a tokenizer is indexed by a token or an id")
    }
    switch index {
    case .string(let text):
      guard let id = tokenizer.vocabulary.id(of: text) else {
        throw LanguageError.message("\"\(text)\" is not a token", help: "tokenize cuts text into tokens")
      }
      return .int(id)
    case .int(let id):
      guard let text = tokenizer.vocabulary.text(of: id) else {
        throw TokenizerError.unknownID(id, vocabularySize: tokenizer.vocabularySize)
      }
      return .string(text)
    default: throw LanguageError.message("a tokenizer is indexed by a token or an id")
    }
  }

  package func isEqual(to other: any LanguageObject) -> Bool {
    (other as? TokenizerValue)?.tokenizer === tokenizer
  }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    var line = StyledText("tokenizer", .heading)
    line.append(" \(tokenizer.kind)")
    if size == .inline { return [line] }
    line.append("  \(Numbers.grouped(tokenizer.vocabularySize)) tokens")
    if let length = tokenizer.modelMaxLength { line.append("  at most \(Numbers.grouped(length)) in a text") }
    if size == .line || roles.isEmpty { return [line.cut(to: frame.width)] }
    var special = StyledText("special  ", .faint)
    for (number, (role, entry)) in roles.enumerated() {
      special.append((number > 0 ? "  " : "") + role + " ", .faint)
      special.append(entry.text, .string)
      special.append(" \(entry.id)", .number)
    }
    return [line.cut(to: frame.width), special.cut(to: frame.width)]
  }
}
