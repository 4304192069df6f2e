import Foundation
import Testing

/// Prompts in an editor, and lines that run again when a file is saved.
@Suite struct WatchTests {
  @Test func aSavedFileRunsTheLineAgainUntilCtrlC() throws {
    let folder = try TemporaryFolder()
    try folder.write("p.txt", "label a: yes\nlabel b: no\n---\nFirst {text}: {label}\n")
    let terminal = try BuiltProgram.terminal(in: folder)
    terminal.enter(":watch p.txt prompt(file: \"p.txt\").render({text: \"x\"})")
    try terminal.wait(for: "\"First x:\"")
    try terminal.wait(for: "watching p.txt; Ctrl-C ends it")
    try folder.write("p.txt", "label a: yes\nlabel b: no\n---\nSecond {text}: {label}\n")
    try terminal.wait(for: "\"Second x:\"")
    // What can't be read is said, and watching goes on.
    try folder.write("p.txt", "label a: yes\n---\nThird {text\n")
    try terminal.wait(for: "nothing closes")
    try folder.write("p.txt", "label a: yes\nlabel b: no\n---\nFourth {text}: {label}\n")
    try terminal.wait(for: "\"Fourth x:\"")
    terminal.type("\u{3}")
    try terminal.waitForPrompt(2)
    terminal.enter("_")
    try terminal.wait(for: "\n\"Fourth x:\"")
  }

  @Test func aPromptGoesThroughTheEditor() throws {
    let folder = try TemporaryFolder()
    let editor = folder.path + "/editor"
    try folder.write("editor", "#!/bin/sh\nsed -i 's/Text/Review/; s/poor/bad | awful/' \"$1\"\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: editor)
    let terminal = try BuiltProgram.terminal(in: folder, environment: ["EDITOR": editor])
    try terminal.run("p = prompt(\"Text: {text}\\nSo: {label}\", labels: {bad: \"poor\", good: \"fine\"})", to: 2)
    terminal.enter(":edit p")
    try terminal.wait(for: "Review: {text}")
    terminal.type("\r")
    try terminal.waitForPrompt(3)
    terminal.enter("p.labels.bad")
    try terminal.wait(for: "[\"bad\", \"awful\"]")
  }
}
