/// Reads the statements of a template.
struct TemplateParser {
  private let pieces: [TemplatePiece]
  private var next = 0
  private var depth = 0

  static func statements(_ template: String) throws -> [TemplateStatement] {
    var parser = TemplateParser(pieces: try TemplateScanner.pieces(template))
    let (body, end) = try parser.body(until: [])
    if let end { throw TemplateError("\(end) stands without its beginning") }
    return body
  }

  private init(pieces: [TemplatePiece]) { self.pieces = pieces }

  /// Statements up to one that begins with one of these words, which is read.
  private mutating func body(until ends: Set<String>) throws -> (body: [TemplateStatement], end: String?) {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw TemplateError("its blocks stand more than 100 deep in each other") }
    var body: [TemplateStatement] = []
    while next < pieces.count {
      let piece = pieces[next]
      switch piece {
      case .text(let text): body.append(.text(text))
      case .output(let tokens): body.append(.output(try TemplateExpressionParser.whole(tokens)))
      case .statement(let tokens):
        guard case .name(let word) = tokens.first else { throw TemplateError("a statement is empty") }
        if ends.contains(word) { return (body, word) }
        if let statement = try statement(word, Array(tokens.dropFirst())) { body.append(contentsOf: statement) }
        continue
      }
      next += 1
    }
    guard ends.isEmpty else { throw TemplateError("\(ends.sorted().joined(separator: " or ")) is missing") }
    return (body, nil)
  }

  /// The rest of the statement that ``body(until:)`` stopped at.
  private func tail() -> [TemplateToken] {
    if next < pieces.count, case .statement(let tokens) = pieces[next] { return Array(tokens.dropFirst()) }
    return []
  }

  private mutating func statement(_ word: String, _ tokens: [TemplateToken]) throws -> [TemplateStatement]? {
    next += 1
    switch word {
    case "if": return [try choice(tokens)]
    case "for": return [try loop(tokens)]
    case "set": return [try assignment(tokens)]
    case "macro": return [try macro(tokens)]
    case "break": return [.leave]
    case "continue": return [.goOn]
    case "generation":  // marks the assistant's words for training
      let inner = try body(until: ["endgeneration"]).body
      next += 1
      return inner
    default: throw TemplateError("it uses the statement \"\(word.prefix(30))\", which Luthier does not know")
    }
  }

  private mutating func choice(_ tokens: [TemplateToken]) throws -> TemplateStatement {
    var branches: [TemplateStatement.Branch] = []
    var condition = try TemplateExpressionParser.whole(tokens)
    while true {
      let (inner, end) = try body(until: ["elif", "else", "endif"])
      branches.append(.init(condition: condition, body: inner))
      let rest = tail()
      next += 1
      if end == "elif" {
        condition = try TemplateExpressionParser.whole(rest)
      } else if end == "else" {
        let otherwise = try body(until: ["endif"]).body
        next += 1
        return .choice(branches, otherwise: otherwise)
      } else {
        return .choice(branches, otherwise: [])
      }
    }
  }

  private mutating func loop(_ tokens: [TemplateToken]) throws -> TemplateStatement {
    var parser = TemplateExpressionParser(tokens)
    var names = [try parser.name()]
    while parser.take(",") { names.append(try parser.name()) }
    guard parser.takeWord("in") else { throw TemplateError("a for lacks its in") }
    let over = try parser.withoutChoice()
    let condition = parser.takeWord("if") ? try parser.expression() : nil
    try parser.end()
    var (inner, end) = try body(until: ["endfor", "else"])
    next += 1
    var otherwise: [TemplateStatement] = []
    if end == "else" {
      (otherwise, end) = try body(until: ["endfor"])
      next += 1
    }
    return .loop(names: names, over: over, where: condition, inner, otherwise: otherwise)
  }

  private mutating func assignment(_ tokens: [TemplateToken]) throws -> TemplateStatement {
    var parser = TemplateExpressionParser(tokens)
    let name = try parser.name()
    let member = parser.take(".") ? try parser.name() : nil
    if member == nil, parser.isAtEnd {
      let inner = try body(until: ["endset"]).body
      next += 1
      return .capture(name, inner)
    }
    guard parser.take("=") else { throw TemplateError("a set lacks its =") }
    let value = try parser.expression()
    try parser.end()
    return .set(name, member: member, value)
  }

  private mutating func macro(_ tokens: [TemplateToken]) throws -> TemplateStatement {
    var parser = TemplateExpressionParser(tokens)
    let name = try parser.name()
    guard parser.take("(") else { throw TemplateError("a macro lacks its brackets") }
    var parameters: [TemplateStatement.Parameter] = []
    while !parser.take(")") {
      let parameter = try parser.name()
      parameters.append(.init(name: parameter, standard: parser.take("=") ? try parser.expression() : nil))
      if !parser.take(","), !parser.sees(")") { throw TemplateError("a macro's brackets do not end") }
    }
    try parser.end()
    let inner = try body(until: ["endmacro"]).body
    next += 1
    return .macro(name, parameters, inner)
  }
}
