import Files

/// What can go wrong with tables. Lines count from 1, rows from 0.
package enum TableError: Error, Equatable, CustomStringConvertible {
  case unknownColumn(operation: String, name: String, columns: [String])
  case doubledColumn(operation: String, name: String)
  case columnLength(operation: String, name: String, got: Int, expected: Int)
  case wrongKind(operation: String, column: String, got: String, expected: String)
  case invalidArgument(operation: String, argument: String, got: String, expected: String)
  case rowOutOfRange(operation: String, row: Int, count: Int)
  /// A line with more or fewer fields than the header; `others` more like it follow.
  case ragged(path: String, line: Int, got: Int, expected: Int, others: Int)
  case malformed(path: String, format: String, line: Int?, reason: String)
  /// A folder, or a file, in which nothing stands that makes a table.
  case noData(path: String, reason: String)
  case unknownFormat(path: String, expected: [String])
  case tooLarge(path: String, bytes: Int, memory: Int)
  case empty(operation: String, path: String?)

  package var description: String {
    switch self {
    case .unknownColumn(let operation, let name, let columns):
      return "\(operation): there is no column \(quoted(name)); the columns are \(columns.joined(separator: ", "))"
    case .doubledColumn(let operation, let name): return "\(operation): there would be two columns \(quoted(name))"
    case .columnLength(let operation, let name, let got, let expected):
      return "\(operation): column \(quoted(name)) has \(got == 1 ? "1 row" : "\(got) rows"), the table \(expected)"
    case .wrongKind(let operation, let column, let got, let expected):
      return "\(operation): column \(quoted(column)) holds \(got), expected \(expected)"
    case .invalidArgument(let operation, let argument, let got, let expected):
      return "\(operation): \(argument) is \(got), expected \(expected)"
    case .rowOutOfRange(let operation, let row, let count):
      return count == 0
        ? "\(operation): row \(row) of a table without rows"
        : "\(operation): row \(row) is out of range: there are \(count), 0 to \(count - 1)"
    case .ragged(let path, let line, let got, let expected, let others):
      let more: String = others == 0 ? "" : " (and \(others) more such \(others == 1 ? "line" : "lines"))"
      let fields: String = got == 1 ? "1 field" : "\(got) fields"
      return "\(quoted(path)): line \(line) has \(fields), the header \(expected)\(more)"
    case .malformed(let path, let format, let line, let reason):
      return "\(quoted(path)) is not valid \(format)\(line.map { ", line \($0)" } ?? ""): \(reason)"
    case .noData(let path, let reason): return "\(quoted(path)) holds no data that read knows: \(reason)"
    case .unknownFormat(let path, let expected):
      return "\(quoted(path)) is no data that read knows; expected \(expected.joined(separator: ", "))"
    case .tooLarge(let path, let bytes, let memory):
      return
        "\(quoted(path)) has \(byteCount(bytes)), more than half of the \(byteCount(memory)) memory, so it was not read"
    case .empty(let operation, let path):
      return path.map { "\(quoted($0)) is empty" } ?? "\(operation): the table has no rows"
    }
  }
}
