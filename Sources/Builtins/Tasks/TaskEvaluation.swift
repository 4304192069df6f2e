import Foundation
import Language
import Plots
import Tables
import Training
import Transformers

/// `evaluate`, `report`, `confusion`, `errors` and `score` for models that tag, answer or continue texts.
enum TaskEvaluation {
  /// - Returns: nil where the model's head is for whole texts.
  static func evaluation(_ call: Call) throws -> ReportValue? {
    if let model = call.taskModel(.tokenClassification) {
      return try TagReports.evaluation(TagReports.scores(model, call))
    }
    if let model = call.taskModel(.questionAnswering) {
      return try AnswerReports.evaluation(AnswerReports.judged(model, call))
    }
    if let model = call.taskModel(.maskedLM, .causalLM) { return try LanguageReports.evaluation(model, call) }
    return nil
  }

  static func report(_ call: Call) throws -> ReportValue? {
    if let model = call.taskModel(.tokenClassification) { return try TagReports.report(TagReports.scores(model, call)) }
    return try refused(call)
  }

  static func confusion(_ call: Call) throws -> Value? {
    if let model = call.taskModel(.tokenClassification) {
      let (names, matrix) = try TagReports.scores(model, call).confusion()
      let chart = ConfusionChart(names: names, counts: matrix.counts)
      return .object(
        PlotValue(
          chart, "confusion matrix of \(matrix.total) words",
          fields: [("counts", try .list(matrix.counts.map { Value.ints($0) })), ("labels", .strings(names))]))
    }
    return try refused(call)
  }

  static func errors(_ call: Call) throws -> Table? {
    if let model = call.taskModel(.tokenClassification) {
      return try TagReports.errors(TagReports.scores(model, call), call)
    }
    if let model = call.taskModel(.questionAnswering) {
      return try AnswerReports.errors(AnswerReports.judged(model, call))
    }
    return try refused(call)
  }

  /// F1 of entities or answers: what such models are compared by.
  static func score(_ call: Call) throws -> Double? {
    guard call.taskModel(.tokenClassification, .questionAnswering) != nil else { return try refused(call) }
    guard let report = try evaluation(call) else { return nil }
    for name in ["f1", "accuracy"] { if case .float(let value)? = try report.field(name) { return value } }
    return nil
  }

  private static func refused<Result>(_ call: Call) throws -> Result? {
    guard let model = call.taskModel(.questionAnswering, .maskedLM, .causalLM), let kind = model.headKind else {
      return nil
    }
    throw call.error("\(model.name) is for \(kind.rawValue): it has no labels to count", help: "evaluate(model, table)")
  }
}

/// How well words are tagged.
enum TagReports {
  static func scores(_ model: PretrainedModel, _ call: Call) throws -> TaggingScores {
    let table: Table = try call.taskTable("data")
    guard table.rowCount > 0 else { throw call.error("there are no rows", at: "data") }
    let sentences: [[String]] = try call.sentences(of: table, "data")
    let truth: [[Int]] = try call.tags(of: table, sentences: sentences, model, "data")
    guard sentences.contains(where: { !$0.isEmpty }) else { throw call.error("there are no words", at: "data") }
    let predicted: [TaggedWords] = try Tagger(model).tag(sentences) { try call.progress("predict", $0, $1) }
    return try TaggingScores(TagSet(model.labels), truth: truth, predicted: predicted)
  }

  static func evaluation(_ scores: TaggingScores) throws -> ReportValue {
    let (correct, total) = (scores.correctWords, scores.wordCount)
    let interval = WilsonInterval(successes: correct, trials: total)
    var fields: [(name: String, value: Value)] = []
    var lines: [StyledText] = []
    var shown: String = "accuracy \(Figures.three(Double(correct) / Double(total))), \(correct) of \(total) words"
    if scores.tags.hasPrefixes {
      let entities: EntityScores = try scores.entities()
      let micro: PrecisionRecallF1 = entities.micro
      let there: Int = entities.support.reduce(0, +)
      fields = [
        ("f1", .float(micro.f1)), ("precision", .float(micro.precision)), ("recall", .float(micro.recall)),
        ("f1_macro", .float(entities.macro.f1)), ("entities", .int(there)),
      ]
      let found = Int((micro.recall * Double(there)).rounded())
      var line = StyledText("entity F1 ")
      line.append(Figures.three(micro.f1), .number)
      line.append("   precision ")
      line.append(Figures.three(micro.precision), .number)
      line.append("   recall ")
      line.append(Figures.three(micro.recall), .number)
      line.append("  \(Numbers.grouped(found)) of \(Numbers.grouped(there)) entities")
      lines.append(line)
      shown = "entity F1 \(Figures.three(micro.f1))"
    }
    fields += [
      ("accuracy", .float(Double(correct) / Double(total))), ("correct", .int(correct)), ("total", .int(total)),
      ("interval", .floats([interval.lower, interval.upper])), ("log_loss", .float(scores.logLoss)),
    ]
    lines.append(Figures.accuracy("of words", correct: correct, total: total))
    return ReportValue(shown, fields: fields, lines: lines)
  }

