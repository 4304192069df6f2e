import Foundation
import Testing

/// What people really type and load: each a clear error, never a crash, and the session goes on.
@Suite struct BadInputTests {
  @Test(arguments: BadInput.all)
  func aScriptEndsWithAClearError(_ bad: BadInput) throws {
    let folder = try TemporaryFolder()
    try bad.prepare(folder)
    try folder.write("bad.luth", bad.line + "\n")
    let result = try BuiltProgram.run(["run", "bad.luth"], in: folder)
    #expect(result.code == 1 || result.code == 65, "\(result.code): \(result.output)\(result.errors)")
    #expect(result.errors.contains("error"))
    #expect(!result.errors.contains("Fatal error"))
    for word in bad.says {
      let said = result.output + result.errors
      #expect(said.localizedCaseInsensitiveContains(word), "no “\(word)” in \(said.prefix(600))")
    }
    #expect(result.errors.utf8.count < 4000)
  }

  @Test func theSessionGoesOn() throws {
    let folder = try TemporaryFolder()
    let terminal = try BuiltProgram.terminal(in: folder)
    terminal.enter("kept = 1000")
    // Of a line with several statements the rest waits at the prompt; those are for the test above.
    for (number, bad) in BadInput.all.enumerated() where bad.line.utf8.count < 500 && !bad.line.contains("; ") {
      for name in [
        "cut", "unknown", "absurd", "missing", "tiny", "list", "deep", "mute", "torn", "pickled", "nameless", "folder",
      ] {
        try? FileManager.default.removeItem(atPath: folder.path + "/" + name)
      }
      try bad.prepare(folder)
      terminal.enter(bad.line)
      terminal.enter("kept + \(number + 1)")
      try terminal.wait(for: "\n\(1000 + number + 1)")
    }
    terminal.enter("kept * 7")
    try terminal.wait(for: "\n7000")
  }

  @Test func controlCharactersOfAReviewAreShownAsSymbols() throws {
    let folder = try TemporaryFolder()
    try folder.write("r.tsv", "text\tlabel\nred \u{1b}[31m title \u{1b}]0;owned\u{7}\tgood\n")
    let result = try BuiltProgram.run(["-e", "t = read(\"r.tsv\"); t; t.text[0]"], in: folder)
    #expect(result.code == 0, "\(result.errors)")
    #expect(!result.output.utf8.contains(0x1b) && !result.output.utf8.contains(7))
  }

  @Test func aLineOfFiveMegabytes() throws {
    let folder = try TemporaryFolder()
    let text = String(repeating: "word ", count: 1_000_000)
    try folder.write("long.tsv", "text\tlabel\n" + text + "\tx\n")
    try folder.write("long.luth", "s = \"" + text + "\"\ns.len()\nread(\"long.tsv\").text[0].len()\n")
    let result = try BuiltProgram.run(["run", "long.luth"], in: folder)
    #expect(result.output == "5000000\n5000000\n", "\(result.output.prefix(200)) \(result.errors.prefix(400))")
  }

  @Test func emptyTextsAndTables() throws {
    let folder = try TemporaryFolder()
    try folder.tinyModel("tiny")
    try folder.write("none.csv", "text,label\n")
    for line in [
      #"load("tiny").features([""]).shape"#, #"load("tiny").features([])"#, #"load("tiny").features(read("none.csv"))"#,
      #"read("none.csv")"#, #"read("none.csv").describe()"#, #"read("none.csv").split(train: 0.7)"#,
      #"load("tiny").tokenize("")"#, #"table([])"#,
    ] {
      let result = try BuiltProgram.run(["-e", line], in: folder)
      #expect(result.code == 0 || (result.code == 1 && result.errors.contains("error")), "\(line): \(result)")
    }
  }

  @Test func ctrlCEndsAnEndlessLoopAndKeepsTheSession() throws {
    let terminal = try BuiltProgram.terminal()
    try terminal.run("kept = 5", to: 2)
    terminal.enter("while true {}")
    for _ in 0..<3 { terminal.type("\u{3}") }
    terminal.enter("kept * 111")
    try terminal.wait(for: "\n555")
  }
}
