extension Value {
  /// Whether two values are the same as wholes. Ints and floats compare by number, names and texts by their bytes.
  package func isEqual(to other: Value) -> Bool {
    switch (self, other) {
    case (.nothing, .nothing): return true
    case (.bool(let a), .bool(let b)): return a == b
    case (.int(let a), .int(let b)): return a == b
    case (.float(let a), .float(let b)): return a == b
    case (.int(let a), .float(let b)), (.float(let b), .int(let a)): return Value.order(a, b) == 0
    case (.bool(let a), .int), (.bool(let a), .float): return Value.int(a ? 1 : 0).isEqual(to: other)
    case (.int, .bool(let b)), (.float, .bool(let b)): return isEqual(to: .int(b ? 1 : 0))
    case (.string(let a), .string(let b)): return a.utf8.elementsEqual(b.utf8)
    case (.list(let a), .list(let b)):
      guard a.count == b.count else { return false }
      // The same elements in memory: lists that hold one another many times would else be compared forever.
      if a.elements.withUnsafeBufferPointer({ one in
        b.elements.withUnsafeBufferPointer { one.baseAddress == $0.baseAddress }
      }) {
        return true
      }
      for (left, right) in zip(a.elements, b.elements) where !left.isEqual(to: right) { return false }
      return true
    case (.record(let a), .record(let b)):
      guard a.count == b.count else { return false }
      for (key, left) in a.fields {
        guard let right = b[key], left.isEqual(to: right) else { return false }
      }
      return true
    case (.function(let a), .function(let b)):
      if case .builtin(let left) = a.body, case .builtin(let right) = b.body { return left == right }
      return a === b
    case (.object(let a), .object(let b)): return a === b || a.isEqual(to: b)
    default: return false
    }
  }

  /// -1, 0 or 1 as an int is below, equal to or above a float, exactly; nil for NaN.
  static func order(_ a: Int, _ b: Double) -> Int? {
    if b.isNaN { return nil }
    if b >= 9_223_372_036_854_775_808.0 { return -1 }
    if b < -9_223_372_036_854_775_808.0 { return 1 }
    let whole: Double = b.rounded(.towardZero)
    let number = Int(whole)
    if a != number { return a < number ? -1 : 1 }
    return b == whole ? 0 : (b > whole ? -1 : 1)
  }

  /// -1, 0 or 1 for values with an order: numbers, texts, lists (first difference decides). Nil for NaN.
  ///
  /// - Throws: where the two can't be ordered.
  package func order(_ other: Value) throws -> Int? {
    switch (self, other) {
    case (.int(let a), .int(let b)): return a < b ? -1 : a == b ? 0 : 1
    case (.float(let a), .float(let b)):
      if a.isNaN || b.isNaN { return nil }
      return a < b ? -1 : a == b ? 0 : 1
    case (.int(let a), .float(let b)): return Value.order(a, b)
    case (.float(let a), .int(let b)): return Value.order(b, a).map { -$0 }
    case (.bool(let a), _) where other.isNumber: return try Value.int(a ? 1 : 0).order(other)
    case (_, .bool(let b)) where isNumber: return try order(.int(b ? 1 : 0))
    case (.string(let a), .string(let b)):
      if a.utf8.elementsEqual(b.utf8) { return 0 }
      return a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
    case (.list(let a), .list(let b)):
      for (left, right) in zip(a.elements, b.elements) where !left.isEqual(to: right) { return try left.order(right) }
      return a.count < b.count ? -1 : a.count == b.count ? 0 : 1
    default:
      throw LanguageError.message("\(kind.phrase) and \(other.kind.phrase) have no order")
    }
  }

  /// Whether it counts as true in a condition, as in Python: `none`, `false`, 0, `""`, `[]` and `{}` don't.
  package func truth() throws -> Bool {
    switch self {
    case .nothing: return false
    case .bool(let flag): return flag
    case .int(let number): return number != 0
    case .float(let number): return number != 0
    case .string(let text): return !text.isEmpty
    case .list(let list): return list.count > 0
    case .record(let record): return record.count > 0
    case .function: return true
    case .object(let object): return try object.truth()
    }
  }
}
