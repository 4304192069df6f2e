import Files
import Foundation
import Tables
import TestSupport
import Testing

private func table(_ text: String, _ format: TableFormat?) throws -> Table {
  try TableReader.table(MappedFile(path: "test", copying: Array(text.utf8)), format)
}

private func refusal(_ text: String, _ format: TableFormat?) -> String {
  do {
    _ = try table(text, format)
    return "no error"
  } catch { return "\(error)" }
}

@Suite struct DelimitedText {
  @Test func quotesAndLineEnds() throws {
    let read: Table = try table("text,label\r\n\"a \"\"b\"\",\nc\",1\r\nplain,2\n\n", .csv)
    #expect(read.names == ["text", "label"])
    #expect(read["text"] == .strings(["a \"b\",\nc", "plain"]))
    #expect(read["label"] == .integers([1, 2]))
  }

  @Test func kindsAreFound() throws {
    let read: Table = try table("a,b,c,d,e\n1,1.5,true,007,x\n-2,,false,08,\n", .csv)
    #expect(read["a"] == .integers([1, -2]))
    guard case .reals(let reals)? = read["b"] else { Issue.record("b is no column of floats"); return }
    #expect(reals[0] == 1.5 && reals[1].isNaN)
    #expect(read["c"] == .bools([true, false]))
    #expect(read["d"] == .strings(["007", "08"]))
    #expect(read["e"] == .strings(["x", ""]))
  }

  @Test func numbersThatAreNotFiniteAreNumbersBesideOthers() throws {
    let read: Table = try table("a,b,c\n1.5,nan,nan\ninf,x,inf\nNaN,1,\n-Infinity,2,nan\n", .csv)
    guard case .reals(let reals)? = read["a"] else { Issue.record("a is no column of floats"); return }
    #expect(reals[0] == 1.5 && reals[1] == .infinity && reals[2].isNaN && reals[3] == -.infinity)
    #expect(read["b"] == .strings(["nan", "x", "1", "2"]))
    #expect(read["c"] == .strings(["nan", "inf", "", "nan"]))
  }

  @Test func aQuoteInTabSeparatedTextIsACharacter() throws {
    let read: Table = try table("text\tlabel\n\"Great\" film\tpos\n\"open\tneg\n\"all of it\"\tpos\n", .tsv)
    #expect(read["text"] == .strings(["\"Great\" film", "\"open", "all of it"]))
    #expect(read.rowCount == 3)
  }

  @Test func quotesLinesApartMakeNoRowOfMany() throws {
    let read: Table = try table("text\tlabel\n\"She said\tpos\nplain\tneg\nand left\"\tpos\n", .tsv)
    #expect(read["text"] == .strings(["\"She said", "plain", "and left\""]))
    #expect(read["label"] == .strings(["pos", "neg", "pos"]))
    #expect(try table("text\n\"a\nb\"\n", .tsv)["text"] == .strings(["a\nb"]))
    #expect(try table("text\tlabel\n\"a\tb\nc\td\te\"\tpos\n", .tsv)["text"] == .strings(["a\tb\nc\td\te"]))
  }

  @Test(arguments: [
    "text;label\n\"a; b\";1\nc, d;2\n", "text\tlabel\na; b\t1\nc, d\t2\n",
    "\r\n\"text\";label\r\n\"a; b\";1\r\nc, d;2",
  ])
  func semicolonsAndTabsSeparateWhereTheHeaderHasNoComma(text: String) throws {
    let read: Table = try table(text, .csv)
    #expect(read.names == ["text", "label"])
    #expect(read["text"] == .strings(["a; b", "c, d"]))
    #expect(read["label"] == .integers([1, 2]))
  }

  @Test func aSemicolonInQuotesSeparatesNothing() throws {
    let read: Table = try table("\"a;b\"\nx;y\n", .csv)
    #expect(read.names == ["a;b"])
    #expect(read["a;b"] == .strings(["x;y"]))
    #expect(refusal("a;b\n\"x\"y;2\n", .csv).contains("the next semicolon"))
  }

