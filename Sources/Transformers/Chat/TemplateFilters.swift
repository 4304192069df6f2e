/// Filters, tests and methods that chat templates use.
enum TemplateFilters {
  static func apply(
    _ name: String, _ value: TemplateValue, _ arguments: [TemplateValue], _ named: [TemplateValue.Member]
  ) throws -> TemplateValue {
    switch name {
    case "trim": return .string(stripped(value.text, of: arguments.first?.text))
    case "upper", "lower", "title", "capitalize": return try method(name, .string(value.text), []) ?? .undefined
    case "string": return .string(value.text)
    case "safe": return value
    case "length", "count":
      guard let elements = value.elements else { throw TemplateError("it asks for the length of \(value.kind)") }
      return .int(elements.count)
    case "tojson":
      if named.contains(where: { $0.key == "indent" && $0.value != .none }) || !arguments.isEmpty {
        throw TemplateError("it writes JSON with an indent, which Luthier does not")
      }
      return .string(value.json)
    case "default", "d":
      let falsy = arguments.count > 1 && arguments[1].isTrue
      return value == .undefined || falsy && !value.isTrue ? arguments.first ?? .string("") : value
    case "first": return try elements(value, name).first ?? .undefined
    case "last": return try elements(value, name).last ?? .undefined
    case "join": return .string(try joined(elements(value, name).map(\.text), arguments.first?.text ?? ""))
    case "list": return .list(try elements(value, name))
    case "reverse": return .list(try elements(value, name).reversed())
    case "items":
      return try method("items", value, []) ?? .list([])
    case "int": return .int(Int(value.text) ?? value.number.flatMap { Int(exactly: $0.rounded(.towardZero)) } ?? 0)
    case "float": return .float(Double(value.text) ?? value.number ?? 0)
    case "abs":
      return value.number.map { abs($0) }.map { number in Int(exactly: number).map { .int($0) } ?? .float(number) }
        ?? value
    case "replace":
      guard arguments.count >= 2 else { throw TemplateError("replace needs two texts") }
      return .string(try joined(parts(value.text, arguments[0].text), arguments[1].text))
    case "map":
      guard let attribute = named.first(where: { $0.key == "attribute" })?.value.text else {
        let filter = arguments.first?.text ?? ""
        return .list(try elements(value, name).map { try apply(filter, $0, [], []) })
      }
      return .list(try elements(value, name).map { $0.member(attribute) ?? .undefined })
    case "selectattr", "rejectattr":
      guard let attribute = arguments.first?.text else { throw TemplateError("\(name) needs a name") }
      let wanted = name == "selectattr"
      return .list(
        try elements(value, name).filter { element in
          let own = element.member(attribute) ?? .undefined
          let holds =
            arguments.count > 1 ? try test(arguments[1].text, own, Array(arguments.dropFirst(2))) : own.isTrue
          return holds == wanted
        })
    case "indent", "dictsort", "sort", "unique", "batch", "round", "e", "escape":
      throw TemplateError("it uses the filter \(name), which Luthier does not know")
    default: throw TemplateError("it uses the filter \(name.prefix(40)), which Luthier does not know")
    }
  }

  private static func elements(_ value: TemplateValue, _ name: String) throws -> [TemplateValue] {
    guard let elements = value.elements else { throw TemplateError("\(name) is asked of \(value.kind)") }
    return elements
  }

  static func test(_ name: String, _ value: TemplateValue, _ operands: [TemplateValue]) throws -> Bool {
    switch name {
    case "defined": return value != .undefined
    case "undefined": return value == .undefined
    case "none": return value == .none
    case "string": if case .string = value { return true } else { return false }
    case "mapping": if case .dictionary = value { return true } else { return false }
    case "iterable", "sequence": return value != .undefined && value.elements != nil
    case "number": if case .bool = value { return false } else { return value.number != nil }
    case "integer": if case .int = value { return true } else { return false }
    case "float": if case .float = value { return true } else { return false }
    case "boolean": if case .bool = value { return true } else { return false }
    case "true": return value == .bool(true)
    case "false": return value == .bool(false)
    case "odd", "even":
      guard case .int(let number) = value else { throw TemplateError("\(name) is asked of \(value.kind)") }
      return (number % 2 == 0) == (name == "even")
    case "divisibleby":
      guard case .int(let number) = value, case .int(let by)? = operands.first, by != 0 else {
        throw TemplateError("divisibleby is asked of \(value.kind)")
      }
      return by == -1 || number % by == 0
    case "eq", "equalto": return operands.first.map { value.equals($0) } ?? false
    case "ne": return operands.first.map { !value.equals($0) } ?? true
    case "in": return operands.first?.elements?.contains { $0.equals(value) } ?? false
    default: throw TemplateError("it uses the test \(name.prefix(40)), which Luthier does not know")
    }
  }

