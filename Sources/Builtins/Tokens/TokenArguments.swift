import Checkpoints
import Files
import Language
import TensorCore
import Tokenizers

extension Call {
  /// The tokenizer of the first argument.
  func tokenizer() throws -> Tokenizer {
    guard case .object(let object) = first, let holder = object as? any HoldsTokenizer else {
      throw error("\(first.kind.phrase) has no tokenizer")
    }
    guard let tokenizer = holder.heldTokenizer else {
      throw error("this model came without a tokenizer", help: "read one with  tokenizer(\"path\")")
    }
    return tokenizer
  }

  /// Reads a tokenizer from a folder, a file or a model's name.
  func readTokenizer(_ name: String) throws -> Tokenizer {
    let access = try service(FileAccess.self)
    let place = try ModelLocator(access: access).locate(name)
    if access.isFolder(place.path) {
      return try Tokenizer(folder: { file in
        let path = PathText.join(place.path, file)
        return access.isFile(path) ? try access.read(path) : nil
      })
    }
    let folder =
      place.path.contains("/") ? String(place.path[..<(place.path.lastIndex(of: "/") ?? place.path.startIndex)]) : "."
    func beside(_ file: String) throws -> [UInt8]? {
      let path = PathText.join(folder.isEmpty ? "/" : folder, file)
      return access.isFile(path) ? try access.read(path) : nil
    }
    if place.path.hasSuffix(".gguf") {
      return try Tokenizer(gguf: GGUFVocabulary(metadata: GGUFFile(access.map(place.path)).metadata))
    }
    let bytes = try access.read(place.path)
    let config = try beside("tokenizer_config.json")
    let map = try beside("special_tokens_map.json")
    let added = try beside("added_tokens.json")
    if place.path.hasSuffix(".model") {
      return try Tokenizer(
        sentencePiece: bytes, config: config, specialTokensMap: map, addedTokens: added, file: place.path)
    }
    if place.path.hasSuffix(".txt") {
      return try Tokenizer(vocabularyText: bytes, config: config, specialTokensMap: map, addedTokens: added)
    }
    if place.path.hasSuffix("vocab.json") {
      guard let merges = try beside("merges.txt") else {
        throw TokenizerError.missing(what: "merges.txt", needed: "beside vocab.json")
      }
      return try Tokenizer(
        vocabularyJSON: bytes, merges: merges, config: config, specialTokensMap: map, addedTokens: added)
    }
    return try Tokenizer(json: bytes, config: config, specialTokensMap: map)
  }

  /// Encodes what `encode` was given.
  func encoded() throws -> Encoding {
    let tokenizer = try tokenizer()
    let special = try bool("special")
    let truncation = try truncation(for: tokenizer)
    if case .list = value("text") {
      guard !has("pair") || value("pair").kind == .list else {
        throw error("pair: expected a list of words, as text is one", at: "pair")
      }
      return try tokenizer.encode(
        words: strings("text"), pair: has("pair") ? strings("pair") : nil, addSpecialTokens: special,
        truncation: truncation)
    }
    guard !has("pair") || value("pair").kind == .string else {
      throw error("pair: expected a string, as text is one", at: "pair")
    }
    return try tokenizer.encode(
      string("text"), pair: stringIfAny("pair"), addSpecialTokens: special, truncation: truncation)
  }

  private func truncation(for tokenizer: Tokenizer) throws -> Truncation? {
    let strategy = try stringIfAny("truncation").flatMap { Truncation.Strategy(rawValue: $0) }
    let stride = try int("stride")
    guard let length = try intIfAny("max_length") ?? (strategy == nil ? nil : tokenizer.modelMaxLength) else {
      if strategy != nil {
        throw error("this tokenizer names no longest text", at: "truncation", help: "give max_length: too")
      }
      if stride != 0 { throw error("stride needs max_length", at: "stride") }
      return nil
    }
    guard length >= 0 else { throw error("max_length \(length) is negative", at: "max_length") }
    return Truncation(
      maxLength: length, strategy: strategy ?? .longestFirst, stride: stride,
      side: try string("side") == "left" ? .left : .right, keepsOverflow: true)
  }

  /// The ids that `decode` was given, each one a token's.
  func tokenIDs() throws -> [Int] {
    var ids: [Int] = []
    if let encoding: EncodingValue = objectIfAny("ids") {
      ids = encoding.encoding.ids
    } else if let tensor: TensorValue = objectIfAny("ids") {
      guard case .integers(let integers) = tensor.content else {
        throw error("ids: expected a tensor of int64, got \(tensor.dtype)", at: "ids")
      }
      ids = integers.elements.map { Int($0) }
    } else {
      ids = try ints("ids")
    }
    let vocabulary = try tokenizer().vocabulary
    if let unknown = ids.first(where: { vocabulary.text(of: $0) == nil }) {
      throw error("\(TokenizerError.unknownID(unknown, vocabularySize: vocabulary.count))", at: "ids")
    }
    return ids
  }
}
