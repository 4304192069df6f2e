import Files
import NeuralNetworks

/// A family of models, as config.json's `model_type` names it: how its configuration reads, how it is built, and what
/// its heads are called. A family is one file and one line in ``all``.
package struct Architecture: Sendable {
  /// `model_type` in config.json.
  package let modelType: String
  /// The name under which a model with a head holds its backbone: the prefix of the backbone's parameters there.
  package let baseName: String
  /// Class names upstream, as config.json's `architectures` has them.
  package let baseClass: String
  package let heads: [HeadKind: String]
  /// Further class names whose files hold a known head and more.
  package var otherClasses: [String: HeadKind] = [:]
  /// Heads whose models hold the backbone under another name than ``baseName``.
  package var baseNames: [HeadKind: String] = [:]
  package let isDecoder: Bool
  /// The word embeddings' name in the backbone, and those of decoders that are tied to it: files may hold either.
  package let embeddingName: String
  package var decoderNames: [String] = []
  /// Names of the bias of a masked language model's decoder, of which files hold one or both: first the decoder's own.
  package var decoderBiasNames: [String] = []
  /// Projections that LoRA goes to when nothing is said, as in peft.
  package let loraTargets: [String]
  /// Projections of keys, of values, and the second of the feed-forward, for (IA)³: as in peft.
  package let ia3Targets: (keysAndValues: [String], feedForward: [String])
  package let readConfiguration: @Sendable (ConfigurationReader) throws -> ModelConfiguration
  package let makeBackbone: @Sendable (ParameterScope, ModelConfiguration, HeadKind?) throws -> Backbone
  /// Makes the head's modules below the root's scope.
  package let makeHead: @Sendable (HeadKind, ParameterScope, ModelConfiguration, Backbone) throws -> Head

  /// Every family, each in its own file.
  package static let all: [Architecture] = [
    .bert,
    .distilBERT,
    .roberta,
    .gpt2,
    .llama,
    .mistral,
    .qwen2,
    .xlnet,
  ]

  /// The family of a config.json.
  ///
  /// - Throws: ``TransformerError/unknownArchitecture(modelType:known:nearest:)``, or that `model_type` is missing.
  package static func named(by config: JSON) throws -> Architecture {
    guard let value = config["model_type"], !value.isNull else {
      throw TransformerError.missingField(field: "model_type", modelType: "every model")
    }
    guard let type = value.string else {
      throw TransformerError.invalidField(field: "model_type", got: value.text(), expected: "a string")
    }
    if let found = all.first(where: { $0.modelType == type }) { return found }
    let known = all.map(\.modelType)
    throw TransformerError.unknownArchitecture(
      modelType: String(type.prefix(80)), known: known, nearest: nearest(to: type, among: known))
  }

  /// The configuration of a model of this family, checked.
  package func configuration(_ config: JSON) throws -> ModelConfiguration {
    try readConfiguration(ConfigurationReader(config, modelType: modelType))
  }

  /// The head that config.json's `architectures` names; nil for a backbone alone or a class that is not known.
  package func headKind(of config: JSON) -> HeadKind? {
    guard let name = config["architectures"]?[0]?.string else { return nil }
    if let kind = heads.first(where: { $0.value == name })?.key { return kind }
    return otherClasses[name]
  }

  /// The name under which a model with this head holds its backbone.
  package func baseName(_ kind: HeadKind?) -> String { kind.flatMap { baseNames[$0] } ?? baseName }

  /// A parameter's name without the backbone's.
  func bare(_ name: String) -> String {
    for base in [baseName] + baseNames.values where name.hasPrefix(base + ".") {
      return String(name.dropFirst(base.count + 1))
    }
    return name
  }

  /// What upstream calls a model of this family with a head, or without.
  package func className(_ kind: HeadKind?) -> String { kind.flatMap { heads[$0] } ?? baseClass }

  private static func nearest(to name: String, among known: [String]) -> String? {
    let best = known.min { distance(name, $0) < distance(name, $1) }
    guard let best, distance(name, best) <= max(2, name.count / 3) else { return nil }
    return best
  }

  /// Levenshtein distance; names are short.
  private static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.utf8.prefix(64))
    let b = Array(b.utf8)
    var row = Array(0...b.count)
    for (i, left) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, right) in b.enumerated() {
        let change = diagonal + (left == right ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(change, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
