/// A key of a record: a name (or string), or an integer. Names are compared by their bytes.
package enum RecordKey: Sendable, Hashable {
  case name(String)
  case int(Int)

  package static func == (left: RecordKey, right: RecordKey) -> Bool {
    switch (left, right) {
    case (.name(let a), .name(let b)): return a.utf8.elementsEqual(b.utf8)
    case (.int(let a), .int(let b)): return a == b
    default: return false
    }
  }

  package func hash(into hasher: inout Hasher) {
    switch self {
    case .name(let text):
      hasher.combine(text.utf8.count)
      for byte in text.utf8.prefix(64) { hasher.combine(byte) }
    case .int(let number): hasher.combine(number)
    }
  }

  /// The key's text: `label`, `0`.
  package var text: String {
    switch self {
    case .name(let text): return text
    case .int(let number): return String(number)
    }
  }

  package var value: Value {
    switch self {
    case .name(let text): return .string(text)
    case .int(let number): return .int(number)
    }
  }
}

/// A record: keys in the order in which they were written, each with a value.
package struct RecordValue: @unchecked Sendable {
  private final class Storage {
    let keys: [RecordKey]
    let values: [Value]
    let places: [RecordKey: Int]
    let size: Int
    init(keys: [RecordKey], values: [Value], places: [RecordKey: Int]) {
      self.keys = keys
      self.values = values
      self.places = places
      size = values.reduce(1) { $0 + $1.size }
    }
  }

  private let storage: Storage
  package let depth: Int

  /// - Throws: ``LanguageError`` where records would nest beyond ``Limits/valueDepth`` or hold more than
  ///   ``Limits/valueSize``.
  package init(_ fields: [(RecordKey, Value)]) throws {
    var keys: [RecordKey] = []
    var values: [Value] = []
    var places: [RecordKey: Int] = [:]
    var deepest = 0
    for (key, value) in fields {
      deepest = max(deepest, value.depth)
      if let place = places[key] {
        values[place] = value
      } else {
        places[key] = keys.count
        keys.append(key)
        values.append(value)
      }
    }
    guard deepest < Limits.valueDepth else { throw LanguageError.tooDeep(what: "records", limit: Limits.valueDepth) }
    storage = Storage(keys: keys, values: values, places: places)
    depth = deepest + 1
    guard size <= Limits.valueSize else { throw LanguageError.tooLarge(what: "records") }
  }

  /// A record of distinct keys whose depth is known.
  package init(unchecked keys: [RecordKey], values: [Value], depth: Int) {
    var places: [RecordKey: Int] = [:]
    for (place, key) in keys.enumerated() { places[key] = place }
    storage = Storage(keys: keys, values: values, places: places)
    self.depth = depth
  }

  package var count: Int { storage.keys.count }
  /// How many values stand in it, as ``ListValue/size`` counts them.
  package var size: Int { storage.size }
  package var keys: [RecordKey] { storage.keys }
  package var values: [Value] { storage.values }
  package var fields: [(RecordKey, Value)] { Array(zip(storage.keys, storage.values)) }

  package subscript(key: RecordKey) -> Value? { storage.places[key].map { storage.values[$0] } }
  package subscript(name: String) -> Value? { self[.name(name)] }
}
