import NeuralNetworks
import Prompting
import Tables
import TensorCore
import TestSupport
import Testing
import Transformers

/// What is shared between rows and labels changes no score.
@Suite struct SharedScoringTests {
  private static let folders = ["gpt2", "llama"].filter { Fixtures.exists("prompts/\($0)/model") }

  private func model(_ name: String) throws -> PretrainedModel {
    try PretrainedModel.load(Fixtures.url("prompts/\(name)/model").path, access: Fixtures.access)
  }

  /// Seeded sequences that share beginnings in every way: with all others, within a group, not at all.
  private func groups(_ random: Philox, vocabulary: Int) -> [[ScoredSequence]] {
    func ids(_ count: Int, _ place: UInt32) -> [Int] {
      random.uniform(count, at: place).map { Int($0 * Float(vocabulary - 1)) }
    }
    let opening = ids(11, 0)
    return (0..<5).map { group in
      let own = opening + ids(1 + group * 3, UInt32(10 + group))
      return (0..<4).map { number in
        let tail = ids(1 + (number + group) % 3, UInt32(100 + group * 10 + number / 2))
        return ScoredSequence(ids: own + tail + (number % 2 == 0 ? [] : [3]), start: own.count - group % 2)
      }
    }
  }

  @Test(arguments: folders)
  func sharedAsAlone(name: String) throws {
    let model = try model(name)
    for seed in 0..<4 as Range<UInt64> {
      let groups = groups(Philox(seed: seed, purpose: "test"), vocabulary: 600)
      let count = PretrainedModel.commonPrefix(groups)
      #expect(count >= 9)
      let prefix = try model.readPrefix(Array(groups[0][0].ids.prefix(count)))
      let shared = try model.logProbabilities(groups, prefix: prefix)
      let unshared = try model.logProbabilities(groups)
      for (group, sequences) in groups.enumerated() {
        for (number, sequence) in sequences.enumerated() {
          let logits = try #require(try model(Batch([sequence.ids])).logits)
          let logs = try logits.logSoftmax(axis: -1)
          let expected: [Float] = try (sequence.start..<sequence.ids.count).map {
            try logs.sliced(axis: 0, ($0 - 1)..<$0).elements[sequence.ids[$0]]
          }
          let place = "\(name), seed \(seed), group \(group), sequence \(number)"
          expectClose(shared[group][number], expected, absolute: 2e-5, "\(place), with the prefix")
          expectClose(unshared[group][number], expected, absolute: 2e-5, "\(place), without")
        }
      }
    }
  }

  /// A window of attention counts rows, so nothing may be shared: the same numbers as by themselves.
  @Test func windows() throws {
    guard Self.folders.contains("llama") else { return }
    let model = try model("llama")
    #expect(model.sharesPrefixes(longest: 100))
    let groups = groups(Philox(seed: 9, purpose: "test"), vocabulary: 600)
    #expect { try model.logProbabilities([[ScoredSequence(ids: [1, 2], start: 2)]]) } throws: {
      "\($0)".contains("scored tokens")
    }
    #expect { try model.logProbabilities(groups, prefix: model.readPrefix([1, 2, 3])) } throws: {
      "\($0)".contains("prefix")
    }
    #expect { try model.logProbabilities([[ScoredSequence(ids: Array(repeating: 5, count: 400), start: 3)]]) } throws: {
      "\($0)".contains("320 positions")
    }
    #expect { try model.logProbabilities([[ScoredSequence(ids: [1, 99_999], start: 1)]]) } throws: { _ in true }
  }

  @Test func noGroups() throws {
    guard Self.folders.contains("gpt2") else { return }
    #expect(try model("gpt2").logProbabilities([]).isEmpty)
    #expect(try model("gpt2").logProbabilities([[], []]) == [[], []])
  }
}
