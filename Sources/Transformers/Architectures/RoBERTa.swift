import NeuralNetworks
import TensorCore

extension Architecture {
  /// RoBERTa (Liu et al. 2019, arXiv:1907.11692): BERT's blocks, positions counted from the padding id on.
  package static let roberta = Architecture(
    modelType: "roberta", baseName: "roberta", baseClass: "RobertaModel",
    heads: [
      .sequenceClassification: "RobertaForSequenceClassification",
      .tokenClassification: "RobertaForTokenClassification",
      .questionAnswering: "RobertaForQuestionAnswering",
      .maskedLM: "RobertaForMaskedLM",
    ],
    isDecoder: false, embeddingName: "embeddings.word_embeddings.weight", decoderNames: ["lm_head.decoder.weight"],
    decoderBiasNames: ["lm_head.decoder.bias", "lm_head.bias"],
    loraTargets: ["query", "value"],
    ia3Targets: (keysAndValues: ["key", "value"], feedForward: ["output.dense"]),
    readConfiguration: { try RoBERTa.configuration($0) },
    makeBackbone: { scope, configuration, kind in
      try BERTBackbone(scope, configuration, family: "Roberta", hasPooler: kind == nil)
    },
    makeHead: { try RoBERTa.head($0, $1, $2, $3) })
}

enum RoBERTa {
  static func configuration(_ reader: ConfigurationReader) throws -> ModelConfiguration {
    var configuration = try BERT.configuration(reader)
    guard let padding = reader.json["pad_token_id"] else {
      configuration.paddingTokenID = 1
      return configuration
    }
    guard configuration.paddingTokenID != nil || padding.int == -1 else {
      throw TransformerError.invalidField(
        field: "pad_token_id", got: padding.text(),
        expected: "an id below vocab_size, \(configuration.vocabularySize): roberta counts positions from it")
    }
    return configuration
  }

  static func head(
    _ kind: HeadKind, _ root: ParameterScope, _ configuration: ModelConfiguration, _ backbone: Backbone
  ) throws -> Head {
    switch kind {
    case .sequenceClassification:
      let tree = TreeBuilder()
      let place = root.at("classifier")
      let dense = tree.add(try Linear(place.at("dense"), configuration))
      let projection = tree.add(
        try Linear(place.at("out_proj"), configuration, output: configuration.labels.count))
      return Head(kind, modules: tree.modules, reads: .first) { [rate = configuration.dropout.classifier] in
        let first = try $1.dropped($0, rate: rate, module: "classifier.dense")
        let middle = try dense(first, $1).map(.tanh)
        return try projection($1.dropped(middle, rate: rate, module: "classifier.out_proj"), $1)
      }
    case .tokenClassification, .questionAnswering:
      return try .perToken(kind, root, configuration)
    case .maskedLM:
      let head = root.at("lm_head")
      return try .maskedLM(
        dense: head.at("dense"), norm: head.at("layer_norm"), decoder: head.at("decoder"), bias: head,
        activation: .gelu, epsilon: configuration.normEpsilon, configuration, backbone)
    case .causalLM:
      throw unsupported(kind, .roberta)
    }
  }
}
