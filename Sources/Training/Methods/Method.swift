import Files
import NeuralNetworks
import TensorCore
import Transformers

/// A kind of parameter-efficient method. A kind is one file and one line in ``all``: its settings say how they read and
/// what they attach to a model's hook points; copying, saving, undoing and training beside the base come from here.
package struct Method: Sendable {
  /// The key under which settings of this kind are stored.
  package let kind: String
  /// The learning rate to begin with: what `lr: auto` means while such a method trains.
  package let learningRate: Double
  /// Attaches a method of this kind from its stored settings.
  let attach: @Sendable (_ settings: JSON, _ site: AttachingPlace) throws -> AttachedMethod

  init<Settings: MethodSettings>(_ type: Settings.Type, learningRate: Double) {
    kind = type.kind
    self.learningRate = learningRate
    attach = { try Method.attach(Settings(json: $0), $1) }
  }

  /// Every kind, each in its own file.
  package static let all: [Method] = [
    .lora,
    .adapter,
    .prefix,
    .softPrompt,
    .ia3,
  ]

  package static func named(_ kind: String) -> Method? { all.first { $0.kind == kind } }
}

/// What a method of some kind is made with.
package protocol MethodSettings: Sendable {
  static var kind: String { get }
  /// - Throws: ``TrainingError/method(_:)`` for values out of range.
  init(json: JSON) throws
  var json: JSON { get }
  /// Patterns of the base's parameters that train in full beside the method; nil for the head of a classifier.
  var full: [String]? { get set }
  /// Makes the method's parts and attaches them to the model's hook points.
  func attach(_ site: MethodSite) throws -> MethodParts
}

/// To which model a method goes, under which name, and where its values come from.
struct AttachingPlace {
  let model: PretrainedModel
  let name: String
  let source: any ParameterSource
  let seed: UInt64
}

/// Where a method's parts are made.
package struct MethodSite {
  let model: PretrainedModel
  let name: String
  let control: MethodSwitch
  let source: any ParameterSource
  let seed: UInt64

  /// The parameter `name`, from the source or else as `make` gives it.
  func parameter(_ name: String, _ shape: [Int], _ make: () throws -> Tensor) throws -> Parameter {
    let parameter: Parameter
    if let stored = try source.value(named: name, shape: shape) {
      guard stored.shape == shape else {
        throw TrainingError.method("\(name) has shape \(stored.shape), expected \(shape)")
      }
      parameter = Parameter(name: name, value: stored)
    } else {
      parameter = Parameter(name: name, value: try make(), isNew: true)
    }
    source.made(parameter)
    return parameter
  }

  func parameter(_ name: String, _ shape: [Int], _ initializer: Initializer) throws -> Parameter {
    try parameter(name, shape) { try initializer.makeValue(shape: shape, name: name, seed: seed) }
  }
}

/// What attaching made.
package struct MethodParts {
  var title: String
  var summary: String
  var parameters: [Parameter]
  /// Parameters of the base that train beside the method because its settings say so (biases).
  var beside: [Parameter] = []
  /// Parameters of the base whose values it changed, with what they were.
  var changed: [(parameter: Parameter, value: Tensor)] = []
}

extension Method {
  /// Attaches a method to the model itself; what trains is not touched.
  @discardableResult
  static func attach(_ settings: some MethodSettings, _ place: AttachingPlace) throws -> AttachedMethod {
    let model: PretrainedModel = place.model
    guard !place.name.isEmpty, place.name.utf8.allSatisfy({ $0 != 46 && $0 > 32 && $0 != 47 }) else {
      throw TrainingError.method("name: a method's is a word without dots, spaces or slashes, got \"\(place.name)\"")
    }
    guard model.method(named: place.name) == nil else {
      throw TrainingError.method(
        "name: \(model.name) has a method \"\(place.name)\" already; give this one another with name: \"...\"")
    }
    let control = MethodSwitch()
    let site = MethodSite(model: model, name: place.name, control: control, source: place.source, seed: place.seed)
    let head: [NeuralNetworks.Parameter] = try model.trainedBeside(settings.full)
    let parts: MethodParts = try settings.attach(site)
    var full: [NeuralNetworks.Parameter] = []
    var seen: Set<ObjectIdentifier> = []
    for parameter in parts.beside + head where seen.insert(ObjectIdentifier(parameter)).inserted {
      full.append(parameter)
    }
    let changed: Set<ObjectIdentifier> = Set(parts.changed.map { ObjectIdentifier($0.parameter) })
    let kept = full.filter { !changed.contains(ObjectIdentifier($0)) }.map { (parameter: $0, value: $0.value) }
    let (name, seed) = (place.name, place.seed)
    let method = AttachedMethod(
      name: name, kind: type(of: settings).kind, title: parts.title, summary: parts.summary, settings: settings.json,
      control: control, parameters: parts.parameters, full: full, originals: parts.changed + kept,
      attaching: { model, source in
        try Method.attach(settings, AttachingPlace(model: model, name: name, source: source, seed: seed))
      })
    method.baseMaxLength = model.trainedMaxLength
    model.adopt(method)
    return method
  }
}

extension PretrainedModel {
  /// Another model, sharing weights with this one, with a method attached: the base frozen, the method and what trains
  /// in full beside it trainable.
  ///
  /// - Parameter seed: for the method's new parameters.
  /// - Throws: ``TrainingError/method(_:)``; this model stays as it is.
  package func adding(
    _ settings: some MethodSettings, name: String, source: any ParameterSource = EmptySource(), seed: UInt64
  ) throws -> PretrainedModel {
    let model: PretrainedModel = try copy()
    try Method.attach(settings, AttachingPlace(model: model, name: name, source: source, seed: seed))
    model.trainMethods()
    model.rememberParameters()
    return model
  }

  /// Parameters that patterns name; of a classifier without patterns its head. Language models keep theirs.
  func trainedBeside(_ patterns: [String]?) throws -> [NeuralNetworks.Parameter] {
    guard let patterns else {
      switch headKind {
      case .sequenceClassification?, .tokenClassification?, .questionAnswering?: return group("head")
      case .maskedLM?, .causalLM?, nil: return []
      }
    }
    let own: Set<ObjectIdentifier> = Set(methods.flatMap(\.parameters).map { ObjectIdentifier($0) })
    return try patterns.flatMap { try parameters(matching: $0) }.filter { !own.contains(ObjectIdentifier($0)) }
  }
}
