import Foundation
import Language
import Tables
import TensorCore
import Tokenizers
import Training
import Transformers

extension ModelValue: Judging {
  package var labelSet: LabelSet {
    get throws {
      guard model.headKind == .sequenceClassification else {
        switch model.headKind {
        case .tokenClassification?, .questionAnswering?:
          throw LanguageError.message(
            "\(model.name) is for \(model.headKind?.rawValue ?? ""), not for labels of texts",
            help: "evaluate(model, table) measures it")
        default:
          throw LanguageError.message(
            "\(model.name) has no head for labels of texts",
            help: "make one with for_sequence_classification(labels: 2)")
        }
      }
      let numbers: [Int] = model.labels.compactMap { Int($0) }
      return LabelSet(names: model.labels, integers: numbers.count == model.labels.count ? numbers : nil)
    }
  }

  package func probabilities(of data: Value, in call: Call, _ name: String) throws -> [[Double]] {
    guard model.configuration.effectiveProblem == .singleLabel else {
      throw call.error(
        "\(model.name) doesn't choose one label: its problem is \(model.configuration.effectiveProblem.rawValue)")
    }
    return try logits(of: data, in: call, name).map { row in
      let peak: Double = row.max() ?? 0
      let powers: [Double] = row.map { exp($0 - peak) }
      let sum: Double = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }

  /// The head's logits for each text, in evaluation mode, in groups of the table's order.
  func logits(of data: Value, in call: Call, _ name: String) throws -> [[Double]] {
    let (texts, pairs) = try call.textsAndPairs(data, name)
    let encoded = try TextEncoder(model, call, maxLength: nil).encode(texts, pairs: pairs)
    var rows: [[Double]] = []
    var start: Int = 0
    while start < texts.count {
      try call.progress("predict", start, texts.count)
      let range: Range<Int> = start..<min(start + 32, texts.count)
      let batch = Batch(range.map { encoded.ids[$0] }, tokenTypeIDs: range.map { encoded.types[$0] })
      let logits: Tensor = try model.logits(batch)
      let width: Int = max(1, logits.shape.last ?? 1)
      logits.withUnsafeBuffer { values in
        for first in stride(from: 0, to: values.count, by: width) {
          rows.append(values[first..<first + width].map { Double($0) })
        }
      }
      start = range.upperBound
    }
    return rows
  }
}

/// Texts as a model takes them, cut where they are too long, which is said.
struct TextEncoder {
  let model: PretrainedModel
  let call: Call
  let tokenizer: Tokenizer
  let maxLength: Int?

  /// - Parameter maxLength: nil for the model's own.
  init(_ model: PretrainedModel, _ call: Call, maxLength: Int?) throws {
    guard let tokenizer = model.tokenizer else {
      throw call.error("\(model.name) came without a tokenizer, so it can't read texts")
    }
    if let maxLength, maxLength < 2 {
      throw call.error("max_length: expected at least 2, got \(maxLength)", at: "max_length")
    }
    self.model = model
    self.call = call
    self.tokenizer = tokenizer
    self.maxLength = [maxLength ?? model.defaultMaxLength, model.positionLimit].compactMap { $0 }.min()
  }

  func encode(_ texts: [String], pairs: [String]?) throws -> (ids: [[Int]], types: [[Int]]) {
    let encodings: [Encoding] = try tokenizer.encodeBatch(
      texts, pairs: pairs, addSpecialTokens: true, truncation: maxLength.map { Truncation(maxLength: $0) })
    if let empty = encodings.firstIndex(where: \.isEmpty) { throw call.error("text \(empty) has no tokens") }
    let cut: Int = encodings.reduce(0) { $0 + ($1.wasTruncated ? 1 : 0) }
    if cut > 0, let maxLength {
      call.note("\(Numbers.grouped(cut)) of \(Numbers.grouped(texts.count)) texts were cut to \(maxLength) tokens")
    }
    return (encodings.map(\.ids), encodings.map(\.typeIDs))
  }
}
