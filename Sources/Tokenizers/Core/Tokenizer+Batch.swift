extension Tokenizer {
  /// Encodes many texts (or pairs) on all threads. Same results in the same order as encoding them one by one.
  ///
  /// - Parameter pairs: as many as texts, or nothing.
  package func encodeBatch(
    _ texts: [String], pairs: [String]? = nil, addSpecialTokens: Bool = true, truncation: Truncation? = nil
  ) throws -> [Encoding] {
    if let pairs, pairs.count != texts.count {
      throw TokenizerError.cannotEncode(reason: "\(texts.count) texts but \(pairs.count) pairs")
    }
    return try texts.indices.map {
      try encode(texts[$0], pair: pairs?[$0], addSpecialTokens: addSpecialTokens, truncation: truncation)
    }
  }
}