  /// nil for a method that isn't known.
  static func method(_ name: String, _ value: TemplateValue, _ arguments: [TemplateValue]) throws -> TemplateValue? {
    switch (name, value) {
    case ("strip", .string(let text)): return .string(stripped(text, of: arguments.first?.text))
    case ("lstrip", .string(let text)): return .string(stripped(text, of: arguments.first?.text, end: false))
    case ("rstrip", .string(let text)): return .string(stripped(text, of: arguments.first?.text, start: false))
    case ("upper", .string(let text)): return .string(text.uppercased())
    case ("lower", .string(let text)): return .string(text.lowercased())
    case ("title", .string(let text)): return .string(capitalized(text, everyWord: true))
    case ("capitalize", .string(let text)): return .string(capitalized(text, everyWord: false))
    case ("startswith", .string(let text)): return .bool(text.utf8.starts(with: (arguments.first?.text ?? "").utf8))
    case ("endswith", .string(let text)):
      let end = Array((arguments.first?.text ?? "").utf8)
      return .bool(Array(text.utf8).suffix(end.count) == end[...])
    case ("replace", .string(let text)):
      guard arguments.count >= 2 else { throw TemplateError("replace needs two texts") }
      return .string(try joined(parts(text, arguments[0].text), arguments[1].text))
    case ("split", .string(let text)):
      guard let separator = arguments.first, separator != .none else {
        return .list(text.split { $0.isWhitespace }.map { .string(String($0)) })
      }
      return .list(parts(text, separator.text).map { .string($0) })
    case ("items", .dictionary(let members)): return .list(members.map { .list([.string($0.key), $0.value]) })
    case ("keys", .dictionary(let members)): return .list(members.map { .string($0.key) })
    case ("values", .dictionary(let members)): return .list(members.map(\.value))
    case ("get", .dictionary):
      return value.member(arguments.first?.text ?? "") ?? (arguments.count > 1 ? arguments[1] : .none)
    default: return nil
    }
  }

  private static func stripped(_ text: String, of characters: String?, start: Bool = true, end: Bool = true) -> String {
    let set = characters.map { Set($0.unicodeScalars) }
    func goes(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? scalar.properties.isWhitespace }
    var scalars = text.unicodeScalars[...]
    if start { scalars = scalars.drop(while: goes) }
    if end { while let last = scalars.last, goes(last) { scalars.removeLast() } }
    return String(String.UnicodeScalarView(scalars))
  }

  private static func parts(_ text: String, _ separator: String) -> [String] {
    let (bytes, by) = (Array(text.utf8), Array(separator.utf8))
    guard !by.isEmpty else { return [text] }
    var found: [String] = []
    var (start, place) = (0, 0)
    while place + by.count <= bytes.count {
      if bytes[place..<(place + by.count)].elementsEqual(by) {
        found.append(String(decoding: bytes[start..<place], as: UTF8.self))
        place += by.count
        start = place
      } else {
        place += 1
      }
    }
    return found + [String(decoding: bytes[start...], as: UTF8.self)]
  }

  /// Texts with another between them, which is not made where it would be larger than values may be.
  private static func joined(_ parts: [String], _ separator: String) throws -> String {
    guard parts.count * separator.utf8.count <= TemplateRunner.mostText else {
      throw TemplateError("a value grows too large")
    }
    return parts.joined(separator: separator)
  }

  private static func capitalized(_ text: String, everyWord: Bool) -> String {
    var result = ""
    var isFirst = true
    for character in text {
      result += isFirst ? character.uppercased() : character.lowercased()
      isFirst = everyWord && !character.isLetter
    }
    return result
  }
}
