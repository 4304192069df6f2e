import Testing

/// The comments at the top of a saved script.
@Suite struct HeaderTests {
  @Test func aModelIsNamedWithoutTheFolderOfThisMachine() throws {
    let folder = try TemporaryFolder()
    try folder.tinyModel("tiny")
    try folder.write("cache/luthier/models/readme", "")
    try folder.tinyModel("cache/luthier/models/small")
    try folder.write("data.csv", "text,label\na b,1\n")
    let terminal = try BuiltProgram.terminal(in: folder)
    try terminal.run("m = load(\"small\")", to: 2)
    try terminal.run("t = read(\"data.csv\")", to: 3)
    terminal.enter(":save s")
    try terminal.wait(for: "s.luth: 2 statements")
    let saved = try folder.read("s.luth")
    #expect(saved.contains("# reads small/model.safetensors "), "\(saved)")
    #expect(saved.contains("# reads data.csv 17 B sha256:"), "\(saved)")
    #expect(!saved.contains(folder.path), "\(saved)")
    #expect(try BuiltProgram.run(["check", "s.luth"], in: folder).code == 0)
    try folder.write("data.csv", "text,label\na b,2\n")
    let changed = try BuiltProgram.run(["check", "s.luth"], in: folder)
    #expect(changed.output.contains("data.csv is not the file it was"), "\(changed.output)\(changed.errors)")
  }

  @Test func aFolderOfTextsDoesNotBuryTheScript() throws {
    let folder = try TemporaryFolder()
    try folder.write("texts/neg/0\nprint(1).txt", "dull")
    for row in 1...120 { try folder.write("texts/pos/\(row).txt", "fine") }
    let terminal = try BuiltProgram.terminal(in: folder)
    try terminal.run("t = read(\"texts\")", to: 2)
    terminal.enter(":save s")
    try terminal.wait(for: "s.luth: 1 statement;")
    let lines = try folder.read("s.luth").split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("# reads ") } == 101)
    #expect(lines.contains("# reads 21 more files"))
    #expect(lines.last == "t = read(\"texts\")")
    #expect(!lines.contains { $0.hasPrefix("print") })
    #expect(try BuiltProgram.run(["check", "s.luth"], in: folder).code == 0)
  }
}
