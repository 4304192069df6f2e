import Files
import Language
import Tables
import Training
import Transformers

/// `predict` for models that tag words or find answers.
enum TaskPredictions {
  /// - Returns: nil where the model's head is for whole texts.
  static func predicted(_ call: Call) throws -> Value? {
    if let model = call.taskModel(.tokenClassification) { return try tagged(model, call) }
    if let model = call.taskModel(.questionAnswering) { return try answered(model, call) }
    if let model = call.taskModel(.maskedLM, .causalLM) {
      throw call.error(
        "\(model.name) predicts words, not labels",
        help: model.headKind == .maskedLM ? "model.fill(\"a {mask} b\")" : "model.generate(\"a text\")")
    }
    return nil
  }

  private static func tagged(_ model: PretrainedModel, _ call: Call) throws -> Value {
    let tagger = try Tagger(model)
    let tags = TagSet(model.labels)
    func tag(_ sentences: [[String]]) throws -> [TaggedWords] {
      try tagger.tag(sentences) { try call.progress("predict", $0, $1) }
    }
    if case .string(let text) = call.value("x") {
      let words: [TextWords.Word] = TextWords.split(text)
      guard !words.isEmpty else { throw call.error("the text holds no words", at: "x") }
      let found: TaggedWords = try tag([words.map(\.text)])[0]
      return .object(TaggedValue(text, places: words.map(\.range), found, tags))
    }
    var table: Table
    let sentences: [[String]]
    let wanted: String = try call.columnName("text", or: "tokens")
    if let given: TableValue = call.value("x").object(), let column = given.table[wanted],
      wanted == "tokens" || !holdsTexts(column)
    {
      table = given.table
      sentences = try call.sentences(of: table, "x")
    } else if let words = wordLists(call.value("x")) {
      table = try Table([("tokens", .lists(words))])
      sentences = words
    } else {
      let texts: [String] = try call.texts("x", column: call.string("text"))
      table = try call.value("x").object(TableValue.self)?.table ?? Table([("text", .strings(texts))])
      sentences = texts.map { TextWords.split($0).map(\.text) }
      table = try table.setting("tokens", .lists(sentences), operation: "predict")
    }
    let found: [TaggedWords] = try tag(sentences)
    let names: [[String]] = found.map { sentence in sentence.tags.map { tags.names[$0] } }
    table = try table.setting("predicted", .lists(names), operation: "predict")
    let entities: [[String]] = found.map { sentence in
      tags.spans(sentence).map { "\($0.type): \(sentence.words[$0.words].joined(separator: " "))" }
    }
    return .table(try table.setting("entities", .lists(entities), operation: "predict"))
  }

  private static func holdsTexts(_ column: Column) -> Bool {
    if case .strings = column { return true }
    return false
  }

  /// Sentences given as lists of their words, or as a column of such lists; nil for texts and tables.
  private static func wordLists(_ value: Value) -> [[String]]? {
    if let column: ColumnValue = value.object() {
      guard case .lists(let sentences) = column.column else { return nil }
      return sentences
    }
    guard case .list(let list) = value, !list.elements.isEmpty else { return nil }
    var sentences: [[String]] = []
    for case .list(let words) in list.elements {
      var texts: [String] = []
      for case .string(let word) in words.elements { texts.append(word) }
      if texts.count == words.elements.count { sentences.append(texts) }
    }
    return sentences.count == list.elements.count ? sentences : nil
  }

  private static func answered(_ model: PretrainedModel, _ call: Call) throws -> Value {
    guard let given: TableValue = call.value("x").object() else {
      throw call.error(
        "a model that finds answers needs a table with question and context", at: "x",
        help: "for one question: model.answer(\"question?\", \"context\")")
    }
    let isAnswered: Bool = given.table["answers"] != nil
    let questions: [ContextQuestion] = try call.questions(of: given.table, answers: isAnswered, "x")
    let found: [FoundAnswer] = try TaskQuestions.best(model, questions, call)
    var table: Table = given.table
    table = try table.setting("predicted", .strings(found.map(\.text)), operation: "predict")
    table = try table.setting("probability", .reals(found.map(\.probability)), operation: "predict")
    return .table(table)
  }
}

enum TaskQuestions {
  /// The best answer to each question; "no answer" is allowed where a question of the table has none, or none are given.
  static func best(_ model: PretrainedModel, _ questions: [ContextQuestion], _ call: Call) throws -> [FoundAnswer] {
    let answerer = try call.answerer(model)
    let noAnswer: Bool = questions.contains { $0.answers.isEmpty }
    let found = try answerer.answer(questions, noAnswer: noAnswer) { try call.progress("answer", $0, $1) }
    call.noteWindows(found.windowed, of: questions.count, cut: found.cut, length: answerer.encoder.maxLength)
    return found.answers.map { $0[0] }
  }
}
