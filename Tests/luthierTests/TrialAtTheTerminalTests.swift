import Foundation
import Testing

/// A trial as a person lives with it: stopped, gone on with, taken back, saved and replayed.
@Suite struct TrialAtTheTerminalTests {
  private static let long = Array(repeating: "a b c d", count: 12).joined(separator: " ")

  @Test func whatCtrlCLeftOfATrialIsSavedAndReplayed() throws {
    let folder = try TemporaryFolder()
    try folder.tinyModel("tiny")
    let lines = (0..<6000).map { #"{"text": "\#($0 % 7) \#(Self.long)", "label": "\#($0 % 2 == 0 ? "bad" : "good")"}"# }
    try folder.write("rows.jsonl", lines.joined(separator: "\n") + "\n")
    let terminal = try BuiltProgram.terminal(in: folder)
    for (number, line) in [
      #"m = load("tiny").for_masked_lm()"#, #"rows = read("rows.jsonl")"#,
      #"p = prompt("{text} {mask}", labels: {bad: "c", good: "d"})"#,
    ].enumerated() {
      try terminal.run(line, to: number + 2)
    }
    terminal.enter("t = m.trial({p: p}, rows)")
    try terminal.wait(for: " left", seconds: 60)
    terminal.type("\u{3}\u{3}")
    try terminal.wait(for: "of 6000 rows; add(trial, rows) goes on")
    try terminal.waitForPrompt(5)
    terminal.enter("n = t.rows.len(); n > 0 and n < 6000")
    try terminal.wait(for: "\ntrue")
    try terminal.waitForPrompt(6)
    terminal.enter("t.add({q: prompt(\"{mask} {text}\", labels: {bad: \"c\", good: \"d\"})}).prompts")
    try terminal.wait(for: "[\"p\", \"q\"]", seconds: 60)
    try terminal.waitForPrompt(7)
    terminal.enter(":undo")
    try terminal.wait(for: "t is as before it")
    terminal.enter("t.prompts")
    try terminal.wait(for: "\n[\"p\"]")
    try terminal.waitForPrompt(8)
    terminal.enter(":save kept.luth")
    try terminal.wait(for: "luthier check kept.luth replays it")
    terminal.type("\u{4}")
    let text = try String(contentsOfFile: folder.path + "/kept.luth", encoding: .utf8)
    #expect(text.contains("first: ") && text.contains("#~ stopped after"), "\(text)")
    let check = try BuiltProgram.run(["check", "kept.luth"], in: folder)
    #expect(check.code == 0, "\(check.output)\(check.errors)")
  }
}
