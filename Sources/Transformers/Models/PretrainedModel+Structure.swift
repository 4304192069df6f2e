import Files
import NeuralNetworks
import TensorCore

extension PretrainedModel {
  /// This model under another head, or a new one of the same kind; weights are shared until one of the two trains.
  ///
  /// - Parameters:
  ///   - labels: of a classifier; kept as they are where nil.
  ///   - seed: for the head's new parameters.
  package func with(
    head kind: HeadKind, labels: [String]? = nil, problem: ModelConfiguration.Problem? = nil, seed: UInt64
  ) throws -> PretrainedModel {
    guard architecture.heads[kind] != nil else { throw unsupported(kind, architecture) }
    var changed = configuration
    if let labels {
      guard !labels.isEmpty else {
        throw TransformerError.badInput(field: "labels", expected: "at least one label", got: "none")
      }
      if let twice = Dictionary(grouping: labels, by: { $0 }).first(where: { $0.value.count > 1 })?.key {
        throw TransformerError.badInput(field: "labels", expected: "different labels", got: "\"\(twice)\" twice")
      }
      changed.labels = labels
    }
    if kind.hasLabels { changed.problem = kind == .sequenceClassification ? problem : nil }
    // A language model's head is the pretrained one where the files had it.
    let keepsHead = headKind == kind && labels == nil
    let source = ModelSource(self, includesHead: keepsHead)
    let model = try PretrainedModel(architecture, changed, head: kind, from: source, seed: seed, name: name)
    model.inherit(self)
    if !source.newNames.isEmpty { model.notes = ["new: " + PretrainedModel.grouped(source.newNames)] }
    try reattachMethods(to: model, source)
    model.rememberParameters()
    return model
  }

  /// This model under a language model's head, whose own parameters come from the files the model was loaded from
  /// where they hold them.
  package func with(
    head kind: HeadKind, loadingFrom folder: String, access: FileAccess, seed: UInt64
  ) throws -> PretrainedModel {
    guard architecture.heads[kind] != nil else { throw unsupported(kind, architecture) }
    let model = try PretrainedModel.load(folder, access: access, name: name, head: kind, seed: seed)
    let mine = ModelSource(self, includesHead: false)
    for parameter in model.parameters {
      if let content = try mine.content(named: parameter.name, shape: parameter.shape) { parameter.content = content }
    }
    model.inherit(self)
    try reattachMethods(to: model, mine)
    model.rememberParameters()
    return model
  }

  /// Attaches this model's methods to another of the same backbone, with their values, trained or not as here.
  private func reattachMethods(to model: PretrainedModel, _ source: ModelSource) throws {
    for method in methods { try method.attachAgain(to: model, source) }
    if !methods.isEmpty { model.trainMethods() }
  }

  /// The same model again, with weights shared until one of the two trains.
  ///
  /// - Parameter withMethods: whether the methods attached to it are attached to the copy too.
  package func copy(withMethods: Bool = true) throws -> PretrainedModel {
    let source = ModelSource(self, includesHead: true)
    let model = try PretrainedModel(architecture, configuration, head: headKind, from: source, seed: 0, name: name)
    model.inherit(self)
    if withMethods {
      for method in methods { try method.attachAgain(to: model, source) }
      for (again, method) in zip(model.methods, methods) { again.baseMaxLength = method.baseMaxLength }
    }
    let flags = Dictionary(
      root.namedParameters().map { ($0.name, $0.parameter.isTrainable) }, uniquingKeysWith: { first, _ in first })
    for (name, parameter) in model.root.namedParameters() {
      if let flag = flags[name] { parameter.isTrainable = flag }
    }
    model.trainedMaxLength = trainedMaxLength
    model.notes = notes
    model.rememberParameters()
    return model
  }

  private func inherit(_ other: PretrainedModel) {
    tokenizer = other.tokenizer
    settings = other.settings
    precision = other.precision
    weightsHash = nil
  }

  /// What a forward pass depends on, to be restored: values and flags of every parameter. Cheap, since values are
  /// copy-on-write.
  package struct State {
    fileprivate let values: [(content: Parameter.Content, isTrainable: Bool)]
    fileprivate let trainedMaxLength: Int?
    fileprivate let fitCount: Int
    fileprivate let switches: [MethodSwitch.State]
    /// What is held, to count what only a state keeps alive.
    package var contents: [Parameter.Content] { values.map(\.content) }
  }

  package func state() -> State {
    State(
      values: parameters.map { ($0.content, $0.isTrainable) }, trainedMaxLength: trainedMaxLength,
      fitCount: fitCount, switches: methods.map(\.control.state))
  }

  package func restore(_ state: State) {
    for (parameter, old) in zip(parameters, state.values) {
      parameter.content = old.content
      parameter.isTrainable = old.isTrainable
    }
    for (method, old) in zip(methods, state.switches) { method.control.state = old }
    trainedMaxLength = state.trainedMaxLength
    fitCount = state.fitCount
  }
}
