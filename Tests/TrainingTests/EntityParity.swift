import Foundation
import TestSupport
import Testing
import Training

private struct EntityRow: Decodable {
  let type: String
  let first: Int
  let last: Int
  init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    type = try list.decode(String.self)
    first = try list.decode(Int.self)
    last = try list.decode(Int.self)
  }
}

private struct EntityFigures: Decodable {
  let precision: Double
  let recall: Double
  let f1: Double
}

private struct ReportRow: Decodable {
  let precision: Double
  let recall: Double
  let f1: Double
  let support: Double
  enum CodingKeys: String, CodingKey {
    case precision, recall, support
    case f1 = "f1-score"
  }
}

private struct EntityCase: Decodable {
  let name: String
  let y_true: [[String]]
  let y_pred: [[String]]
  let entities_true: [EntityRow]
  let entities_pred: [EntityRow]
  let token_accuracy: Double
  let default_mode: [String: EntityFigures]
  let strict_iob2_micro: EntityFigures?
  let report: [String: ReportRow]?
}

@Suite("Entity parity") struct EntityParity {
  /// seqeval numbers the words of all sentences in a row, with one more between sentences.
  private func flat(_ sentences: [[String]]) -> [String] {
    var starts: [Int] = []
    var next: Int = 0
    for sentence in sentences {
      starts.append(next)
      next += sentence.count + 1
    }
    return entities(in: sentences).map {
      "\($0.type) \(starts[$0.sentence] + $0.first) \(starts[$0.sentence] + $0.last)"
    }
  }

  private func expectSame(_ actual: PrecisionRecallF1, _ expected: EntityFigures, _ name: String) {
    expectClose(
      [actual.precision, actual.recall, actual.f1], [expected.precision, expected.recall, expected.f1],
      absolute: 1e-12, name)
  }

  @Test func seqeval() throws {
    struct File: Decodable { let cases: [EntityCase] }
    var report = ParityReport("metrics/seqeval")
    for item in try decoded("metrics/seqeval.json", as: File.self).cases {
      #expect(flat(item.y_true) == item.entities_true.map { "\($0.type) \($0.first) \($0.last)" }, "\(item.name)")
      #expect(flat(item.y_pred) == item.entities_pred.map { "\($0.type) \($0.first) \($0.last)" }, "\(item.name)")
      expectClose(
        try tagAccuracy(truth: item.y_true, predicted: item.y_pred), item.token_accuracy, absolute: 1e-12)
      let scores = try EntityScores(truth: item.y_true, predicted: item.y_pred)
      for (average, expected) in item.default_mode {
        switch average {
        case "micro": expectSame(scores.micro, expected, "\(item.name) micro")
        case "macro": expectSame(scores.macro, expected, "\(item.name) macro")
        case "weighted": expectSame(scores.weighted, expected, "\(item.name) weighted")
        default: report.notYet("seqeval \(average)")
        }
      }
      if let strict = item.strict_iob2_micro {
        let mine = try EntityScores(truth: item.y_true, predicted: item.y_pred, scheme: .strictIOB2)
        expectSame(mine.micro, strict, "\(item.name) strict")
      }
      if let rows = item.report {
        #expect(Set(rows.keys.filter { !$0.hasSuffix(" avg") }) == Set(scores.types), "\(item.name) types")
      }
      for (place, type) in scores.types.enumerated() {
        guard let row = item.report?[type] else { continue }
        let mine: PrecisionRecallF1 = scores.perType[place]
        expectClose(
          [mine.precision, mine.recall, mine.f1, Double(scores.support[place])],
          [row.precision, row.recall, row.f1, row.support], absolute: 1e-12, "\(item.name) \(type)")
      }
      report.compared()
    }
    report.finish()
  }
}
