import Foundation
import TestSupport
import Testing

/// Texts shown as they are written, and remarks.
@Suite struct StreamTests {
  @Test func eachTextOfAStatementBeginsItsOwnLine() throws {
    let terminal = try BuiltProgram.terminal()
    let path = Fixtures.tests.appendingPathComponent("Fixtures/gguf/llama3.gguf").path
    try FileManager.default.copyItem(atPath: path, toPath: terminal.folder.path + "/m.gguf")
    try terminal.run(#"m = load("m.gguf")"#, to: 2)
    try terminal.run(#"for i in range(2) { m.generate("the sun", max_tokens: 2) }"#, to: 3)
    #expect(terminal.screen.text.contains("\nlz\nlz\n"), "\(terminal.screen.text)")
    // The last text of a block is its value: it isn't shown again.
    try terminal.run(#"if true { m.generate("a", max_tokens: 2); m.generate("the sun", max_tokens: 2) }"#, to: 4)
    #expect(!terminal.screen.text.contains("\"lz\""), "\(terminal.screen.text)")
  }

  @Test func aRemarkLongerThanALineBreaksBetweenWords() throws {
    let folder = try TemporaryFolder()
    try folder.tinyModel("tiny")
    let terminal = try BuiltProgram.terminal(in: folder)
    try terminal.run(#"m = load("tiny").for_masked_lm()"#, to: 2)
    #expect(terminal.screen.text.contains("\ncls.predictions.transform.LayerNorm\n"), "\(terminal.screen.text)")
  }
}
