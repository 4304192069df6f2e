import TensorCore

/// A node of a model's tree: parameters of its own and modules below it, under the names the checkpoint uses.
///
/// A module registers what it holds while it is made, so names, tree and order are those of its initialiser.
package protocol Module: AnyObject {
  /// Its place in the tree and what hangs below it.
  var tree: ModuleTree { get }
  /// The type's name as upstream calls it, for displays.
  var kind: String { get }
  /// What the module makes of rows `[T, C]`, where it is a function of rows alone.
  ///
  /// - Throws: ``NeuralNetworkError/notCallable(module:kind:)`` for a module that needs more than rows.
  func callAsFunction(_ rows: Tensor, _ context: ForwardContext) throws -> Tensor
}

/// What hangs below a module.
package final class ModuleTree {
  /// Dotted path from the model's root; empty for the root.
  package let path: String
  package fileprivate(set) var children: [(name: String, module: any Module)] = []
  package fileprivate(set) var parameters: [(name: String, parameter: Parameter)] = []

  package init(_ path: String) { self.path = path }
}

extension Module {
  package var kind: String { String(describing: type(of: self)) }

  package func callAsFunction(_ rows: Tensor, _ context: ForwardContext) throws -> Tensor {
    throw NeuralNetworkError.notCallable(module: path, kind: kind)
  }

  package var path: String { tree.path }
  package var children: [(name: String, module: any Module)] { tree.children }
  package var ownParameters: [(name: String, parameter: Parameter)] { tree.parameters }

  @discardableResult
  package func hold<M: Module>(_ name: String, _ module: M) -> M {
    tree.children.append((name, module))
    return module
  }

  /// - Parameter name: below this module; empty for a parameter that has the module's own path as its name.
  @discardableResult
  package func hold(_ name: String, _ parameter: Parameter) -> Parameter {
    tree.parameters.append((name, parameter))
    return parameter
  }

  package func child(_ name: String) -> (any Module)? {
    children.first { $0.name == name }?.module
  }

  /// Every parameter below this module with its dotted name from the root, in order; a tied one at each of its names.
  package func namedParameters() -> [(name: String, parameter: Parameter)] {
    var found: [(name: String, parameter: Parameter)] = []
    collect(into: &found)
    return found
  }

  private func collect(into found: inout [(name: String, parameter: Parameter)]) {
    for (name, parameter) in ownParameters {
      found.append((name.isEmpty ? path : path.isEmpty ? name : path + "." + name, parameter))
    }
    for (_, module) in children { module.collect(into: &found) }
  }

  /// Every parameter below this module once, under its first name.
  package func parameters() -> [Parameter] {
    var seen: Set<ObjectIdentifier> = []
    var found: [Parameter] = []
    for (_, parameter) in namedParameters() where seen.insert(ObjectIdentifier(parameter)).inserted {
      found.append(parameter)
    }
    return found
  }

  /// Whether anything below this module trains, methods attached to it included.
  package var holdsTrainable: Bool {
    for (_, parameter) in ownParameters where parameter.isTrainable { return true }
    for (_, module) in children where module.holdsTrainable { return true }
    return false
  }

  /// The module at a dotted path below this one.
  package func module(at dotted: String) -> (any Module)? {
    if dotted.isEmpty { return self }
    var current: any Module = self
    for part in dotted.split(separator: ".", omittingEmptySubsequences: false) {
      guard let next = current.child(String(part)) else { return nil }
      current = next
    }
    return current
  }
}

/// Modules under the names "0", "1", ...: PyTorch's ModuleList.
package final class ModuleList<Element: Module>: Module {
  package let tree: ModuleTree
  package let elements: [Element]

  package init(path: String, _ elements: [Element]) {
    self.elements = elements
    tree = ModuleTree(path)
    for (index, element) in elements.enumerated() { hold(String(index), element) }
  }

  package var kind: String { "ModuleList" }
  package var count: Int { elements.count }
  package subscript(index: Int) -> Element { elements[index] }
}
