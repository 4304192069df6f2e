import Files
import Language
import Tables

/// A train part with what may stand beside it: how words that learn take their data.
package struct DataSplit {
  package var train: Table
  package var valid: Table?
  package var test: Table?
}

/// What calls want from tables, columns and lists.
extension Call {
  /// A table given as an argument.
  package func table(_ name: String) throws -> Table { try object(name, as: TableValue.self).table }

  /// The values of a column or a list.
  package func column(_ name: String) throws -> Column {
    switch value(name) {
    case .object(let column as ColumnValue): return column.column
    case .list(let list): return try Column(values: list.elements)
    case let other: throw error("\(name): expected a column or a list, got \(other.kind.phrase)", at: name)
    }
  }

  /// A table alone, or a record with `train` and, if you like, `valid` and `test`.
  package func split(_ name: String) throws -> DataSplit {
    switch value(name) {
    case .object(let table as TableValue): return DataSplit(train: table.table)
    case .record(let record):
      func part(_ part: String) throws -> Table? {
        guard let value = record[part], !value.isNothing else { return nil }
        guard let table: TableValue = value.object() else {
          throw error("\(name): \(part) is \(value.kind.phrase), expected a table", at: name)
        }
        return table.table
      }
      guard let train = try part("train") else {
        throw error(
          "\(name): a split has the part train; this record has \(record.keys.map(\.text).joined(separator: ", "))",
          at: name)
      }
      return DataSplit(train: train, valid: try part("valid"), test: try part("test"))
    case let other: throw error("\(name): expected a table or a split, got \(other.kind.phrase)", at: name)
    }
  }

  /// Texts: a string, a list of strings, a column, or a table's column (`text` unless the user names another).
  package func texts(_ name: String, column wanted: String = "text") throws -> [String] {
    switch value(name) {
    case .string(let text): return [text]
    case .list(let list):
      return try list.elements.enumerated().map { place, element in
        guard case .string(let text) = element else {
          throw error("\(name): element \(place) is \(element.kind.phrase), expected a string", at: name)
        }
        return text
      }
    case .object(let column as ColumnValue):
      guard case .strings(let texts) = column.column else {
        throw error("\(name): expected text, the column holds \(column.column.kind) values", at: name)
      }
      return texts
    case .object(let table as TableValue): return try texts(of: table.table, column: wanted, at: name)
    case let other: throw error("\(name): expected texts, got \(other.kind.phrase)", at: name)
    }
  }

  /// A table's column of text, or an error that says how to name another.
  package func texts(of table: Table, column wanted: String, at name: String? = nil) throws -> [String] {
    guard let column = table[wanted] else {
      let first: String = table.names.first ?? "..."
      let label: String? = builtin.parameters.first { parameter in
        guard parameter.role == .named, case .string(let column) = value(parameter.name) else { return false }
        return column == wanted
      }?.name
      let naming: String =
        label.map { "name one with \($0): \"\(first)\"" } ?? "give one alone, as t[\"\(first)\"]"
      let help: String =
        Nearest.question(wanted, in: table.names) ?? "the columns are \(table.names.joined(separator: ", ")); \(naming)"
      throw error("the table has no column \"\(wanted)\"", at: name, help: help)
    }
    guard column.missingCount == 0 else {
      throw error("column \"\(wanted)\" lacks \(column.missingCount) of \(column.count) values", at: name)
    }
    return column.strings
  }

  /// Names of columns given one by one or as a list, each of which the table has.
  func columnNames(_ values: [Value], in table: Table) throws -> [String] {
    var names: [String] = []
    for value in values {
      switch value {
      case .string(let name): names.append(name)
      case .list(let list): names += try columnNames(list.elements, in: table)
      default: throw error("a column's name is a string, not \(value.kind.phrase)")
      }
    }
    for name in names where table.index(of: name) == nil {
      let help: String =
        Nearest.question(name, in: table.names) ?? "the columns are \(table.names.joined(separator: ", "))"
      throw error("no column \"\(name)\"", help: help)
    }
    return names
  }

  func columnName(_ argument: String, in table: Table) throws -> String {
    try columnNames([value(argument)], in: table)[0]
  }

  /// The seed as Philox takes it.
  package var seedBits: UInt64 { UInt64(bitPattern: Int64(seed)) }
}

extension Value {
  package static func table(_ table: Table) -> Value { .object(TableValue(table)) }
  package static func column(_ column: Column, name: String = "") -> Value { .object(ColumnValue(column, name: name)) }

  /// A record of tables.
  static func parts(_ parts: [(name: String, table: Table)]) throws -> Value {
    try .record(parts.map { ($0.name, .table($0.table)) })
  }
}
