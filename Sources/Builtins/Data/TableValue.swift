import Files
import Language
import Tables

/// A table: columns as fields, rows by number.
package class TableValue: LanguageObject {
  package let table: Table

  package init(_ table: Table) { self.table = table }

  package var kind: Kind { .table }
  package var summary: String {
    "a table of \(Numbers.grouped(table.rowCount)) rows with the columns \(table.names.joined(separator: ", "))"
  }
  package var length: Int? { table.rowCount }
  package func item(at place: Int) throws -> Value { .record(RecordValue(row: try table.row(place))) }

  package var fieldNames: [String] { table.names }
  package func field(_ name: String) throws -> Value? {
    table[name].map { .object(ColumnValue($0, name: name)) }
  }

  package func stringCompletions(for prefix: String, parameter: Parameter?) -> [Completion] {
    table.names.filter { $0.hasPrefix(prefix) }.map { Completion($0) }
  }

  package func nextSteps(name: String) -> [String] {
    var steps: [String] = ["\(name).head()", "\(name).describe()"]
    if table.index(of: "label") != nil {
      steps += ["\(name).count(\"label\")", "\(name).split(train: 0.8, valid: 0.1)"]
    }
    if let first = table.names.first { steps.append("\(name)[0].\(first)") }
    return steps
  }

  package func isEqual(to other: any LanguageObject) -> Bool { (other as? TableValue)?.table == table }
  package func truth() throws -> Bool { table.rowCount > 0 }

  // MARK: Indexing: t[row], t[rows], t["column"], t[["a", "b"]], t[rows, columns]

  package func element(_ subscripts: [Subscript]) throws -> Value {
    switch subscripts.count {
    case 1:
      if let names = TableValue.columnNames(subscripts[0]) { return try columns(names, subscripts[0], in: table) }
      return try rows(subscripts[0], of: table)
    case 2:
      guard let names = TableValue.columnNames(subscripts[1]) else {
        if case .slice(let slice) = subscripts[1], slice.isWhole { return try rows(subscripts[0], of: table) }
        throw LanguageError.message("a table's second index names columns")
      }
      if names.count == 1, case .value(.string) = subscripts[1] {
        return try ColumnValue(try column(names[0]), name: names[0]).element([subscripts[0]])
      }
      return try rows(subscripts[0], of: table.selecting(names))
    default: throw LanguageError.message("a table has one index or two, not \(subscripts.count)")
    }
  }

  private func rows(_ subscript: Subscript, of table: Table) throws -> Value {
    if case .value(.int(let index)) = `subscript` {
      let place: Int = try Rows.place(index, table.rowCount, "a table")
      return .record(RecordValue(row: try table.row(place)))
    }
    return .object(TableValue(try table.gathering(try Rows.chosen(`subscript`, table.rowCount, "a table"))))
  }

  private func columns(_ names: [String], _ subscript: Subscript, in table: Table) throws -> Value {
    if case .value(.string) = `subscript` { return .object(ColumnValue(try column(names[0]), name: names[0])) }
    for name in names { _ = try column(name) }
    return .object(TableValue(try table.selecting(names)))
  }

  /// The column, or an error with the nearest names.
  package func column(_ name: String) throws -> Column {
    if let column = table[name] { return column }
    throw TableValue.noColumn(name, in: table)
  }

  static func noColumn(_ name: String, in table: Table, of what: String = "this table") -> LanguageError {
    let help: String =
      Nearest.question(name, in: table.names) ?? "the columns are \(table.names.joined(separator: ", "))"
    return .message("no column \"\(name)\" in \(what)", help: help)
  }

  private static func columnNames(_ subscript: Subscript) -> [String]? {
    switch `subscript` {
    case .value(.string(let name)): return [name]
    case .value(.list(let list)):
      let names: [String] = list.elements.compactMap { if case .string(let name) = $0 { name } else { nil } }
      return names.isEmpty || names.count != list.count ? nil : names
    default: return nil
    }
  }

  // MARK: Looking

  /// A split, or groups: a line for each table.
  package func display(
    fields: [(name: String, object: any LanguageObject)], in frame: DisplayFrame
  ) -> [StyledText]? {
    var parts: [(name: String, table: Table)] = []
    for field in fields {
      guard let value = field.object as? TableValue else { return nil }
      parts.append((field.name, value.table))
    }
    return TableDisplay.parts(parts, in: frame)
  }

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    switch size {
    case .inline: return [StyledText("table of \(Numbers.grouped(table.rowCount)) rows", .faint)]
    case .line: return [TableDisplay.line(table).cut(to: frame.width)]
    case .full: return TableDisplay(table, frame: frame).lines()
    }
  }
}
