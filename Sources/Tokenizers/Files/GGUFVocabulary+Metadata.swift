import Checkpoints

extension GGUFVocabulary {
  /// The tokenizer in a GGUF file's metadata.
  ///
  /// - Throws: ``TokenizerError/missing(what:needed:)`` where there is none.
  package init(metadata: [String: GGUFValue]) throws {
    func value(_ name: String) -> GGUFValue? { metadata["tokenizer.ggml.\(name)"] }
    guard let model = value("model")?.string, let tokens = value("tokens")?.strings else {
      throw TokenizerError.missing(what: "the GGUF file's tokenizer", needed: "tokenizer.ggml.model and .tokens")
    }
    self.init(model: model, pre: value("pre")?.string, tokens: tokens)
    tokenTypes = value("token_type")?.integers ?? []
    scores = (value("scores")?.reals ?? []).map { Float($0) }
    merges = value("merges")?.strings ?? []
    bosID = value("bos_token_id")?.int
    eosID = value("eos_token_id")?.int
    unknownID = value("unknown_token_id")?.int
    paddingID = value("padding_token_id")?.int
    addsBOS = value("add_bos_token")?.bool
    addsEOS = value("add_eos_token")?.bool
    addsSpacePrefix = value("add_space_prefix")?.bool
    // As llama.cpp tells them: by the model's name.
    let name = metadata["general.name"]?.string?.lowercased() ?? ""
    stripsBehindSpecial = name.contains("phi-3") || name.contains("phi3")
  }
}
