/// Runs a template's statements. What a template may cost is limited: files bring them along.
struct TemplateRunner {
  /// Statements, expressions and turns of loops; long values that are put together or gone through count as several.
  static let mostSteps = 1_000_000
  static let mostText = 1 << 24

  enum Flow { case on, leave, goOn }

  var scopes: [[String: TemplateValue]]
  private(set) var output = ""
  private var steps = 0
  var depth = 0
  var namespaces: [[TemplateValue.Member]] = []
  private var macros: [String: (parameters: [TemplateStatement.Parameter], body: [TemplateStatement])] = [:]

  init(_ names: [String: TemplateValue]) { scopes = [names, [:]] }

  mutating func step(_ count: Int = 1) throws {
    steps += count
    guard steps <= Self.mostSteps else { throw TemplateError("it takes more than a million steps") }
  }

  private mutating func write(_ text: String) throws {
    output += text
    guard output.utf8.count <= Self.mostText else { throw TemplateError("it writes more than 16 MB") }
  }

  func lookUp(_ name: String) -> TemplateValue {
    for scope in scopes.reversed() {
      if let value = scope[name] { return value }
    }
    return .undefined
  }

  func hasMacro(_ name: String) -> Bool { macros[name] != nil }

  @discardableResult
  mutating func run(_ statements: [TemplateStatement]) throws -> Flow {
    for statement in statements {
      try step()
      switch statement {
      case .text(let text): try write(text)
      case .output(let expression): try write(evaluate(expression).text)
      case .choice(let branches, let otherwise):
        let chosen = try branches.first { try evaluate($0.condition).isTrue }?.body ?? otherwise
        let flow = try run(chosen)
        if flow != .on { return flow }
      case .loop(let names, let over, let condition, let body, let otherwise):
        try loop(names, over, condition, body, otherwise)
      case .set(let name, let member, let expression): try set(name, member, evaluate(expression))
      case .capture(let name, let body): try set(name, nil, .string(captured { try $0.run(body) }))
      case .macro(let name, let parameters, let body): macros[name] = (parameters, body)
      case .leave: return .leave
      case .goOn: return .goOn
      }
    }
    return .on
  }

  private mutating func captured(_ body: (inout TemplateRunner) throws -> Void) throws -> String {
    let before = output
    output = ""
    defer { output = before }
    try body(&self)
    return output
  }

  private mutating func set(_ name: String, _ member: String?, _ value: TemplateValue) throws {
    guard let member else {
      scopes[scopes.count - 1][name] = value
      return
    }
    guard case .namespace(let number) = lookUp(name), namespaces.indices.contains(number) else {
      throw TemplateError("only a namespace's members can be set, and \(name) is \(lookUp(name).kind)")
    }
    namespaces[number].removeAll { $0.key == member }
    namespaces[number].append(.init(member, value))
  }

  private mutating func loop(
    _ names: [String], _ over: TemplateExpression, _ condition: TemplateExpression?, _ body: [TemplateStatement],
    _ otherwise: [TemplateStatement]
  ) throws {
    let value = try evaluate(over)
    guard var elements = value.elements else { throw TemplateError("a for goes over \(value.kind)") }
    scopes.append([:])
    defer { scopes.removeLast() }
    if let condition {
      var kept: [TemplateValue] = []
      for element in elements {
        try step()
        try bind(names, element)
        if try evaluate(condition).isTrue { kept.append(element) }
      }
      elements = kept
    }
    if elements.isEmpty { try run(otherwise) }
    for (index, element) in elements.enumerated() {
      try step()
      scopes[scopes.count - 1] = [
        "loop": .dictionary([
          .init("index", .int(index + 1)), .init("index0", .int(index)), .init("first", .bool(index == 0)),
          .init("last", .bool(index + 1 == elements.count)), .init("length", .int(elements.count)),
          .init("revindex", .int(elements.count - index)), .init("revindex0", .int(elements.count - index - 1)),
          .init("previtem", index > 0 ? elements[index - 1] : .undefined),
          .init("nextitem", index + 1 < elements.count ? elements[index + 1] : .undefined),
        ])
      ]
      try bind(names, element)
      if try run(body) == .leave { break }
    }
  }

  private mutating func bind(_ names: [String], _ value: TemplateValue) throws {
    if names.count == 1 {
      scopes[scopes.count - 1][names[0]] = value
      return
    }
    guard case .list(let parts) = value, parts.count == names.count else {
      throw TemplateError("a for with \(names.count) names got \(value.kind)")
    }
    for (name, part) in zip(names, parts) { scopes[scopes.count - 1][name] = part }
  }

  mutating func callMacro(_ name: String, _ arguments: TemplateArguments) throws -> TemplateValue {
    guard let macro = macros[name] else { throw TemplateError("it calls \(name), which Luthier does not know") }
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw TemplateError("its macros call each other more than 100 deep") }
    var scope: [String: TemplateValue] = [:]
    for (index, parameter) in macro.parameters.enumerated() {
      if index < arguments.plain.count {
        scope[parameter.name] = try evaluate(arguments.plain[index])
      } else if let named = arguments.named.first(where: { $0.name == parameter.name }) {
        scope[parameter.name] = try evaluate(named.value)
      } else {
        scope[parameter.name] = try parameter.standard.map { try evaluate($0) } ?? .undefined
      }
    }
    let outer = scopes
    scopes = Array(scopes.prefix(2)) + [scope]
    defer { scopes = outer }
    return .string(try captured { try $0.run(macro.body) })
  }
}
