import Files

/// Writes tables so that reading gives them back.
package enum TableWriter {
  /// Writes a table; the name's ending decides the form where `format` is nil.
  ///
  /// - Throws: ``TableError/unknownFormat(path:expected:)``, ``FileError``; an existing file is replaced only where it
  ///   reads as a table of the same form.
  package static func write(
    _ table: Table, to path: String, format: TableFormat? = nil, access: FileAccess
  ) throws {
    let form: TableFormat? = format ?? TableFormat(path: path)
    let content: [UInt8]
    switch form {
    case .csv: content = try delimited(table, UInt8(ascii: ","))
    case .tsv: content = try delimited(table, 9)
    case .jsonl: content = jsonLines(table)
    case .json: content = json(table)
    case .conll: content = try conll(table)
    case .text: content = try text(table)
    case .squad, nil:
      throw TableError.unknownFormat(path: path, expected: [".csv", ".tsv", ".jsonl", ".json", ".conll", ".txt"])
    }
    try access.writeAtomically(path, replaces: { isTable($0, form) }) { try $0.write(content) }
  }

  /// Whether a file is what writing a table in this form could have made.
  private static func isTable(_ file: MappedFile, _ form: TableFormat?) -> Bool {
    guard TextDecoding.isText(file), let form else { return false }
    return (try? TableReader.table(file, form)) != nil
  }

  static func delimited(_ table: Table, _ delimiter: UInt8) throws -> [UInt8] {
    var output: [UInt8] = []
    func line(_ fields: [String]) throws {
      let start: Int = output.count
      for (index, field) in fields.enumerated() {
        if index > 0 { output.append(delimiter) }
        append(field, delimiter, isOnly: fields.count == 1, to: &output)
      }
      let record: ArraySlice<UInt8> = output[start...]
      if delimiter == 9, record.contains(10), DelimitedReader.linesAreWhole(record, fields: fields.count) {
        throw TableError.invalidArgument(
          operation: "write", argument: "a row", got: "text whose lines would each read as a row",
          expected: "no such tabs and line ends; .csv and .jsonl keep them")
      }
      output.append(10)
    }
    try line(table.names)
    for row in 0..<table.rowCount { try line(table.columns.map { field($0, row) }) }
    return output
  }

  private static func field(_ column: Column, _ row: Int) -> String {
    switch column {
    case .strings(let values): return values[row]
    case .reals(let values) where values[row].isNaN: return ""
    default: return Column.string(column[row])
    }
  }

  private static func append(_ field: String, _ delimiter: UInt8, isOnly: Bool, to output: inout [UInt8]) {
    let special: Bool = field.utf8.contains {
      $0 == delimiter || $0 == 10 || $0 == 13 || ($0 == UInt8(ascii: "\"") && delimiter != 9)
    }
    // In a header without commas a semicolon or tab would be taken for what separates.
    let misleads: Bool = isOnly && (field.isEmpty || field.utf8.contains { $0 == UInt8(ascii: ";") || $0 == 9 })
    let isQuoted: Bool = special || misleads || field.utf8.first == UInt8(ascii: "\"")
    guard isQuoted else { return output.append(contentsOf: field.utf8) }
    output.append(UInt8(ascii: "\""))
    for byte in field.utf8 {
      if byte == UInt8(ascii: "\"") { output.append(byte) }
      output.append(byte)
    }
    output.append(UInt8(ascii: "\""))
  }

  static func jsonLines(_ table: Table) -> [UInt8] {
    var output: [UInt8] = []
    for row in 0..<table.rowCount {
      record(table, row).write(to: &output)
      output.append(10)
    }
    return output
  }

  private static func json(_ table: Table) -> [UInt8] {
    var output: [UInt8] = Array("[\n".utf8)
    for row in 0..<table.rowCount {
      record(table, row).write(to: &output)
      output.append(contentsOf: (row + 1 < table.rowCount ? ",\n" : "\n").utf8)
    }
    return output + Array("]\n".utf8)
  }

  private static func record(_ table: Table, _ row: Int) -> JSON {
    .object(zip(table.names, table.columns).map { ($0, $1[row]) })
  }

  private static func conll(_ table: Table) throws -> [UInt8] {
    guard case .lists(let tokens) = try table.column("tokens", operation: "write"),
      case .lists(let tags) = try table.column("tags", operation: "write")
    else {
      throw TableError.wrongKind(operation: "write", column: "tokens", got: "no lists", expected: "lists of text")
    }
    var output: [UInt8] = []
    for (row, (sentence, labels)) in zip(tokens, tags).enumerated() {
      guard sentence.count == labels.count, !sentence.isEmpty else {
        throw TableError.invalidArgument(
          operation: "write", argument: "row \(row)", got: "\(sentence.count) tokens with \(labels.count) tags",
          expected: "a tag for each token, and one token at least")
      }
      for (token, tag) in zip(sentence, labels) {
        if let bad = [token, tag].first(where: { $0.isEmpty || $0.utf8.contains { $0 == 9 || $0 == 10 || $0 == 13 } }) {
          throw TableError.invalidArgument(
            operation: "write", argument: "a token or tag of row \(row)", got: quoted(bad),
            expected: "text without tabs and line ends, which .jsonl keeps")
        }
        output.append(contentsOf: "\(token)\t\(tag)\n".utf8)
      }
      output.append(10)
    }
    return output
  }

  private static func text(_ table: Table) throws -> [UInt8] {
    let name: String = table.names.count == 1 ? table.names[0] : "text"
    var output: [UInt8] = []
    for (row, text) in try table.texts(name, operation: "write").enumerated() {
      guard !text.utf8.contains(where: { $0 == 10 || $0 == 13 }) else {
        throw TableError.invalidArgument(
          operation: "write", argument: "the text of row \(row)", got: "of several lines",
          expected: "one line; .csv and .jsonl keep line ends")
      }
      output.append(contentsOf: (text + "\n").utf8)
    }
    return output
  }
}
