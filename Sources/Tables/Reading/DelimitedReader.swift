import Files

/// CSV and TSV as RFC 4180 describes CSV: fields may stand in quotes and then hold delimiters, line ends and doubled
/// quotes. The first record names the columns.
///
/// In a tab-separated file a quote that does not close before a delimiter is an ordinary character, as texts there
/// often begin with one; so is one that closes some lines later, where each of those lines is a whole row by itself.
struct DelimitedReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let delimiter: UInt8
  private let path: String
  private let progress: TableReader.Progress
  private var position: Int = 0
  private var line: Int = 1
  private var fields: [String] = []

  init(_ bytes: UnsafeRawBufferPointer, delimiter: UInt8, path: String, _ progress: @escaping TableReader.Progress) {
    self.bytes = bytes.bindMemory(to: UInt8.self)
    self.delimiter = delimiter
    self.path = path
    self.progress = progress
  }

  /// What stands between the fields of a `.csv` file: a comma; where its header has none, the first semicolon or tab in it,
  /// which spreadsheets write where the comma is in numbers.
  static func delimiter(of bytes: UnsafeRawBufferPointer) -> UInt8 {
    let comma: UInt8 = UInt8(ascii: ",")
    var isQuoted: Bool = false
    var found: UInt8?
    for byte in bytes.prefix(1 << 16).drop(while: { $0 == 10 || $0 == 13 }) {
      if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      } else if isQuoted {
        continue
      } else if byte == comma {
        return comma
      } else if byte == 10 || byte == 13 {
        break
      } else if byte == UInt8(ascii: ";") || byte == 9 {
        found = found ?? byte
      }
    }
    return found ?? comma
  }

  mutating func table() throws -> Table {
    try skipEmptyLines()
    guard position < bytes.count else { throw TableError.empty(operation: "read", path: path) }
    try readRecord(expecting: nil)
    let names: [String] = try DelimitedReader.columnNames(fields, path)
    var columns: [[String]] = names.map { _ in [] }
    var ragged: (line: Int, got: Int, count: Int)?
    var rows: Int = 0
    while true {
      // Where there is one column, an empty line is an empty text; otherwise it is no row.
      if names.count > 1 { try skipEmptyLines() }
      guard position < bytes.count else { break }
      let firstLine: Int = line
      try readRecord(expecting: names.count)
      if fields.count == names.count {
        for index in columns.indices { columns[index].append(fields[index]) }
      } else {
        ragged = ragged.map { ($0.line, $0.got, $0.count + 1) } ?? (firstLine, fields.count, 1)
      }
      rows += 1
      if rows % 1024 == 0 { try progress(position, bytes.count) }
    }
    if let ragged {
      throw TableError.ragged(
        path: path, line: ragged.line, got: ragged.got, expected: names.count, others: ragged.count - 1)
    }
    return Table(names: names, columns: columns.map(DelimitedReader.typed), rowCount: rows)
  }

  private static func columnNames(_ fields: [String], _ path: String) throws -> [String] {
    var names: [String] = []
    for (index, field) in fields.enumerated() {
      let name: String = field.isEmpty ? "column\(index + 1)" : field
      if names.contains(name) {
        throw TableError.malformed(
          path: path, format: "data", line: 1, reason: "two columns are named \(quoted(name))")
      }
      names.append(name)
    }
    return names
  }

  // MARK: Records

  private mutating func skipEmptyLines() throws {
    while position < bytes.count, bytes[position] == 10 || bytes[position] == 13 { endLine() }
  }

  /// Steps over a line end, if one is here: LF, CR LF or CR.
  private mutating func endLine() {
    guard position < bytes.count else { return }
    let isReturn: Bool = bytes[position] == 13
    guard isReturn || bytes[position] == 10 else { return }
    position += 1
    if isReturn, position < bytes.count, bytes[position] == 10 { position += 1 }
    line += 1
  }

  private mutating func readRecord(expecting count: Int?) throws {
    let (start, startLine) = (position, line)
    let clean: Bool = try readFields(quotes: true)
    if delimiter == 9, !clean || (count != nil && fields.count != count) {
      let (quotedEnd, quotedLine, quotedFields) = (position, line, fields)
      (position, line) = (start, startLine)
      _ = try readFields(quotes: false)
      if clean, fields.count != count { (position, line, fields) = (quotedEnd, quotedLine, quotedFields) }
    } else if delimiter == 9, let count, line > startLine,
      DelimitedReader.linesAreWhole(bytes[start..<position], fields: count)
    {
      (position, line) = (start, startLine)
      _ = try readFields(quotes: false)
    }
    endLine()
  }

  /// Whether each line of what may be one record has the tabs of a record by itself; of one column that says nothing.
  static func linesAreWhole(_ record: some Sequence<UInt8>, fields count: Int) -> Bool {
    guard count > 1 else { return false }
    var tabs: Int = 0
    for byte in record {
      if byte == 9 { tabs += 1 }
      guard byte == 10 else { continue }
      if tabs != count - 1 { return false }
      tabs = 0
    }
    return tabs == count - 1
  }

  /// Reads fields to the line's end; false where a quote was not used as quotes are.
  private mutating func readFields(quotes: Bool) throws -> Bool {
    fields.removeAll(keepingCapacity: true)
    var isClean: Bool = true
    while true {
      if quotes, position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
        if let field = try quotedField() {
          fields.append(field)
        } else {
          isClean = false
          guard delimiter == 9 else { throw misquoted() }
          fields.append(try plainField())
        }
      } else {
        fields.append(try plainField())
      }
      guard position < bytes.count, bytes[position] == delimiter else { return isClean }
      position += 1
    }
  }

  private func misquoted() -> TableError {
    let mark: String = delimiter == UInt8(ascii: ";") ? "semicolon" : "comma"
    return .malformed(
      path: path, format: "CSV", line: line,
      reason: "a field in quotes does not end before the next \(mark) or line end; quotes inside are doubled")
  }

  private mutating func plainField() throws -> String {
    let start: Int = position
    while position < bytes.count, bytes[position] != delimiter, bytes[position] != 10, bytes[position] != 13 {
      position += 1
    }
    return try decoded(UnsafeBufferPointer(rebasing: bytes[start..<position]))
  }

  /// The field in quotes that begins here; nil, with nothing read, where what follows the closing quote is neither
  /// delimiter nor line end, or none closes it.
  private mutating func quotedField() throws -> String? {
    var index: Int = position + 1
    var content: [UInt8] = []
    var runStart: Int = index
    var lines: Int = 0
    while index < bytes.count {
      let byte: UInt8 = bytes[index]
      if byte == 10 { lines += 1 }
      if byte != UInt8(ascii: "\"") {
        index += 1
        continue
      }
      let next: UInt8? = index + 1 < bytes.count ? bytes[index + 1] : nil
      if next == UInt8(ascii: "\"") {
        content.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart...index]))
        index += 2
        runStart = index
        continue
      }
      guard next == nil || next == delimiter || next == 10 || next == 13 else { return nil }
      let run: UnsafeBufferPointer<UInt8> = UnsafeBufferPointer(rebasing: bytes[runStart..<index])
      let text: String
      if content.isEmpty {
        text = try decoded(run)
      } else {
        content.append(contentsOf: run)
        text = try content.withUnsafeBufferPointer { try decoded($0) }
      }
      position = index + 1
      line += lines
      return text
    }
    return nil
  }

  private func decoded(_ field: UnsafeBufferPointer<UInt8>) throws -> String {
    if let text = String(validating: field, as: UTF8.self) { return text }
    throw FileError.notText(path: path, line: line, byte: 0)  // the caller finds the place
  }

  // MARK: Kinds

  /// Numbers and bools where every field is one; missing numbers become NaN, and beside other numbers `nan` and `inf` are
  /// some too. Whole numbers that are too long for that, such as identifiers of twenty digits, stay text.
  private static func typed(_ fields: [String]) -> Column {
    guard let first = fields.first(where: { !$0.isEmpty }), first.utf8.count <= 40 else { return .strings(fields) }
    if let values = all(fields, integer) { return .integers(values) }
    if let values = all(fields, { $0.isEmpty ? .nan : real($0) ?? notFinite($0) }),
      fields.contains(where: { real($0) != nil })
    {
      return fields.contains(where: isFraction) || fields.allSatisfy(isExact) ? .reals(values) : .strings(fields)
    }
    if let values = all(fields, { $0 == "true" || $0 == "True" ? true : $0 == "false" || $0 == "False" ? false : nil })
    {
      return .bools(values)
    }
    return .strings(fields)
  }

  private static func all<Value>(_ fields: [String], _ value: (String) -> Value?) -> [Value]? {
    var result: [Value] = []
    for field in fields {
      guard let value = value(field) else { return nil }
      result.append(value)
    }
    return result
  }

  /// Digits with a sign before them; `007` is a name, not a number.
  private static func integer(_ field: String) -> Int? {
    var digits: Substring.UTF8View = Substring(field).utf8
    if digits.first == UInt8(ascii: "-") { digits = digits.dropFirst() }
    guard let first = digits.first, digits.count == 1 || first != UInt8(ascii: "0"),
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int(field)
  }

  private static func isFraction(_ field: String) -> Bool { field.utf8.contains { ".eE".utf8.contains($0) } }

  /// Whether a whole number, or no finite one, or nothing, is the same as a float.
  private static func isExact(_ field: String) -> Bool {
    field.isEmpty || notFinite(field) != nil || Int(field).flatMap { Double(exactly: $0) } != nil
  }

  /// As Python, pandas and JSON write what is no finite number.
  private static func notFinite(_ field: String) -> Double? {
    switch field {
    case "nan", "NaN": .nan
    case "inf", "Infinity": .infinity
    case "-inf", "-Infinity": -.infinity
    default: nil
    }
  }

  private static func real(_ field: String) -> Double? {
    guard field.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }) else { return nil }
    let digits: Substring = field.hasPrefix("-") ? field.dropFirst() : field[...]
    if digits.hasPrefix("0"), digits.utf8.count > 1, !digits.hasPrefix("0."), !digits.lowercased().hasPrefix("0e") {
      return nil
    }
    return Double(field)
  }
}
