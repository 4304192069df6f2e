import Builtins
import Files
import Language
import Tables
import Testing

@Suite struct TableDisplays {
  private func lines(_ value: Value, width: Int = 77, height: Int = 20) -> [String] {
    value.display(.full, in: DisplayFrame(width: width, height: height)).map(\.plain)
  }

  private func reviews(_ negative: Int, _ positive: Int) throws -> Value {
    let labels: [String] = (0..<(negative + positive)).map { $0 < negative ? "negative" : "positive" }
    return .table(try Table([("text", .strings(labels.map { _ in "a film" })), ("label", .strings(labels))]))
  }

  @Test func aSplit() throws {
    let split: Value = try .record([
      ("train", try reviews(140, 140)), ("valid", try reviews(20, 20)), ("test", try reviews(40, 40)),
    ])
    #expect(
      lines(split) == [
        "train  280 rows  text label   negative 140  positive 140",
        "valid   40 rows               negative  20  positive  20",
        "test    80 rows               negative  40  positive  40",
      ])
  }

  @Test func aSplitWithoutLabels() throws {
    let table: Value = .table(try Table([("tokens", .lists([["a"]])), ("tags", .lists([["O"]]))]))
    #expect(lines(try .record([("train", table)])) == ["train  1 row   tokens tags"])
  }

  @Test func aLongTable() throws {
    let texts: [String] = (0..<280).map { "\($0) " + String(repeating: "so very long ", count: 20) }
    let shown: [String] = lines(
      .table(try Table([("text", .strings(texts)), ("label", .integers(Array(0..<280)))])))
    #expect(shown.count == 20)
    #expect(shown[0] == "    text                                                                label")
    #expect(shown[1] == " 0  0 so very long so very long so very long so very long so very lon…      0")
    #expect(shown[19] == "… 262 more rows")
    #expect(shown.allSatisfy { TextWidth.of($0) <= 77 })
  }

  @Test func wideAndCommandingCharacters() throws {
    let table: Table = try Table([
      ("text", .strings(["日本語", "\u{1b}[2J", "a\nb"])), ("n", .integers([1, 20, 300])),
    ])
    #expect(
      lines(.table(table)) == [
        "   text      n", "0  日本語    1", "1  ␛[2J     20", "2  a␊b     300",
      ])
  }

  @Test func elementsWithBlanksStandApart() throws {
    let table: Table = try Table([
      ("entities", .lists([["PER: Anna", "LOC: New York"], ["a", "b"], ["PER: Anna"]]))
    ])
    #expect(
      lines(.table(table)) == ["   entities", "0  PER: Anna, LOC: New York", "1  a b", "2  PER: Anna"])
  }

  @Test func manyColumns() throws {
    let table: Table = try Table((0..<30).map { ("column\($0)", .strings([String(repeating: "x", count: 20)])) })
    let shown: [String] = lines(.table(table))
    #expect(shown.allSatisfy { TextWidth.of($0) <= 77 })
    #expect(shown.last?.hasPrefix("… 23 more columns: column7 column8") ?? false)
  }

  @Test func nothingToShow() throws {
    #expect(lines(.table(try Table([]))) == ["no columns"])
    #expect(lines(.table(try Table([("a", .strings([]))]))) == ["   a", "no rows"])
  }

  @Test func numbers() throws {
    let table: Table = try Table([
      ("half", .reals([0.5, 0.25])), ("small", .reals([1e-9, 2])), ("odd", .reals([.nan, .infinity])),
      ("third", .reals([1.0 / 3, 12])), ("flag", .bools([true, false])), ("gap", .any([.null, .integer(3)])),
    ])
    #expect(
      lines(.table(table)) == [
        "   half    small  odd   third  flag    gap", "0  0.50  1.00e-9  nan   0.333  true   none",
        "1  0.25   2.00e0  inf  12.000  false     3",
      ])
  }

  @Test func hugeCellsAreCutQuickly() throws {
    let text: String = String(repeating: "w", count: 5 << 20)
    let shown: [String] = lines(.table(try Table([("text", .strings([text]))])))
    #expect(shown[1] == "0  " + String(repeating: "w", count: 73) + "…")
  }
}