  @Test func wholeNumbersTooLongForAFloatStayText() throws {
    let long: [String] = ["12345678901234567890", "12345678901234567891"]
    #expect(try table("id,n\n\(long[0]),1\n\(long[1]),2\n", .csv)["id"] == .strings(long))
    #expect(try table("id,n\n9007199254740993,1\n,2\n", .csv)["id"] == .strings(["9007199254740993", ""]))
    #expect(try table("x,n\n\(long[0]),1\n0.5,2\n", .csv)["x"] == .reals([12_345_678_901_234_567_168, 0.5]))
  }

  @Test func raggedRowsAreNamed() {
    #expect(
      refusal("a,b\n1,2\n1\n1,2,3\n", .csv) == "\"test\": line 3 has 1 field, the header 2 (and 1 more such line)")
  }

  @Test func badQuotesAreNamed() {
    #expect(refusal("a,b\n\"x\"y,2\n", .csv).contains("line 2"))
    #expect(refusal("a,b\n\"x,2\n", .csv).contains("line 2"))
  }

  @Test func doubledNamesAndEmptyFiles() {
    #expect(refusal("a,a\n", .csv).contains("two columns"))
    #expect(refusal("", .csv).contains("is empty"))
    #expect(refusal("\n\n", .csv).contains("is empty"))
  }

  @Test func headerOnly() throws {
    let read: Table = try table("a,b\n", .csv)
    #expect(read.rowCount == 0 && read.names == ["a", "b"])
  }

  @Test func oneColumnMayHoldEmptyTexts() throws {
    #expect(try table("text\na\n\nb\n", .csv)["text"] == .strings(["a", "", "b"]))
  }

  @Test func byteOrderMark() throws { #expect(try table("\u{feff}a,b\n1,2\n", .csv).names == ["a", "b"]) }

  @Test func aLineOfFiveMegabytes() throws {
    let long: String = String(repeating: "wörd ", count: 1 << 20)
    #expect(try table("text\tlabel\n\(long)\tx\n", .tsv)["text"] == .strings([long]))
    #expect(try table("{\"text\": \"\(long)\"}", .jsonl)["text"] == .strings([long]))
  }

  @Test(arguments: [TableFormat.csv, .tsv, .jsonl, .json, .text, .conll])
  func invalidTextIsNamed(format: TableFormat) throws {
    let start: [String: String] = ["jsonl": "{}\n{\"a\": \"", "json": "[\n{\"a\": \""]
    let bytes: [UInt8] = Array((start[format.rawValue] ?? "a\tb\ncd\t").utf8) + [0xc3, 0x28, 10]
    let column: Int = bytes.count - 2 - (bytes.dropLast().lastIndex(of: 10) ?? 0) - 1
    #expect(throws: FileError.notText(path: "x", line: 2, byte: column)) {
      try TableReader.table(MappedFile(path: "x", copying: bytes), format)
    }
  }
}

@Suite struct JSONTables {
  @Test func linesWithMissingAndMixedCells() throws {
    let read: Table = try table("{\"a\": 1, \"b\": \"x\"}\n\n{\"b\": \"y\", \"c\": [\"p\", \"q\"]}\n", .jsonl)
    #expect(read.names == ["a", "b", "c"])
    #expect(read["a"] == .any([.integer(1), .null]))
    #expect(read["b"] == .strings(["x", "y"]))
    #expect(read["c"] == .any([.null, .array([.string("p"), .string("q")])]))
  }

