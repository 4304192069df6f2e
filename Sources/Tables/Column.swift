import Files

/// The values of one column, all of one kind where they are.
package enum Column: Sendable, Equatable {
  case strings([String])
  case integers([Int])
  case reals([Double])
  case bools([Bool])
  /// Lists of strings, such as tokens and tags.
  case lists([[String]])
  /// Anything else: values of several kinds, missing ones, records, nested lists.
  case any([JSON])

  /// A column of cells, as the narrowest kind that holds them all; integers beside floats become floats.
  package init(cells: [JSON]) {
    guard let first = cells.first(where: { !$0.isNull }) else {
      self = cells.isEmpty ? .strings([]) : .any(cells)
      return
    }
    self = Column.narrow(cells, like: first) ?? .any(cells)
  }

  private static func narrow(_ cells: [JSON], like first: JSON) -> Column? {
    switch first {
    case .string: return all(cells, \.string).map { .strings($0) }
    case .bool: return all(cells, \.bool).map { .bools($0) }
    case .integer, .real:
      let integers: [Int]? = all(cells) { if case .integer(let value) = $0 { value } else { nil } }
      if let integers { return .integers(integers) }
      return all(cells) { if case .bigInteger = $0 { nil } else { $0.double } }.map { .reals($0) }
    case .array: return all(cells, \.strings).map { .lists($0) }
    default: return nil
    }
  }

  private static func all<Element>(_ cells: [JSON], _ value: (JSON) -> Element?) -> [Element]? {
    var result: [Element] = []
    result.reserveCapacity(cells.count)
    for cell in cells {
      guard let element = value(cell) else { return nil }
      result.append(element)
    }
    return result
  }

  package var count: Int {
    switch self {
    case .strings(let values): values.count
    case .integers(let values): values.count
    case .reals(let values): values.count
    case .bools(let values): values.count
    case .lists(let values): values.count
    case .any(let values): values.count
    }
  }

  /// The cell of a row, which must exist.
  package subscript(row: Int) -> JSON {
    switch self {
    case .strings(let values): .string(values[row])
    case .integers(let values): .integer(values[row])
    case .reals(let values): .real(values[row])
    case .bools(let values): .bool(values[row])
    case .lists(let values): .array(values[row].map { .string($0) })
    case .any(let values): values[row]
    }
  }

  package var cells: [JSON] { (0..<count).map { self[$0] } }

  /// The cells of the given rows, which must exist, in that order.
  package func gathering(_ rows: [Int]) -> Column {
    switch self {
    case .strings(let values): .strings(rows.map { values[$0] })
    case .integers(let values): .integers(rows.map { values[$0] })
    case .reals(let values): .reals(rows.map { values[$0] })
    case .bools(let values): .bools(rows.map { values[$0] })
    case .lists(let values): .lists(rows.map { values[$0] })
    case .any(let values): .any(rows.map { values[$0] })
    }
  }

  /// The kind in a word.
  package var kind: String {
    switch self {
    case .strings: "text"
    case .integers: "integer"
    case .reals: "float"
    case .bools: "bool"
    case .lists: "list"
    case .any: "mixed"
    }
  }

  /// The cells as strings: text as it is, other values as JSON; missing ones empty.
  package var strings: [String] {
    if case .strings(let values) = self { return values }
    return cells.map(Column.string)
  }

  package static func string(_ cell: JSON) -> String {
    switch cell {
    case .string(let text): text
    case .null: ""
    default: cell.text()
    }
  }

  /// The cells as numbers; nil where one isn't.
  package var numbers: [Double]? {
    switch self {
    case .integers(let values): values.map { Double($0) }
    case .reals(let values): values
    case .bools(let values): values.map { $0 ? 1 : 0 }
    case .any(let values): Column.all(values) { $0.isNull ? .nan : $0.double }
    default: nil
    }
  }

  /// How many cells are missing.
  package var missingCount: Int {
    switch self {
    case .any(let values): values.count { $0.isNull }
    case .reals(let values): values.count { $0.isNaN }
    default: 0
    }
  }
}

/// A cell as a key of sets and dictionaries: equal exactly where the values are, text byte by byte.
struct CellKey: Hashable {
  private let bytes: [UInt8]

  init(_ cell: JSON) {
    switch cell {
    case .string(let text): bytes = [0] + Array(text.utf8)
    case .real(let value) where Int(exactly: value) != nil: bytes = [1] + Array("\(Int(value))".utf8)
    case .integer(let value): bytes = [1] + Array("\(value)".utf8)
    default: bytes = [2] + Array(cell.text().utf8)
    }
  }
}

extension JSON {
  /// The order that sorting uses: missing, then numbers and bools by size, then text by code points, then the rest.
  package static func precedes(_ one: JSON, _ other: JSON) -> Bool {
    let ranks: (Int, Int) = (rank(one), rank(other))
    if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
    switch (one, other) {
    case (.integer(let a), .integer(let b)): return a < b
    case (.bool(let a), .bool(let b)): return !a && b
    case (.string(let a), .string(let b)): return a.utf8.lexicographicallyPrecedes(b.utf8)
    default: break
    }
    if ranks.0 == 2 {
      let (a, b) = (one.double ?? .nan, other.double ?? .nan)
      return b.isNaN ? !a.isNaN : a < b  // NaN last among numbers
    }
    return ranks.0 == 4 && one.text().utf8.lexicographicallyPrecedes(other.text().utf8)
  }

  private static func rank(_ value: JSON) -> Int {
    switch value {
    case .null: 0
    case .bool: 1
    case .integer, .bigInteger, .real: 2
    case .string: 3
    case .array, .object: 4
    }
  }
}
