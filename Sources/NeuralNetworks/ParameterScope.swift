import TensorCore

/// Where a model's parameters come from while it is built: a checkpoint, another model, or nothing (all new).
package protocol ParameterSource: AnyObject {
  /// The stored value for a dotted name, or nil where the source has none and the parameter is to be initialised.
  func value(named name: String, shape: [Int]) throws -> Tensor?
  /// The same, as the source keeps it (a source says one of the two): floats, or a weight that is multiplied with as it is stored.
  func content(named name: String, shape: [Int]) throws -> Parameter.Content?
  /// Told of every parameter made, with whether it had to be initialised.
  func made(_ parameter: Parameter)
}

extension ParameterSource {
  package func content(named name: String, shape: [Int]) throws -> Parameter.Content? {
    try value(named: name, shape: shape).map { .floats($0) }
  }

  package func value(named name: String, shape: [Int]) throws -> Tensor? {
    switch try content(named: name, shape: shape) {
    case .floats(let tensor): tensor
    case .stored(let weight): try weight.floats()
    case nil: nil
    }
  }
}

/// A place in the tree while it is built: makes parameters by name, found in the source or newly initialised.
package struct ParameterScope {
  package let path: String
  package let source: any ParameterSource
  /// Seed for parameters the source doesn't have; each draws by its own name (`init/<name>`).
  package let seed: UInt64

  package init(path: String = "", source: any ParameterSource, seed: UInt64) {
    self.path = path
    self.source = source
    self.seed = seed
  }

  package func at(_ name: String) -> ParameterScope {
    ParameterScope(path: joined(name), source: source, seed: seed)
  }

  package func joined(_ name: String) -> String {
    if name.isEmpty { return path }
    return path.isEmpty ? name : path + "." + name
  }

  /// The parameter at `name` below this place.
  ///
  /// - Throws: ``NeuralNetworkError/parameterShape(name:expected:got:)`` where the stored shape differs.
  package func parameter(_ name: String, _ shape: [Int], _ initializer: Initializer) throws -> Parameter {
    let full = joined(name)
    let parameter: Parameter
    if let stored = try source.content(named: full, shape: shape) {
      guard stored.shape == shape else {
        throw NeuralNetworkError.parameterShape(name: full, expected: shape, got: stored.shape)
      }
      parameter = Parameter(name: full, content: stored)
    } else {
      let value = try initializer.makeValue(shape: shape, name: full, seed: seed)
      parameter = Parameter(name: full, value: value, isNew: true)
    }
    source.made(parameter)
    return parameter
  }
}
