import Language
import Plots
import Tables
import Training

extension Builtin {
  /// Words that measure classifiers and models.
  static let evaluationWords: [Builtin] = [evaluate, score, classReport, confusion, errors]

  private static let tinyTest: String = #"tensor([[0.5], [3.5], [0.2]]), y: ["low", "high", "high"]"#

  private static let evaluate = Builtin(
    "evaluate", area: .using, on: [.classifier, .model], returns: .report,
    summary: "How good its predictions are: accuracy with its interval, F1 and more.",
    details: [
      "Of a logistic regression or a model with a head. The interval (Wilson's, 95 %) says how far so few rows can be "
        + "trusted; majority is what always saying the most frequent label would reach.",
      "Tags are judged by whole entities, answers by exact match and F1 of words, numbers by how far they are off.",
    ], parameters: Parameter.judgedOrText,
    keywords: [
      "accuracy", "f1", "metrics", "test", "mcc", "auc", "log loss", "confidence interval", "wilson", "exact match",
      "seqeval", "conlleval",
    ],
    python: "classification_report(y, model.predict(x))",
    examples: [
      Example(tinyClassifier + ".evaluate(\(tinyTest)).correct", gives: 2),
      Example(tinyClassifier + ".evaluate(\(tinyTest))", kind: .report),
    ], seeAlso: ["report", "confusion", "errors", "compare", "score"]
  ) { call in
    if let task = call.task { return try task.evaluate(call) }
    return .object(try TaskEvaluation.evaluation(call) ?? evaluation(call.judgement()))
  }

  static func evaluation(_ judged: Judgement) throws -> ReportValue {
    let matrix: ConfusionMatrix = try judged.matrix()
    let interval = WilsonInterval(successes: matrix.correct, trials: matrix.total)
    let loss: Double = try logLoss(truth: judged.truth, probabilities: judged.probabilities)
    let macro: PrecisionRecallF1 = matrix.averaged(.macro)
    let majority: Double = Double(matrix.truthTotals.max() ?? 0) / Double(matrix.total)
    var fields: [(name: String, value: Value)] = [
      ("accuracy", .float(matrix.accuracy)), ("correct", .int(matrix.correct)), ("total", .int(matrix.total)),
      ("interval", .floats([interval.lower, interval.upper])), ("majority", .float(majority)),
      ("balanced_accuracy", .float(matrix.balancedAccuracy)), ("f1_macro", .float(macro.f1)),
      ("f1_weighted", .float(matrix.averaged(.weighted).f1)), ("mcc", .float(matrix.matthewsCorrelation)),
      ("log_loss", .float(loss)),
    ]
    var second = StyledText("F1 macro ")
    second.append(Figures.three(macro.f1), .number)
    second.append("   MCC ")
    second.append(Figures.three(matrix.matthewsCorrelation), .number)
    second.append("   log loss ")
    second.append(Figures.three(loss), .number)
    if judged.labels.count == 2,
      let auc = try? rocAUC(truth: judged.truth.map { $0 == 1 }, scores: judged.probabilities.map { $0[1] })
    {
      fields.append(("roc_auc", .float(auc)))
      second.append("   ROC AUC ")
      second.append(Figures.three(auc), .number)
    }
    var third = StyledText("majority ", .faint)
    third.append(Figures.three(majority), .faint)
    let shown: String = "accuracy \(Figures.three(matrix.accuracy)), \(matrix.correct) of \(matrix.total)"
    return ReportValue(
      shown, fields: fields,
      lines: [Figures.accuracy("", correct: matrix.correct, total: matrix.total), second, third])
  }

