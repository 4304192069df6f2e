extension TemplateRunner {
  mutating func evaluate(_ expression: TemplateExpression) throws -> TemplateValue {
    try step()
    switch expression {
    case .constant(let value): return value
    case .name(let name): return lookUp(name)
    case .list(let elements):
      let values = try elements.map { try evaluate($0) }
      return try checked(.list(values))
    case .dictionary(let items):
      let members = try items.map { TemplateValue.Member(try evaluate($0.key).text, try evaluate($0.value)) }
      return try checked(.dictionary(members))
    case .member(let object, let name): return try member(evaluate(object), name)
    case .index(let object, let index): return try element(operand(object), evaluate(index))
    case .slice(let object, let start, let end, let step):
      return try slice(
        operand(object), start.map { try evaluate($0) }, end.map { try evaluate($0) }, step.map { try evaluate($0) })
    case .call(let function, let arguments):
      let result = try call(function, arguments)
      return try checked(result)
    case .filter(let value, let name, let arguments):
      let value = try operand(value)
      let result = try TemplateFilters.apply(
        name, value, try arguments.plain.map { try evaluate($0) },
        try arguments.named.map { .init($0.name, try evaluate($0.value)) })
      return try checked(result)
    case .test(let value, let name, let operands, let negated):
      let result = try TemplateFilters.test(name, try operand(value), try operands.map { try operand($0) })
      return .bool(result != negated)
    case .not(let value): return .bool(!(try evaluate(value).isTrue))
    case .minus(let value): return try binary("-", .int(0), evaluate(value))
    case .binary("or", let left, let right):
      let value = try evaluate(left)
      return value.isTrue ? value : try evaluate(right)
    case .binary("and", let left, let right):
      let value = try evaluate(left)
      return value.isTrue ? try evaluate(right) : value
    case .binary(let symbol, let left, let right):
      let (a, b) = (try operand(left, bytesPerStep: 1024), try operand(right, bytesPerStep: 1024))
      return try checked(binary(symbol, a, b))
    case .choice(let condition, let value, let otherwise):
      if try evaluate(condition).isTrue { return try evaluate(value) }
      return try otherwise.map { try evaluate($0) } ?? .undefined
    }
  }

  /// A value that was put together, where it is one that a template may hold.
  private mutating func checked(_ value: TemplateValue) throws -> TemplateValue {
    try step(value.checkedSize() >> 10)
    return value
  }

  /// The value of an expression that is gone through: by characters, or, with more bytes a step, as it is.
  private mutating func operand(_ expression: TemplateExpression, bytesPerStep: Int = 64) throws -> TemplateValue {
    let value = try evaluate(expression)
    if case .string(let text) = value { try step(text.utf8.count / bytesPerStep) }
    return value
  }

  private func member(_ object: TemplateValue, _ name: String) throws -> TemplateValue {
    switch object {
    case .dictionary: return object.member(name) ?? .undefined
    case .namespace(let number) where namespaces.indices.contains(number):
      return namespaces[number].first { $0.key == name }?.value ?? .undefined
    case .undefined: throw TemplateError("it asks an undefined value for .\(name)")
    default: return .undefined
    }
  }

  private func element(_ object: TemplateValue, _ index: TemplateValue) throws -> TemplateValue {
    if case .string(let key) = index { return try member(object, key) }
    guard case .int(let number) = index, let elements = object.elements else {
      if case .undefined = object { throw TemplateError("it asks an undefined value for an element") }
      return .undefined
    }
    let place = number < 0 ? number + elements.count : number
    return elements.indices.contains(place) ? elements[place] : .undefined
  }

  private func slice(
    _ object: TemplateValue, _ start: TemplateValue?, _ end: TemplateValue?, _ step: TemplateValue?
  ) throws -> TemplateValue {
    guard let elements = object.elements else { throw TemplateError("it slices \(object.kind)") }
    func whole(_ value: TemplateValue?) throws -> Int? {
      switch value {
      case nil, TemplateValue.none?: return nil
      case .int(let number)?: return number
      default: throw TemplateError("a slice's bounds are not whole numbers")
      }
    }
    let (count, by) = (elements.count, try whole(step) ?? 1)
    guard by == 1 || by == -1 else { throw TemplateError("it slices with a step of \(by)") }
    func place(_ number: Int) -> Int { min(max(number < 0 ? number + count : number, 0), count) }
    var found: [TemplateValue]
    if by == -1 {
      guard try whole(start) == nil, try whole(end) == nil else {
        throw TemplateError("it slices backwards from a place")
      }
      found = elements.reversed()
    } else {
      let (from, to) = (place(try whole(start) ?? 0), place(try whole(end) ?? count))
      found = from < to ? Array(elements[from..<to]) : []
    }
    if case .string = object { return .string(found.map(\.text).joined()) }
    return .list(found)
  }

  private mutating func call(_ function: TemplateExpression, _ arguments: TemplateArguments) throws -> TemplateValue {
    let plain = try arguments.plain.map { try evaluate($0) }
    if case .member(let object, let method) = function {
      let value = try evaluate(object)
      if let result = try TemplateFilters.method(method, value, plain) { return result }
      throw TemplateError("it calls .\(method)() of \(value.kind), which Luthier does not know")
    }
    guard case .name(let name) = function else { throw TemplateError("it calls something that has no name") }
    if hasMacro(name) { return try callMacro(name, arguments) }
    switch name {
    case "raise_exception": throw TemplateError(plain.first?.text ?? "", isRefusal: true)
    case "namespace":
      namespaces.append(try arguments.named.map { .init($0.name, try evaluate($0.value)) })
      return .namespace(namespaces.count - 1)
    case "range":
      let bounds = plain.compactMap { if case .int(let number) = $0 { number } else { nil } }
      guard bounds.count == plain.count, (1...3).contains(bounds.count) else {
        throw TemplateError("a range's bounds are not whole numbers")
      }
      let (from, to) = bounds.count == 1 ? (0, bounds[0]) : (bounds[0], bounds[1])
      let by = bounds.count == 3 ? bounds[2] : 1
      let length = to.subtractingReportingOverflow(from)
      guard by != 0, !length.overflow, length.partialValue.magnitude <= 100_000 else {
        throw TemplateError("a range is longer than 100,000")
      }
      return .list(stride(from: from, to: to, by: by).map { .int($0) })
    case "dict": return .dictionary(try arguments.named.map { .init($0.name, try evaluate($0.value)) })
    case "strftime_now":
      throw TemplateError("it asks for today's date, which would make the same call differ from day to day")
    default: throw TemplateError("it calls \(name.prefix(40)), which Luthier does not know")
    }
  }

  private func binary(_ symbol: String, _ left: TemplateValue, _ right: TemplateValue) throws -> TemplateValue {
    switch symbol {
    case "==": return .bool(left.equals(right))
    case "!=": return .bool(!left.equals(right))
    case "~": return .string(left.text + right.text)
    case "in":
      if case .string(let text) = right { return .bool(left.text.isEmpty || text.firstRange(of: left.text) != nil) }
      guard let elements = right.elements else { throw TemplateError("it looks for something in \(right.kind)") }
      return .bool(elements.contains { $0.equals(left) })
    case "+":
      if case .string(let a) = left, case .string(let b) = right { return .string(a + b) }
      if case .list(let a) = left, case .list(let b) = right { return .list(a + b) }
    default: break
    }
    if case .string(let a) = left, case .string(let b) = right, ["<", ">", "<=", ">="].contains(symbol) {
      let (less, same) = (a.utf8.lexicographicallyPrecedes(b.utf8), a.utf8.elementsEqual(b.utf8))
      return .bool(symbol == "<" ? less : symbol == ">" ? !less && !same : symbol == "<=" ? less || same : !less)
    }
    if case .int(let a) = left, case .int(let b) = right, let result = try whole(symbol, a, b) { return result }
    guard let a = left.number, let b = right.number else {
      throw TemplateError("it has \(left.kind) \(symbol) \(right.kind)")
    }
    switch symbol {
    case "+": return .float(a + b)
    case "-": return .float(a - b)
    case "*": return .float(a * b)
    case "/": return .float(a / b)
    case "//": return .float((a / b).rounded(.down))
    case "%": return .float(a - b * (a / b).rounded(.down))
    case "<": return .bool(a < b)
    case ">": return .bool(a > b)
    case "<=": return .bool(a <= b)
    case ">=": return .bool(a >= b)
    default: throw TemplateError("it has \(left.kind) \(symbol) \(right.kind)")
    }
  }

  private func whole(_ symbol: String, _ a: Int, _ b: Int) throws -> TemplateValue? {
    let result: (partialValue: Int, overflow: Bool)
    switch symbol {
    case "+": result = a.addingReportingOverflow(b)
    case "-": result = a.subtractingReportingOverflow(b)
    case "*": result = a.multipliedReportingOverflow(by: b)
    case "//", "%":
      guard b != 0 else { throw TemplateError("it divides by zero") }
      let (quotient, overflow) = a.dividedReportingOverflow(by: b)
      guard !overflow else { throw TemplateError("a number grows too large") }
      let rest = a - quotient * b
      let floors = rest != 0 && (rest < 0) != (b < 0)
      return .int(symbol == "%" ? (floors ? rest + b : rest) : (floors ? quotient - 1 : quotient))
    default: return nil
    }
    guard !result.overflow else { throw TemplateError("a number grows too large") }
    return .int(result.partialValue)
  }
}
