import Language
import Tables
import Transformers

/// What the words that predict and measure do for a head that doesn't choose one label for each text: several labels,
/// numbers, and what other tasks add. One value for each task; ``ModelValue/task`` chooses.
protocol TaskMeasures {
  /// `predict`.
  func predict(_ call: Call) throws -> Value
  /// `evaluate`.
  func evaluate(_ call: Call) throws -> Value
  /// `score`: one number, more being better.
  func score(_ call: Call) throws -> Value
  /// `report`.
  func report(_ call: Call) throws -> Value
  /// `confusion`.
  func confusion(_ call: Call) throws -> Value
  /// `errors`: the rows that are wrong, the worst first.
  func errors(_ call: Call) throws -> Value
}

extension ModelValue {
  /// The measures of what this model's head does; nil where it chooses one label for each text (or has no head).
  var task: (any TaskMeasures)? {
    guard model.headKind == .sequenceClassification else { return nil }
    switch model.configuration.effectiveProblem {
    case .singleLabel: return nil
    case .multiLabel: return MultiLabelMeasures(model: self)
    case .regression: return RegressionMeasures(model: self)
    }
  }
}

extension Call {
  /// The measures of the first argument's task; nil for classifiers and heads that choose one label.
  var task: (any TaskMeasures)? { first.object(ModelValue.self)?.task }

  /// The labels given as an argument: a column, a list, or the label column of a table.
  func labelColumn(_ name: String) throws -> Column {
    if case .object(let table as TableValue) = testPart(value(name)) { return try table.column(try string("label")) }
    return try column(name)
  }

  /// Rows to be judged: what is true of each, from `y` or the column that holds it, and what a model says of it.
  ///
  /// - Parameter what: how an error calls what is true of a row, in the plural.
  func judgedRows<Truth, Said>(
    _ given: Value, _ name: String, of what: String, truth: (Column) throws -> [Truth], said: (Value) throws -> [Said]
  ) throws -> (truth: [Truth], said: [Said], table: Table) {
    let data: Value = testPart(given)
    let column: Column
    if has("y") {
      column = try labelColumn("y")
    } else if let table: TableValue = data.object() {
      column = try table.column(try string("label"))
    } else {
      throw error("there are no \(what) to compare with", help: "give a table with a column label, or y: \(what)")
    }
    let truth: [Truth] = try truth(column)
    guard !truth.isEmpty else { throw error("there are no rows", at: name) }
    let said: [Said] = try said(data)
    guard said.count == truth.count else {
      throw error("\(truth.count) rows of \(what) for \(said.count) texts", at: name)
    }
    return (truth, said, try table(of: data))
  }
}
