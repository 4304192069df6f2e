import Foundation
import Testing

/// Long training as a person lives with it: stopped, gone on with, taken back; and a disk that is full.
@Suite struct FitAtTheTerminalTests {
  private static let rows = #"t = table({text: ["a b", "c d", "a", "c"], label: ["bad", "good", "bad", "good"]})"#

  @Test func ctrlCKeepsWhatWasReachedAndResumeGoesOn() throws {
    let folder = try TemporaryFolder()
    try folder.tinyModel("tiny")
    let terminal = try BuiltProgram.terminal(in: folder)
    try terminal.run(#"m = load("tiny").for_sequence_classification(labels: ["bad", "good"])"#, to: 2)
    try terminal.run(Self.rows, to: 3)
    terminal.enter("run = m.fit(t, epochs: 200000, batch: 2)")
    try terminal.waitForBar("loss 0.")
    terminal.type("\u{3}")
    try terminal.wait(for: "; resume(run) goes on")
    try terminal.waitForPrompt(4)
    terminal.enter("run.stopped")
    try terminal.wait(for: "\n\"interrupted\"")
    try terminal.waitForPrompt(5)
    terminal.enter("again = resume(run)")
    try terminal.waitForBar("loss 0.")
    terminal.type("\u{3}\u{3}\u{3}")
    try terminal.waitForPrompt(6)
    terminal.enter("[again.steps > run.steps, again.history.len() >= 0]")
    try terminal.wait(for: "\n[true, true]")
    try terminal.waitForPrompt(7)
    terminal.enter(":undo 2")
    try terminal.wait(for: "took back cell 5")
    terminal.enter("resume(run).steps > 0; m.predict(\"a b\").label.len() > 0")
    try terminal.waitForBar("loss 0.")
    terminal.type("\u{3}")
    // The rest of the cell waits for Enter: it was meant for the whole fit.
    try terminal.wait("the rest") { $0.cursor.line.contains("> m.predict") }
    terminal.type("\r")
    try terminal.wait(for: "\ntrue")
  }

  @Test func aFullDiskIsAnErrorAndHarmsNothing() throws {
    let folder = try TemporaryFolder()
    try folder.tinyModel("tiny")
    try folder.write(
      "save.luth", #"save(load("tiny").for_sequence_classification(labels: ["bad", "good"]), "out")"# + "\n")
    let fine = try BuiltProgram.run(["run", "save.luth"], in: folder)
    #expect(fine.code == 0, "\(fine.errors)")
    let before = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/out/model.safetensors"))
    // No file may grow beyond eight blocks, as on a disk with no more room.
    try folder.write(
      "full.luth",
      """
      m = load("tiny").for_sequence_classification(labels: ["good", "bad"], seed: 9)
      save(m, "out")

      """)
    let full = try limited("full.luth", folder)
    #expect(full.code == 1 && full.errors.contains("model.safetensors"), "\(full)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path + "/out/model.safetensors")) == before)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out")
    #expect(!left.contains { $0.hasSuffix(".part") })
  }

  @Test func aFitGoesOnWhereItsCheckpointCantBeWritten() throws {
    let folder = try TemporaryFolder()
    try folder.tinyModel("tiny")
    try folder.write(
      "fit.luth",
      """
      m = load("tiny").for_sequence_classification(labels: ["bad", "good"])
      \(Self.rows)
      m.fit(t, batch: 2, epochs: 2, steps: 1, checkpoint: "ck", checkpoint_every: 1)

      """)
    let first = try BuiltProgram.run(["run", "fit.luth"], in: folder)
    #expect(first.code == 0, "\(first.errors)")
    let state = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/ck/state.safetensors"))
    try folder.write("resume.luth", "print(resume(\"ck\").steps)\n")
    let second = try limited("resume.luth", folder)
    #expect(second.code == 0 && second.output.contains("\n4"), "\(second)")
    #expect((second.output + second.errors).contains("no checkpoint at step 2"), "\(second)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path + "/ck/state.safetensors")) == state)
  }

  /// Runs a script under a limit of 4 kB a file.
  private func limited(_ script: String, _ folder: TemporaryFolder) throws -> BuiltProgram.Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "ulimit -f 8; exec \"$0\" run \(script) 2>&1 | cat", BuiltProgram.path]
    process.environment = BuiltProgram.environment(folder)
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let failed: Bool = text.contains("error:")
    return BuiltProgram.Result(code: failed ? 1 : process.terminationStatus, output: "\n" + text, errors: text)
  }
}
