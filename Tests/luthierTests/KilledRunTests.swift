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

  /// How often the state of a checkpoint was written: each time it is another file.
  private final class Checkpoints {
    private let path: String
    private var last: ino_t?
    private var count = 0

    init(_ folder: TemporaryFolder) { path = folder.path + "/ck/state.safetensors" }

    /// Those seen up to now.
    func seen() -> Int {
      var status: stat = stat()
      guard stat(path, &status) == 0 else { return count }
      if last != status.st_ino { count += 1 }
      last = status.st_ino
      return count
    }
  }

  @Test("never a corrupt file, every resume bit-equal") func killedAtAnyMoment() throws {
    let whole = try TemporaryFolder()
    try prepare(whole)
    let began = Date()
    let first = try BuiltProgram.run(["run", "fit.luth"], in: whole)
    #expect(first.code == 0, "\(first.errors)")
    let duration: Double = Date().timeIntervalSince(began)
    let expected: Data = try #require(weights(whole))

    var (kills, rounds, resumed): (Int, Int, Int) = (0, 0, 0)
    var random: UInt64 = 20_261_127
    func chance() -> Double {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(random >> 11) / Double(1 << 53)
    }
    while kills < Self.kills {
      let folder = try TemporaryFolder()
      try prepare(folder)
      // One in four at any moment from the start on; the others within a step behind one of the twelve checkpoints.
      let wanted: Int = rounds % 4 == 3 ? 0 : 1 + Int(chance() * 11)
      let checkpoints = Checkpoints(folder)
      let wasKilled: Bool = try BuiltProgram.killed(
        "fit.luth", in: folder, once: { checkpoints.seen() >= wanted },
        after: chance() * duration / (wanted == 0 ? 2 : 24))
      if wasKilled { kills += 1 }
      rounds += 1
      // Some are killed a second time, while they go on.
      let hasCheckpoint: Bool = checkpoints.seen() > 0
      #expect(hasCheckpoint || wanted == 0)
      if hasCheckpoint, chance() < 0.3,
        try BuiltProgram.killed("resume.luth", in: folder, after: duration * chance())
      {
        kills += 1
      }
      let again = try BuiltProgram.run(["run", "resume.luth"], in: folder)
      if hasCheckpoint {
        #expect(again.code == 0, "\(again.errors)")
        #expect(weights(folder) == expected, "after \(kills) kills")
        resumed += 1
      } else {
        #expect(again.code == 1 && again.errors.contains("ck"), "\(again.errors)")
      }
      let left: [String] = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      let files: [String] = left.filter { $0.hasSuffix(".safetensors") && !$0.contains("/.") }
      let check = try BuiltProgram.run(["-e", files.map { "load(\"\($0)\")" }.joined(separator: "; ")], in: folder)
      #expect(check.code == 0, "\(files): \(check.errors)")
    }
    #expect(resumed > kills / 2, "\(resumed) resumed of \(kills) kills")
  }
}
