import Language
import Tables
import TensorCore
import Training

/// A fitted logistic regression in the language.
package final class ClassifierValue: LanguageObject, Judging {
  let regression: LogisticRegression
  package let labelSet: LabelSet
  let recipe: (any TensorRecipe)?
  let search: CrossValidation?
  /// Rows of each class it was fitted on, and how many of all it gets right.
  let counts: [Int]
  let trainCorrect: Int

  init(
    _ regression: LogisticRegression, labels: LabelSet, recipe: (any TensorRecipe)?, search: CrossValidation?,
    counts: [Int], trainCorrect: Int
  ) {
    self.regression = regression
    labelSet = labels
    self.recipe = recipe
    self.search = search
    self.counts = counts
    self.trainCorrect = trainCorrect
  }

  package var kind: Kind { .classifier }
  package var summary: String {
    "a logistic regression of \(Numbers.grouped(regression.columnCount)) features for the labels "
      + labelSet.names.prefix(8).joined(separator: ", ")
  }

  package func nextSteps(name: String) -> [String] {
    [
      "\(name).evaluate(reviews.test)", "\(name).predict(\"A fine film.\")", "\(name).errors(reviews.test)",
      "\(name).coef",
    ]
  }

  // MARK: Fields

  package var fieldNames: [String] {
    ["coef", "intercept", "n_iter", "labels", "C", "converged", "predict_proba"] + (search == nil ? [] : ["scores"])
  }

  package func field(_ name: String) throws -> Value? {
    switch name {
    case "coef":
      let rows: [Float] = regression.coefficients.flatMap { $0.map { Float($0) } }
      return .object(TensorValue(try Tensor(rows, shape: [regression.coefficients.count, regression.columnCount])))
    case "intercept": return .object(TensorValue(try Tensor(regression.intercepts.map { Float($0) })))
    case "n_iter": return .int(regression.convergence.iterations)
    case "labels": return try .list((0..<labelSet.count).map { labelSet.value($0) })
    case "C": return .float(regression.settings.c)
    case "converged": return .bool(regression.convergence.converged)
    case "predict_proba": return .object(ProbabilityFunction(self))
    case "scores":
      guard let search else { return nil }
      return .table(
        try Table([
          ("C", .reals(search.candidates.map(\.c))), ("accuracy", .reals(search.candidates.map(\.accuracy))),
        ]))
    default: return nil
    }
  }

  // MARK: Predicting

  package func probabilities(of data: Value, in call: Call, _ name: String) throws -> [[Double]] {
    try regression.probabilities(of: features(of: data, in: call, name))
  }

  /// Features as they are, or made of texts as those it was fitted on.
  private func features(of data: Value, in call: Call, _ name: String) throws -> FeatureMatrix {
    if let tensor: TensorValue = data.object() {
      let isSame: Bool =
        (recipe as? any TextFeatures).flatMap { mine in tensor.recipe.map { mine.isSame(as: $0) } } ?? true
      if !isSame, let mine = recipe, let theirs = tensor.recipe {
        throw call.error(
          "these features were made otherwise than those it was fitted on", at: name, label: theirs.line,
          help: "fitted on: \(mine.line); give the texts themselves, and they are made alike")
      }
      return try call.featureMatrix(tensor, name)
    }
    if case .list(let list) = data, let first = list.elements.first, first.kind != .string {
      return try call.featureMatrix(TensorValue.from(data, in: call, name), name)
    }
    guard let source = recipe as? any TextFeatures else {
      throw call.error(
        "it was fitted on plain numbers, so it can't read texts", at: name,
        help: "give features of the same \(regression.columnCount) columns, or fit it on features(model, texts)")
    }
    let (texts, pairs) = try call.textsAndPairs(data, name)
    if texts.isEmpty { return try FeatureMatrix(values: [], rowCount: 0, columnCount: regression.columnCount) }
    let tensor: Tensor = try source.features(of: texts, pairs: pairs, in: call)
    return try call.featureMatrix(TensorValue(tensor), name)
  }

  // MARK: Looking

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    var head = StyledText("logistic regression", .heading)
    head.append("  \(Words.count(regression.columnCount, "feature", "features")), \(labelSet.count) labels")
    if size == .inline { return [StyledText("logistic regression", .heading)] }
    let settings: LogisticSettings = regression.settings
    let isFree: Bool = settings.penalty == .none || settings.c.isInfinite
    head.append(isFree ? ", no penalty" : ", C \(Figures.plain(settings.c)), \(settings.penalty.rawValue)")
    if size == .line { return [head.cut(to: frame.width)] }
    var lines: [StyledText] = [head]
    let total: Int = counts.reduce(0, +)
    var rows = StyledText("\(Numbers.grouped(total)) rows   ")
    for (place, name) in labelSet.names.enumerated() {
      rows.append((place == 0 ? "" : "  ") + name + " ")
      rows.append(Numbers.grouped(counts[place]), .number)
    }
    lines.append(rows)
    if let search { lines += ClassifierValue.lines(search) }
    lines.append(StyledText(regression.convergence.summary))
    if let advice = regression.convergence.advice { lines.append(StyledText(advice, .warning)) }
    lines.append(Figures.accuracy("on these rows", correct: trainCorrect, total: total))
    if let recipe { lines.append(StyledText("from \(recipe.line)", .faint)) }
    return Array(lines.prefix(frame.height)).map { $0.cut(to: frame.width) }
  }

  private static func lines(_ search: CrossValidation) -> [StyledText] {
    var lines: [StyledText] = [StyledText("C chosen by \(search.foldCount)-fold cross-validation, accuracy:")]
    for candidate in search.candidates.prefix(10) {
      var line = StyledText("  ")
      line += StyledText(Figures.plain(candidate.c), .number).padded(to: 8)
      line.append(Figures.three(candidate.accuracy), .number)
      if candidate.c == search.best { line.append("  best", .accent) }
      lines.append(line)
    }
    return lines
  }
}

