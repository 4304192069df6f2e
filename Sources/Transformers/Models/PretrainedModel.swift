import Files
import NeuralNetworks
import TensorCore
import Tokenizers

/// A transformer with its configuration, parameters, tokenizer and, where it has one, head.
///
/// Its forward pass goes in stages (0 the embeddings, 1 to n the blocks, n + 1 the head), so that what comes before
/// the first trainable one can be computed once and kept.
package final class PretrainedModel {
  package let architecture: Architecture
  package private(set) var configuration: ModelConfiguration
  package let headKind: HeadKind?
  /// The top of the tree: the backbone itself, or what holds it and the head's modules.
  package let root: any Module
  package let backbone: Backbone
  package let head: Head?
  /// What the model is called in displays.
  package var name: String
  package var tokenizer: Tokenizer?
  /// What files beside the weights say about lengths and pooling.
  package var settings: ModelSettings
  /// What loading left out or made, in sentences.
  package var notes: [String] = []
  /// See ``contentHash()``.
  var weightsHash: String?
  /// The versions of the parameters that ``weightsHash`` belongs to, summed.
  var hashedVersion = -1
  /// How often it was fitted since it was loaded or made.
  package var fitCount = 0
  /// The length a head was trained with.
  package var trainedMaxLength: Int?
  /// Every parameter once, in the tree's order.
  package private(set) var parameters: [Parameter] = []
  /// Values and flags as loaded or made, for ``reset()``.
  private var initial: [(content: Parameter.Content, isTrainable: Bool)] = []
  /// Parameter-efficient methods attached to this model, in the order they were added.
  package private(set) var methods: [AttachedMethod] = []
  private var initialSwitches: [MethodSwitch.State] = []

  /// Builds a model whose parameters come from `source`.
  ///
  /// - Parameters:
  ///   - kind: of the head; nil for none.
  ///   - seed: for parameters that the source doesn't have.
  package init(
    _ architecture: Architecture, _ configuration: ModelConfiguration, head kind: HeadKind?,
    from source: any ParameterSource, seed: UInt64, name: String
  ) throws {
    self.architecture = architecture
    self.configuration = configuration
    headKind = kind
    self.name = name
    settings = ModelSettings()
    let scope = ParameterScope(source: source, seed: seed)
    guard let kind else {
      backbone = try architecture.makeBackbone(scope, configuration, nil)
      root = backbone
      head = nil
      rememberParameters()
      return
    }
    let base = architecture.baseName(kind)
    backbone = try architecture.makeBackbone(scope.at(base), configuration, kind)
    let head = try architecture.makeHead(kind, scope, configuration, backbone)
    let top = Group(path: "", kind: architecture.className(kind))
    top.hold(base, backbone)
    for module in head.modules where module.path.split(separator: ".").first.map(String.init) != base {
      Self.hold(module, in: top)
    }
    root = top
    self.head = head
    rememberParameters()
  }

  private static func hold(_ module: some Module, in top: Group) { top.hold(module.path, module) }

  /// Takes the tree's parameters as they are now for the state that ``reset()`` goes back to.
  package func rememberParameters() {
    parameters = root.parameters()
    initial = parameters.map { ($0.content, $0.isTrainable) }
    initialSwitches = methods.map(\.control.state)
  }

  /// Takes in a method whose parts were just attached to the hook points.
  package func adopt(_ method: AttachedMethod) {
    methods.append(method)
    rememberParameters()
  }

  /// Back to how it was loaded or made.
  package func reset() {
    for (parameter, state) in zip(parameters, initial) {
      parameter.content = state.content
      parameter.isTrainable = state.isTrainable
    }
    for (method, state) in zip(methods, initialSwitches) { method.control.state = state }
    fitCount = 0
  }

  /// What the inputs of its products are rounded to; weights, sums and all else are float32.
  package var precision: Precision {
    get { backbone.precision }
    set { backbone.precision = newValue.supported }
  }

  /// The name under which it holds its backbone.
  package var baseName: String { architecture.baseName(headKind) }
  /// What upstream calls a model of this kind.
  package var className: String { architecture.className(headKind) }
  package var labels: [String] { headKind?.hasLabels == true ? configuration.labels : [] }
  package var blockCount: Int { backbone.blocks.count }
  /// How most of its weights are kept: `float32`, or the format of a quantised file.
  package var storedFormat: String {
    var counts: [String: Int] = [:]
    for parameter in parameters {
      counts[parameter.stored?.matrix.format.rawValue ?? "float32", default: 0] += parameter.count
    }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? "float32"
  }
  package var hiddenSize: Int { configuration.hiddenSize }
  package var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }
  package var trainableCount: Int { parameters.reduce(0) { $0 + ($1.isTrainable ? $1.count : 0) } }

  /// The parameter of a dotted name, any of a tied one's.
  package func parameter(named name: String) -> Parameter? {
    root.namedParameters().first { $0.name == name || $0.parameter.name == name }?.parameter
  }

  /// The most tokens a text may have: positions less what prefixes and soft prompts take; nil for no limit.
  package var positionLimit: Int? {
    guard let positions = configuration.maximumPositions else { return nil }
    let reserved = architecture.modelType == "roberta" ? (configuration.paddingTokenID ?? 1) + 1 : 0
    return max(positions - reserved - backbone.hooks.prefixLength - backbone.hooks.promptLength, 1)
  }

  /// The length texts are cut to where nothing is said: the smallest of what the head was trained with, the
  /// tokenizer or its settings file say, and the positions.
  package var defaultMaxLength: Int? {
    if let trained = trainedMaxLength { return min(trained, positionLimit ?? trained) }
    let given = [settings.maxSequenceLength, tokenizer?.modelMaxLength].compactMap { $0 }.min()
    return [given, positionLimit].compactMap { $0 }.min()
  }
}

/// What files beside the weights say.
package struct ModelSettings {
  /// `max_seq_length` of sentence_bert_config.json.
  package var maxSequenceLength: Int?
  /// The pooling of 1_Pooling/config.json.
  package var pooling: Pooling?
  /// How messages are written for the model, as a Jinja template.
  package var chatTemplate: String?
  /// Tokens that end a text, besides the configuration's and the tokenizer's.
  package var endTokens: Set<Int> = []
  /// Where the model was loaded from.
  package var folder: String?
  /// Files to be saved beside the weights, by name: the tokenizer's, and what says how texts are pooled.
  package var tokenizerFiles: [(name: String, bytes: [UInt8])] = []
  /// The tokenizer of a GGUF file, where it can be written as such files.
  package var vocabulary: GGUFVocabulary?

  package init() {}
}
