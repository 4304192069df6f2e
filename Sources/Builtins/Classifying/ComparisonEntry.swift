import Language
import Prompting
import Tables
import Training

/// One of the things that are compared: what it says of the rows, and what it cost.
struct ComparisonEntry {
  let name: String
  let isRight: [Bool]
  let loss: Double
  /// Of the true labels, the share that is of the most frequent one; nil where a text has several.
  let majority: Double?
  let chance: Double?
  /// Seconds that the answers took.
  let seconds: Double
  /// How many numbers were fitted to labels.
  let trained: Int
  /// Tokens of all filled prompts, where it was asked with prompts.
  var tokens: Int?

  var correct: Int { isRight.reduce(0) { $0 + ($1 ? 1 : 0) } }
  var accuracy: Double { Double(correct) / Double(max(1, isRight.count)) }

  /// Several labels a text: a row is right where all of them are.
  private init(name: String, isRight: [Bool], loss: Double, seconds: Double, trained: Int) {
    (self.name, self.isRight, self.loss) = (name, isRight, loss)
    (majority, chance) = (nil, nil)
    (self.seconds, self.trained) = (seconds, trained)
  }

  /// One label a text.
  private init(name: String, judged: Judgement, seconds: Double, trained: Int, tokens: Int? = nil) throws {
    self.name = name
    isRight = judged.isRight
    loss = try logLoss(truth: judged.truth, probabilities: judged.probabilities)
    var counts: [Int] = Array(repeating: 0, count: judged.labels.count)
    for label in judged.truth { counts[label] += 1 }
    majority = Double(counts.max() ?? 0) / Double(max(1, judged.truth.count))
    chance = 1 / Double(max(1, counts.count))
    (self.seconds, self.trained, self.tokens) = (seconds, trained, tokens)
  }

  /// A classifier or a model is one entry; a trial one for each prompt, and one more where it was calibrated.
  static func entries(of value: Value, named name: String, in call: Call) throws -> [ComparisonEntry] {
    if let trial: TrialValue = value.object() { return try entries(of: trial.trial, named: name, in: call) }
    guard case .object(let object) = value else {
      throw call.error("\(name) is \(value.kind.phrase), expected a classifier, a model or a trial", at: "models")
    }
    let trained: Int =
      switch object {
      case let classifier as ClassifierValue:
        classifier.regression.coefficients.reduce(classifier.regression.intercepts.count) { $0 + $1.count }
      case let model as ModelValue: model.model.trainableCount
      default: 0
      }
    let clock = ContinuousClock.now
    func seconds() -> Double {
      let parts = (ContinuousClock.now - clock).components
      return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
    }
    if let task = (object as? ModelValue)?.task as? MultiLabelMeasures {
      let (isRight, loss) = try task.rightRows(call, call.value("test"), "test")
      return [ComparisonEntry(name: name, isRight: isRight, loss: loss, seconds: seconds(), trained: trained)]
    }
    guard let judge = object as? any Judging else {
      throw call.error("\(name) is \(value.kind.phrase), expected a classifier, a model or a trial", at: "models")
    }
    let judged: Judgement = try call.judgement(of: judge, call.value("test"), "test")
    return [try ComparisonEntry(name: name, judged: judged, seconds: seconds(), trained: trained)]
  }

  private static func entries(of trial: Trial, named name: String, in call: Call) throws -> [ComparisonEntry] {
    if let test: TableValue = call.value("test").object(), test.table != trial.table {
      throw call.error(
        "\(name) was tried on other rows (\(Numbers.grouped(trial.rowCount)) of them)", at: "test",
        help: "run it on the rows of test: model.trial(prompts, test)")
    }
    let labels = LabelSet(names: trial.labels, integers: nil)
    return try trial.results.flatMap { result -> [ComparisonEntry] in
      let own = trial.results.count == 1 ? name : "\(name).\(result.name)"
      func entry(_ name: String, _ probabilities: [[Double]]) throws -> ComparisonEntry {
        try ComparisonEntry(
          name: name,
          judged: Judgement(
            labels: labels, truth: trial.truth, probabilities: probabilities, texts: nil, table: trial.table),
          seconds: result.seconds, trained: 0, tokens: result.tokens)
      }
      let plain = try entry(own, result.probabilities)
      return try [plain] + (result.calibrated.map { [try entry(own + " calibrated", $0)] } ?? [])
    }
  }

  /// What each cost, on as few lines as hold it.
  static func costs(_ entries: [ComparisonEntry]) -> [StyledText] {
    var lines: [String] = []
    for entry in entries {
      var text = "\(entry.name) \(Numbers.fixed(entry.seconds, 1)) s"
      if entry.trained > 0 { text += ", \(Numbers.grouped(entry.trained)) fitted" }
      if let tokens = entry.tokens { text += ", \(Numbers.grouped(tokens)) tokens" }
      if let last = lines.last, last.count + text.count + 3 <= 77 {
        lines[lines.count - 1] = last + "   " + text
      } else {
        lines.append((lines.isEmpty ? "cost: " : "  ") + text)
      }
    }
    return lines.map { StyledText($0, .faint).varying() }
  }
}
