import Foundation
import NeuralNetworks
import TensorCore
import Transformers

/// What a model says of examples, and how far that is from what it should have said.
package struct Evaluation {
  /// The mean loss over all rows (tokens, spans) that count.
  package let loss: Double
  /// `[N, L]`, or a row for each token; empty of language models, whose rows are as long as the vocabulary.
  package let logits: [[Float]]
  /// The metric that fits the task, and its value.
  package let metric: String
  package let value: Double
  /// Of a classifier: predicted and true classes, of each text or of each token that counts.
  package let predicted: [Int]
  package let truth: [Int]

  static let groupSize: Int = 32

  /// Measures a model on examples in evaluation mode, in groups of the table's order.
  package init(
    _ model: PretrainedModel, _ data: TrainingData, cache: PrefixCache? = nil, precision: Precision? = nil,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws {
    var sum: Double = 0
    var counted: Double = 0
    var logits: [[Float]] = []
    let isLanguageModel: Bool = model.headKind == .causalLM || model.headKind == .maskedLM
    let isOfTokens: Bool = model.headKind == .tokenClassification || model.headKind == .questionAnswering
    var start: Int = 0
    while start < data.count {
      let rows: [Int] = Array(start..<min(start + Evaluation.groupSize, data.count))
      let context = ForwardContext(precision: precision)
      let batch: Batch = data.batch(rows)
      let labels: Labels = try data.labels(rows)
      let stream: Transformers.Stream
      if let cache {
        let resumed = try model.resumed(cache.hidden(rows), at: cache.stage, batch, context)
        stream = try model.advance(resumed, from: cache.stage, upTo: model.headStage, context)
      } else {
        stream = try model.stream(batch, context)
      }
      let (loss, output) = try model.loss(from: stream, labels, context)
      let count: Double = data.weight(of: rows, skipsFirst: model.skipsFirstLabel)
      if count > 0 {
        sum += Double(try loss.item()) * count
        counted += count
      }
      if !isLanguageModel {
        logits += Evaluation.rows(try isOfTokens ? model.withoutPromptRows(output, of: batch) : output)
      }
      start += rows.count
      try progress(start, data.count)
    }
    loss = counted > 0 ? sum / counted : .nan
    self.logits = logits
    if isLanguageModel {
      (metric, value, predicted, truth) = ("perplexity", exp(loss), [], [])
    } else if case .tokens(let labels) = data.targets, TagSet(model.labels).hasPrefixes {
      (metric, value, predicted, truth) = Evaluation.measureEntities(labels, logits, TagSet(model.labels))
    } else if case .spans(let spans) = data.targets {
      let value: Double = Evaluation.measureSpans(spans, data.sequences.map(\.count), logits)
      (metric, self.value, predicted, truth) = ("exact", value, [], [])
    } else {
      (metric, value, predicted, truth) = Evaluation.measure(data.targets, logits)
    }
  }

  private static func rows(_ output: Tensor) -> [[Float]] {
    let width: Int = max(1, output.shape.last ?? 1)
    return output.withUnsafeBuffer { values in
      stride(from: 0, to: values.count, by: width).map { Array(values[$0..<min($0 + width, values.count)]) }
    }
  }

  private static func measure(
    _ targets: TrainingData.Targets, _ logits: [[Float]]
  ) -> (metric: String, value: Double, predicted: [Int], truth: [Int]) {
    func accuracy(_ predicted: [Int], _ truth: [Int]) -> Double {
      let right: Int = zip(predicted, truth).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
      return truth.isEmpty ? .nan : Double(right) / Double(truth.count)
    }
    switch targets {
    case .classes(let truth):
      let predicted: [Int] = logits.map(mostProbable)
      return ("accuracy", accuracy(predicted, truth), predicted, truth)
    case .tokens(let labels):
      let all: [Int] = labels.flatMap { $0 }
      guard all.count == logits.count else { return ("loss", .nan, [], []) }
      let places: [Int] = all.indices.filter { all[$0] != Labels.ignored }
      let predicted: [Int] = places.map { mostProbable(logits[$0]) }
      let truth: [Int] = places.map { all[$0] }
      return ("accuracy", accuracy(predicted, truth), predicted, truth)
    case .multiLabel(let labels):
      let predicted: [Int] = logits.flatMap { $0.map { $0 > 0 ? 1 : 0 } }
      let truth: [Int] = labels.flatMap { $0.map { $0 > 0.5 ? 1 : 0 } }
      let matrix: ConfusionMatrix? = try? ConfusionMatrix(truth: truth, predicted: predicted, classCount: 2)
      return ("f1", matrix?.perClass[1].f1 ?? .nan, predicted, truth)
    case .values(let values):
      let truth: [Double] = values.flatMap { $0.map(Double.init) }
      let predicted: [Double] = logits.flatMap { $0.map(Double.init) }
      let error: Double? = try? RegressionMetrics.meanSquaredError(truth: truth, predicted: predicted)
      return ("mse", error ?? .nan, [], [])
    case .spans: return ("loss", .nan, [], [])
    }
  }

  /// The share of windows whose first and last token of the answer are both right.
  private static func measureSpans(_ spans: [(start: Int, end: Int)], _ lengths: [Int], _ logits: [[Float]]) -> Double {
    guard lengths.reduce(0, +) == logits.count, !spans.isEmpty else { return .nan }
    var (row, right) = (0, 0)
    for (window, length) in lengths.enumerated() {
      let own: ArraySlice<[Float]> = logits[row..<row + length]
      func best(_ column: Int) -> Int { mostProbable(own.map { $0[column] }) }
      if best(0) == spans[window].start, best(1) == spans[window].end { right += 1 }
      row += length
    }
    return Double(right) / Double(spans.count)
  }

  /// F1 of entities over the words that count, a window at a time.
  private static func measureEntities(
    _ labels: [[Int]], _ logits: [[Float]], _ tags: TagSet
  ) -> (metric: String, value: Double, predicted: [Int], truth: [Int]) {
    guard labels.reduce(0, { $0 + $1.count }) == logits.count else { return ("loss", .nan, [], []) }
    var (truth, predicted): ([[Int]], [[Int]]) = ([], [])
    var row: Int = 0
    for own in labels {
      let places: [Int] = own.indices.filter { own[$0] != Labels.ignored }
      truth.append(places.map { own[$0] })
      predicted.append(places.map { mostProbable(logits[row + $0]) })
      row += own.count
    }
    func names(_ rows: [[Int]]) -> [[String]] { rows.map { $0.map { tags.names[$0] } } }
    let scores: EntityScores? = try? EntityScores(truth: names(truth), predicted: names(predicted))
    return ("entity_f1", scores?.micro.f1 ?? .nan, predicted.flatMap { $0 }, truth.flatMap { $0 })
  }
}
