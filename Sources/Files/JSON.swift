/// A JSON value. Objects keep their order and tolerate a key twice (the last counts); whole numbers stay exact at any size.
package enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  /// A whole number that doesn't fit 64 bits, as written.
  case bigInteger(String)
  case real(Double)
  case string(String)
  case array([JSON])
  case object(JSONObject)

  /// How deep arrays and objects may stand in each other.
  package static let depthLimit: Int = 200

  package static func object(_ members: [(String, JSON)]) -> JSON { .object(JSONObject(members)) }

  // MARK: Reading what one expects

  /// The member of an object; nil for anything else.
  package subscript(key: String) -> JSON? {
    guard case .object(let object) = self else { return nil }
    return object[key]
  }

  /// The element of an array; nil for anything else or out of range.
  package subscript(index: Int) -> JSON? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  package var isNull: Bool { self == .null }
  package var string: String? { if case .string(let value) = self { value } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

  /// A whole number; also one written as `3.0`.
  package var int: Int? {
    switch self {
    case .integer(let value): return value
    case .real(let value): return Int(exactly: value)
    default: return nil
    }
  }

  /// Any number.
  package var double: Double? {
    switch self {
    case .integer(let value): return Double(value)
    case .real(let value): return value
    case .bigInteger(let digits): return Double(digits)
    default: return nil
    }
  }

  package var strings: [String]? {
    guard let array else { return nil }
    let values: [String] = array.compactMap(\.string)
    return values.count == array.count ? values : nil
  }

  /// What kind of value it is, in words for errors.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .integer, .bigInteger: "a whole number"
    case .real: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

/// The members of a JSON object in their order.
package struct JSONObject: Sendable, Equatable {
  package struct Member: Sendable, Equatable {
    package var key: String
    package var value: JSON
  }

  package private(set) var members: [Member]

  package init(_ members: [(String, JSON)] = []) { self.members = members.map { Member(key: $0.0, value: $0.1) } }

  init(members: [Member]) { self.members = members }

  package var count: Int { members.count }
  package var keys: [String] { members.map(\.key) }

  /// The last member of that name; setting replaces it or adds one at the end. Names are compared byte by byte.
  /// - Complexity: O(members); build a dictionary for many look-ups in a large object.
  package subscript(key: String) -> JSON? {
    get { members.last { $0.key.utf8.elementsEqual(key.utf8) }?.value }
    set {
      let place: Int? = members.lastIndex { $0.key.utf8.elementsEqual(key.utf8) }
      switch (place, newValue) {
      case (let place?, let value?): members[place].value = value
      case (let place?, nil): members.remove(at: place)
      case (nil, let value?): members.append(Member(key: key, value: value))
      case (nil, nil): break
      }
    }
  }
}
