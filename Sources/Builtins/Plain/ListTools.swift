import Language

/// What the words on lists share.
enum ListTools {
  /// The elements of whatever has some.
  static func elements(_ value: Value, _ call: Call) throws -> [Value] {
    switch value {
    case .list(let list): return list.elements
    case .record(let record): return record.keys.map(\.value)
    case .string(let text): return text.unicodeScalars.map { .string(String($0)) }
    case .object(let object):
      if let count = object.length { return try (0..<max(0, count)).map { try object.item(at: $0) } }
    default: break
    }
    throw call.error("\(value.kind.phrase) has no elements to go through")
  }

  static func holds(_ item: Value, _ call: Call) throws -> Bool {
    try call.checkInterruption()
    guard call.has("f") else { return try item.truth() }
    return try call.invoke(call.value("f"), item).truth()
  }

  static func sorted(_ call: Call) throws -> Value {
    let list: [Value] = try call.list("xs")
    var keyed: [(key: Value, place: Int)] = []
    keyed.reserveCapacity(list.count)
    for (place, item) in list.enumerated() {
      try call.checkInterruption()
      keyed.append((call.has("by") ? try call.invoke(call.value("by"), item) : item, place))
    }
    let sign: Int = try call.bool("descending") ? -1 : 1
    try keyed.sort { left, right in
      guard let order = try left.key.order(right.key) else {
        throw call.error("nan has no place in an order", at: "xs", help: "leave it out: xs.filter(x -> x == x)")
      }
      return order == 0 ? left.place < right.place : order * sign < 0
    }
    return try .list(keyed.map { list[$0.place] })
  }

  static func extreme(_ call: Call, sign: Int) throws -> Value {
    let list: [Value] = try call.list("xs")
    guard !list.isEmpty else { throw call.error("the list is empty", at: "xs") }
    guard call.has("by") else { return try extreme(list, sign: sign) }
    let keys: [Value] = try list.map { try call.invoke(call.value("by"), $0) }
    var best = 0
    for place in keys.indices.dropFirst() where (try keys[place].order(keys[best]) ?? 0) * sign > 0 { best = place }
    return list[best]
  }

  static func extreme(_ list: [Value], sign: Int) throws -> Value {
    var best: Value = list.first ?? .nothing
    for item in list.dropFirst() where (try item.order(best) ?? 0) * sign > 0 { best = item }
    return best
  }

  /// Ints are added exactly; floats with a correction for what rounding loses (Neumaier), as Python's sum does.
  static func sum(_ list: [Value], _ call: Call) throws -> Value {
    var whole = 0
    var place = 0
    while place < list.count {
      let next: Int
      switch list[place] {
      case .int(let number): next = number
      case .bool(let flag): next = flag ? 1 : 0
      case .float: return .float(try floatSum(list[place...], start: Double(whole), call))
      case .object: return try rest(list[place...], start: .int(whole), call)
      case let other: throw notANumber(other, call)
      }
      let (total, over) = whole.addingReportingOverflow(next)
      if over { throw call.error("the sum is beyond 64 bits", at: "xs") }
      whole = total
      place += 1
    }
    return .int(whole)
  }

  private static func floatSum(_ list: ArraySlice<Value>, start: Double, _ call: Call) throws -> Double {
    var sum: Double = start
    var correction = 0.0
    for item in list {
      let next: Double
      switch item {
      case .float(let number): next = number
      case .int(let number): next = Double(number)
      case .bool(let flag): next = flag ? 1 : 0
      case let other: throw notANumber(other, call)
      }
      let total: Double = sum + next
      correction += abs(sum) >= abs(next) ? (sum - total) + next : (next - total) + sum
      sum = total
    }
    return correction.isFinite ? sum + correction : sum
  }

  /// Tensors and the like add themselves.
  private static func rest(_ list: ArraySlice<Value>, start: Value, _ call: Call) throws -> Value {
    try list.reduce(start) { try call.context.apply(.add, $0, $1) }
  }

  private static func notANumber(_ value: Value, _ call: Call) -> LanguageError {
    let help: String? = value.kind == .string ? "texts are put together with  xs.join(\"\")" : nil
    return call.error("a sum is of numbers, not \(value.kind.name)s", at: "xs", help: help)
  }

  static func unique(_ list: [Value], _ call: Call) throws -> Value {
    var seen: Set<RecordKey> = []
    var others: [Value] = []
    var result: [Value] = []
    for item in list {
      try call.checkInterruption()
      switch item {
      case .string(let text): if seen.insert(.name(text)).inserted { result.append(item) }
      case .int(let number): if seen.insert(.int(number)).inserted { result.append(item) }
      default:
        if others.contains(where: { $0.isEqual(to: item) }) { continue }
        if case .float(let number) = item, let whole = Int(exactly: number), seen.contains(.int(whole)) { continue }
        others.append(item)
        result.append(item)
      }
    }
    return try .list(result)
  }
}
