import Files
import Language
import Tables

extension Builtin {
  /// Words that read and write tables and text.
  static let readWords: [Builtin] = [readTable, listData, writeTable, writeText, readText]

  private static let formats: [String] = TableFormat.allCases.map(\.rawValue)

  private static let readTable = Builtin(
    "read", area: .storing, returns: .table, summary: "Read a table, or a split, from a file or a folder.",
    details: [
      "CSV (with commas, else semicolons), TSV, JSON Lines, JSON (records or SQuAD), CoNLL, text by lines; - is stdin.",
      "A folder with files named train, valid and test gives a split; one with a folder of texts for each label, a table.",
    ],
    parameters: [
      .positional("path", .path, "a file or folder"),
      .named("format", .choice(formats), shown: "by name and content", "how the content is laid out"),
      .named("text", .string, shown: "", "the column to be called text"),
      .named("pair", .string, shown: "", "the column to be called pair"),
      .named("label", .string, shown: "", "the column to be called label"),
    ],
    keywords: ["csv", "tsv", "jsonl", "json", "load_dataset", "read_csv", "import", "open", "dataset"],
    python: #"pandas.read_csv("reviews.tsv", sep="\t")"#,
    examples: [
      Example(#"reviews = read("samples/reviews.tsv").split(train: 0.7, valid: 0.1)"#, lesson: "features"),
      Example(#"read("no such file.csv")"#, fails: "no such file.csv"),
    ],
    seeAlso: ["write", "table", "split", "load"]
  ) { call in
    let access: FileAccess = try call.service()
    let path: String = try call.string("path")
    access.checkInterruption = { try call.checkInterruption() }
    defer { access.checkInterruption = {} }
    let reader: TableReader = TableReader(access: access) { done, total in try call.progress("read", done, total) }
    let format: TableFormat? = try call.stringIfAny("format").flatMap { TableFormat(rawValue: $0) }
    let data: ReadData = try call.placing(at: "path") {
      do { return try reader.read(path, format: format) } catch let error as FileError {
        throw call.error("\(error)", at: "path", help: help(for: error, path, access))
      }
    }
    let renamed: ReadData = try data.map { table in try renaming(table, call) }
    switch renamed {
    case .table(let table): return .table(table)
    case .split(let parts): return try .parts(parts)
    }
  }

  /// The table with the columns that the call names called `text`, `pair` and `label`; a column that had such a name
  /// keeps its values under `name_before`.
  private static func renaming(_ table: Table, _ call: Call) throws -> Table {
    var changes: [(old: String, new: String)] = []
    for new in ["text", "pair", "label"] {
      guard let old = try call.stringIfAny(new), old != new else { continue }
      changes.append((try call.columnNames([.string(old)], in: table)[0], new))
    }
    let moved: [String] = changes.map(\.old)
    for (_, new) in changes where table.index(of: new) != nil && !moved.contains(new) {
      changes.append((new, new + "_before"))
    }
    return try table.renaming(changes)
  }

  /// What to do about a file that can't be read, where that is known.
  private static func help(for error: FileError, _ path: String, _ access: FileAccess) -> String? {
    let name: String = PathText.name(of: path)
    switch error {
    case .notFound: return nearbyNames(path, access)
    case .notText(_, let line, let byte):
      // Both marks of UTF-16 are no UTF-8; a text in an encoding of one byte rarely begins with such a byte.
      let encoding: String = line == 1 && byte == 1 ? "UTF-16" : "WINDOWS-1252"
      return "save it as UTF-8, perhaps by  iconv -f \(encoding) -t UTF-8 \(name) > new"
    default: return nil
    }
  }

  /// Where nothing stands at the path: names beside it that are near.
  private static func nearbyNames(_ path: String, _ access: FileAccess) -> String {
    let folder: String = PathText.folder(of: path)
    let names: [String] = ((try? access.list(folder)) ?? []).map(\.name).filter { !$0.hasPrefix(".") }
    let near: [String] = Nearest.find(PathText.name(of: path), in: names)
    if !near.isEmpty {
      let paths: [String] = near.map { folder == "." ? $0 : PathText.join(folder, $0) }
      return "did you mean \(paths.map { "\"\($0)\"" }.joined(separator: " or "))?"
    }
    return "read() lists the data here"
  }