  @Test func listsOfRecordsAndRecordsOfLists() throws {
    let rows: Table = try table(#"[{"a": 1, "t": ["x"]}, {"a": 2.5, "t": []}]"#, .json)
    #expect(rows["a"] == .reals([1, 2.5]))
    #expect(rows["t"] == .lists([["x"], []]))
    #expect(try table(#"{"a": [1, 2], "b": ["x", "y"]}"#, .json)["b"] == .strings(["x", "y"]))
    #expect(try table("[]", .json).rowCount == 0)
  }

  @Test func linesUnderTheNameOfJSON() throws {
    let read: Table = try table("{\"a\": 1}\n{\"a\": 2}\n", .json)
    #expect(read["a"] == .integers([1, 2]))
    #expect(refusal("{\"a\": 1}\n{\"a\": }\n", .json).contains("line 2, byte 7"))
    #expect(try table("{\"a\": [1, 2]}\n\n", .json)["a"] == .integers([1, 2]))
  }

  @Test func squad() throws {
    let text: String =
      #"{"data": [{"title": "T", "paragraphs": [{"context": "a b", "qas": [{"id": "1", "question": "q?", "answers": [{"text": "b", "answer_start": 2}]}, {"id": "2", "question": "r?", "is_impossible": true, "answers": []}]}]}]}"#
    let read: Table = try table(text, .json)
    #expect(read.names == ["id", "title", "question", "context", "answers"])
    #expect(
      read["answers"] == .any([.array([.object([("text", .string("b")), ("start", .integer(2))])]), .array([])]))
  }

  @Test func placesOfErrors() {
    #expect(refusal("{}\n{\"a\": }\n", .jsonl) == "\"test\" is not valid JSON, line 2, byte 7: no value begins with }")
    #expect(refusal("{}\n3\n", .jsonl).contains("line 2"))
    #expect(refusal("a,a\n1,2\n", .csv) == "\"test\" is not valid data, line 1: two columns are named \"a\"")
    #expect(refusal(#"{"a": [1, 2], "b": [1]}"#, .json).contains("has 1 row, the table 2"))
    #expect(refusal("[{}, 3]", .json).contains("element 1"))
    #expect(refusal(#"{"a": [1], "b": [1, 2]}"#, .json).contains("2 rows"))
    #expect(refusal(#"{"data": [{"paragraphs": [{}]}]}"#, .json).contains("paragraph 0 of article 0 lacks context"))
    #expect(
      refusal(#"{"data": [{"paragraphs": [{"context": "c", "qas": [{"id": "1"}]}]}]}"#, .json)
        .contains("question 0 of paragraph 0 of article 0 has no text"))
  }
}

@Suite struct OtherForms {
  @Test func conll() throws {
    let read: Table = try table("-DOCSTART-\tO\n\nAnna\tB-PER\n#\tO\n\nParis NNP I-NP B-LOC\n", .conll)
    #expect(read["tokens"] == .lists([["Anna", "#"], ["Paris"]]))
    #expect(read["tags"] == .lists([["B-PER", "O"], ["B-LOC"]]))
    #expect(refusal("Anna\tO\nParis\n", .conll).contains("line 2"))
    let comments: Table = try table(
      "# id = s-1\n#\n# text\nAnna B-PER\n# O\n\n# O\n2 O\n\n# NN B-NP B-MISC\n\n# a text\nx\tO\n\n#\tSYM\n", .conll)
    #expect(comments["tokens"] == .lists([["Anna", "#"], ["#", "2"], ["#"], ["x"], ["#"]]))
  }

  @Test func text() throws { #expect(try table("a\r\n\n  \nb c", .text)["text"] == .strings(["a", "b c"])) }

  @Test func formatsAreTold() throws {
    #expect(try table("{\"a\": 1}\n{\"a\": 2}", nil).rowCount == 2)
    #expect(try table("[{\"a\": 1}]", nil).rowCount == 1)
    #expect(try table("a\tb\n1\t2\n", nil).names == ["a", "b"])
    #expect(try table("just words\n", nil).names == ["text"])
  }

  @Test func compressedFiles() {
    #expect(throws: TableError.self) {
      try TableReader.table(MappedFile(path: "x", copying: [0x1f, 0x8b, 8, 0]), .jsonl)
    }
  }

