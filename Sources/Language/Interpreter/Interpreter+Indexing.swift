extension Interpreter {
  func index(
    _ object: Expression, _ parts: [Expression.SubscriptExpression], _ range: SourceRange, _ scope: Environment?
  ) throws -> Value {
    let value: Value = try evaluate(object, scope)
    if parts.count == 1, case .value(let expression) = parts[0], case .list(let list) = value {
      let key: Value = try evaluate(expression, scope)
      guard case .int(let place) = key else {
        return try placed(range) { try Indexing.element(of: value, [.value(key)]) }
      }
      guard let found = Subscript.place(place, count: list.count) else {
        throw Failures.placed(Indexing.outside(place, list.count, "list", "elements"), at: expression.range)
      }
      return list.elements[found]
    }
    let subscripts: [Subscript] = try parts.flatMap { part -> [Subscript] in
      guard case .allBetween = part else { return [try evaluate(part, scope)] }
      guard case .object(let object) = value, let axes = object.axisCount else {
        throw failure(
          "`...` stands for axes of a tensor, \(value.kind.phrase) has none", at: range, help: "all: `x[:]`")
      }
      return Array(repeating: .slice(Slice()), count: max(0, axes - parts.count + 1))
    }
    return try placed(range) { try Indexing.element(of: value, subscripts) }
  }

  private func evaluate(_ part: Expression.SubscriptExpression, _ scope: Environment?) throws -> Subscript {
    switch part {
    case .value(let expression): return .value(try evaluate(expression, scope))
    case .slice(let start, let stop, let step):
      let slice = Slice(
        start: try bound(start, scope), stop: try bound(stop, scope), step: try bound(step, scope))
      if slice.step == 0 { throw failure("a slice's step can't be 0", at: step?.range) }
      return .slice(slice)
    case .allBetween: return .slice(Slice())
    }
  }

  private func bound(_ expression: Expression?, _ scope: Environment?) throws -> Int? {
    guard let expression else { return nil }
    switch try evaluate(expression, scope) {
    case .int(let number): return number
    case .nothing: return nil
    case let other:
      throw failure("a slice goes from int to int, not \(other.kind.phrase)", at: expression.range)
    }
  }
}

/// `x[...]` on lists, records and texts.
enum Indexing {
  static func element(of value: Value, _ subscripts: [Subscript]) throws -> Value {
    guard let first = subscripts.first else { return value }
    let rest: [Subscript] = Array(subscripts.dropFirst())
    switch value {
    case .object(let object): return try object.element(subscripts)
    case .list(let list): return try element(of: list, first, rest)
    case .string(let text):
      guard rest.isEmpty else { throw LanguageError.message("a string has one index") }
      return try element(of: text, first)
    case .record(let record): return try element(of: try field(first, of: record), rest)
    default: throw LanguageError.message("\(value.kind.phrase) can't be indexed")
    }
  }

  static func outside(_ place: Int, _ count: Int, _ what: String, _ items: String) -> LanguageError {
    guard count != 1 else { return .message("no element \(place) in a \(what) of one", help: "its only one is [0]") }
    let range: String = count == 0 ? "it is empty" : "0 to \(count - 1), or -\(count) to -1 from the end"
    return .message("no element \(place) in a \(what) of \(count) \(items)", help: range)
  }

  private static func field(_ key: Subscript, of record: RecordValue) throws -> Value {
    guard case .value(let value) = key else { throw LanguageError.message("a record can't be sliced") }
    let wanted: RecordKey
    switch value {
    case .string(let name): wanted = .name(name)
    case .int(let number): wanted = .int(number)
    default: throw LanguageError.message("a record's key is a string or an int, not \(value.kind.phrase)")
    }
    if let found = record[wanted] { return found }
    let near: String? = Nearest.find(wanted.text, in: record.keys.map(\.text)).first.map { "did you mean \"\($0)\"?" }
    let all: String = record.keys.prefix(12).map(\.text).joined(separator: ", ")
    let shown: String = value.inline(width: 40)
    throw LanguageError.message("no field \(shown) in this record", help: near ?? "it has \(all)")
  }

  private static func element(of list: ListValue, _ first: Subscript, _ rest: [Subscript]) throws -> Value {
    switch first {
    case .value(.int(let place)):
      guard let found = Subscript.place(place, count: list.count) else {
        throw outside(place, list.count, "list", "elements")
      }
      return try element(of: list.elements[found], rest)
    case .slice(let slice):
      let (start, step, count) = slice.resolve(count: list.count)
      return try each((0..<count).map { list.elements[start + $0 * step] }, rest, depth: list.depth)
    case .value(.list(let places)): return try each(try pick(list, places.elements), rest, depth: list.depth)
    case .value(.object(let object)):
      guard let count = object.length else { break }
      return try each(try pick(list, try (0..<count).map { try object.item(at: $0) }), rest, depth: list.depth)
    default: break
    }
    guard case .value(let value) = first else { return .nothing }
    throw LanguageError.message("a list's index is an int or a slice, not \(value.kind.phrase)")
  }

  private static func each(_ picked: [Value], _ rest: [Subscript], depth: Int) throws -> Value {
    if rest.isEmpty { return .list(try ListValue(unchecked: picked, depth: depth).checked()) }
    return try .list(try picked.map { try element(of: $0, rest) })
  }

  /// Elements by a list of places, or by a mask as long as the list.
  private static func pick(_ list: ListValue, _ places: [Value]) throws -> [Value] {
    if case .bool? = places.first {
      guard places.count == list.count else {
        throw LanguageError.message("a mask of \(places.count) for a list of \(list.count) elements")
      }
      return try zip(list.elements, places).filter { try $0.1.truth() }.map(\.0)
    }
    return try places.map { item in
      guard case .int(let place) = item else {
        throw LanguageError.message("places are ints, not \(item.kind.phrase)")
      }
      guard let found = Subscript.place(place, count: list.count) else {
        throw outside(place, list.count, "list", "elements")
      }
      return list.elements[found]
    }
  }

  private static func element(of text: String, _ first: Subscript) throws -> Value {
    let scalars = Array(text.unicodeScalars)
    switch first {
    case .value(.int(let place)):
      guard let found = Subscript.place(place, count: scalars.count) else {
        throw outside(place, scalars.count, "string", "characters")
      }
      return .string(String(scalars[found]))
    case .slice(let slice):
      let (start, step, count) = slice.resolve(count: scalars.count)
      var view = String.UnicodeScalarView()
      for index in 0..<count { view.append(scalars[start + index * step]) }
      return .string(String(view))
    case .value(let value):
      throw LanguageError.message("a string's index is an int or a slice, not \(value.kind.phrase)")
    }
  }
}
