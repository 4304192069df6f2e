import Files

extension Table {
  /// The rows of each value of a column, values in sorted order.
  package func groups(by name: String, operation: String = "group") throws -> [(value: JSON, rows: [Int])] {
    let key: Column = try column(name, operation: operation)
    var places: [CellKey: Int] = [:]
    var groups: [(value: JSON, rows: [Int])] = []
    for row in 0..<rowCount {
      let cell: JSON = key[row]
      if let place = places[CellKey(cell)] {
        groups[place].rows.append(row)
      } else {
        places[CellKey(cell)] = groups.count
        groups.append((cell, [row]))
      }
    }
    return groups.sorted { JSON.precedes($0.value, $1.value) }
  }

  /// A table for each value of a column, values in sorted order.
  package func grouped(by name: String) throws -> [(value: JSON, table: Table)] {
    try groups(by: name).map { ($0.value, taking($0.rows)) }
  }

  /// How often each value of a column occurs: columns of that name, `count` and `percent`, most frequent first.
  package func counts(of name: String) throws -> Table {
    let found = try groups(by: name, operation: "count").enumerated().sorted {
      ($1.element.rows.count, $0.offset) < ($0.element.rows.count, $1.offset)
    }.map(\.element)
    let total: Double = Double(max(rowCount, 1))
    var result: [(name: String, column: Column)] = [(name, Column(cells: found.map(\.value)))]
    result.append((name == "count" ? "rows" : "count", .integers(found.map { $0.rows.count })))
    result.append((name == "percent" ? "of_all" : "percent", .reals(found.map { 100 * Double($0.rows.count) / total })))
    return try Table(result, operation: "count")
  }

  /// The distinct cells of a column in the order in which they first appear.
  package static func distinct(_ column: Column) -> [JSON] {
    var seen: Set<CellKey> = []
    return column.cells.filter { seen.insert(CellKey($0)).inserted }
  }

  /// The first row of each kind: rows that agree in all columns (or the given ones) with an earlier one are left out.
  package func unique(by names: [String] = []) throws -> Table {
    let keys: [Column] = try names.isEmpty ? columns : names.map { try column($0, operation: "unique") }
    var seen: Set<[CellKey]> = []
    return taking((0..<rowCount).filter { row in seen.insert(keys.map { CellKey($0[row]) }).inserted })
  }

  /// The rows of this table beside those of `other` that agree with them in the columns `on`.
  ///
  /// - Parameter keepAll: whether rows without a partner stay, with none in the other's columns.
  /// - Throws: ``TableError`` for a column that one of them lacks, or that both have besides `on`.
  package func joined(with other: Table, on names: [String], keepAll: Bool = false) throws -> Table {
    let mine: [Column] = try names.map { try column($0, operation: "join") }
    let theirs: [Column] = try names.map { try other.column($0, operation: "join") }
    var partners: [[CellKey]: [Int]] = [:]
    for row in 0..<other.rowCount { partners[theirs.map { CellKey($0[row]) }, default: []].append(row) }
    var left: [Int] = []
    var right: [Int] = []
    for row in 0..<rowCount {
      let found: [Int] = partners[mine.map { CellKey($0[row]) }] ?? (keepAll ? [-1] : [])
      left.append(contentsOf: repeatElement(row, count: found.count))
      right.append(contentsOf: found)
    }
    let hasGaps: Bool = right.contains(-1)
    var result: [(name: String, column: Column)] = []
    for (name, column) in zip(self.names, columns) { result.append((name, column.gathering(left))) }
    for (name, column) in zip(other.names, other.columns) where !names.contains(name) {
      let gathered: Column =
        hasGaps ? Column(cells: right.map { $0 < 0 ? .null : column[$0] }) : column.gathering(right)
      result.append((name, gathered))
    }
    return try Table(result, operation: "join")
  }

  /// One row for each column: its kind, how many cells are missing and different, and what they look like: least,
  /// mean and greatest of numbers, of text and lists those of the length (in characters; in elements).
  package func described() throws -> Table {
    var kinds: [String] = []
    var missing: [Int] = []
    var distinct: [Int] = []
    var least: [JSON] = []
    var mean: [JSON] = []
    var greatest: [JSON] = []
    var measures: [String] = []
    for column in columns {
      kinds.append(column.kind)
      missing.append(column.missingCount)
      distinct.append(Table.distinct(column).count)
      let (measure, values) = Table.measured(column)
      let present: [Double] = values.filter { !$0.isNaN }
      measures.append(measure)
      let isWhole: Bool = present.allSatisfy { Int(exactly: $0) != nil }
      func cell(_ value: Double?) -> JSON {
        guard let value else { return .null }
        return isWhole ? Int(exactly: value).map { .integer($0) } ?? .real(value) : .real(value)
      }
      least.append(cell(present.min()))
      greatest.append(cell(present.max()))
      mean.append(present.isEmpty ? .null : .real(present.reduce(0, +) / Double(present.count)))
    }
    return try Table([
      ("column", .strings(names)), ("kind", .strings(kinds)), ("missing", .integers(missing)),
      ("different", .integers(distinct)), ("of", .strings(measures)), ("min", Column(cells: least)),
      ("mean", Column(cells: mean)), ("max", Column(cells: greatest)),
    ])
  }

  private static func measured(_ column: Column) -> (measure: String, values: [Double]) {
    switch column {
    case .strings(let values): return ("length", values.map { Double($0.unicodeScalars.count) })
    case .lists(let values): return ("length", values.map { Double($0.count) })
    default: return column.numbers.map { ("value", $0) } ?? ("", [])
    }
  }
}
