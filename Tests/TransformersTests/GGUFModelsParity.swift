import Checkpoints
import Files
import Foundation
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Transformers

/// Small models of each family in GGUF (Scripts/reference/gguf_models.py) against transformers with the same weights,
/// dequantised.
@Suite struct GGUFModelsParity {
  static let folder = Fixtures.tests.appendingPathComponent("Fixtures/gguf").path
  static let families = ["gpt2", "llama", "llama3", "phi3", "qwen2"]

  static func model(_ family: String) throws -> PretrainedModel {
    try PretrainedModel.load("\(folder)/\(family).gguf", access: Fixtures.access)
  }

  private static func expected(_ family: String) throws -> SafetensorsFile {
    try SafetensorsFile(Fixtures.access.map("\(folder)/\(family).safetensors"))
  }

  private static func tensor(_ name: String, _ file: SafetensorsFile) throws -> StoredTensor {
    try #require(file.tensors.first { $0.name == name })
  }

  @Test(arguments: GGUFModelsParity.families)
  func logitsAndGreedyTokens(_ family: String) throws {
    let model = try Self.model(family)
    #expect(model.notes.isEmpty, "\(model.notes)")
    let file = try Self.expected(family)
    let ids = try Self.tensor("input_ids", file).indices().elements
    let wanted = try Self.tensor("logits", file).tensor()
    let got = try #require(try model(Batch([ids])).logits)
    let peak = wanted.elements.reduce(1) { max($0, abs($1)) }
    expectClose(got.elements, wanted.elements, absolute: 1e-5 * Double(peak), "\(family) logits")
    // Word for word, as while writing.
    let cache = RaggedCache()
    let width = wanted.shape[2]
    for (step, id) in ids.enumerated() {
      let logits = try model.nextLogits([[id]], cache: cache)
      expectClose(
        logits.elements, Array(wanted.elements[(step * width)..<((step + 1) * width)]), absolute: 1e-5 * Double(peak),
        "\(family) cached step \(step)")
    }
    let all = try Self.tensor("greedy", file).indices().elements
    var settings = GenerationSettings()
    settings.maxTokens = all.count - 5
    #expect(try model.generate([Array(all.prefix(5))], settings)[0].ids == Array(all.dropFirst(5)), "\(family) greedy")
  }

  @Test(arguments: GGUFModelsParity.families)
  func weightsStayAsStored(_ family: String) throws {
    let model = try Self.model(family)
    let kept = model.parameters.filter { $0.stored != nil }.count
    #expect(kept >= model.parameters.count / 4, "\(family): \(kept) of \(model.parameters.count)")
    var settings = GenerationSettings()
    settings.maxTokens = 3
    _ = try model.generate([[1, 2, 3], [5]], settings)
    _ = try model.copy()
    _ = model.contentHash()
    _ = model.state()
    #expect(model.parameters.filter { $0.stored != nil }.count == kept)
    // Floats where they are asked for, and the same results with them.
    let before = try #require(try model(Batch([[4, 5, 6]])).logits)
    for parameter in model.parameters { parameter.value = try parameter.floats() }
    #expect(model.parameters.allSatisfy { $0.stored == nil })
    let after = try #require(try model(Batch([[4, 5, 6]])).logits)
    expectClose(after.elements, before.elements, absolute: 1e-4, "\(family) with floats")
  }