/// `classifier.predict_proba(x)`: the probabilities as a tensor, a column for each label.
final class ProbabilityFunction: LanguageObject {
  private let classifier: ClassifierValue

  init(_ classifier: ClassifierValue) { self.classifier = classifier }

  var kind: Kind { Kind("method") }
  var summary: String { "gives the probability of each label" }
  func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    [StyledText("predict_proba(x): the probability of each label, [rows, labels]")]
  }

  var callForm: Builtin? { ProbabilityFunction.form }

  private static let form: Builtin = .signature(
    "predict_proba", area: .using, returns: .tensor, summary: "The probability of each label, [rows, labels].",
    parameters: [
      .positional("x", .any, "features or texts"), .named("text", .string, default: "text", "the text column"),
      .named("pair", .string, default: "pair", "the column of a second text"),
    ])

  func call(_ call: Call) throws -> Value {
    let rows: [[Double]] = try classifier.probabilities(of: call.value("x"), in: call, "x")
    let numbers: [Float] = rows.flatMap { $0.map { Float($0) } }
    return .object(TensorValue(try Tensor(numbers, shape: [rows.count, classifier.labelSet.count])))
  }
}

extension Call {
  /// Texts, and second texts where the table has them.
  func textsAndPairs(_ data: Value, _ name: String) throws -> (texts: [String], pairs: [String]?) {
    switch data {
    case .string(let text): return ([text], nil)
    case .object(let table as TableValue):
      let texts: [String] = try self.texts(of: table.table, column: try string("text"), at: name)
      let pairName: String = try string("pair")
      return (texts, table.table[pairName] == nil ? nil : try self.texts(of: table.table, column: pairName, at: name))
    case .object(let column as ColumnValue): return (column.column.strings, nil)
    case .list(let list):
      return (
        try list.elements.map {
          guard case .string(let text) = $0 else {
            throw error("\(name): expected texts, got \($0.kind.phrase) among them", at: name)
          }
          return text
        }, nil
      )
    default: throw error("\(name): expected features, texts or a table, got \(data.kind.phrase)", at: name)
    }
  }
}
