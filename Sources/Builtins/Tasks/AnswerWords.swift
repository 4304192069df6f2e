import Language
import Tables
import Training
import Transformers

extension Builtin {
  /// Words for questions about a text.
  static let answerWords: [Builtin] = [answer]

  private static let answer = Builtin(
    "answer", area: .using, on: [.model], returns: .prediction,
    summary: "Find the answer to a question in a context: where it stands and how sure it is.",
    details: [
      "A context longer than the model reads at once is read in windows that overlap.",
      "Probabilities are shares among the best candidates; \"no answer\" is one of them.",
    ],
    parameters: [
      .positional("question", .string, "a question"),
      .positional("context", .string, "the text that answers it"),
      .named("best", .int, default: 1, "How many answers."),
      .named("no_answer", .bool, default: true, "Whether it may say that there is none."),
      .named("max_length", .int, shown: "the model's, at most 384", "tokens of a window"),
      .named("stride", .int, shown: "128, at most half a window", "tokens that neighbouring windows share"),
    ],
    keywords: ["question answering", "squad", "extractive", "span"],
    python: #"model(**tokenizer(q, c, return_tensors="pt")).start_logits  # and end_logits"#,
    examples: [
      Example(#"tiny.for_question_answering().answer("a?", "a b c d")"#, kind: .prediction),
      Example(#"tiny.for_question_answering().answer("a?", "a b c d", best: 3).answers.len()"#, gives: 3),
      Example(#"tiny.for_question_answering().answer("a?", "")"#, fails: "the context is empty"),
      Example(#"tiny.answer("a?", "a b")"#, fails: "for_question_answering"),
    ],
    seeAlso: ["for_question_answering", "fit", "evaluate"]
  ) { call in
    guard let model = call.taskModel(.questionAnswering) else {
      throw call.error(
        "\(try call.receiver(as: ModelValue.self).model.name) has no head for answers",
        help: "make one and train it: model.for_question_answering()")
    }
    let question: String = try call.string("question")
    let context: String = try call.string("context")
    for (text, name) in [(question, "question"), (context, "context")] {
      guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
        throw call.error("the \(name) is empty", at: name)
      }
    }
    let best: Int = try call.int("best")
    guard best >= 1 else { throw call.error("best: expected at least 1, got \(best)", at: "best") }
    let answerer = try call.answerer(model)
    let noAnswer: Bool = try call.bool("no_answer")
    let found: Answerer.Answers
    do {
      found = try answerer.answer([ContextQuestion(question: question, context: context)], noAnswer: noAnswer)
    } catch let error as TrainingError { throw call.failure(error, at: "context") }
    call.noteWindows(found.windowed, of: 1, cut: found.cut, length: answerer.encoder.maxLength)
    return .object(AnswersValue(Array(found.answers[0].prefix(best)), context: context))
  }
}

extension Call {
  /// An answerer with the window that the call asks for.
  func answerer(_ model: PretrainedModel) throws -> Answerer {
    let length: Int? = has("max_length") ? try windowLength(model) : nil
    try noteLongWindow(model)
    return try Answerer(model, maxLength: length, stride: try windowStride())
  }

  /// `max_length:` as given, at most what the model's positions allow.
  func windowLength(_ model: PretrainedModel) throws -> Int {
    let length: Int = try int("max_length")
    guard length >= 8 else { throw error("max_length: expected at least 8, got \(length)", at: "max_length") }
    return min(length, model.positionLimit ?? length)
  }

  /// Says where `max_length:` is more than the model's positions allow, and so isn't followed.
  func noteLongWindow(_ model: PretrainedModel) throws {
    guard let given = try intIfAny("max_length"), let limit = model.positionLimit, given > limit else { return }
    note("max_length is \(Numbers.grouped(limit)): the model reads \(Numbers.grouped(limit)) tokens at once")
  }

  func windowStride() throws -> Int? {
    guard builtin.parameters.contains(where: { $0.name == "stride" }), let stride = try intIfAny("stride") else {
      return nil
    }
    guard stride >= 0 else { throw error("stride: expected 0 or more, got \(stride)", at: "stride") }
    return stride
  }

  /// Says what was done with contexts and questions that are too long.
  func noteWindows(_ windowed: Int, of count: Int, cut: Int, length: Int) {
    if windowed > 0 {
      let what: String =
        count == 1
        ? "the context is longer" : "\(Numbers.grouped(windowed)) of \(Numbers.grouped(count)) contexts are longer"
      note("\(what) than \(length) tokens: read in windows that overlap")
    }
    if cut > 0 {
      let what: String = count == 1 ? "the question was" : "\(Words.count(cut, "question was", "questions were"))"
      note("\(what) cut: the context needs some of the \(length) tokens")
    }
  }
}
