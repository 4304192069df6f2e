import Language
import Tables
import TensorCore
import Training

extension Builtin {
  /// The word that fits a logistic regression.
  static let logisticRegressionWords: [Builtin] = [logisticRegression]

  /// A small classifier for examples.
  static let tinyClassifier: String =
    #"logistic_regression(tensor([[0.0], [1.0], [3.0], [4.0]]), ["low", "low", "high", "high"])"#

  private static let logisticRegression = Builtin(
    "logistic_regression", area: .logisticRegression, on: [.tensor, .list, .record], subject: "x", returns: .classifier,
    summary: "Fit a logistic regression of labels on features.",
    details: [
      "Minimises C * Σ loss + penalty as scikit-learn does, in float64, by L-BFGS or Newton's method.",
      "A list of C is tried by 5-fold stratified cross-validation; the best is fitted on all rows.",
    ],
    parameters: [
      .positional(
        "y", .either([.kind(.column), .list, .kind(.tensor), .kind(.table), .record]), "a label for each row"),
      .named(
        "C", .either([.float, .list(of: .float)]), default: 1.0,
        "inverse strength of the penalty, or a list to choose from"),
      .named(
        "penalty", .choice(["l2", "l1", "elasticnet", "none"]), default: "l2", "what keeps the coefficients small"),
      .named("l1_ratio", .float, default: 0.5, "share of l1 in an elastic net"),
      .named("tol", .float, default: 1e-4, "ends when no component of the gradient is larger"),
      .named("max_iter", .int, default: 100, "the most iterations"),
      .named(
        "class_weight", .either([.choice(["balanced"]), .record(of: .float)]), shown: "1 each",
        "\"balanced\", or a record of label: weight"),
      .named("fit_intercept", .bool, default: true, "whether there is an intercept"),
      .named("label", .string, default: "label", "the label column, where y is a table"),
      .named("seed", .int, shown: "the session's", "draws the folds"),
    ],
    keywords: [
      "LogisticRegression", "classifier", "sklearn", "fit", "linear probe", "features", "cross-validation",
      "regularization", "class imbalance",
    ],
    python: "LogisticRegression(C=1.0).fit(x, y)",
    examples: [
      Example(tinyClassifier + ".labels[1]", gives: .string("low")),
      Example(tinyClassifier + ".predict([3.5]).label", gives: .string("high")),
      Example(#"logistic_regression(tensor([[0.0], [1.0]]), ["a", "a"])"#, fails: "at least two classes"),
    ], seeAlso: ["features", "predict", "evaluate", "report", "errors"]
  ) { call in .object(try fitLogisticRegression(call)) }

  private static func fitLogisticRegression(_ call: Call) throws -> ClassifierValue {
    let tensor: TensorValue = try TensorValue.from(trainPart(call.value("x")), in: call, "x")
    let features: FeatureMatrix = try call.featureMatrix(tensor, "x")
    let given = try LabelValues(trainPart(call.value("y")), in: call, "y", column: try call.string("label"))
    guard given.count == features.rowCount else {
      throw call.error(
        "x has \(features.rowCount) rows, y \(given.count) labels", at: "y",
        help: "give the labels of the rows that the features were made of")
    }
    let labels: LabelSet = given.set
    if labels.count == 1 { throw TrainingError.oneClass(operation: "logistic_regression", label: labels.names[0]) }
    let indices: [Int] = try given.indices(in: labels)
    var settings: LogisticSettings = try settings(call, labels)
    var search: CrossValidation?
    if case .list = call.value("C") {
      let tried = try CrossValidation(
        features: features, labels: indices, classCount: labels.count, settings: settings,
        strengths: try call.floats("C"),
        seed: UInt64(bitPattern: Int64(call.seed))
      ) { done, total in try call.progress("cross-validation", done, total) }
      settings.c = tried.best
      search = tried
    } else {
      settings.c = try call.float("C")
    }
    let fitted = try LogisticRegression(
      features: features, labels: indices, classCount: labels.count, settings: settings
    ) { done, total in try call.progress("logistic regression", done, total) }
    if let advice = fitted.convergence.advice { call.note(fitted.convergence.summary + ": " + advice) }
    var counts: [Int] = Array(repeating: 0, count: labels.count)
    for index in indices { counts[index] += 1 }
    let predicted: [Int] = try fitted.predict(features)
    let correct: Int = zip(predicted, indices).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
    return ClassifierValue(
      fitted, labels: labels, recipe: tensor.recipe, search: search, counts: counts, trainCorrect: correct)
  }

  /// The train part of a split, anything else as it is.
  private static func trainPart(_ value: Value) -> Value {
    if case .record(let record) = value, let train = record["train"] { return train }
    return value
  }

  private static func settings(_ call: Call, _ labels: LabelSet) throws -> LogisticSettings {
    var settings = LogisticSettings()
    settings.penalty = LogisticSettings.Penalty(rawValue: try call.string("penalty")) ?? .l2
    settings.l1Ratio = try call.float("l1_ratio")
    settings.tolerance = try call.float("tol")
    settings.maximumIterations = try call.int("max_iter")
    settings.fitsIntercept = try call.bool("fit_intercept")
    switch call.value("class_weight") {
    case .string: settings.classWeight = .balanced
    case .record(let record):
      var weights: [Double] = Array(repeating: 1, count: labels.count)
      for (key, value) in record.fields {
        let index: Int = try labels.indices(of: [key.text])[0]
        if case .float(let weight) = value { weights[index] = weight }
        if case .int(let weight) = value { weights[index] = Double(weight) }
      }
      settings.classWeight = .weights(weights)
    default: break
    }
    return settings
  }
}
