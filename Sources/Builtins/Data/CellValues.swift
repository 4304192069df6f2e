import Files
import Language
import Tables

/// Cells of tables are JSON values; these are the ways between them and the language's.
extension Value {
  /// The value of a cell.
  package init(cell: JSON) {
    switch cell {
    case .null: self = .nothing
    case .bool(let flag): self = .bool(flag)
    case .integer(let number): self = .int(number)
    case .bigInteger(let digits): self = .float(Double(digits) ?? .nan)
    case .real(let number): self = .float(number)
    case .string(let text): self = .string(text)
    case .array(let elements):
      let values: [Value] = elements.map { Value(cell: $0) }
      self = .list(ListValue(unchecked: values, depth: 1 + (values.map(\.depth).max() ?? 0)))
    case .object(let object): self = .record(RecordValue(row: object))
    }
  }

  /// The value as a cell.
  ///
  /// - Throws: where it holds a function, a model or the like.
  package func cell() throws -> JSON {
    switch self {
    case .nothing: return .null
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .integer(number)
    case .float(let number): return .real(number)
    case .string(let text): return .string(text)
    case .list(let list): return .array(try list.elements.map { try $0.cell() })
    case .record(let record): return .object(try record.row())
    case .object(let object as ColumnValue): return .array(object.column.cells)
    case .function, .object: throw LanguageError.message("\(kind.phrase) can't stand in a table")
    }
  }
}

extension RecordValue {
  /// The record of a row.
  package init(row: JSONObject) {
    let values: [Value] = row.members.map { Value(cell: $0.value) }
    self.init(
      unchecked: row.members.map { .name($0.key) }, values: values, depth: 1 + (values.map(\.depth).max() ?? 0))
  }

  /// The row that the record is.
  package func row() throws -> JSONObject {
    JSONObject(try fields.map { ($0.0.text, try $0.1.cell()) })
  }
}

extension Column {
  /// The value of a row, which must exist.
  package func value(_ row: Int) -> Value {
    switch self {
    case .strings(let values): .string(values[row])
    case .integers(let values): .int(values[row])
    case .reals(let values): .float(values[row])
    case .bools(let values): .bool(values[row])
    case .lists(let values): .strings(values[row])
    case .any(let values): Value(cell: values[row])
    }
  }

  /// A column of values.
  package init(values: [Value]) throws { self.init(cells: try values.map { try $0.cell() }) }
}
