import Foundation
import Testing

/// A fit with checkpoints, killed with SIGKILL at moments spread over its whole life, then taken up again.
@Suite struct KilledRunTests {
  /// A dozen in the suite; `LUTHIER_KILLS=50` for the whole proof.
  private static let kills: Int = ProcessInfo.processInfo.environment["LUTHIER_KILLS"].flatMap { Int($0) } ?? 12

  private static let fit = """
    m = load("tiny").for_sequence_classification(labels: ["bad", "good"], seed: 3)
    t = read("rows.csv")
    m.fit(t, valid: t.head(8), epochs: 2, batch: 4, lr: 1e-3, keep: "best", checkpoint: "ck", checkpoint_every: 1, seed: 5)
    save(m, "done")

    """
  private static let goOn = """
    r = resume("ck")
    save(r.model, "done")

    """

  private func prepare(_ folder: TemporaryFolder) throws {
    try folder.tinyModel("tiny")
    let words: [String] = ["a", "b", "c", "d", "e"]
    let rows: [String] = (0..<24).map { row in
      let text: String = (0..<(3 + row % 4)).map { words[(row * 3 + $0 * $0) % words.count] }.joined(separator: " ")
      return "\(text),\(row % 2 == 0 ? "good" : "bad")"
    }
    try folder.write("rows.csv", "text,label\n" + rows.joined(separator: "\n") + "\n")
    try folder.write("fit.luth", Self.fit)
    try folder.write("resume.luth", Self.goOn)
  }

  private func weights(_ folder: TemporaryFolder) -> Data? {
    FileManager.default.contents(atPath: folder.path + "/done/model.safetensors")
  }

  /// Starts a script and kills it after some seconds; whether it was still running then.
  private func killed(_ script: String, after seconds: Double, in folder: TemporaryFolder) throws -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: BuiltProgram.path)
    process.arguments = ["run", script]
    process.environment = BuiltProgram.environment(folder)
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    Thread.sleep(forTimeInterval: seconds)
    let wasRunning: Bool = process.isRunning
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    return wasRunning
  }

  @Test("never a corrupt file, every resume bit-equal") func killedAtAnyMoment() throws {
    let whole = try TemporaryFolder()
    try prepare(whole)
    let began = Date()
    let first = try BuiltProgram.run(["run", "fit.luth"], in: whole)
    #expect(first.code == 0, "\(first.errors)")
    let duration: Double = Date().timeIntervalSince(began)
    let expected: Data = try #require(weights(whole))

    var (kills, resumed, tooEarly): (Int, Int, Int) = (0, 0, 0)
    var random: UInt64 = 20_261_127
    func chance() -> Double {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(random >> 11) / Double(1 << 53)
    }
    while kills < Self.kills {
      let folder = try TemporaryFolder()
      try prepare(folder)
      if try killed("fit.luth", after: duration * chance() * 1.05, in: folder) { kills += 1 }
      // Some are killed a second time, while they go on.
      let hasCheckpoint: Bool = FileManager.default.fileExists(atPath: folder.path + "/ck/state.safetensors")
      if hasCheckpoint, chance() < 0.3, try killed("resume.luth", after: duration * chance(), in: folder) { kills += 1 }
      let again = try BuiltProgram.run(["run", "resume.luth"], in: folder)
      if hasCheckpoint {
        #expect(again.code == 0, "\(again.errors)")
        #expect(weights(folder) == expected, "after \(kills) kills")
        resumed += 1
      } else {
        #expect(again.code == 1 && again.errors.contains("ck"), "\(again.errors)")
        tooEarly += 1
      }
      let left: [String] = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      let files: [String] = left.filter { $0.hasSuffix(".safetensors") && !$0.contains("/.") }
      let check = try BuiltProgram.run(["-e", files.map { "load(\"\($0)\")" }.joined(separator: "; ")], in: folder)
      #expect(check.code == 0, "\(files): \(check.errors)")
    }
    #expect(resumed > tooEarly, "\(resumed) resumed, \(tooEarly) killed before a checkpoint stood")
  }
}
