import NeuralNetworks
import TensorCore
import Transformers

/// How much each piece helped an answer.
package struct AnswerReasons: Sendable {
  /// The logarithm of the answer's probability with all pieces.
  package let whole: Double
  /// The same with one piece left out, for each.
  package let without: [Double]
  /// The same with no piece at all.
  package let bare: Double
}

extension PretrainedModel {
  /// The logarithm of the probability of `answer` after `prompt`: the sum over its tokens.
  ///
  /// - Throws: ``TransformerError/tooLong(tokens:limit:)``.
  package func logLikelihood(of answer: [Int], after prompt: [Int], _ pass: ForwardContext) throws -> Double {
    guard !answer.isEmpty, !prompt.isEmpty else { return 0 }
    let ids = prompt + answer
    if let limit = positionLimit, ids.count > limit { throw TransformerError.tooLong(tokens: ids.count, limit: limit) }
    let hidden = try tokenRows(Batch([ids]), pass)
    // The row before a token says what comes; the last row has nothing to say it for.
    let rows = try hidden.sliced(axis: 0, (prompt.count - 1)..<(ids.count - 1))
    guard let logits = try head?(rows, pass) else { return 0 }
    let logs = try logits.logSoftmax(axis: -1)
    let width = logs.shape[1]
    return logs.withUnsafeBuffer { values in
      answer.enumerated().reduce(0.0) { $0 + Double(values[$1.offset * width + $1.element]) }
    }
  }
}

extension AnswerPrompter {
  /// The answer's likelihood with all pieces, without each one, and without any.
  ///
  /// - Parameter checkInterruption: asked before each pass of the model; what it throws ends the work.
  package func reasons(
    _ answer: [Int], _ question: String, _ passages: [String], by model: PretrainedModel,
    checkInterruption: () throws -> Void = {}
  ) throws -> AnswerReasons {
    func likelihood(_ some: [String]) throws -> Double {
      try checkInterruption()
      return try model.logLikelihood(of: answer, after: make(question, some).tokens, ForwardContext())
    }
    let whole = try likelihood(passages)
    let without = try passages.indices.map { left in
      try likelihood(passages.enumerated().filter { $0.offset != left }.map(\.element))
    }
    return AnswerReasons(whole: whole, without: without, bare: try likelihood([]))
  }
}
