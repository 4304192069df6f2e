/// The variables of one call of a function, and the scope in which the function was made.
///
/// A chain of closures can be very long, and Swift would release it by recursion; so what an environment holds is
/// released through ``DeferredRelease``.
final class Environment {
  let function: FunctionExpression
  private let symbols: [Symbol]
  private var values: [Value?]
  let parent: Environment?

  init(_ function: FunctionExpression, parent: Environment?) {
    self.function = function
    symbols = function.locals
    values = Array(repeating: nil, count: function.locals.count)
    self.parent = parent
  }

  /// Place of a variable of this scope; nil where the name is another scope's.
  @inline(__always)
  func slot(_ symbol: Symbol) -> Int? {
    for index in symbols.indices where symbols[index] == symbol { return index }
    return nil
  }

  subscript(slot: Int) -> Value? {
    get { values[slot] }
    set { values[slot] = newValue }
  }

  /// Takes a value out, so that a builtin may change it in place where nothing else holds it.
  func take(_ slot: Int) -> Value? {
    var value: Value?
    swap(&value, &values[slot])
    return value
  }

  deinit {
    var taken: [Value?] = []
    swap(&taken, &values)
    DeferredRelease.release(taken)
  }
}
