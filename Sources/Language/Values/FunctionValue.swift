/// A function: a user's (`fn`, `->`) or a builtin named as a value.
package final class FunctionValue: @unchecked Sendable {
  enum Body {
    case builtin(name: String)
    case closure(Closure)
  }

  let body: Body

  init(_ body: Body) { self.body = body }

  /// The builtin of this name as a value.
  package convenience init(builtin name: String) { self.init(.builtin(name: name)) }

  /// What the user called it; nil for `->`.
  package var name: String? {
    switch body {
    case .builtin(let name): return name
    case .closure(let closure): return closure.function.name?.text
    }
  }

  /// Its text as written, or a builtin's name.
  package var text: String {
    switch body {
    case .builtin(let name): return name
    case .closure(let closure): return closure.function.source.text(closure.function.range)
    }
  }

  /// Names of its parameters; nil for a builtin, whose forms say theirs.
  package var parameterNames: [String]? {
    if case .closure(let closure) = body { return closure.function.parameters.map(\.symbol.text) }
    return nil
  }
}

/// A user's function with the scope in which it was made and the values of its defaults.
final class Closure {
  let function: FunctionExpression
  let environment: Environment?
  let defaults: [Value?]

  init(_ function: FunctionExpression, environment: Environment?, defaults: [Value?]) {
    self.function = function
    self.environment = environment
    self.defaults = defaults
  }
}
