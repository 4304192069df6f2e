import Files
import Tables
import TestSupport
import Testing

private let fruit: Table = Table.of([
  ("name", .strings(["pear", "fig", "plum", "apple"])), ("count", .integers([3, 1, 3, 2])),
  ("label", .strings(["b", "a", "b", "a"])),
])

extension Table {
  fileprivate static func of(_ columns: [(name: String, column: Column)]) -> Table {
    do { return try Table(columns) } catch { preconditionFailure("\(error)") }  // tables written in this file fit
  }

  fileprivate static func numbered(_ count: Int, labels: (Int) -> String) -> Table {
    of([("row", .integers(Array(0..<count))), ("label", .strings((0..<count).map(labels)))])
  }

  fileprivate var rows: [Int] { if case .integers(let rows)? = self["row"] { rows } else { [] } }
}

@Suite struct TableWords {
  @Test func columns() throws {
    #expect(try fruit.selecting(["label", "name"]).names == ["label", "name"])
    #expect(try fruit.dropping(["name"]).names == ["count", "label"])
    #expect(try fruit.renaming([("name", "label"), ("label", "name")]).names == ["label", "count", "name"])
    #expect(throws: TableError.doubledColumn(operation: "rename", name: "label")) {
      try fruit.renaming([("name", "label")])
    }
    #expect(throws: TableError.unknownColumn(operation: "select", name: "x", columns: fruit.names)) {
      try fruit.selecting(["x"])
    }
    #expect(throws: TableError.self) { try Table([("a", .integers([1])), ("b", .integers([]))]) }
  }

  @Test func sortingIsStable() throws {
    #expect(try fruit.sorted(by: ["count"])["name"] == .strings(["fig", "apple", "pear", "plum"]))
    #expect(try fruit.sorted(by: ["count"], descending: true)["name"] == .strings(["pear", "plum", "apple", "fig"]))
    #expect(try fruit.sorted(by: ["label", "name"])["name"] == .strings(["apple", "fig", "pear", "plum"]))
    let mixed: Column = Column(cells: [.string("a"), .null, .integer(2), .real(1.5), .bool(true)])
    #expect(
      try Table.of([("m", mixed)]).sorted(by: ["m"])["m"]?.cells
        == [.null, .bool(true), .real(1.5), .integer(2), .string("a")])
  }

  @Test(arguments: [false, true]) func missingNumbersComeLastEitherWay(descending: Bool) throws {
    let table: Table = .of([("x", .reals([2, .nan, 1, .nan, 3])), ("row", .integers([0, 1, 2, 3, 4]))])
    let rows: [Int] = descending ? [4, 0, 2, 1, 3] : [2, 0, 4, 1, 3]
    #expect(try table.order(by: ["x"], descending: descending) == rows)
  }

  @Test func groupsAndCounts() throws {
    let counts: Table = try fruit.counts(of: "count")
    #expect(counts["count"] == .integers([3, 1, 2]))
    #expect(counts["rows"] == .integers([2, 1, 1]))
    #expect(try fruit.grouped(by: "label").map(\.table.rowCount) == [2, 2])
    #expect(try fruit.unique(by: ["label"])["name"] == .strings(["pear", "fig"]))
    #expect(Table.distinct(.reals([1, 1, 2])) == [.real(1), .real(2)])
  }

  @Test func canonicalEquivalentsAreDifferentLabels() throws {
    let table: Table = .of([("label", .strings(["é", "e\u{301}"]))])
    #expect(try table.counts(of: "label").rowCount == 2)
  }

  @Test func joining() throws {
    let prices: Table = .of([("name", .strings(["fig", "pear", "fig"])), ("price", .reals([1, 2, 3]))])
    let inner: Table = try fruit.joined(with: prices, on: ["name"])
    #expect(inner["name"] == .strings(["pear", "fig", "fig"]))
    #expect(inner["price"] == .reals([2, 1, 3]))
    let all: Table = try fruit.joined(with: prices, on: ["name"], keepAll: true)
    #expect(all["price"] == .any([.real(2), .real(1), .real(3), .null, .null]))
    #expect(throws: TableError.self) { try fruit.joined(with: fruit, on: ["name"]) }
  }

  @Test func describing() throws {
    let table: Table = try fruit.described()
    #expect(table["kind"] == .strings(["text", "integer", "text"]))
    #expect(table["different"] == .integers([4, 3, 2]))
    #expect(table["max"] == .integers([5, 3, 1]))
  }

  @Test func shufflingDependsOnTheSeedAlone() throws {
    let table: Table = .numbered(200) { "\($0 % 2)" }
    let one: Table = table.shuffled(seed: 1)
    #expect(one == table.shuffled(seed: 1))
    #expect(one != table.shuffled(seed: 2))
    #expect(one.rows.sorted() == Array(0..<200) && one.rows != Array(0..<200))
    #expect(try table.sampled(5, seed: 3).rowCount == 5)
    #expect(throws: TableError.self) { try table.sampled(201, seed: 3) }
  }

  @Test(arguments: [400, 401, 7, 3, 1, 0])
  func splitsAreCompleteAndStratified(count: Int) throws {
    let table: Table = .numbered(count) { $0 % 4 == 0 ? "rare" : "often" }
    let parts = try table.split(train: .share(0.7), valid: .share(0.1), stratify: "label", seed: 5)
    #expect((parts.train.rows + parts.valid.rows + parts.test.rows).sorted() == Array(0..<count))
    #expect(parts.train.rowCount == Int((0.7 * Double(count)).rounded()))
    for part in [parts.train, parts.valid, parts.test] where count >= 400 {
      let rare: Int = part["label"]?.strings.count { $0 == "rare" } ?? 0
      #expect(abs(Double(rare) / Double(part.rowCount) - 0.25) < 0.02)
    }
    #expect(try table.split(train: .share(0.7), valid: .share(0.1), stratify: "label", seed: 5).test == parts.test)
  }

  @Test func impossibleSplits() throws {
    let table: Table = .numbered(10) { _ in "x" }
    #expect(throws: TableError.self) { try table.split(train: .share(0.9), valid: .share(0.2), seed: 0) }
    #expect(throws: TableError.self) { try table.split(train: .share(-1), valid: .share(0.2), seed: 0) }
    #expect(throws: TableError.self) { try table.split(train: .share(.nan), valid: .share(0), seed: 0) }
    #expect(throws: TableError.self) { try table.split(train: .rows(11), valid: .rows(0), seed: 0) }
    #expect(throws: TableError.self) { try table.split(train: .rows(5), valid: .rows(0), stratify: "y", seed: 0) }
  }
}