  /// Precision, recall and F1 of each type of entity; without prefixes, of each tag.
  static func report(_ scores: TaggingScores) throws -> ReportValue {
    let parts: [(name: String, figures: PrecisionRecallF1, count: Int)]
    let means: [(name: String, figures: PrecisionRecallF1, count: Int)]
    if scores.tags.hasPrefixes {
      let entities: EntityScores = try scores.entities()
      let total: Int = entities.support.reduce(0, +)
      parts = zip(entities.types, zip(entities.perType, entities.support)).map { ($0, $1.0, $1.1) }
      means = [
        ("micro", entities.micro, total), ("macro", entities.macro, total), ("weighted", entities.weighted, total),
      ]
    } else {
      let (names, matrix) = try scores.confusion()
      parts = zip(names, zip(matrix.perClass, matrix.truthTotals)).map { ($0, $1.0, $1.1) }
      means = [
        ("macro", matrix.averaged(.macro), matrix.total), ("weighted", matrix.averaged(.weighted), matrix.total),
      ]
    }
    let width: Int = max(12, min(30, parts.map { TextWidth.of($0.name) }.max() ?? 0))
    func row(_ part: (name: String, figures: PrecisionRecallF1, count: Int)) -> StyledText {
      var line: StyledText = StyledText(part.name).cut(to: width).padded(to: width)
      for figure in [part.figures.precision, part.figures.recall, part.figures.f1] {
        line += StyledText(Figures.three(figure), .number).padded(to: 11, alignRight: true)
      }
      return line + StyledText(Numbers.grouped(part.count), .number).padded(to: 10, alignRight: true)
    }
    var head = StyledText(String(repeating: " ", count: width))
    for name in ["precision", "recall", "F1"] { head += StyledText(name).padded(to: 11, alignRight: true) }
    head += StyledText(scores.tags.hasPrefixes ? "entities" : "words").padded(to: 10, alignRight: true)
    func record(_ part: (name: String, figures: PrecisionRecallF1, count: Int)) throws -> Value {
      try .record([
        ("precision", .float(part.figures.precision)), ("recall", .float(part.figures.recall)),
        ("f1", .float(part.figures.f1)), ("count", .int(part.count)),
      ])
    }
    return ReportValue(
      "precision, recall and F1 of \(parts.count) \(scores.tags.hasPrefixes ? "types" : "tags")",
      fields: try means.map { ($0.name, try record($0)) } + [
        ("labels", try .record(try parts.map { ($0.name, try record($0)) }))
      ], lines: [head] + parts.map(row) + means.map(row))
  }

  /// The sentences with mistakes, the worst first.
  static func errors(_ scores: TaggingScores, _ call: Call) throws -> Table {
    let mistakes: [TaggingScores.Mistake] = scores.mistakes()
    var table: Table = try call.taskTable("data")
    let predicted: [[String]] = scores.predicted.map { $0.tags.map { scores.tags.names[$0] } }
    table = try table.setting("predicted", .lists(predicted), operation: "errors")
    table = try table.gathering(mistakes.map(\.sentence), operation: "errors")
    table = try table.setting("missed", .lists(mistakes.map(\.missed)), operation: "errors")
    table = try table.setting("wrong", .lists(mistakes.map(\.wrong)), operation: "errors")
    return try table.setting("true_probability", .reals(mistakes.map(\.least)), operation: "errors")
  }
}

/// How well questions are answered.
enum AnswerReports {
  struct Judged {
    let table: Table
    let questions: [ContextQuestion]
    let found: [FoundAnswer]
    let exact: [Bool]
    let f1: [Double]
  }

