import Files
import Testing

@Suite struct ByteCountTests {
  @Test(
    "Bytes are read with and without a unit",
    arguments: [
      ("0", 0), ("4096", 4096), ("500 MB", 500_000_000), ("1.5kB", 1500), (" 2 GiB ", 2 << 30), ("1m", 1_000_000),
      ("3 KiB", 3072), ("9999999999999999999", 1_000_000_000_000_000),
    ])
  func read(text: String, bytes: Int) {
    #expect(ByteCount.parse(text) == bytes)
  }

  @Test("What says no number of bytes is none", arguments: ["", "  ", "-1", "much", "MB", "5 TB", "1.2.3", "nan"])
  func refused(text: String) {
    #expect(ByteCount.parse(text) == nil)
  }

  @Test func aMissingVariableIsNone() {
    #expect(ByteCount.parse(nil) == nil)
  }
}