@Suite struct Writing {
  private static let nasty: Table = .of([
    ("text", .strings(["a,b", "c\td", "e \"f\" g", "\"h\"", "i\nj", "", " k ", "é😀\r", "\u{1b}[2J"])),
    ("number", .integers([1, -2, 3, 4, 5, 6, 7, 8, 9])),
    ("real", .reals([1, 0.1, 1e300, -2.5, 1e-9, 0, 3, 4, 5])),
  ])

  @Test(arguments: ["x.csv", "x.tsv", "x.jsonl", "x.json"])
  func whatIsWrittenReadsBack(name: String) throws {
    let folder: TemporaryFolder = try TemporaryFolder()
    let access: FileAccess = FileAccess(policy: .script, workingDirectory: folder.path)
    try TableWriter.write(Writing.nasty, to: name, access: access)
    #expect(try TableReader(access: access).read(name) == .table(Writing.nasty))
    try TableWriter.write(Writing.nasty, to: name, access: access)
  }

  @Test func sentences() throws {
    let folder: TemporaryFolder = try TemporaryFolder()
    let access: FileAccess = FileAccess(policy: .script, workingDirectory: folder.path)
    let table: Table = .of([("tokens", .lists([["a", "b"], ["c"]])), ("tags", .lists([["O", "B-X"], ["O"]]))])
    for name in ["x.conll", "x.jsonl"] {
      try TableWriter.write(table, to: name, access: access)
      #expect(try TableReader(access: access).read(name) == .table(table))
    }
  }

  @Test func aSemicolonInTheOnlyNameReadsBack() throws {
    let folder: TemporaryFolder = try TemporaryFolder()
    let access: FileAccess = FileAccess(policy: .script, workingDirectory: folder.path)
    for name in ["a;b", "a\tb"] {
      let table: Table = .of([(name, .strings(["x;y", "z"]))])
      try TableWriter.write(table, to: "x.csv", access: access)
      #expect(try TableReader(access: access).read("x.csv") == .table(table))
    }
  }

  @Test func whatAFormCannotHoldIsRefused() throws {
    let folder: TemporaryFolder = try TemporaryFolder()
    let access: FileAccess = FileAccess(policy: .script, workingDirectory: folder.path)
    let unfit: [(tokens: [[String]], tags: [[String]])] = [
      ([["a", "b"]], [["O"]]), ([["a\tb"]], [["O"]]), ([["a"], []], [["O"], []]), ([[""]], [["O"]]),
    ]
    for (tokens, tags) in unfit {
      let table: Table = .of([("tokens", .lists(tokens)), ("tags", .lists(tags))])
      #expect(throws: TableError.self) { try TableWriter.write(table, to: "x.conll", access: access) }
    }
    #expect(throws: TableError.self) {
      try TableWriter.write(.of([("text", .strings(["a", "b\nc"]))]), to: "x.txt", access: access)
    }
    let ambiguous: Table = .of([("text", .strings(["a\tb\nc"])), ("label", .strings(["x"]))])
    #expect(throws: TableError.self) { try TableWriter.write(ambiguous, to: "x.tsv", access: access) }
    #expect(!access.exists("x.conll") && !access.exists("x.txt") && !access.exists("x.tsv"))
    try TableWriter.write(ambiguous, to: "x.csv", access: access)
    #expect(try TableReader(access: access).read("x.csv") == .table(ambiguous))
  }

  @Test func refusals() throws {
    let folder: TemporaryFolder = try TemporaryFolder()
    let access: FileAccess = FileAccess(policy: .script, workingDirectory: folder.path)
    #expect(throws: TableError.self) { try TableWriter.write(fruit, to: "x.png", access: access) }
    try folder.put("model.csv", [0, 1, 2, 255])
    #expect(throws: FileError.self) { try TableWriter.write(fruit, to: "model.csv", access: access) }
    #expect(throws: FileError.self) { try TableWriter.write(fruit, to: "../x.csv", access: access) }
  }

  @Test func aLetterIsNoTableToReplace() throws {
    let folder: TemporaryFolder = try TemporaryFolder()
    let access: FileAccess = FileAccess(policy: .script, workingDirectory: folder.path)
    for name in ["letter.jsonl", "letter.json"] {
      try folder.put(name, "Dear aunt,\nthank you for the apples.\n")
      #expect(throws: FileError.self) { try TableWriter.write(fruit, to: name, access: access) }
    }
  }

  @Test(arguments: ["x.csv", "x.tsv", "x.jsonl", "x.json"])
  func anEmptyTableIsReplaced(name: String) throws {
    let folder: TemporaryFolder = try TemporaryFolder()
    let access: FileAccess = FileAccess(policy: .script, workingDirectory: folder.path)
    for table in [Table.of([("a", .strings([]))]), fruit, Table.of([("a", .strings([]))]), fruit] {
      try TableWriter.write(table, to: name, access: access)
    }
  }
}
