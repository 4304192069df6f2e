import Files
import Foundation
import Retrieval
import TensorCore
import TestSupport
import Testing
import Transformers

/// `add` killed at random moments. `LUTHIER_KILLS` says how often (12 where it doesn't).
@Suite(.serialized) struct IndexKillTests {
  private let kills = Int(ProcessInfo.processInfo.environment["LUTHIER_KILLS"] ?? "") ?? 12

  private var tiny: String { Fixtures.tests.appendingPathComponent("Fixtures/models/tiny").path }

  /// Many small documents and a long one, so that kills also come in the middle of one.
  private func put(in folder: TemporaryFolder) throws {
    let randoms = Philox(seed: 3, purpose: "test/kills")
    let docs = URL(fileURLWithPath: folder.path + "/docs")
    try FileManager.default.createDirectory(at: docs, withIntermediateDirectories: true)
    for number in 0..<60 {
      let count = number == 30 ? 20_000 : 40 + 30 * number % 400
      let words = (0..<count).map { word -> String in
        let draw = randoms.words(UInt32(word), UInt32(number), 0)[0]
        return ["a", "b", "c", "word", "end.", "x1", "Stop!", "so\n\n"][Int(draw % 8)]
      }
      let text = "# Page \(number)\n\n" + words.joined(separator: " ")
      try Data(text.utf8).write(to: docs.appendingPathComponent(String(format: "%03d.md", number)))
    }
  }

  private func script(_ name: String, in folder: TemporaryFolder) throws -> String {
    let path = folder.path + "/\(name).luth"
    let text = """
      m = load("\(tiny)")
      i = index("\(name).db", m)
      print(i.add("docs", chunk: 20, overlap: 4).embedded)
      """
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func open(_ name: String, in folder: TemporaryFolder, _ model: PretrainedModel) throws -> DocumentIndex {
    try DocumentIndex(path: folder.path + "/" + name, model: model, access: Fixtures.access)
  }

  @Test func killedAtRandomMomentsItGoesOnToTheSameContent() throws {
    let folder = try TemporaryFolder()
    try put(in: folder)
    let model = try PretrainedModel.load(tiny, access: Fixtures.access)
    let started = Date()
    let whole = try BuiltProgram.run(["run", try script("whole", in: folder)], in: folder)
    let duration = Date().timeIntervalSince(started)
    #expect(whole.code == 0, "\(whole.errors)")
    let reference = try open("whole.db", in: folder, model)
    let (dump, rows) = (try reference.dump(), try reference.vectorRows())
    let total = rows.count
    let randoms = Philox(seed: 11, purpose: "test/kills/moments")
    var (killed, round) = (0, 0)
    while killed < kills {
      let name = "killed\(round)"
      let path = try script(name, in: folder)
      var ended = false
      while !ended, killed < kills {
        let share = Double(randoms.words(UInt32(killed), UInt32(round), 0)[0]) / Double(UInt32.max)
        // One in four at any moment, the others once there is something to spoil.
        let database = folder.path + "/\(name).db"
        ended = try !BuiltProgram.killed(
          path, in: folder, once: { killed % 4 == 3 || FileManager.default.fileExists(atPath: database) },
          after: share * duration)
        killed += 1
        guard FileManager.default.fileExists(atPath: database) else { continue }
        let index = try open("\(name).db", in: folder, model)
        #expect(try index.integrity().isEmpty, "round \(round), kill \(killed)")
        let held = try index.contents()
        #expect(held.documents <= 60)
      }
      let stored = try storedChunks(name, in: folder, model)
      let last = try BuiltProgram.run(["run", path], in: folder)
      #expect(last.code == 0, "\(last.errors)")
      #expect(Int(last.output.trimmingCharacters(in: .whitespacesAndNewlines)) == total - stored, "embedded twice")
      let index = try open("\(name).db", in: folder, model)
      #expect(try index.dump() == dump, "round \(round): other content")
      let own = try index.vectorRows()
      expectClose(own.flatMap { $0 }, rows.flatMap { $0 }, absolute: 1e-6, "round \(round)")
      round += 1
    }
    #expect(killed == kills)
  }

  private func storedChunks(_ name: String, in folder: TemporaryFolder, _ model: PretrainedModel) throws -> Int {
    guard FileManager.default.fileExists(atPath: folder.path + "/\(name).db") else { return 0 }
    return try open("\(name).db", in: folder, model).storedChunks()
  }
}
