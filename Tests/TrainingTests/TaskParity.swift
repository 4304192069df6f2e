import Files
import Foundation
import NeuralNetworks
import TensorCore
import TestSupport
import Testing
import Tokenizers
import Training
import Transformers

/// Features and answers as upstream's examples for tagging and question answering make them (gen_tasks.py).
@Suite("Tasks parity") struct TaskParity {
  private func tokenizer(_ name: String) throws -> Tokenizer {
    func bytes(_ file: String) throws -> [UInt8] {
      try Fixtures.access.read(Fixtures.url("tokenizers/\(name)/\(file)").path)
    }
    return try Tokenizer(json: bytes("tokenizer.json"), config: bytes("tokenizer_config.json"))
  }

  @Test func features() throws {
    guard Fixtures.exists("tasks") else { return }
    var report = ParityReport("tasks")
    for name in Fixtures.folders(in: "tasks") where name != "batches" {
      let cases: JSON = try Fixtures.json("tasks/\(name)/cases.json")
      let tokenizer: Tokenizer = try tokenizer(name)
      try tagging(try #require(cases["tagging"]), tokenizer, name)
      for (number, row) in try #require(cases["answering"]?.array).enumerated() {
        try answering(row, tokenizer, "\(name), question \(number)")
      }
      report.compared(name)
    }
    report.finish()
  }

  private func tagging(_ cases: JSON, _ tokenizer: Tokenizer, _ name: String) throws {
    let labels: [String] = try #require(cases["labels"]?.strings)
    let (window, stride) = (try #require(cases["window"]?.int), try #require(cases["stride"]?.int))
    for (number, row) in try #require(cases["rows"]?.array).enumerated() {
      let words: [String] = try #require(row["words"]?.strings)
      let tags: [Int] = try #require(row["tags"]?.strings).map { try #require(labels.firstIndex(of: $0)) }
      let limit: Int? = row["max_length"]?.int
      let made = try TaggingData([words], tags: [tags], WordEncoder(tokenizer, maxLength: limit))
      let ids: [Int] = try integers(row["input_ids"])
      #expect(made.data.sequences[0] == ids, "\(name), sentence \(number)")
      if made.data.count == 1 {
        #expect(try targets(made.data)[0] == integers(row["labels"]), "\(name), sentence \(number)")
      }
      let cut = try TaggingData([words], tags: [tags], WordEncoder(tokenizer, maxLength: window, stride: stride))
      #expect(try cut.data.sequences == rows(row["windows"]), "\(name), windows of sentence \(number)")
      // Each word's tag stands once, wherever its window is.
      #expect(try targets(cut.data).joined().filter { $0 != Labels.ignored }.count == words.count - cut.lost)
    }
  }

  private func answering(_ row: JSON, _ tokenizer: Tokenizer, _ what: String) throws {
    let question: String = try #require(row["question"]?.string)
    let context: String = try #require(row["context"]?.string)
    let answers: [ContextQuestion.Answer] =
      row["answer"]?.string.map { text in
        [ContextQuestion.Answer(text: text, start: row["start"]?.int ?? 0)]
      } ?? []
    let encoder = QuestionEncoder(
      tokenizer, maxLength: try #require(row["max_length"]?.int), stride: row["stride"]?.int)
    let asked = ContextQuestion(question: question, context: context, answers: answers)
    let made = try AnsweringData([asked], encoder)
    guard made.cut == 0 else {
      print("parity tasks: \(what) is not compared, its question is cut here and not upstream")
      return
    }
    #expect(try made.data.sequences == rows(row["input_ids"]), "\(what)")
    #expect(try made.data.tokenTypeIDs == rows(row["token_type_ids"]), "\(what)")
    guard case .spans(let spans) = made.data.targets else {
      Issue.record("\(what): no spans")
      return
    }
    #expect(try spans.map(\.start) == integers(row["start_positions"]), "\(what)")
    #expect(try spans.map(\.end) == integers(row["end_positions"]), "\(what)")
    let windows: [QuestionEncoder.Window] = try encoder.windows(question: question, context: context).windows
    let logits: [[[Double]]] = try #require(row["logits"]?.array).map { window in
      try #require(window.array).map { try #require($0.array).compactMap(\.double) }
    }
    for (key, noAnswer) in [("best", false), ("best_with_no_answer", true)] {
      let found: [FoundAnswer] = Answerer.best(
        zip(windows, logits).map { ($0, $1[0], $1[1]) }, context: context, noAnswer: noAnswer)
      let expected: [JSON] = try #require(row[key]?.array)
      #expect(found.map(\.text) == expected.compactMap { $0["text"]?.string }, "\(what), \(key)")
      #expect(found.map { $0.range?.lowerBound } == expected.map { $0["start"]?.int }, "\(what), \(key)")
      expectClose(
        found.map(\.probability), expected.compactMap { $0["probability"]?.double }, absolute: 1e-9, "\(what), \(key)")
      expectClose(found.map(\.score), expected.compactMap { $0["score"]?.double }, absolute: 1e-9, "\(what), \(key)")
    }
  }

