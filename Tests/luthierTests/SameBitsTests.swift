import Foundation
import Testing

/// The same script gives the same bits: twice, and with one, two or three threads.
@Suite struct SameBitsTests {
  private static let script = """
    base = load("tiny")
    t = read("rows.csv")
    head = base.for_sequence_classification(labels: t.label, seed: 1)
    head.freeze()
    head.unfreeze("head")
    print(head.fit(t, valid: t.head(40), epochs: 3, batch: 64).losses)
    all = base.for_sequence_classification(labels: t.label, seed: 1)
    print(all.fit(t, valid: t.head(40), epochs: 2, batch: 64, lr: 1e-3, label_smoothing: 0.1).losses)
    last = base.for_sequence_classification(labels: t.label, seed: 1)
    last.freeze()
    last.unfreeze(last_blocks: 1)
    print(last.fit(t, epochs: 2, batch: 64, accumulate: 2, layer_decay: 0.9).losses)
    print(all.evaluate(t).log_loss)
    save(head, "head")
    save(all, "all")
    save(last, "last")

    """

  @Test func withAnyNumberOfThreads() throws {
    var outputs: [String] = []
    var files: [[Data]] = []
    for threads in ["2", "2", "1", "3"] {
      let folder = try TemporaryFolder()
      try folder.tinyModel("tiny")
      let words: [String] = ["a", "b", "c", "d", "e", "f"]
      // A batch of 64 texts has more than a thousand tokens, so that products are cut into several tiles.
      let rows: [String] = (0..<160).map { row in
        let text: String = (0..<(8 + row % 40)).map { words[(row * 5 + $0 * $0 * 7) % words.count] }
          .joined(separator: " ")
        return "\(text),\(row % 3 == 0 ? "good" : "bad")"
      }
      try folder.write("rows.csv", "text,label\n" + rows.joined(separator: "\n") + "\n")
      try folder.write("same.luth", Self.script)
      let result = try BuiltProgram.run(["run", "same.luth"], in: folder, environment: ["LUTHIER_THREADS": threads])
      #expect(result.code == 0, "\(result.errors)")
      outputs.append(result.output)
      files.append(
        try ["head", "all", "last"].map {
          try Data(contentsOf: URL(fileURLWithPath: folder.path + "/\($0)/model.safetensors"))
        })
    }
    #expect(outputs[0].contains("["))
    for other in outputs.dropFirst() { #expect(other == outputs[0]) }
    for other in files.dropFirst() { #expect(other == files[0]) }
  }
}
