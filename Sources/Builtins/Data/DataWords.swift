import Files
import Language
import Tables

extension Builtin {
  /// Words on tables: making, choosing and ordering rows and columns.
  static let dataWords: [Builtin] = [
    makeTable, filterTable, mapTable, selectColumns, dropColumns, renameColumns, sortTable, sortColumn,
    shuffleTable, sampleTable, headTable, tailTable, tableLength, columnLength,
  ]

  /// A small table for examples.
  static let fruit: String = #"table({name: ["fig", "pear", "plum"], count: [3, 1, 3]})"#

  private static let makeTable = Builtin(
    "table", area: .data, returns: .table, summary: "Make a table from records, or from columns.",
    parameters: [
      .positional(
        "rows", .either([.list(of: .record(of: .any)), .record, .kind(.table)]),
        "a list of records, or a record whose fields are lists or columns")
    ],
    keywords: ["dataframe", "rows", "columns"], python: "pandas.DataFrame(rows)",
    examples: [
      Example(#"table([{text: "fine", label: 1}, {text: "dull", label: 0}]).label[0]"#, gives: .int(1)),
      Example(#"len(table({a: [1, 2, 3]}))"#, gives: .int(3)),
    ], seeAlso: ["read", "write", "join"]
  ) { call in
    switch call.value("rows") {
    case .list(let list):
      let rows: [JSONObject] = try list.elements.map { element in
        guard case .record(let record) = element else { throw call.error("a row is a record") }
        return try record.row()
      }
      return .table(Table(rows: rows))
    case .record(let record):
      let columns: [(name: String, column: Column)] = try record.fields.map { key, value in
        switch value {
        case .list(let list): return (key.text, try Column(values: list.elements))
        case .object(let column as ColumnValue): return (key.text, column.column)
        case .object(let object):
          guard let count = object.length else { break }
          return (key.text, try Column(values: (0..<count).map { try object.item(at: $0) }))
        default: break
        }
        throw call.error("column \(key.text) is \(value.kind.phrase), expected a list or a column", at: "rows")
      }
      return .table(try Table(columns))
    default: return call.value("rows")
    }
  }

  private static let filterTable = Builtin(
    "filter", area: .data, on: [.table], returns: .table,
    summary: "Keep the rows for which a function, or a mark, says true.",
    parameters: [
      .positional(
        "keep", .either([.function, .kind(.column), .list(of: .bool), .kind(.tensor)]),
        "takes a row, a record; or true or false for each row")
    ],
    keywords: ["where", "query", "rows", "mask"], python: #"df[df["count"] > 1]"#,
    examples: [
      Example(fruit + #".filter(r -> r.count > 1).name[1]"#, gives: .string("plum")),
      Example(#"len(table({a: [1, 2]}).filter([true, false]))"#, gives: .int(1)),
    ],
    seeAlso: ["map", "select", "sort"]
  ) { call in
    let table: Table = try call.table("table")
    let keep: Value = call.value("keep")
    guard keep.kind == .function else {
      return .table(try table.gathering(try Rows.chosen(.value(keep), table.rowCount, "a table")))
    }
    var mask: [Bool] = []
    mask.reserveCapacity(table.rowCount)
    for row in 0..<table.rowCount {
      if row % 256 == 0 { try call.checkInterruption() }
      mask.append(try call.invoke(keep, .record(RecordValue(row: try table.row(row)))).truth())
    }
    return .table(try table.filtering(mask))
  }

  private static let mapTable = Builtin(
    "map", area: .data, on: [.table], returns: .table,
    summary: "Call a function with each row: records make a table, other results a list.",
    parameters: [.positional("change", .function, "takes a row, a record")],
    keywords: ["apply", "transform", "add a column"], python: "df.apply(change, axis=1)",
    examples: [
      Example(fruit + #".map(r -> r.name.upper())"#, gives: .strings(["FIG", "PEAR", "PLUM"])),
      Example(fruit + #".map(r -> {twice: r.count * 2}).twice[0]"#, gives: .int(6)),
    ], seeAlso: ["filter", "table"]
  ) { call in
    let table: Table = try call.table("table")
    let change: Value = call.value("change")
    var results: [Value] = []
    results.reserveCapacity(table.rowCount)
    for row in 0..<table.rowCount {
      if row % 256 == 0 { try call.checkInterruption() }
      results.append(try call.invoke(change, .record(RecordValue(row: try table.row(row)))))
    }
    let records: [RecordValue] = results.compactMap { if case .record(let record) = $0 { record } else { nil } }
    guard records.count == results.count, !records.isEmpty else { return try .list(results) }
    return .table(Table(rows: try records.map { try $0.row() }))
  }

  private static let selectColumns = Builtin(
    "select", area: .data, on: [.table], returns: .table, summary: "Keep only these columns, in this order.",
    parameters: [.rest("columns", .either([.string, .strings]), "names of columns")],
    keywords: ["columns", "project"], python: #"df[["name", "count"]]"#,
    examples: [
      Example(fruit + #".select("count", "name")[0]"#, kind: .record),
      Example(fruit + #".select("cuont")"#, fails: "count"),
    ],
    seeAlso: ["drop", "rename"]
  ) { call in
    let table: Table = try call.table("table")
    return .table(try table.selecting(try call.columnNames(call.rest(), in: table)))
  }

  private static let dropColumns = Builtin(
    "drop", area: .data, on: [.table], returns: .table, summary: "Leave out columns.",
    parameters: [.rest("columns", .either([.string, .strings]), "names of columns")],
    keywords: ["remove", "columns"], python: #"df.drop(columns=["count"])"#,
    examples: [Example(fruit + #".drop("count")[0].name"#, gives: .string("fig"))], seeAlso: ["select", "rename"]
  ) { call in
    let table: Table = try call.table("table")
    return .table(try table.dropping(try call.columnNames(call.rest(), in: table)))
  }

  private static let renameColumns = Builtin(
    "rename", area: .data, on: [.table], returns: .table,
    summary: "Rename columns: the new name, a colon, the old name.",
    parameters: [.labels("columns", .string, "new: \"old\"")],
    keywords: ["columns", "names"], python: #"df.rename(columns={"name": "text"})"#,
    examples: [Example(fruit + #".rename(text: "name").text[0]"#, gives: .string("fig"))], seeAlso: ["select", "read"]
  ) { call in
    let table: Table = try call.table("table")
    var changes: [(old: String, new: String)] = []
    for (new, old) in call.labels() {
      if case .string(let text) = old, table.index(of: text) == nil, table.index(of: new) != nil {
        throw call.error("no column \"\(text)\"", help: "the new name stands first: rename(\(text): \"\(new)\")")
      }
      changes.append((try call.columnNames([old], in: table)[0], new))
    }
    return .table(try table.renaming(changes))
  }

  private static let sortTable = Builtin(
    "sort", area: .data, on: [.table], returns: .table, summary: "Order the rows by one or more columns.",
    details: ["Rows that are equal there keep their order."],
    parameters: [
      .positional("by", .either([.string, .strings]), "a column, or several, the first deciding first"),
      .named("descending", .bool, default: .bool(false), "the greatest first"),
    ],
    keywords: ["order", "sort_values"], python: #"df.sort_values("count", ascending=False)"#,
    examples: [Example(fruit + #".sort(by: "count", descending: true).name[0]"#, gives: .string("fig"))],
    seeAlso: ["shuffle", "head"]
  ) { call in
    let table: Table = try call.table("table")
    let names: [String] = try call.columnNames([call.value("by")], in: table)
    return .table(try table.sorted(by: names, descending: try call.bool("descending")))
  }

  private static let sortColumn = Builtin(
    "sort", area: .data, on: [.column], returns: .column, summary: "Order the values of a column.",
    parameters: [.named("descending", .bool, default: .bool(false), "the greatest first")],
    keywords: ["order", "sort_values"], python: "series.sort_values()",
    examples: [Example(fruit + ".count.sort()[0]", gives: .int(1))], seeAlso: ["unique"]
  ) { call in
    let value: ColumnValue = try call.receiver()
    let sorted: Table = try Table([(name: "x", column: value.column)])
      .sorted(by: ["x"], descending: try call.bool("descending"))
    return .column(sorted.columns[0], name: value.name)
  }

  private static let shuffleTable = Builtin(
    "shuffle", area: .data, on: [.table], returns: .table,
    summary: "Put the rows into a random order that the seed decides.",
    parameters: [.named("seed", .int, shown: "the session's", "another seed, another order")],
    keywords: ["random", "permute"], python: "df.sample(frac=1, random_state=0)",
    examples: [Example(fruit + ".shuffle(seed: 1).len()", gives: .int(3))], seeAlso: ["sample", "split"]
  ) { call in .table(try call.table("table").shuffled(seed: call.seedBits)) }

  private static let sampleTable = Builtin(
    "sample", area: .data, on: [.table], returns: .table, summary: "Draw rows at random, each at most once.",
    parameters: [
      .positional("rows", .int, default: .int(5), "how many"),
      .named("seed", .int, shown: "the session's", "another seed, other rows"),
    ],
    keywords: ["random", "draw"], python: "df.sample(5, random_state=0)",
    examples: [Example(fruit + ".sample(2).len()", gives: .int(2))], seeAlso: ["shuffle", "head"]
  ) { call in .table(try call.table("table").sampled(call.int("rows"), seed: call.seedBits)) }

  private static let headTable = Builtin(
    "head", area: .data, on: [.table, .column], returns: .table, summary: "The first rows.",
    parameters: [.positional("rows", .int, default: .int(5), "how many")],
    keywords: ["first", "top", "limit"], python: "df.head(5)",
    examples: [Example(fruit + ".head(2).len()", gives: .int(2))], seeAlso: ["tail", "sample"]
  ) { call in try part(call) { $0.head($1) } }

  private static let tailTable = Builtin(
    "tail", area: .data, on: [.table, .column], returns: .table, summary: "The last rows.",
    parameters: [.positional("rows", .int, default: .int(5), "how many")],
    keywords: ["last", "bottom"], python: "df.tail(5)",
    examples: [Example(fruit + ".tail(1).name[0]", gives: .string("plum"))], seeAlso: ["head", "sample"]
  ) { call in try part(call) { $0.tail($1) } }

  private static func part(_ call: Call, _ cut: (Table, Int) -> Table) throws -> Value {
    let count: Int = try call.int("rows")
    guard count >= 0 else { throw call.error("rows is \(count), expected 0 or more", at: "rows") }
    if let value: ColumnValue = call.first.object() {
      return .column(cut(try Table([(name: "x", column: value.column)]), count).columns[0], name: value.name)
    }
    return .table(cut(try call.table(call.builtin.parameters[0].name), count))
  }

  private static let tableLength = Builtin(
    "len", area: .data, on: [.table], returns: .int, summary: "The number of rows.",
    keywords: ["length", "size", "count"], python: "len(df)",
    examples: [Example("len(\(fruit))", gives: .int(3))], seeAlso: ["count"]
  ) { call in .int(try call.table("table").rowCount) }

  private static let columnLength = Builtin(
    "len", area: .data, on: [.column], returns: .int, summary: "The number of values.",
    keywords: ["length", "size"], python: "len(series)",
    examples: [Example("len(\(fruit).name)", gives: .int(3))], seeAlso: ["count"]
  ) { call in
    let value: ColumnValue = try call.receiver()
    return .int(value.column.count)
  }
}
