/// A function: a user's (`fn`, `->`) or a builtin named as a value.
package final class FunctionValue: @unchecked Sendable {
  package enum Body {
    case builtin(name: String)
    case closure(Closure)
  }

  package let body: Body

  package init(_ body: Body) { self.body = body }
}

/// A user's function with what it can see. (The interpreter fills this in.)
package final class Closure {
}