  /// A file with one more number in its metadata, and a filler that keeps the tensors where alignment wants them.
  private func adding(_ key: String, _ value: Float, to bytes: [UInt8]) -> [UInt8] {
    func little(_ number: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    func entry(_ key: String, type: Int, _ value: [UInt8]) -> [UInt8] {
      little(key.utf8.count, 8) + Array(key.utf8) + little(type, 4) + value
    }
    var added = entry(key, type: 6, little(Int(value.bitPattern), 4))
    let filler = String(repeating: "x", count: 64 - (added.count + 13) % 32)
    added += entry(filler, type: 7, [0])
    var longer = bytes
    longer[16] += 2
    longer.insert(contentsOf: added, at: 24)
    return longer
  }

  /// Positions divided by two: what stands at 0, 2, 4 is as 0, 1, 2 without.
  @Test(arguments: ["llama.rope.scaling.factor", "llama.rope.scale_linear"])
  func aFactorWithoutATypeScalesPositions(_ key: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/scaled.gguf"
    let bytes = try Fixtures.access.read("\(Self.folder)/llama.gguf")
    try Data(adding(key, 2, to: bytes)).write(to: URL(fileURLWithPath: path))
    let scaled = try PretrainedModel.load(path, access: Fixtures.access)
    let plain = try Self.model("llama")
    var batch = Batch([[3, 9, 27, 81, 5]])
    let wanted = try #require(try plain(batch).logits)
    let near = try #require(try scaled(batch).logits)
    #expect(near.elements != wanted.elements)
    batch.positionIDs = [0, 2, 4, 6, 8]
    let spread = try #require(try scaled(batch).logits)
    expectClose(spread.elements, wanted.elements, absolute: 1e-4, key)
  }

  /// Also what no field of config.json said when it was read: the divisors of rotary frequencies.
  @Test(arguments: GGUFModelsParity.families)
  func savedAsAFolderTheyComputeTheSame(_ family: String) throws {
    let folder = try TemporaryFolder()
    let access = FileAccess(policy: .user, workingDirectory: folder.path)
    let model = try Self.model(family)
    try model.save("saved", access: access)
    let again = try PretrainedModel.load("saved", access: access)
    let batch = Batch([[3, 9, 27, 81, 5, 7]])
    let wanted = try #require(try model(batch).logits)
    let got = try #require(try again(batch).logits)
    expectClose(got.elements, wanted.elements, absolute: 1e-4, family)
    // sentencepiece's merges stand in no file of that format
    #expect((again.tokenizer != nil) == ["gpt2", "llama3", "qwen2"].contains(family))
    guard again.tokenizer != nil else { return }
    let mine = try #require(model.tokenizer)
    let theirs = try #require(again.tokenizer)
    #expect(theirs.specialTokens == mine.specialTokens)
    #expect(again.endTokens == model.endTokens)
    for text in ["the sun <|user|> in 12345 ☀️", " \n\n x, DON'T don't", ""] {
      let (one, other) = (try mine.encode(text, pair: "a"), try theirs.encode(text, pair: "a"))
      #expect(
        other.ids == one.ids && other.offsets == one.offsets && other.typeIDs == one.typeIDs, "\(family): \(text)")
      #expect(theirs.decode(other.ids) == mine.decode(one.ids))
    }
    let messages = [ChatMessage(role: "user", content: "a")]
    #expect(try again.chatText(messages) == model.chatText(messages))
  }

  @Test func trainingMakesFloats() throws {
    let model = try Self.model("llama")
    let pass = ForwardContext(isRecording: true)
    let ids = [3, 9, 27, 81]
    let loss = try model.loss(Batch([ids]), .tokens(ids), pass)
    let gradients = try loss.backward()
    for parameter in model.parameters { #expect(gradients[parameter.leaf] != nil, "\(parameter.name)") }
  }

  /// Any byte may be wrong, and the file may end anywhere: an error, or a model that still can be run.
  @Test(arguments: GGUFModelsParity.families)
  func damagedFilesAreRefusedOrRun(_ family: String) throws {
    let bytes = try Fixtures.access.read("\(Self.folder)/\(family).gguf")
    let random = Philox(seed: 11, purpose: "damage/" + family)
    var refused = 0
    let folder = try TemporaryFolder()
    let path = folder.path + "/damaged.gguf"
    for round in 0..<160 {
      var damaged = bytes
      let words = random.words(UInt32(round), 0, 0)
      if round % 4 == 0 {
        damaged.removeLast(Int(words[0]) % bytes.count)
      } else {
        // The header comes first, and matters most.
        for index in 0..<(1 + round % 3) {
          let place = Int(words[index]) % (round % 4 == 1 ? 400 : round % 4 == 2 ? 12_000 : bytes.count)
          damaged[min(place, bytes.count - 1)] = UInt8(truncatingIfNeeded: words[3] >> (8 * UInt32(index)))
        }
      }
      try Data(damaged).write(to: URL(fileURLWithPath: path))
      do {
        let model = try PretrainedModel.load(path, access: Fixtures.access)
        var settings = GenerationSettings()
        settings.maxTokens = 2
        _ = try model.generate([[1, 2]], settings)
        _ = try model.tokenizer?.encode("the sun <|user|>")
        _ = try? model.chatText([ChatMessage(role: "user", content: "a")])
      } catch {
        refused += 1
      }
    }
    #expect(refused > 40, "\(refused) of 160 refused")
  }
}