  private static let listData = Builtin(
    "read", area: .storing, returns: .table, summary: "List the data here and the samples that came along.",
    keywords: ["datasets", "samples", "files"], python: "os.listdir()",
    examples: [Example("read()", kind: .table)], seeAlso: ["load"]
  ) { call in
    let access: FileAccess = try call.service()
    return .table(try DataListing.table(access))
  }

  private static let writeTable = Builtin(
    "write", area: .storing, on: [.table], returns: .nothing,
    summary: "Write a table to a file: CSV, TSV, JSON Lines, ...",
    parameters: [
      .positional("path", .path, "its ending says how: .csv .tsv .jsonl .json .conll .txt"),
      .named("format", .choice(formats.filter { $0 != "squad" }), shown: "by the ending", "how to lay out the content"),
    ],
    keywords: ["save", "export", "to_csv"], python: #"df.to_csv("out.csv", index=False)"#,
    examples: [Example(fruit + #".write("fruit.png")"#, fails: ".csv")], seeAlso: ["read", "save"]
  ) { call in
    let access: FileAccess = try call.service()
    let table: Table = try call.table("table")
    let path: String = try call.string("path")
    let format: TableFormat? = try call.stringIfAny("format").flatMap { TableFormat(rawValue: $0) }
    try TableWriter.write(table, to: path, format: format, access: access)
    let rows: String = table.rowCount == 1 ? "1 row" : "\(Numbers.grouped(table.rowCount)) rows"
    call.note("wrote \(rows) to \(path)" + leftOut(of: table, format ?? TableFormat(path: path)))
    return .nothing
  }

  /// What a form without columns does not hold of a table, in words.
  private static func leftOut(of table: Table, _ format: TableFormat?) -> String {
    let kept: [String]
    switch format {
    case .text: kept = table.names.count == 1 ? table.names : ["text"]
    case .conll: kept = ["tokens", "tags"]
    default: return ""
    }
    let others: [String] = table.names.filter { !kept.contains($0) }
    return others.isEmpty ? "" : ", without \(others.joined(separator: ", "))"
  }

  private static let writeText = Builtin(
    "write", area: .storing, on: [.string], subject: "text", returns: .nothing, summary: "Write a text to a file.",
    parameters: [.positional("path", .path, "a file")],
    keywords: ["save", "text"], python: #"pathlib.Path("out.txt").write_text(text)"#,
    examples: [Example(#"write("a", "/no such folder/out.txt")"#, fails: "no such folder")], seeAlso: ["read_text"]
  ) { call in
    let access: FileAccess = try call.service()
    let text: String = try call.string("text")
    let path: String = try call.string("path")
    try access.writeAtomically(path, replaces: TextDecoding.isText) { try $0.write(text) }
    call.note("wrote \(byteCount(text.utf8.count)) to \(path)")
    return .nothing
  }

  private static let readText = Builtin(
    "read_text", area: .plain, returns: .string, summary: "The whole of a text file as one string.",
    parameters: [.positional("path", .path, "a file in UTF-8; - is standard input")],
    keywords: ["open", "file", "lines"], python: #"pathlib.Path("notes.txt").read_text()"#,
    examples: [Example(#"read_text("no such file.txt")"#, fails: "no such file.txt")], seeAlso: ["read", "lines"]
  ) { call in
    let access: FileAccess = try call.service()
    let path: String = try call.string("path")
    access.checkInterruption = { try call.checkInterruption() }
    defer { access.checkInterruption = {} }
    guard path == "-" else { return .string(try access.readText(path)) }
    let input: MappedFile = try access.readStandardInput()
    return .string(try input.withBytes { try TextDecoding.string($0, path: "-") })
  }
}