  @Test func foldersOfLabelledTexts() throws {
    let folder: TemporaryFolder = try TemporaryFolder()
    try folder.put("d/pos/1.txt", "good")
    try folder.put("d/neg/1.txt", "bad")
    try folder.put("d/neg/2.txt", "worse")
    try folder.put("mixed/a/1.txt", "x")
    try folder.put("mixed/b/1.csv", "x")
    try folder.put("pages/1.md", "# One")
    try folder.put("pages/2.md", "# Two")
    let access: FileAccess = FileAccess(workingDirectory: folder.path)
    guard case .table(let read) = try TableReader(access: access).read("d") else { Issue.record("a split"); return }
    #expect(read["text"] == .strings(["bad", "worse", "good"]))
    #expect(read["label"] == .strings(["neg", "neg", "pos"]))
    #expect(throws: TableError.self) { try TableReader(access: access).read("mixed") }
    guard case .table(let pages) = try TableReader(access: access).read("pages") else {
      Issue.record("a split"); return
    }
    #expect(pages["file"] == .strings(["1.md", "2.md"]))
    #expect(pages["text"] == .strings(["# One", "# Two"]))
  }

  @Test func foldersOfParts() throws {
    let folder: TemporaryFolder = try TemporaryFolder()
    try folder.put("d/train.csv", "a\n1\n2\n")
    try folder.put("d/dev.csv", "a\n3\n")
    try folder.put("d/README.md", "about")
    try folder.put("e/train/pos/1.txt", "good")
    try folder.put("e/test/pos/1.txt", "fine")
    try folder.put("f/docs.jsonl", "{}")
    try folder.put("g/train.csv", "a\n1\n")
    try folder.put("g/train.tsv", "a\n1\n")
    let reader: TableReader = TableReader(access: FileAccess(workingDirectory: folder.path))
    guard case .split(let parts) = try reader.read("d") else { Issue.record("no split"); return }
    #expect(parts.map(\.name) == ["train", "valid"])
    #expect(parts.map(\.table.rowCount) == [2, 1])
    guard case .split(let texts) = try reader.read("e") else { Issue.record("no split"); return }
    #expect(texts.map(\.name) == ["train", "test"])
    #expect(throws: TableError.self) { try reader.read("f") }
    #expect(throws: TableError.self) { try reader.read("g") }
    #expect(throws: FileError.self) { try reader.read("none") }
  }

  @Test func manyReviews() throws {
    var content: [UInt8] = []
    let text: String = String(repeating: "This film was \\\"fine\\\", more or less. ", count: 35)
    for row in 0..<2_500 {
      content += Array(
        "{\"id\": \"\(row)\", \"rating\": \(row % 10), \"label\": \"negative\", \"text\": \"\(text)\"}\n".utf8)
    }
    let file: MappedFile = MappedFile(path: "reviews.jsonl", copying: content)
    let read: Table = try TableReader.table(file, .jsonl)
    #expect(read.rowCount == 2_500)
    #expect(read.names == ["id", "rating", "label", "text"])
  }

  @Test func damagedInputsGiveErrorsOnly() throws {
    let seeds: [(String, TableFormat)] = [
      ("text,label\n\"a \"\"b\"\",\nc\",1\nplain,2\n", .csv), ("a\tb\n\"x\"\t1\n\"y\t2\n", .tsv),
      (#"{"a": [1, "é\u00e9"], "b": {"c": -1.5e3}}"# + "\n{\"a\": true}\n", .jsonl),
      (#"{"data": [{"paragraphs": [{"context": "c", "qas": [{"question": "q", "answers": []}]}]}]}"#, .json),
      ("Anna\tB-PER\n\nParis\tB-LOC\n", .conll),
    ]
    var state: UInt64 = 1
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(limit))
    }
    for (text, format) in seeds {
      for _ in 0..<400 {
        var bytes: [UInt8] = Array(text.utf8)
        for _ in 0...random(3) { bytes[random(bytes.count)] ^= UInt8(1 << random(8)) }
        if random(2) == 0 { bytes.removeLast(random(bytes.count)) }
        _ = try? TableReader.table(MappedFile(path: "x", copying: bytes), format)
        _ = try? TableReader.table(MappedFile(path: "x", copying: bytes), nil)
      }
    }
  }
}
