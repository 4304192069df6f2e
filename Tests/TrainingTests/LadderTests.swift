import Files
import Foundation
import NeuralNetworks
import TestSupport
import Testing
import Training
import Transformers

@Suite struct LadderTests {
  private struct Stopped: Error {}

  private func ladder(
    _ epochs: Int, seeds: [UInt64] = [0], memory: LadderMemory = LadderMemory()
  ) throws -> Ladder {
    let base = try PretrainedModel.load(Fixtures.url("arch/bert/base").path, access: Fixtures.access)
    var settings = TrainingSettings()
    (settings.epochs, settings.batchSize) = (epochs, 3)
    let data = try MethodTests.data()
    return Ladder(
      base, seeds: seeds, settings: settings, memory: memory,
      head: { try base.with(head: .sequenceClassification, labels: ["a", "b", "c"], seed: $0) },
      rows: { _ in Ladder.Rows(train: data, valid: data, test: data) },
      features: { (valid: (1, 6), test: (2, 6), count: 99) })
  }

  @Test func `every rung trains what it says and no more`() throws {
    let ladder = try ladder(1)
    for rung in LadderRung.all {
      let result = try ladder.climb(rung, rates: rung.rate.map { [$0] } ?? []) { _, _, _ in }
      #expect(result.rung == rung.name)
      #expect(result.trainable > 0 && result.trainable <= result.parameters)
      #expect((result.trainable == result.parameters) == (rung.name == "all"))
      #expect(result.fits.count == 1 && result.fits[0].total == 6)
      #expect(result.spread.lower <= result.accuracy && result.accuracy <= result.spread.upper)
    }
  }

  @Test func `what was interrupted goes on, and gives what it would have given`() throws {
    let rung = try #require(LadderRung.all.first { $0.name == "lora" })
    let rates: [Double] = [1e-3, 2e-3, 3e-3]
    var steps: Int = 0
    #expect(throws: Stopped.self) {
      _ = try ladder(7).climb(rung, rates: rates) { _, done, _ in
        steps += 1
        if steps > 20 { throw Stopped() }
      }
    }
    var again: Int = 0
    let resumed = try ladder(7).climb(rung, rates: rates) { _, done, _ in if done > 0 { again += 1 } }
    #expect(again < 3 * 7 * 2, "the fit that was finished is not done again")
    let whole = try ladder(7).climb(rung, rates: rates) { _, done, _ in if done > 0 { Issue.record("all is known") } }
    #expect(whole == resumed)
    #expect(rates.contains(try #require(resumed.rate)))
  }

  @Test func `another process finds what was finished, and nothing in a file that is none`() throws {
    let folder = try TemporaryFolder()
    let rung = try #require(LadderRung.all.first { $0.name == "head" })
    func climb(_ epochs: Int = 3) throws -> (result: Ladder.Result, steps: Int) {
      let memory = LadderMemory(folder: folder.at("ladder"), access: FileAccess(policy: .user), isShared: false)
      var steps: Int = 0
      let result = try ladder(epochs, memory: memory).climb(rung, rates: [1e-3]) { _, done, _ in
        if done > 0 { steps += 1 }
      }
      return (result, steps)
    }
    let first = try climb()
    let again = try climb()
    #expect(first.steps > 0 && again.steps == 0)
    #expect(again.result == first.result)
    #expect(try climb(2).steps > 0, "another setting is another fit")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.at("ladder")) {
      try folder.put("ladder/" + name, "nonsense")
    }
    let anew = try climb()
    #expect(anew.steps > 0)
    #expect(anew.result.accuracies == first.result.accuracies)
  }

  @Test func `a learning rate that diverges is not chosen and ends nothing`() throws {
    let rung = try #require(LadderRung.all.first { $0.name == "all" })
    let result = try ladder(4).climb(rung, rates: [1e300, 1e-4]) { _, _, _ in }
    #expect(result.rate == 1e-4)
    #expect(throws: TrainingError.self) { _ = try ladder(4).climb(rung, rates: [1e300]) { _, _, _ in } }
  }

  @Test func `several seeds give several fits`() throws {
    let rung = try #require(LadderRung.all.first { $0.name == "head" })
    let result = try ladder(2, seeds: [1, 2, 3]).climb(rung, rates: [1e-2]) { _, _, _ in }
    #expect(result.fits.count == 3)
    #expect(result.spread.lower == result.accuracies.min())
  }
}
