import Foundation
import NeuralNetworks
import TensorCore
import Transformers

/// An answer cut from a context, or that there is none.
package struct FoundAnswer: Sendable, Equatable {
  package let text: String
  /// In Unicode scalars of the context; nil for "no answer".
  package let range: Range<Int>?
  /// Its share among the best candidates: the softmax of the sums of start and end logits.
  package let probability: Double
  /// Start logit plus end logit.
  package let score: Double
}

/// Finds answers in contexts.
///
/// Source: upstream's example for extractive question answering (utils_qa): of each window the 20 best starts and ends,
/// answers of at most 30 tokens, the 20 best sums over all windows; "no answer" is worth its least sum over windows.
package struct Answerer {
  package let model: PretrainedModel
  package let encoder: QuestionEncoder

  static let candidateCount: Int = 20
  static let longestAnswer: Int = 30
  static let groupSize: Int = 16

  /// - Throws: ``TrainingError/undefined`` where the model has no head for answers or no tokenizer.
  package init(_ model: PretrainedModel, maxLength: Int? = nil, stride: Int? = nil) throws {
    guard model.headKind == .questionAnswering, let tokenizer = model.tokenizer else {
      throw TrainingError.undefined(
        operation: "question answering", reason: "\(model.name) has no head for answers, or came without a tokenizer")
    }
    self.model = model
    encoder = QuestionEncoder(tokenizer, maxLength: maxLength ?? Answerer.usualLength(model), stride: stride)
  }

  /// Tokens of a window: what the head was trained with, else 384 or what the model allows.
  package static func usualLength(_ model: PretrainedModel) -> Int {
    let limit: Int = model.defaultMaxLength ?? QuestionEncoder.usualLength
    return model.trainedMaxLength == nil ? min(limit, QuestionEncoder.usualLength) : limit
  }

  /// What a batch of questions came to.
  package struct Answers: Sendable {
    /// For each question its candidates, the best first; never empty.
    package var answers: [[FoundAnswer]] = []
    /// How many contexts were longer than a window, and how many questions were cut.
    package var windowed: Int = 0
    package var cut: Int = 0
  }

  /// The best answers to each question.
  ///
  /// - Parameter noAnswer: whether "no answer" stands among the candidates.
  package func answer(
    _ questions: [ContextQuestion], noAnswer: Bool,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> Answers {
    var result = Answers()
    var read: [[WindowLogits]] = questions.map { _ in [] }
    var pending: [(question: Int, window: QuestionEncoder.Window)] = []
    func flush() throws {
      guard !pending.isEmpty else { return }
      let batch = Batch(pending.map(\.window.ids), tokenTypeIDs: pending.map(\.window.typeIDs))
      let logits: [Float] = try model.tokenLogits(batch).elements
      var row: Int = 0
      for (question, window) in pending {
        let places: Range<Int> = row..<row + window.ids.count
        guard places.upperBound * 2 <= logits.count else { return }
        let starts: [Double] = places.map { Double(logits[2 * $0]) }
        let ends: [Double] = places.map { Double(logits[2 * $0 + 1]) }
        read[question].append((window, starts, ends))
        row = places.upperBound
      }
      pending = []
    }
    for (number, question) in questions.enumerated() {
      let (windows, isCut) = try encoder.windows(question: question.question, context: question.context)
      if windows.count > 1 { result.windowed += 1 }
      if isCut { result.cut += 1 }
      for window in windows {
        pending.append((number, window))
        if pending.count == Answerer.groupSize {
          try progress(number, questions.count)
          try flush()
        }
      }
    }
    try flush()
    try progress(questions.count, questions.count)
    for (number, question) in questions.enumerated() {
      result.answers.append(Answerer.best(read[number], context: question.context, noAnswer: noAnswer))
    }
    return result
  }

  /// What a model says of a window: for each token how well an answer begins and ends there.
  package typealias WindowLogits = (window: QuestionEncoder.Window, starts: [Double], ends: [Double])

  /// The best answers of a context's windows.
  package static func best(_ read: [WindowLogits], context: String, noAnswer: Bool) -> [FoundAnswer] {
    let null: Double? = read.map { $0.starts[$0.window.noAnswer] + $0.ends[$0.window.noAnswer] }.min()
    return ranked(
      read.flatMap { candidates($0.window, $0.starts, $0.ends) }, null: noAnswer ? null : nil, context)
  }

  struct Candidate {
    let range: Range<Int>
    let score: Double
  }

  /// Pairs of one of the best starts and one of the best ends, in order and not too long.
  static func candidates(_ window: QuestionEncoder.Window, _ starts: [Double], _ ends: [Double]) -> [Candidate] {
    func best(_ values: [Double]) -> ArraySlice<Int> {
      values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) }.prefix(candidateCount)
    }
    var found: [Candidate] = []
    let bestEnds: ArraySlice<Int> = best(ends)
    for start in best(starts) {
      guard let first = window.offsets[start] else { continue }
      for end in bestEnds where end >= start && end - start < longestAnswer {
        guard let last = window.offsets[end], last.upperBound >= first.lowerBound else { continue }
        found.append(Candidate(range: first.lowerBound..<last.upperBound, score: starts[start] + ends[end]))
      }
    }
    return found
  }

  /// The best candidates with their probabilities; what two windows found alike counts once.
  static func ranked(_ candidates: [Candidate], null: Double?, _ context: String) -> [FoundAnswer] {
    var kept: [(range: Range<Int>?, score: Double)] = candidates.enumerated()
      .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
      .prefix(candidateCount).map { ($0.element.range, $0.element.score) }
    if let null { kept.append((nil, null)) }
    // A context of which no stretch will do has no answer.
    if kept.isEmpty { kept = [(nil, 0)] }
    let peak: Double = kept.map(\.score).max() ?? 0
    let powers: [Double] = kept.map { exp($0.score - peak) }
    let sum: Double = powers.reduce(0, +)
    let scalars: [Unicode.Scalar] = Array(context.unicodeScalars)
    var found: [FoundAnswer] = []
    for (place, candidate) in kept.enumerated() {
      let share: Double = powers[place] / sum
      if let same = found.firstIndex(where: { $0.range == candidate.range }) {
        let old: FoundAnswer = found[same]
        found[same] = FoundAnswer(
          text: old.text, range: old.range, probability: old.probability + share, score: old.score)
        continue
      }
      let text: String =
        candidate.range.map { range in
          var view = String.UnicodeScalarView()
          view.append(contentsOf: scalars[range.clamped(to: 0..<scalars.count)])
          return String(view)
        } ?? ""
      found.append(FoundAnswer(text: text, range: candidate.range, probability: share, score: candidate.score))
    }
    return found.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(\.element)
  }
}
