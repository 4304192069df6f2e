import NeuralNetworks
import TensorCore

extension Linear {
  /// A projection with the configuration's initialisation, from hidden size to hidden size unless said otherwise.
  convenience init(
    _ scope: ParameterScope, _ configuration: ModelConfiguration, input: Int? = nil, output: Int? = nil,
    bias: Bool = true, orientation: Orientation = .outputInput, tied: Parameter? = nil
  ) throws {
    try self.init(
      scope, input: input ?? configuration.hiddenSize, output: output ?? configuration.hiddenSize, bias: bias,
      orientation: orientation, initializer: .normal(standardDeviation: configuration.initializerRange), tied: tied)
  }
}

/// The error of a family that has no such head upstream.
func unsupported(_ kind: HeadKind, _ architecture: Architecture) -> TransformerError {
  let supported = HeadKind.allCases.filter { architecture.heads[$0] != nil }.map(\.rawValue)
  return .unsupportedHead(head: kind.rawValue, modelType: architecture.modelType, supported: supported)
}

extension Head {
  /// A projection of every row: `classifier` for token classes, `qa_outputs` for answers' starts and ends.
  ///
  /// - Parameter rate: of the dropout before it; where nil, the configuration's for token classes, none for answers.
  static func perToken(
    _ kind: HeadKind, _ root: ParameterScope, _ configuration: ModelConfiguration, rate: Double? = nil
  ) throws -> Head {
    let isAnswers = kind == .questionAnswering
    let name = isAnswers ? "qa_outputs" : "classifier"
    let projection = try Linear(
      root.at(name), configuration, output: isAnswers ? 2 : configuration.labels.count)
    let dropped: Double? = rate ?? (isAnswers ? nil : configuration.dropout.classifier)
    return Head(kind, modules: [projection]) { rows, pass in
      try projection(pass.dropped(rows, rate: dropped, module: name), pass)
    }
  }

  /// A masked language model's head: projection, activation, norm, and a decoder tied to the word embeddings.
  ///
  /// - Parameters:
  ///   - dense, norm: where projection and norm stand.
  ///   - decoder: where the decoder stands.
  ///   - bias: to what the decoder's bias belongs while the decoder is tied; one that isn't holds its own.
  static func maskedLM(
    dense denseScope: ParameterScope, norm normScope: ParameterScope, decoder: ParameterScope, bias: ParameterScope,
    activation: ElementFunction, epsilon: Double, _ configuration: ModelConfiguration, _ backbone: Backbone
  ) throws -> Head {
    let tree = TreeBuilder()
    let bias = configuration.tiesWordEmbeddings ? bias : decoder
    let output = try Decoder(decoder, bias: bias, configuration, backbone)
    if bias.path != decoder.path, let parameter = output.bias { tree.add(parameter) }
    let dense = tree.add(try Linear(denseScope, configuration))
    let norm = tree.add(try LayerNorm(normScope, size: configuration.hiddenSize, epsilon: epsilon))
    tree.add(output)
    return Head(.maskedLM, modules: tree.modules) { rows, pass in
      try output(norm(dense(rows, pass).map(activation), pass), pass)
    }
  }

  /// A causal language model's head: the decoder alone.
  static func causalLM(
    _ decoder: ParameterScope, bias: Bool, _ configuration: ModelConfiguration, _ backbone: Backbone
  ) throws -> Head {
    let output = try Decoder(decoder, bias: bias ? decoder : nil, configuration, backbone)
    return Head(.causalLM, modules: [output]) { rows, pass in try output(rows, pass) }
  }
}

/// The projection onto the vocabulary: the word embeddings where they are tied, with or without a bias of its own.
final class Decoder: Module {
  let tree: ModuleTree
  let weight: Parameter
  let bias: Parameter?

  /// - Parameter bias: the scope whose `bias` it adds; nil for none.
  init(
    _ scope: ParameterScope, bias biasScope: ParameterScope?, _ configuration: ModelConfiguration,
    _ backbone: Backbone
  ) throws {
    if configuration.tiesWordEmbeddings {
      weight = backbone.wordEmbeddings.weight
    } else {
      weight = try scope.parameter(
        "weight", [configuration.vocabularySize, configuration.hiddenSize],
        .normal(standardDeviation: configuration.initializerRange))
    }
    bias = try biasScope?.parameter("bias", [configuration.vocabularySize], .zeros)
    tree = ModuleTree(scope.path)
    hold("weight", weight)
    if let bias { hold("bias", bias) }
  }

  var kind: String { "Linear" }

  func callAsFunction(_ rows: Tensor, _ context: ForwardContext) throws -> Tensor {
    if let stored = weight.stored(for: rows, context), !stored.isTransposed,
      bias.map({ !($0.isTrainable && context.isRecording) }) ?? true
    {
      return try rows.linear(stored: stored.matrix, bias: bias?.read(context))
    }
    return try rows.linear(weight: weight.read(context), bias: bias?.read(context))
  }
}

/// Hangs modules and parameters with dotted names below the groups that the names imply.
final class TreeBuilder {
  /// What hangs from the root itself.
  private(set) var modules: [any Module] = []

  @discardableResult
  func add<M: Module>(_ module: M) -> M {
    let parts = module.path.split(separator: ".").map(String.init)
    if let parent = group(parts.dropLast()), let name = parts.last {
      parent.hold(name, module)
    } else {
      modules.append(module)
    }
    return module
  }

  func add(_ parameter: Parameter) {
    let parts = parameter.name.split(separator: ".").map(String.init)
    if let parent = group(parts.dropLast()), let name = parts.last { parent.hold(name, parameter) }
  }

  /// The group at a path; nil at the root.
  private func group(_ parts: ArraySlice<String>) -> (any Module)? {
    guard let first = parts.first else { return nil }
    var path = first
    var current: any Module
    if let found = modules.first(where: { $0.path == first }) {
      current = found
    } else {
      current = Group(path: first, kind: "Head")
      modules.append(current)
    }
    for part in parts.dropFirst() {
      path += "." + part
      current = current.child(part) ?? current.hold(part, Group(path: path, kind: "Head"))
    }
    return current
  }
}
