import Testing

/// Scripts, pipes and exit codes of the built program.
@Suite struct CommandTests {
  @Test func anExpressionShowsItsValue() throws {
    let folder = try TemporaryFolder()
    let result = try BuiltProgram.run(["-e", "1 + 1"], in: folder)
    #expect(result.output == "2\n")
    #expect(result.errors == "")
    #expect(result.code == 0)
  }

  @Test func anExpressionMayBeginWithAMinus() throws {
    let folder = try TemporaryFolder()
    let result = try BuiltProgram.run(["-e", "-2 ** 2"], in: folder)
    #expect(result.output == "-4\n")
    #expect(result.errors == "")
    #expect(result.code == 0)
  }

  @Test(arguments: [
    (["-e", "1 / 0"], 1), (["-e", "1 +* 2"], 65), (["--nonsense"], 2), (["run"], 2), (["run", "nowhere.luth"], 1),
    (["--version"], 0), (["--help"], 0), (["-e", "x", "-i", "y"], 2),
  ])
  func exitCodes(_ arguments: [String], _ code: Int) throws {
    let folder = try TemporaryFolder()
    let result = try BuiltProgram.run(arguments, in: folder)
    #expect(result.code == Int32(code), "\(arguments): \(result.output)\(result.errors)")
  }

  @Test func aLessonWithoutATerminalSaysWhatNeedsNone() throws {
    let folder = try TemporaryFolder()
    try folder.write("f.luth", "1\n")
    let result = try BuiltProgram.run(["lesson", "f.luth"], input: "", in: folder)
    #expect(result.errors.contains("no terminal to type at; luthier run f.luth needs none"))
    #expect(result.code == 1)
  }

  @Test(
    arguments: [
      ("LUTHIER_UNDO", "lots", true), ("LUTHIER_CACHE", "-5", true), ("LUTHIER_THREADS", "many", true),
      ("LUTHIER_THREADS", "500", true),
      ("LUTHIER_THREADS", "2", false), ("LUTHIER_UNDO", "2 GiB", false), ("LUTHIER_CACHE", "", false),
    ])
  func aVariableThatSaysNothingIsNamed(_ name: String, _ text: String, _ isNamed: Bool) throws {
    let folder = try TemporaryFolder()
    let result = try BuiltProgram.run(["-e", "1"], in: folder, environment: [name: text])
    #expect(result.errors.contains("\(name) is \"\(text)\", expected") == isNamed)
    #expect(result.output == "1\n" && result.code == 0)
  }

  @Test func aPipeIsAScript() throws {
    let folder = try TemporaryFolder()
    let result = try BuiltProgram.run([], input: "x = 2\nx * 21\nprint(\"done\")\n", in: folder)
    #expect(result.output == "42\ndone\n")
    #expect(result.code == 0)
  }

  @Test func aScriptTakesArgumentsAndStopsAtTheFirstError() throws {
    let folder = try TemporaryFolder()
    try folder.write("f.luth", "args\nnowhere\nprint(\"not reached\")\n")
    let result = try BuiltProgram.run(["run", "f.luth", "a", "--flag"], in: folder)
    #expect(result.output == "[\"a\", \"--flag\"]\n")
    #expect(result.errors.contains("f.luth:2"))
    #expect(result.errors.contains("nowhere"))
    #expect(result.code == 1)
  }

  @Test(arguments: [
    ["run", "--allow-write", "there", "f.luth", "a", "--allow-network"],
    ["run", "--allow-network", "--allow-write=there", "f.luth", "a", "--allow-network"],
    ["--allow-write", "there", "run", "f.luth", "a", "--allow-network"],
  ])
  func permissionsStandBeforeTheScript(_ arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let other = try TemporaryFolder()
    try folder.write("f.luth", "save({\"a\": zeros([2])}, \"\(other.path)/a.safetensors\")\nargs\n")
    let refused = try BuiltProgram.run(["run", "f.luth"], in: folder)
    #expect(refused.code == 1 && refused.errors.contains("--allow-write"), "\(refused)")
    let result = try BuiltProgram.run(arguments.map { $0.replacing("there", with: other.path) }, in: folder)
    #expect(result.code == 0 && result.output.hasSuffix("[\"a\", \"--allow-network\"]\n"), "\(result)")
  }

  @Test(arguments: [["run", "--help"], ["help", "run"], ["help", "lesson"], ["render", "--help"]])
  func eachCommandHasItsHelp(_ arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let result = try BuiltProgram.run(arguments, in: folder)
    let command = arguments.first { $0 != "help" } ?? ""
    #expect(result.code == 0 && result.output.contains("USAGE: luthier \(command) ["), "\(result)")
  }

  @Test func aSyntaxErrorRunsNothing() throws {
    let folder = try TemporaryFolder()
    try folder.write("f.luth", "print(1)\nx = = 2\n")
    let result = try BuiltProgram.run(["run", "f.luth"], in: folder)
    #expect(result.output == "")
    #expect(result.code == 65)
  }

  @Test func helpFitsTheTerminal() throws {
    let folder = try TemporaryFolder()
    let result = try BuiltProgram.run(["--help"], in: folder)
    #expect(result.output.contains("lesson"))
    #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func usageHoldsNoEscapesOfAnArgument() throws {
    let folder = try TemporaryFolder()
    let result = try BuiltProgram.run(["--no\u{1b}[2J"], in: folder)
    #expect(result.code == 2)
    #expect(!result.errors.utf8.contains(0x1b), "\(result.errors)")
  }

  @Test func pipedOutputHoldsNoEscapes() throws {
    let folder = try TemporaryFolder()
    let result = try BuiltProgram.run(["-e", "print(\"a\\u{1b}[31mb\")"], in: folder)
    #expect(result.output == "a␛[31mb\n")
  }
}
