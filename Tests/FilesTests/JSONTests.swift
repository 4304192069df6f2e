import Files
import Testing

@Suite struct JSONParsing {
  @Test(arguments: [
    (#"{"a": [1, 2.5, -3e2, true, null], "b": {"c": "d"}}"#, #"{"a": [1, 2.5, -300.0, true, null], "b": {"c": "d"}}"#),
    (#" "\u00e9\n\"\\\/ 😀 \ud83d\ude00" "#, #""é\n\"\\/ 😀 😀""#),
    ("1000000000000000019884624838656", "1000000000000000019884624838656"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("9223372036854775808", "9223372036854775808"),
    ("[]", "[]"), ("{}", "{}"), ("[NaN, Infinity, -Infinity]", "[NaN, Infinity, -Infinity]"),
    (#""\ud800""#, "\"\u{fffd}\""), ("\u{feff}1", "1"), (#"{"é": 1, "é": 2}"#, #"{"é": 1, "é": 2}"#),
  ])
  func roundTrip(text: String, printed: String) throws {
    #expect(try JSON(parsing: text).text() == printed)
  }

  @Test(arguments: [
    "", " ", "[", "[1", "[1,", "[1,]", "{", #"{"a""#, #"{"a":"#, #"{"a":1"#, #"{"a":1,}"#, "{a: 1}", "tru", "nul", "+1",
    ".5", "1.", "1e", "-", "01x", "\"", #""\x""#, #""\u12"#, "1 2", "[1 2]", "\u{1}", "[\"a]",
  ])
  func refused(text: String) { #expect(throws: FileError.self) { try JSON(parsing: text) } }

  @Test func placeOfAnError() {
    #expect(
      throws: FileError.malformed(
        path: "", format: "JSON", line: 3, byte: 8, reason: "no value begins with x")
    ) { try JSON(parsing: "{\n\"a\": 1,\n  \"b\": x}") }
  }

  @Test func depthIsLimited() throws {
    let deep: String = String(repeating: "[", count: 100_000)
    #expect(throws: FileError.self) { try JSON(parsing: deep) }
    let fine: String = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
    #expect(throws: Never.self) { try JSON(parsing: fine) }
  }

  @Test func lastOfDoubledKeysCounts() throws {
    let value: JSON = try JSON(parsing: #"{"a": 1, "a": 2}"#)
    #expect(value["a"]?.int == 2)
    #expect(value["b"] == nil)
  }

  @Test func invalidUTF8() {
    #expect(throws: FileError.self) { try JSON(parsing: [UInt8(ascii: "\""), 0xff, UInt8(ascii: "\"")]) }
  }

  @Test func indented() {
    let value: JSON = .object([("a", .array([.integer(1)])), ("b", .object([]))])
    #expect(value.text(indent: 2) == "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}")
  }
}
