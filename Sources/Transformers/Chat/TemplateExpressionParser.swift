/// Reads expressions of a template, by precedence.
struct TemplateExpressionParser {
  private let tokens: [TemplateToken]
  private var place = 0
  private var depth = 0
  /// Operators and links of chains: each makes the expression deeper by one.
  private var links = 0

  init(_ tokens: [TemplateToken]) { self.tokens = tokens }

  static func whole(_ tokens: [TemplateToken]) throws -> TemplateExpression {
    var parser = TemplateExpressionParser(tokens)
    let result = try parser.expression()
    try parser.end()
    return result
  }

  var isAtEnd: Bool { place >= tokens.count }

  func end() throws {
    if place < tokens.count { throw TemplateError("it has something unexpected: \(shown(tokens[place]))") }
  }

  private func shown(_ token: TemplateToken) -> String {
    switch token {
    case .name(let text), .symbol(let text): String(text.prefix(30))
    case .string(let text): "\"\(text.prefix(30))\""
    case .int(let number): String(number)
    case .float(let number): String(number)
    }
  }

  func sees(_ symbol: String) -> Bool { place < tokens.count && tokens[place] == .symbol(symbol) }
  private func seesWord(_ word: String) -> Bool { place < tokens.count && tokens[place] == .name(word) }

  mutating func take(_ symbol: String) -> Bool {
    if sees(symbol) { place += 1 } else { return false }
    return true
  }

  mutating func takeWord(_ word: String) -> Bool {
    if seesWord(word) { place += 1 } else { return false }
    return true
  }

  private mutating func need(_ symbol: String) throws {
    if !take(symbol) {
      throw TemplateError("\"\(symbol)\" is missing" + (isAtEnd ? "" : " before \(shown(tokens[place]))"))
    }
  }

  private mutating func link() throws {
    links += 1
    guard links <= 500 else { throw TemplateError("an expression has more than 500 operators") }
  }

  mutating func name() throws -> String {
    guard place < tokens.count, case .name(let text) = tokens[place] else { throw TemplateError("a name is missing") }
    place += 1
    return text
  }