  /// The loss of a batch made here, without padding, is that of upstream's padded one.
  @Test func batches() throws {
    guard Fixtures.exists("tasks/batches/rows.json") else { return }
    var report = ParityReport("tasks/batches")
    let rows: JSON = try Fixtures.json("tasks/batches/rows.json")
    let file = try TensorFile("tasks/batches/expected.safetensors")
    let labels: [String] = try #require(rows["labels"]?.strings)
    let tiny = try PretrainedModel.load(
      Fixtures.tests.appendingPathComponent("Fixtures/models/tiny").path, access: Fixtures.access)
    let tokenizer: Tokenizer = try #require(tiny.tokenizer)

    let tagger = try tiny.with(head: .tokenClassification, labels: labels, seed: 0)
    try take(file, "classifier", into: tagger)
    let sentences: [[String]] = try #require(rows["tagging"]?.array).map { try #require($0["words"]?.strings) }
    let tags: [[Int]] = try #require(rows["tagging"]?.array).map { row in
      try #require(row["tags"]?.strings).map { try #require(labels.firstIndex(of: $0)) }
    }
    let tagged = try TaggingData(sentences, tags: tags, WordEncoder(tokenizer, maxLength: nil)).data
    let gradients: [String: Tensor] = try check(tagger, tagged, file, "tagging")
    for (name, key) in [
      ("classifier.weight", "classifier.weight"), ("word_embeddings", "bert.embeddings.word_embeddings.weight"),
    ] {
      expectClose(
        try #require(gradients[key]).elements, try file.floats("tagging.grad.\(name)"), absolute: 1e-5, ofPeak: 1e-4,
        name)
    }
    report.compared("tagging")

    let answerer = try tiny.with(head: .questionAnswering, seed: 0)
    try take(file, "qa_outputs", into: answerer)
    let questions: [ContextQuestion] = try #require(rows["answering"]?.array).map { row in
      ContextQuestion(
        question: row["question"]?.string ?? "", context: row["context"]?.string ?? "",
        answers: row["answer"]?.string.map { [.init(text: $0, start: row["start"]?.int ?? 0)] } ?? [])
    }
    let encoder = QuestionEncoder(
      tokenizer, maxLength: try #require(rows["max_length"]?.int), stride: rows["stride"]?.int)
    let own: [String: Tensor] = try check(answerer, AnsweringData(questions, encoder).data, file, "answering")
    expectClose(
      try #require(own["qa_outputs.weight"]).elements, try file.floats("answering.grad.qa_outputs.weight"),
      absolute: 1e-5, ofPeak: 1e-4, "qa_outputs.weight")
    report.compared("answering")
    report.finish()
  }

  private func take(_ file: TensorFile, _ module: String, into model: PretrainedModel) throws {
    for name in ["weight", "bias"] {
      let parameter: NeuralNetworks.Parameter = try #require(model.parameter(named: "\(module).\(name)"))
      parameter.value = try Tensor(file.floats("\(module).\(name)"), shape: parameter.shape)
    }
  }

  /// Compares the loss of all examples as one batch; gives the gradients.
  private func check(
    _ model: PretrainedModel, _ data: TrainingData, _ file: TensorFile, _ what: String
  ) throws -> [String: Tensor] {
    let all: [Int] = Array(0..<data.count)
    let loss: Tensor = try model.loss(data.batch(all), data.labels(all), ForwardContext(isRecording: true))
    expectClose(Double(try loss.item()), Double(try file.floats("\(what).loss")[0]), absolute: 1e-5, "\(what), loss")
    let gradients: Gradients = try loss.backward()
    var found: [String: Tensor] = [:]
    for parameter in model.parameters { found[parameter.name] = gradients.take(parameter.leaf) }
    return found
  }

  private func targets(_ data: TrainingData) throws -> [[Int]] {
    guard case .tokens(let labels) = data.targets else { return [] }
    return labels
  }

  private func integers(_ json: JSON?) throws -> [Int] { try #require(json?.array).compactMap(\.int) }
  private func rows(_ json: JSON?) throws -> [[Int]] { try #require(json?.array).map { try integers($0) } }
}
