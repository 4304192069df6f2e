import Files
import NeuralNetworks
import TensorCore

/// Whether a method is in use and how strongly: shared by all of its parts, set by `use` and `scale`.
package final class MethodSwitch {
  package struct State: Equatable {
    package var isActive = true
    /// What the method's effect is multiplied by; 1 is the effect it was trained with.
    package var scale: Float = 1
  }

  package var state = State() {
    didSet { version &+= 1 }
  }
  /// Grows with each change, as ``Parameter/version`` does.
  package private(set) var version = 0

  package init() {}
  package var isActive: Bool { state.isActive }
  package var scale: Float { state.scale }
}

/// A parameter-efficient method as it hangs on a model: what it owns, what of the base it trains beside itself, and how
/// to attach it to another model of the same backbone.
package final class AttachedMethod {
  package typealias Attaching = (_ model: PretrainedModel, _ source: any ParameterSource) throws -> AttachedMethod

  /// Tells methods of one model apart.
  package let name: String
  /// Which method it is: the key of its declaration.
  package let kind: String
  /// What it is called: `LoRA`, `DoRA`, `Houlsby adapter`.
  package let title: String
  /// The settings in a few words: `rank 8, alpha 16 on query, value`.
  package let summary: String
  /// Everything that its declaration needs to attach it again.
  package let settings: JSON
  package let control: MethodSwitch
  /// Its own parameters, in the tree's order.
  package let parameters: [Parameter]
  /// Parameters of the base that train beside it: the head, biases.
  package let full: [Parameter]
  /// What the base's parameters were before it: of those that train beside it, and of those it changed.
  package private(set) var originals: [(parameter: Parameter, value: Tensor)]
  /// The length that the base's head was trained with, before the method.
  package var baseMaxLength: Int?
  private let attaching: Attaching

  package init(
    name: String, kind: String, title: String, summary: String, settings: JSON, control: MethodSwitch,
    parameters: [Parameter], full: [Parameter], originals: [(parameter: Parameter, value: Tensor)],
    attaching: @escaping Attaching
  ) {
    self.name = name
    self.kind = kind
    self.title = title
    self.summary = summary
    self.settings = settings
    self.control = control
    self.parameters = parameters
    self.full = full
    self.originals = originals
    self.attaching = attaching
  }

  package var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

  /// Whether it took something out of the base's weights, so that without it the model is not the base.
  package var changesBase: Bool {
    originals.contains { item in !full.contains { $0 === item.parameter } }
  }

  /// Attaches the method to another model, its values from `source`, in use and scaled as here.
  func attachAgain(to model: PretrainedModel, _ source: any ParameterSource) throws {
    let again = try attaching(model, source)
    again.control.state = control.state
    for (place, item) in again.originals.enumerated() {
      guard let old = originals.first(where: { $0.parameter.name == item.parameter.name }),
        old.value.shape == item.value.shape
      else { continue }
      again.originals[place].value = old.value
    }
  }

  /// Puts back the base's values as they are stored beside a saved model.
  package func setOriginal(_ name: String, _ value: Tensor) {
    guard let place = originals.firstIndex(where: { $0.parameter.name == name }),
      originals[place].value.shape == value.shape
    else { return }
    originals[place].value = value
  }
}

extension PretrainedModel {
  /// The parameters that belong to no method.
  package var baseParameters: [Parameter] {
    if methods.isEmpty { return parameters }
    let own = Set(methods.flatMap(\.parameters).map(ObjectIdentifier.init))
    return parameters.filter { !own.contains(ObjectIdentifier($0)) }
  }

  /// Grows with each `use` and `scale`.
  package var methodsVersion: Int { methods.reduce(0) { $0 &+ $1.control.version } }

  package func method(named name: String) -> AttachedMethod? { methods.first { $0.name == name } }

  /// Freezes the base; what trains are the methods in use and what trains beside them.
  package func trainMethods() {
    for parameter in parameters { parameter.isTrainable = false }
    for method in methods {
      if method.control.isActive { for parameter in method.parameters { parameter.isTrainable = true } }
      for parameter in method.full { parameter.isTrainable = true }
    }
  }
}