  mutating func expression() throws -> TemplateExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw TemplateError("an expression stands more than 100 deep") }
    let value = try either()
    guard takeWord("if") else { return value }
    let condition = try either()
    return .choice(condition, value, takeWord("else") ? try expression() : nil)
  }

  /// An expression after which an `if` is not its own (a loop's).
  mutating func withoutChoice() throws -> TemplateExpression { try either() }

  private mutating func either() throws -> TemplateExpression {
    var left = try both()
    while takeWord("or") {
      try link()
      left = .binary("or", left, try both())
    }
    return left
  }

  private mutating func both() throws -> TemplateExpression {
    var left = try negation()
    while takeWord("and") {
      try link()
      left = .binary("and", left, try negation())
    }
    return left
  }

  private mutating func negation() throws -> TemplateExpression {
    guard seesWord("not") else { return try comparison() }
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw TemplateError("an expression stands more than 100 deep") }
    place += 1
    return .not(try negation())
  }

  private mutating func comparison() throws -> TemplateExpression {
    var left = try sum()
    while true {
      if let symbol = ["==", "!=", "<=", ">=", "<", ">"].first(where: sees) {
        try link()
        place += 1
        left = .binary(symbol, left, try sum())
      } else if takeWord("in") {
        try link()
        left = .binary("in", left, try sum())
      } else if seesWord("not"), place + 1 < tokens.count, tokens[place + 1] == .name("in") {
        try link()
        place += 2
        left = .not(.binary("in", left, try sum()))
      } else {
        return left
      }
    }
  }

  private mutating func sum() throws -> TemplateExpression {
    var left = try joined()
    while let symbol = ["+", "-"].first(where: sees) {
      try link()
      place += 1
      left = .binary(symbol, left, try joined())
    }
    return left
  }

  private mutating func joined() throws -> TemplateExpression {
    var left = try product()
    while take("~") {
      try link()
      left = .binary("~", left, try product())
    }
    return left
  }

  private mutating func product() throws -> TemplateExpression {
    var left = try unary()
    while let symbol = ["*", "//", "/", "%"].first(where: sees) {
      try link()
      place += 1
      left = .binary(symbol, left, try unary())
    }
    return left
  }

  private mutating func unary() throws -> TemplateExpression {
    var minuses = 0
    while sees("-") || sees("+") {
      if sees("-") { minuses += 1 }
      place += 1
    }
    let value = try tested(postfix(primary()))
    return minuses % 2 == 1 ? .minus(value) : value
  }

  /// Filters and tests behind a value.
  private mutating func tested(_ value: TemplateExpression) throws -> TemplateExpression {
    var value = value
    while true {
      if sees("|") || seesWord("is") { try link() }
      if take("|") {
        let filter = try name()
        value = try postfix(.filter(value, filter, take("(") ? arguments() : TemplateArguments()))
      } else if takeWord("is") {
        let negated = takeWord("not")
        let test = try name()
        var operands: [TemplateExpression] = []
        if take("(") {
          operands = try arguments().plain
        } else if ["divisibleby", "eq", "equalto", "ne", "in", "lt", "gt", "le", "ge"].contains(test) {
          operands = [try postfix(primary())]
        }
        value = .test(value, test, operands, negated: negated)
      } else {
        return value
      }
    }
  }

  private mutating func postfix(_ value: TemplateExpression) throws -> TemplateExpression {
    var value = value
    while true {
      if sees(".") || sees("[") || sees("(") { try link() }
      if take(".") {
        if place < tokens.count, case .int(let number) = tokens[place] {
          place += 1
          value = .index(value, .constant(.int(number)))
        } else {
          value = .member(value, try name())
        }
      } else if take("[") {
        value = try subscripted(value)
      } else if take("(") {
        value = .call(value, try arguments())
      } else {
        return value
      }
    }
  }

  private mutating func subscripted(_ value: TemplateExpression) throws -> TemplateExpression {
    func isBound(_ parser: TemplateExpressionParser) -> Bool { !parser.sees(":") && !parser.sees("]") }
    var bounds: [TemplateExpression?] = [isBound(self) ? try expression() : nil]
    while bounds.count < 3, take(":") { bounds.append(isBound(self) ? try expression() : nil) }
    try need("]")
    if bounds.count == 1 {
      guard let index = bounds[0] else { throw TemplateError("an index is missing") }
      return .index(value, index)
    }
    return .slice(value, bounds[0], bounds[1], bounds.count > 2 ? bounds[2] : nil)
  }

  private mutating func arguments() throws -> TemplateArguments {
    var arguments = TemplateArguments()
    while !take(")") {
      if place + 1 < tokens.count, case .name(let name) = tokens[place], tokens[place + 1] == .symbol("=") {
        place += 2
        arguments.named.append(.init(name: name, value: try expression()))
      } else {
        arguments.plain.append(try expression())
      }
      if !take(","), !sees(")") { try need(")") }
    }
    return arguments
  }

  private mutating func primary() throws -> TemplateExpression {
    guard place < tokens.count else { throw TemplateError("an expression is missing") }
    let token = tokens[place]
    place += 1
    switch token {
    case .int(let number): return .constant(.int(number))
    case .float(let number): return .constant(.float(number))
    case .string(var text):
      while place < tokens.count, case .string(let more) = tokens[place] {
        text += more
        place += 1
      }
      return .constant(.string(text))
    case .name(let name):
      switch name {
      case "true", "True": return .constant(.bool(true))
      case "false", "False": return .constant(.bool(false))
      case "none", "None": return .constant(.none)
      default: return .name(name)
      }
    case .symbol("("):
      let first = try expression()
      guard sees(",") else {
        try need(")")
        return first
      }
      var elements = [first]
      while take(","), !sees(")") { elements.append(try expression()) }
      try need(")")
      return .list(elements)
    case .symbol("["):
      var elements: [TemplateExpression] = []
      while !take("]") {
        elements.append(try expression())
        if !take(","), !sees("]") { try need("]") }
      }
      return .list(elements)
    case .symbol("{"):
      var items: [TemplateExpression.DictionaryItem] = []
      while !take("}") {
        let key = try expression()
        try need(":")
        items.append(.init(key: key, value: try expression()))
        if !take(","), !sees("}") { try need("}") }
      }
      return .dictionary(items)
    case .symbol: throw TemplateError("it has something unexpected: \(shown(token))")
    }
  }
}
