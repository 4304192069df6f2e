import Files

/// The forms in which tables come.
package enum TableFormat: String, Sendable, CaseIterable {
  case csv, tsv, jsonl, json, squad, conll, text

  /// What a file's name says; nil where it says nothing. SQuAD is told from other JSON by its content.
  package init?(path: String) {
    switch PathText.fileExtension(of: path) {
    case "csv": self = .csv
    case "tsv", "tab": self = .tsv
    case "jsonl", "ndjson": self = .jsonl
    case "json": self = .json
    case "conll", "bio", "iob", "iob2": self = .conll
    case "txt", "text", "md": self = .text
    default: return nil
    }
  }

  /// What the first bytes say, for files whose name says nothing.
  init(content bytes: UnsafeRawBufferPointer) {
    let start = bytes.prefix(1 << 16)
    let firstLine = start.prefix { $0 != 10 }
    switch start.first(where: { $0 > 32 }) {
    case UInt8(ascii: "["): self = .json
    case UInt8(ascii: "{"):
      let isComplete: Bool = (try? JSON(parsing: UnsafeRawBufferPointer(rebasing: firstLine))) != nil
      self = isComplete ? .jsonl : .json
    default: self = firstLine.contains(9) ? .tsv : .text
    }
  }
}

/// What reading gives: one table, or the parts of a split.
package enum ReadData: Sendable, Equatable {
  case table(Table)
  case split([(name: String, table: Table)])

  package static func == (one: ReadData, other: ReadData) -> Bool {
    switch (one, other) {
    case (.table(let a), .table(let b)): return a == b
    case (.split(let a), .split(let b)): return a.elementsEqual(b) { $0.name == $1.name && $0.table == $1.table }
    default: return false
    }
  }

  /// The same change made to every table.
  package func map(_ change: (Table) throws -> Table) rethrows -> ReadData {
    switch self {
    case .table(let table): return .table(try change(table))
    case .split(let parts): return .split(try parts.map { ($0.name, try change($0.table)) })
    }
  }
}
