import Files

/// Named columns of equal length. A value: every word that works on a table gives another.
package struct Table: Sendable, Equatable {
  package private(set) var names: [String]
  package private(set) var columns: [Column]
  package private(set) var rowCount: Int

  /// - Throws: ``TableError`` for two columns of one name or of different lengths.
  package init(_ columns: [(name: String, column: Column)], operation: String = "table") throws {
    names = []
    self.columns = []
    rowCount = columns.first?.column.count ?? 0
    for (name, column) in columns {
      if names.contains(name) { throw TableError.doubledColumn(operation: operation, name: name) }
      if column.count != rowCount {
        throw TableError.columnLength(operation: operation, name: name, got: column.count, expected: rowCount)
      }
      names.append(name)
      self.columns.append(column)
    }
  }

  /// For columns that are known to fit.
  package init(names: [String], columns: [Column], rowCount: Int) {
    self.names = names
    self.columns = columns
    self.rowCount = rowCount
  }

  /// A table of records. Columns stand in the order in which they first appear; a record without one has none there.
  package init(rows: [JSONObject]) {
    var builder: RowBuilder = RowBuilder()
    for row in rows { builder.append(row) }
    self = builder.table()
  }

  // MARK: Columns

  package func index(of name: String) -> Int? { names.firstIndex { $0.utf8.elementsEqual(name.utf8) } }

  package subscript(name: String) -> Column? { index(of: name).map { columns[$0] } }

  /// - Throws: ``TableError/unknownColumn(operation:name:columns:)``.
  package func column(_ name: String, operation: String = "table") throws -> Column {
    guard let index = index(of: name) else {
      throw TableError.unknownColumn(operation: operation, name: name, columns: names)
    }
    return columns[index]
  }

  /// A column of text; numbers, bools and missing values are turned into text.
  package func texts(_ name: String, operation: String = "table") throws -> [String] {
    try column(name, operation: operation).strings
  }

  /// With only these columns, in this order.
  package func selecting(_ wanted: [String]) throws -> Table {
    try Table(wanted.map { ($0, try column($0, operation: "select")) }, operation: "select")
      .keepingRows(rowCount)
  }

  package func dropping(_ unwanted: [String]) throws -> Table {
    for name in unwanted { _ = try column(name, operation: "drop") }
    let kept: [Int] = names.indices.filter { !unwanted.contains(names[$0]) }
    return Table(names: kept.map { names[$0] }, columns: kept.map { columns[$0] }, rowCount: rowCount)
  }

  /// With columns renamed, all at once (so two may change places).
  package func renaming(_ changes: [(old: String, new: String)]) throws -> Table {
    var newNames: [String] = names
    for (old, new) in changes {
      guard let index = index(of: old) else {
        throw TableError.unknownColumn(operation: "rename", name: old, columns: names)
      }
      newNames[index] = new
    }
    if let doubled = newNames.first(where: { name in newNames.count { $0 == name } > 1 }) {
      throw TableError.doubledColumn(operation: "rename", name: doubled)
    }
    return Table(names: newNames, columns: columns, rowCount: rowCount)
  }

  /// With a column more, or replaced.
  package func setting(_ name: String, _ column: Column, operation: String = "table") throws -> Table {
    if !columns.isEmpty, column.count != rowCount {
      throw TableError.columnLength(operation: operation, name: name, got: column.count, expected: rowCount)
    }
    var result: Table = Table(names: names, columns: columns, rowCount: column.count)
    if let index = index(of: name) {
      result.columns[index] = column
    } else {
      result.names.append(name)
      result.columns.append(column)
    }
    return result
  }

  private func keepingRows(_ count: Int) -> Table { Table(names: names, columns: columns, rowCount: count) }

  // MARK: Rows

  /// The record of a row.
  package func row(_ row: Int, operation: String = "table") throws -> JSONObject {
    guard row >= 0, row < rowCount else {
      throw TableError.rowOutOfRange(operation: operation, row: row, count: rowCount)
    }
    return JSONObject(zip(names, columns).map { ($0, $1[row]) })
  }

  /// The given rows, in that order; a row may come twice.
  /// - Throws: ``TableError/rowOutOfRange(operation:row:count:)``.
  package func gathering(_ rows: [Int], operation: String = "table") throws -> Table {
    for row in rows where row < 0 || row >= rowCount {
      throw TableError.rowOutOfRange(operation: operation, row: row, count: rowCount)
    }
    return taking(rows)
  }

  /// As ``gathering(_:operation:)`` for rows that are known to exist.
  func taking(_ rows: [Int]) -> Table {
    Table(names: names, columns: columns.map { $0.gathering(rows) }, rowCount: rows.count)
  }

  /// The rows whose mark is set.
  package func filtering(_ mask: [Bool], operation: String = "filter") throws -> Table {
    guard mask.count == rowCount else {
      throw TableError.columnLength(operation: operation, name: "mask", got: mask.count, expected: rowCount)
    }
    return taking(mask.indices.filter { mask[$0] })
  }

  package func head(_ count: Int) -> Table { taking(Array(0..<min(max(count, 0), rowCount))) }
  package func tail(_ count: Int) -> Table { taking(Array((rowCount - min(max(count, 0), rowCount))..<rowCount)) }

  /// The rows of this table and then those of another with the same columns in any order.
  package func appending(_ other: Table) throws -> Table {
    for name in other.names where index(of: name) == nil {
      throw TableError.unknownColumn(operation: "append", name: name, columns: names)
    }
    let joined: [Column] = try zip(names, columns).map { name, column in
      Column(cells: column.cells + (try other.column(name, operation: "append").cells))
    }
    return Table(names: names, columns: joined, rowCount: rowCount + other.rowCount)
  }
}

/// Collects records into columns; whoever comes late is filled up with none.
struct RowBuilder {
  private var names: [String] = []
  private var cells: [[JSON]] = []
  private var places: [[UInt8]: Int] = [:]
  private var count: Int = 0

  mutating func append(_ row: JSONObject) {
    for (position, member) in row.members.enumerated() {
      let place: Int = place(of: member.key, near: position)
      if cells[place].count > count {
        cells[place][count] = member.value  // a key twice in one record: the last counts
      } else {
        cells[place].append(contentsOf: repeatElement(.null, count: count - cells[place].count))
        cells[place].append(member.value)
      }
    }
    count += 1
  }

  private mutating func place(of name: String, near position: Int) -> Int {
    if position < names.count, names[position].utf8.elementsEqual(name.utf8) { return position }
    let key: [UInt8] = Array(name.utf8)
    if let place = places[key] { return place }
    names.append(name)
    cells.append([])
    places[key] = names.count - 1
    return names.count - 1
  }

  mutating func table() -> Table {
    var columns: [Column] = []
    for place in cells.indices {
      cells[place].append(contentsOf: repeatElement(.null, count: count - cells[place].count))
      columns.append(Column(cells: cells[place]))
      cells[place] = []
    }
    return Table(names: names, columns: columns, rowCount: count)
  }
}