  static func judged(_ model: PretrainedModel, _ call: Call) throws -> Judged {
    let table: Table = try call.taskTable("data")
    guard table.rowCount > 0 else { throw call.error("there are no rows", at: "data") }
    let questions: [ContextQuestion] = try call.questions(of: table, answers: true, "data")
    let found: [FoundAnswer] = try TaskQuestions.best(model, questions, call)
    let accepted: [[String]] = questions.map { $0.answers.isEmpty ? [""] : $0.answers.map(\.text) }
    return Judged(
      table: table, questions: questions, found: found,
      exact: zip(found, accepted).map { AnswerMatch.exact($0.text, accepted: $1) },
      f1: zip(found, accepted).map { AnswerMatch.f1($0.text, accepted: $1) })
  }

  static func evaluation(_ judged: Judged) throws -> ReportValue {
    let total: Int = judged.exact.count
    let correct: Int = judged.exact.count { $0 }
    let f1: Double = judged.f1.reduce(0, +) / Double(total)
    let interval = WilsonInterval(successes: correct, trials: total)
    var second = StyledText("F1 of words ")
    second.append(Figures.three(f1), .number)
    var fields: [(name: String, value: Value)] = [
      ("exact_match", .float(Double(correct) / Double(total))), ("f1", .float(f1)), ("correct", .int(correct)),
      ("total", .int(total)), ("interval", .floats([interval.lower, interval.upper])),
    ]
    let without: [Int] = judged.questions.indices.filter { judged.questions[$0].answers.isEmpty }
    if !without.isEmpty {
      let right: Int = without.count { judged.exact[$0] }
      fields.append(("no_answer_accuracy", .float(Double(right) / Double(without.count))))
      second.append("   no answer ")
      second.append(Figures.three(Double(right) / Double(without.count)), .number)
      second.append("  \(Numbers.grouped(right)) of \(Numbers.grouped(without.count))")
    }
    return ReportValue(
      "exact match \(Figures.three(Double(correct) / Double(total))), F1 \(Figures.three(f1))", fields: fields,
      lines: [StyledText("exact match ") + Figures.share(correct: correct, total: total), second])
  }

  /// Questions whose answer isn't exactly one of those accepted: the least F1 first, then the surest.
  static func errors(_ judged: Judged) throws -> Table {
    let wrong: [Int] = judged.exact.indices.filter { !judged.exact[$0] }.sorted { a, b in
      (judged.f1[a], -judged.found[a].probability, a) < (judged.f1[b], -judged.found[b].probability, b)
    }
    var table: Table = try judged.table.gathering(wrong, operation: "errors")
    let answers: [[String]] = wrong.map { row in judged.questions[row].answers.map(\.text) }
    table = try table.setting("answers", .lists(answers), operation: "errors")
    table = try table.setting("predicted", .strings(wrong.map { judged.found[$0].text }), operation: "errors")
    table = try table.setting("f1", .reals(wrong.map { judged.f1[$0] }), operation: "errors")
    return try table.setting(
      "probability", .reals(wrong.map { judged.found[$0].probability }), operation: "errors")
  }
}

/// How surprised a language model is.
enum LanguageReports {
  static func evaluation(_ model: PretrainedModel, _ call: Call) throws -> ReportValue {
    try call.requireLeftToRight(model)
    try call.refuseFileName("data")
    let texts: [String]
    if case .record = call.value("data") {
      texts = try call.texts(of: call.taskTable("data"), column: call.string("text"), at: "data")
    } else {
      texts = try call.texts("data", column: call.string("text"))
    }
    guard !texts.isEmpty else { throw call.error("there are no texts", at: "data") }
    let blocks = try LanguageData(texts, model, blockSize: LanguageData.blockSize(model, given: nil))
    let measured = try Evaluation(model, blocks.data) { try call.progress("evaluate", $0, $1) }
    let isMasked: Bool = model.headKind == .maskedLM
    var line = StyledText("perplexity ")
    line.append(Figures.three(exp(measured.loss)), .number)
    line.append("   loss ")
    line.append(Figures.three(measured.loss), .number)
    line.append("   \(Numbers.grouped(blocks.tokenCount)) tokens in blocks of \(blocks.blockSize)", .faint)
    var lines: [StyledText] = [line]
    if isMasked { lines.append(StyledText("of the tokens that were masked, 15 %: always the same ones", .faint)) }
    return ReportValue(
      "perplexity \(Figures.three(exp(measured.loss)))",
      fields: [
        ("perplexity", .float(exp(measured.loss))), ("loss", .float(measured.loss)),
        ("tokens", .int(blocks.tokenCount)),
      ], lines: lines)
  }
}