  private static let score = Builtin(
    "score", area: .using, on: [.classifier, .model], returns: .float, summary: "The share of rows predicted right.",
    parameters: Parameter.judged, keywords: ["accuracy"], python: "model.score(x, y)",
    examples: [Example(tinyClassifier + #".score(tensor([[0.5], [3.5]]), y: ["low", "high"])"#, gives: 1.0)],
    seeAlso: ["evaluate", "report"]
  ) { call in
    if let task = call.task { return try task.score(call) }
    if let score = try TaskEvaluation.score(call) { return .float(score) }
    let judged: Judgement = try call.judgement()
    call.note(Figures.accuracy("", correct: judged.correct, total: judged.truth.count).plain)
    return .float(Double(judged.correct) / Double(judged.truth.count))
  }

  private static let classReport = Builtin(
    "report", area: .using, on: [.classifier, .model], returns: .report,
    summary: "Precision, recall and F1 of each label, and their means.", parameters: Parameter.judged,
    keywords: ["classification_report", "precision", "recall", "f1"],
    python: "classification_report(y, model.predict(x))",
    examples: [Example(tinyClassifier + ".report(\(tinyTest)).f1_macro", gives: .float(0.6666667))],
    seeAlso: ["evaluate", "confusion"]
  ) { call in
    if let task = call.task { return try task.report(call) }
    return .object(try TaskEvaluation.report(call) ?? report(call.judgement()))
  }

  static func report(_ judged: Judgement) throws -> ReportValue {
    let matrix: ConfusionMatrix = try judged.matrix()
    let support: [Int] = matrix.truthTotals
    let each: [PrecisionRecallF1] = matrix.perClass
    let macro: PrecisionRecallF1 = matrix.averaged(.macro)
    let weighted: PrecisionRecallF1 = matrix.averaged(.weighted)
    var rows: [(String, PrecisionRecallF1, Int)] = judged.labels.names.indices.map {
      (judged.labels.names[$0], each[$0], support[$0])
    }
    rows += [("macro", macro, matrix.total), ("weighted", weighted, matrix.total)]
    let lines: [StyledText] =
      figureLines(rows) + [Figures.accuracy("", correct: matrix.correct, total: matrix.total)]
    let labels: [(String, Value)] = try judged.labels.names.enumerated().map { place, name in
      (name, try figuresRecord(each[place], support[place]))
    }
    return ReportValue(
      "precision, recall and F1 of \(judged.labels.count) labels",
      fields: [
        ("accuracy", .float(matrix.accuracy)), ("f1_macro", .float(macro.f1)), ("f1_weighted", .float(weighted.f1)),
        ("precision_macro", .float(macro.precision)), ("recall_macro", .float(macro.recall)),
        ("labels", try .record(labels)),
      ], lines: lines)
  }

  /// Precision, recall and F1 with their rows, a line for each name.
  static func figureLines(_ rows: [(String, PrecisionRecallF1, Int)]) -> [StyledText] {
    let width: Int = max(12, min(30, rows.map { TextWidth.of($0.0) }.max() ?? 0))
    var head = StyledText(String(repeating: " ", count: width))
    for name in ["precision", "recall", "F1"] { head += StyledText(name).padded(to: 11, alignRight: true) }
    head += StyledText("rows").padded(to: 8, alignRight: true)
    return [head]
      + rows.map { name, figures, count in
        var line: StyledText = StyledText(name).cut(to: width).padded(to: width)
        for figure in [figures.precision, figures.recall, figures.f1] {
          line += StyledText(Figures.three(figure), .number).padded(to: 11, alignRight: true)
        }
        return line + StyledText(Numbers.grouped(count), .number).padded(to: 8, alignRight: true)
      }
  }

  static func figuresRecord(_ figures: PrecisionRecallF1, _ rows: Int) throws -> Value {
    try .record([
      ("precision", .float(figures.precision)), ("recall", .float(figures.recall)), ("f1", .float(figures.f1)),
      ("rows", .int(rows)),
    ])
  }

  private static let confusion = Builtin(
    "confusion", area: .using, on: [.classifier, .model], returns: .plot,
    summary: "How often each label was taken for each: rows are true, columns predicted.", parameters: Parameter.judged,
    keywords: ["confusion_matrix", "matrix", "mistakes"], python: "confusion_matrix(y, model.predict(x))",
    examples: [Example(tinyClassifier + ".confusion(\(tinyTest)).counts[0][1]", gives: 1)],
    seeAlso: ["report", "errors"]
  ) { call in
    if let task = call.task { return try task.confusion(call) }
    if let plot = try TaskEvaluation.confusion(call) { return plot }
    let judged: Judgement = try call.judgement()
    let counts: [[Int]] = try judged.matrix().counts
    let chart = ConfusionChart(names: judged.labels.names, counts: counts)
    return .object(
      PlotValue(
        chart, "confusion matrix of \(judged.truth.count) rows",
        fields: [("counts", try .list(counts.map { Value.ints($0) })), ("labels", .strings(judged.labels.names))]))
  }

  private static let errors = Builtin(
    "errors", area: .using, on: [.classifier, .model], returns: .table,
    summary: "The rows predicted wrong, the worst first.",
    details: ["Worst is where the true label got the least probability, which stands in the column true_probability."],
    parameters: Parameter.judged, keywords: ["mistakes", "wrong", "misclassified"], python: "df[model.predict(x) != y]",
    examples: [Example(tinyClassifier + ".errors(\(tinyTest)).len()", gives: 1)],
    seeAlso: ["confusion", "evaluate", "predict"]
  ) { call in
    if let task = call.task { return try task.errors(call) }
    return .table(try TaskEvaluation.errors(call) ?? errorTable(call.judgement()))
  }

  static func errorTable(_ judged: Judgement) throws -> Table {
    let predicted: [Int] = judged.predicted
    let wrong: [Int] = judged.truth.indices.filter { predicted[$0] != judged.truth[$0] }
      .sorted { a, b in
        let (one, other) = (judged.probabilities[a][judged.truth[a]], judged.probabilities[b][judged.truth[b]])
        return (one, a) < (other, b)
      }
    var table: Table = try judged.table ?? Table(judged.texts.map { [("text", Column.strings($0))] } ?? [])
    table = try table.setting("label", judged.labels.column(judged.truth), operation: "errors")
    table = try table.setting("predicted", judged.labels.column(predicted), operation: "errors")
    table = try table.setting(
      "true_probability", .reals(zip(judged.probabilities, judged.truth).map { $0[$1] }), operation: "errors")
    return try table.gathering(wrong, operation: "errors")
  }
}
