import Language
import Testing

@Suite("Displays of plain values") struct DisplayTests {
  private func shown(_ value: Value, width: Int = 77, height: Int = 20) -> [String] {
    value.display(.full, in: DisplayFrame(width: width, height: height)).map(\.plain)
  }

  @Test("what is longer than a line is cut and said")
  func inline() throws {
    let list = Value.ints(Array(0..<300))
    #expect(list.inline(width: 40) == "[0, 1, 2, 3, 4, 5, 6, 7, 8, … 291 more]")
    #expect(TextWidth.of(list.inline(width: 40)) <= 40)
  }

  @Test("a long list fills lines and says how many more there are")
  func longList() {
    let lines: [String] = shown(.ints(Array(0..<5_000)))
    #expect(lines.count <= 20)
    #expect(lines.allSatisfy { TextWidth.of($0) <= 77 })
    #expect(lines.last?.contains("more]") == true)
  }

  @Test("everything fits its frame", arguments: [20, 33, 77])
  func frames(width: Int) throws {
    let deep: Value = try .list([
      .record([("name", .string(String(repeating: "日本", count: 60))), ("n", 1.5)]), .nothing,
    ])
    let many: Value = try .record((0..<50).map { ("field \($0)", .string("value \($0)\u{1B}[31m")) })
    for value in [
      deep, many, .string(String(repeating: "word ", count: 900)), .string(String(repeating: "x", count: 3_000)),
    ] {
      let lines: [String] = shown(value, width: width)
      #expect(lines.count <= 20)
      for line in lines {
        #expect(TextWidth.of(line) <= width)
        #expect(!line.contains("\u{1B}"))
      }
    }
  }

  @Test("control characters are shown as symbols, wide ones count two columns")
  func widths() {
    #expect(StyledText("a\u{1B}[0m\u{7F}").plain == "a␛[0m␡")
    #expect(TextWidth.of("日本") == 4)
    #expect(TextWidth.of("e\u{301}") == 1)
    #expect(TextWidth.of("👩‍👩‍👧") == 2)
    #expect(TextWidth.of("❤️") == 2)
    #expect(TextWidth.cut("日本語", to: 4) == "日…")
  }

  @Test("numbers as text")
  func numbers() {
    #expect(Numbers.grouped(22_713_986) == "22,713,986")
    #expect(Numbers.grouped(-1_000) == "-1,000")
    #expect(Numbers.grouped(Int.min) == "-9,223,372,036,854,775,808")
    #expect(Numbers.fixed(0.6931) == "0.693")
    #expect(Numbers.fixed(-0.0001) == "0.000")
    #expect(Numbers.percent(0.00654) == "0.65 %")
    #expect(Numbers.fixed(.nan) == "nan")
  }
}
