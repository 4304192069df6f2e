import Files
import Language
import Tables

extension Builtin {
  /// Words that bring tables together, apart, and to figures.
  static let dataGroupWords: [Builtin] = [
    describeTable, describeColumn, joinTables, groupTable, countTable, countColumn, uniqueColumn, uniqueTable,
    splitTable,
  ]

  private static let describeTable = Builtin(
    "describe", area: .data, on: [.table], returns: .table,
    summary: "What each column holds: kind, missing and different values, least, mean and greatest.",
    details: ["Of text the figures are about its length in characters, of lists about their number of elements."],
    keywords: ["summary", "info", "statistics"], python: "df.describe(include='all')",
    examples: [Example(fruit + #".describe()["max"][1]"#, gives: .int(3))], seeAlso: ["count", "histogram"]
  ) { call in .table(try call.table("table").described()) }

  private static let describeColumn = Builtin(
    "describe", area: .data, on: [.column], returns: .table, summary: "What a column holds.",
    keywords: ["summary", "statistics"], python: "series.describe()",
    examples: [Example(fruit + #".name.describe().different[0]"#, gives: .int(3))], seeAlso: ["count"]
  ) { call in
    let value: ColumnValue = try call.receiver()
    return .table(try Table([(name: value.name.isEmpty ? "value" : value.name, column: value.column)]).described())
  }

  private static let joinTables = Builtin(
    "join", area: .data, on: [.table], returns: .table,
    summary: "Put beside each row the rows of another table that agree with it in a column.",
    parameters: [
      .positional("other", .kind(.table), "the other table"),
      .named("on", .either([.string, .strings]), "the column or columns that both have"),
      .named("all", .bool, default: .bool(false), "also keep rows without a partner"),
    ],
    keywords: ["merge", "left join", "inner join"], python: #"df.merge(other, on="name")"#,
    examples: [
      Example(fruit + #".join(table({name: ["pear"], price: [2.5]}), on: "name").price[0]"#, gives: .float(2.5))
    ], seeAlso: ["select", "rename"]
  ) { call in
    let table: Table = try call.table("table")
    let other: Table = try call.table("other")
    let names: [String] = try call.columnNames([call.value("on")], in: table)
    _ = try call.columnNames([call.value("on")], in: other)
    return .table(try table.joined(with: other, on: names, keepAll: try call.bool("all")))
  }

  private static let groupTable = Builtin(
    "group", area: .data, on: [.table], returns: .record, summary: "A table for each value of a column, in a record.",
    parameters: [.positional("by", .string, "the column")],
    keywords: ["groupby", "partition"], python: #"dict(list(df.groupby("count")))"#,
    examples: [Example(fruit + #".group("count")[3].len()"#, gives: .int(2))], seeAlso: ["count", "filter"]
  ) { call in
    let table: Table = try call.table("table")
    let groups = try table.grouped(by: try call.columnName("by", in: table))
    let fields: [(RecordKey, Value)] = groups.map { group in
      if case .integer(let number) = group.value { return (.int(number), .table(group.table)) }
      return (.name(Column.string(group.value)), .table(group.table))
    }
    return .record(try RecordValue(fields))
  }

  private static let countTable = Builtin(
    "count", area: .data, on: [.table], returns: .table,
    summary: "How often each value of a column occurs, the most frequent first.",
    parameters: [.positional("column", .string, "the column")],
    keywords: ["value_counts", "frequency", "labels"], python: #"df["label"].value_counts()"#,
    examples: [Example(fruit + #".count("name").count[0]"#, gives: .int(1))], seeAlso: ["group", "describe", "unique"]
  ) { call in
    let table: Table = try call.table("table")
    return .table(try table.counts(of: try call.columnName("column", in: table)))
  }

  private static let countColumn = Builtin(
    "count", area: .data, on: [.column], returns: .table,
    summary: "How often each value occurs, the most frequent first.",
    keywords: ["value_counts", "frequency"], python: "series.value_counts()",
    examples: [Example(fruit + #".name.count().name.len()"#, gives: .int(3))], seeAlso: ["unique"]
  ) { call in
    let value: ColumnValue = try call.receiver()
    let name: String = value.name.isEmpty ? "value" : value.name
    return .table(try Table([(name: name, column: value.column)]).counts(of: name))
  }

  private static let uniqueColumn = Builtin(
    "unique", area: .data, on: [.column], returns: .list,
    summary: "The different values, in the order in which they first occur.",
    keywords: ["distinct", "drop_duplicates"], python: "series.unique()",
    examples: [Example(fruit + ".count.unique()", gives: .ints([3, 1]))], seeAlso: ["count"]
  ) { call in
    let value: ColumnValue = try call.receiver()
    return try .list(Table.distinct(value.column).map { Value(cell: $0) })
  }

  private static let uniqueTable = Builtin(
    "unique", area: .data, on: [.table], returns: .table,
    summary: "Leave out rows that agree with an earlier one, in all columns or in those named.",
    parameters: [.rest("columns", .either([.string, .strings]), "names of columns; none means all")],
    keywords: ["distinct", "drop_duplicates"], python: "df.drop_duplicates()",
    examples: [Example(fruit + #".unique("count").len()"#, gives: .int(2))], seeAlso: ["count"]
  ) { call in
    let table: Table = try call.table("table")
    return .table(try table.unique(by: try call.columnNames(call.rest(), in: table)))
  }

  private static let splitTable = Builtin(
    "split", area: .data, on: [.table], returns: .record,
    summary: "Cut the rows at random into train, valid and test.",
    details: [
      "Every label has the same share of each part. The seed alone decides which row goes where.",
      "Numbers above 1 count rows: split(t, train: 1000, valid: 200).",
    ],
    parameters: [
      .named("train", .either([.int, .float]), default: .float(0.8), "share of the rows to learn from"),
      .named("valid", .either([.int, .float]), default: .float(0.1), "share to choose by"),
      .named("test", .either([.int, .float]), shown: "the rest", "share to judge by"),
      .named(
        "stratify", .string, shown: "label where there is one",
        "a column whose values each part holds in the same shares"),
      .named("seed", .int, shown: "the session's", "another seed, another split"),
    ],
    keywords: ["train_test_split", "validation", "holdout", "stratified", "held-out"],
    python: "train_test_split(df, stratify=df.label, random_state=0)",
    examples: [
      Example("table({x: range(10)}).split(train: 0.6, valid: 0.2).test.len()", gives: .int(2)),
      Example("table({x: range(10)}).split(train: 0.9, valid: 0.2)", fails: "at most"),
    ], seeAlso: ["fit", "sample", "shuffle"]
  ) { call in
    let table: Table = try call.table("table")
    let stratify: String? =
      call.has("stratify") ? try call.columnName("stratify", in: table) : usableLabel(table) ? "label" : nil
    let sizes: (train: PartSize, valid: PartSize) = (try partSize(call, "train"), try partSize(call, "valid"))
    var parts = try table.split(train: sizes.train, valid: sizes.valid, stratify: stratify, seed: call.seedBits)
    if call.has("test") {
      let wanted: Int = try rowCount(partSize(call, "test"), of: table, call)
      guard wanted <= parts.test.rowCount else {
        throw call.error("the parts are more than the \(table.rowCount) rows there are", at: "test")
      }
      // Each label keeps its share where the test part is cut.
      parts.test = try parts.test.split(train: .rows(wanted), valid: .rows(0), stratify: stratify, seed: call.seedBits)
        .train
    }
    let named: [(name: String, table: Table)] = [("train", parts.train), ("valid", parts.valid), ("test", parts.test)]
    return try .parts(named.filter { $0.name == "train" || $0.table.rowCount > 0 })
  }

  /// A label column is stratified by unless it holds measurements or is different in every row.
  private static func usableLabel(_ table: Table) -> Bool {
    guard let column = table["label"] else { return false }
    if case .reals = column { return false }
    return true
  }

  private static func partSize(_ call: Call, _ name: String) throws -> PartSize {
    if case .int(let rows) = call.value(name), rows > 1 { return .rows(rows) }
    return .share(try call.float(name))
  }

  private static func rowCount(_ size: PartSize, of table: Table, _ call: Call) throws -> Int {
    switch size {
    case .rows(let rows): return rows
    case .share(let share):
      guard share >= 0, share <= 1 else {
        throw call.error("test is \(share), expected a share from 0 to 1", at: "test")
      }
      return Int((share * Double(table.rowCount)).rounded())
    }
  }
}
