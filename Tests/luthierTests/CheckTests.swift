import Foundation
import Testing

/// `luthier check`: kept output compared with what a run gives.
@Suite struct CheckTests {
  private static let script = """
    # luthier 1.0 · seed 0 · tolerance 0.001

    # %% Numbers
    x = [1, 2, 3]
    x
    #> [1, 2, 3]
    1.0 / 3
    #> 0.3333
    print("one", 2)
    #> one 2

    """

  @Test func whatAgreesPasses() throws {
    let folder = try TemporaryFolder()
    try folder.write("f.luth", Self.script)
    let result = try BuiltProgram.run(["check", "f.luth"], in: folder)
    #expect(result.code == 0, "\(result.output)\(result.errors)")
    #expect(result.output == "fine: 3 outputs compared\n")
  }

  @Test func anAlteredNumberFailsAndShowsWhere() throws {
    let folder = try TemporaryFolder()
    try folder.write("f.luth", Self.script.replacing("#> [1, 2, 3]", with: "#> [1, 2, 4]"))
    let result = try BuiltProgram.run(["check", "f.luth"], in: folder)
    #expect(result.code == 1)
    #expect(
      result.output == """
        f.luth:5  x
          - [1, 2, 4]
          + [1, 2, 3]
        1 of 3 outputs compared differs

        """)
  }

  @Test func updateWritesTheNewOutput() throws {
    let folder = try TemporaryFolder()
    try folder.write("f.luth", "x = 5\nx + 1\n# a remark\nx * 2; x * 3\n#> 0\n#~ old\n")
    let result = try BuiltProgram.run(["check", "f.luth", "--update"], in: folder)
    #expect(result.code == 0, "\(result.output)\(result.errors)")
    #expect(try folder.read("f.luth") == "x = 5\nx + 1\n#> 6\n# a remark\nx * 2; x * 3\n#> 10\n#> 15\n")
    #expect(try BuiltProgram.run(["check", "f.luth"], in: folder).code == 0)
  }

  @Test func lineEndsOfWindowsAreLineEnds() throws {
    let folder = try TemporaryFolder()
    try folder.write("f.luth", "x = 1\r\nx + 1\r\n#> 2\r\n")
    let result = try BuiltProgram.run(["check", "f.luth"], in: folder)
    #expect(result.code == 0 && result.output == "fine: 1 output compared\n", "\(result)")
  }

  @Test func allDifferencesAreShown() throws {
    let folder = try TemporaryFolder()
    try folder.write("f.luth", "1\n#> 2\n3\n#> 4\n5\n#> 5\n")
    let result = try BuiltProgram.run(["check", "f.luth"], in: folder)
    #expect(result.output.contains("f.luth:1"))
    #expect(result.output.contains("f.luth:3"))
    #expect(result.code == 1)
  }

  @Test func anErrorThatIsKeptIsExpected() throws {
    let folder = try TemporaryFolder()
    try folder.write("f.luth", "1 / 0\n#> error: division by zero\n2\n#> 2\n")
    let kept = try BuiltProgram.run(["check", "f.luth"], in: folder)
    #expect(kept.code == 0, "\(kept.output)\(kept.errors)")
    try folder.write("f.luth", "1 / 0\n2\n")
    let failed = try BuiltProgram.run(["check", "f.luth"], in: folder)
    #expect(failed.code == 1 && failed.output == "" && failed.errors.contains("f.luth:1: error"), "\(failed)")
    let terminal = try BuiltProgram.terminal(in: folder)
    terminal.enter(":check f.luth")
    try terminal.wait(for: "f.luth:1: error: division by zero")
    terminal.enter("20 + 1")
    try terminal.wait(for: "\n21")
    #expect(!terminal.screen.text.contains("fine:"), "\(terminal.screen.text)")
  }

  @Test("what is stopped midway ends there and writes nothing", arguments: [SIGTERM, SIGINT]) func stopped(
    _ signal: Int32
  ) throws {
    let folder = try TemporaryFolder()
    try folder.tinyModel("tiny")
    let script = """
      m = load("tiny").for_sequence_classification(labels: ["bad", "good"])
      t = table({text: ["a b", "c d"], label: ["bad", "good"]})
      run = m.fit(t, epochs: 1000000, checkpoint: "ck", checkpoint_every: 1)
      run.steps
      #> 1000000
      write(t, "later.csv");

      """
    try folder.write("f.luth", script)
    let state = folder.path + "/ck/state.safetensors"
    for arguments in [["run", "f.luth"], ["check", "f.luth", "--update"], ["render", "f.luth", "-o", "f.html"]] {
      try? FileManager.default.removeItem(atPath: folder.path + "/ck")
      let ended = try BuiltProgram.signalled(
        signal, arguments, in: folder, once: { FileManager.default.fileExists(atPath: state) })
      #expect(ended.wasRunning && ended.code == 130, "\(arguments): \(ended)")
    }
    #expect(try folder.read("f.luth") == script)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/f.html"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/later.csv"))
  }
}
