import Language

/// A small generator of random numbers for tests (xorshift), the same everywhere.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func pick<Element>(_ items: [Element]) -> Element { items[Int(next() % UInt64(items.count))] }
}

/// Random source text that parses.
struct SourceMaker {
  var numbers: SeededNumbers

  mutating func program() -> String { (0..<3).map { _ in statement(2) }.joined(separator: "\n") }

  mutating func statement(_ depth: Int) -> String {
    switch numbers.next() % 9 {
    case 0: return "\(name()) = \(expression(depth))"
    case 1: return "\(name()) \(numbers.pick(["+=", "-=", "*=", "/=", "//=", "%=", "**=", "@="])) \(expression(depth))"
    case 2 where depth > 0: return "for \(name()) in \(expression(depth - 1)) \(block(depth - 1, "continue"))"
    case 3 where depth > 0: return "while \(expression(depth - 1)) \(block(depth - 1, "break"))"
    case 4 where depth > 0: return "fn \(name())(p, q: \(expression(0))) \(block(depth - 1, "return \(expression(0))"))"
    case 5: return "assert \(expression(depth)), \(expression(0))"
    case 6: return "a, b = \(expression(depth))"
    case 7: return "m.\(name()) = \(expression(depth))"
    default: return expression(depth)
    }
  }

  private mutating func block(_ depth: Int, _ last: String) -> String { "{\n\(statement(depth))\n\(last)\n}" }

  mutating func name() -> String { numbers.pick(["x", "y", "größe", "_", "_3", "model", "a1"]) }

  mutating func expression(_ depth: Int) -> String {
    guard depth > 0 else { return atom() }
    let (a, b): (String, String) = (expression(depth - 1), expression(depth - 1))
    switch numbers.next() % 16 {
    case 0: return "(\(a)) \(numbers.pick(["+", "-", "*", "/", "//", "%", "@", "**"])) (\(b))"
    case 1: return "\(atom()) \(numbers.pick(["+", "-", "*", "/", "//", "%", "@", "**"])) \(atom())"
    case 2: return "(\(a)) \(numbers.pick(["<", "<=", ">", ">=", "==", "!=", "in", "not in"])) (\(b))"
    case 3: return "\(atom()) < \(atom()) == \(atom())"
    case 4: return "not (\(a))"
    case 5: return "(\(a)) and (\(b)) or \(atom())"
    case 6: return "-(\(a))"
    case 7: return "[\(a), \(b)]"
    case 8: return "{a: \(a), \"b c\": \(b), 3: 1}"
    case 9: return "(\(a)).\(name())"
    case 10: return "(\(a)).\(name())(\(b), k: 1)"
    case 11: return "\(name())(\(a), in: \(b))"
    case 12: return "(\(a))[\(b), 1:, :\(atom()):2]"
    case 13: return "(if \(a) { \(b) } else if \(atom()) { 1 } else { })"
    case 14: return "(x -> \(a))"
    default: return "((a, b) -> \(a))"
    }
  }

  private mutating func atom() -> String {
    numbers.pick([
      "1", "0", "2.5", "1e-7", "true", "none", "\"a\\n\\\"b\\\"\"", "'é␛'", "[]", "{}", name(),
      "(-9223372036854775808)",
      "-3", "10_000", "1e300",
    ])
  }
}
