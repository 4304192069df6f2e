import Transformers

/// A question with its context and the answers that count as right; none where the context doesn't answer it.
package struct ContextQuestion: Sendable, Equatable {
  package struct Answer: Sendable, Equatable {
    package let text: String
    /// In Unicode scalars of the context.
    package let start: Int

    package init(text: String, start: Int) {
      self.text = text
      self.start = start
    }

    package var range: Range<Int> { start..<start + text.unicodeScalars.count }
  }

  package let question: String
  package let context: String
  package let answers: [Answer]

  package init(question: String, context: String, answers: [Answer] = []) {
    self.question = question
    self.context = context
    self.answers = answers
  }
}

/// Questions with their first answer as examples to train on, an example for each window.
package struct AnsweringData {
  package let data: TrainingData
  /// For each example the question it comes from.
  package let questions: [Int]
  /// How many contexts were longer than a window, and how many questions were cut.
  package let windowed: Int
  package let cut: Int

  /// - Throws: ``TrainingError`` where an answer's place lies outside its context, or there is nothing.
  package init(_ questions: [ContextQuestion], _ encoder: QuestionEncoder) throws {
    var ids: [[Int]] = []
    var types: [[Int]] = []
    var spans: [(start: Int, end: Int)] = []
    var origins: [Int] = []
    var (windowed, cut) = (0, 0)
    for (row, question) in questions.enumerated() {
      let answer: Range<Int>? = question.answers.first?.range
      if let answer, answer.upperBound > question.context.unicodeScalars.count {
        throw TrainingError.shapeMismatch(
          operation: "fit", expected: "an answer inside the context in row \(row)",
          got: "characters \(answer.lowerBound) to \(answer.upperBound) of \(question.context.unicodeScalars.count)")
      }
      let (windows, isCut) = try encoder.windows(question: question.question, context: question.context)
      if windows.count > 1 { windowed += 1 }
      if isCut { cut += 1 }
      for window in windows {
        ids.append(window.ids)
        types.append(window.typeIDs)
        spans.append(window.span(answer))
        origins.append(row)
      }
    }
    data = try TrainingData(sequences: ids, tokenTypeIDs: types, targets: .spans(spans))
    self.questions = origins
    self.windowed = windowed
    self.cut = cut
  }
}
