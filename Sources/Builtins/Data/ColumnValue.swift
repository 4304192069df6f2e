import Files
import Language
import Tables

/// A column of a table: `reviews.text`. Compares and computes element by element.
package final class ColumnValue: LanguageObject {
  package let name: String
  package let column: Column

  package init(_ column: Column, name: String = "") {
    self.column = column
    self.name = name
  }

  package var kind: Kind { .column }
  package var summary: String { "a column of \(Numbers.grouped(column.count)) values (\(column.kind))" }
  package var length: Int? { column.count }
  package func item(at place: Int) throws -> Value { column.value(place) }
  package var listElements: [Value]? { (0..<column.count).map { column.value($0) } }

  package func nextSteps(name: String) -> [String] {
    switch column {
    case .integers, .reals: ["\(name).mean()", "histogram(\(name))", "\(name).unique()"]
    default: ["\(name).count()", "\(name).unique()", "\(name)[0]"]
    }
  }

  package func isEqual(to other: any LanguageObject) -> Bool { (other as? ColumnValue)?.column == column }

  package func truth() throws -> Bool {
    throw LanguageError.message(
      "a column is neither true nor false",
      help: "say all(x) or any(x); row by row: `t.filter(r -> r.a == 1 and r.b == 2)`")
  }

  // MARK: Indexing

  package func element(_ subscripts: [Subscript]) throws -> Value {
    guard subscripts.count == 1, let first = subscripts.first else {
      throw LanguageError.message("a column has one index, not \(subscripts.count)")
    }
    if case .value(.int(let place)) = first { return column.value(try Rows.place(place, column.count, "a column")) }
    return .object(ColumnValue(column.gathering(try Rows.chosen(first, column.count, "a column")), name: name))
  }

  // MARK: Operators

  package func binary(_ operator: BinaryOperator, _ other: Value, isRight: Bool) throws -> Value? {
    if `operator` == .in || `operator` == .notIn {
      guard isRight else { return nil }
      let isFound: Bool = (0..<column.count).contains { column.value($0).isEqual(to: other) }
      return .bool(isFound == (`operator` == .in))
    }
    guard let partner = try partner(other) else { return nil }
    let (left, right): ((Int) -> Value, (Int) -> Value) = isRight ? (partner, column.value) : (column.value, partner)
    if `operator`.isComparison {
      return .object(ColumnValue(.bools(try compare(`operator`, left, right)), name: name))
    }
    let values: [Value] = try (0..<column.count).map { row in
      guard let value = try ColumnArithmetic.apply(`operator`, left(row), right(row)) else {
        throw LanguageError.message(
          "\(`operator`.rawValue) is not defined for \(left(row).kind.phrase) and \(right(row).kind.phrase)")
      }
      return value
    }
    return .object(ColumnValue(try Column(values: values), name: name))
  }

  /// What stands beside each row: a column or list of the same length, or the same value for all.
  private func partner(_ other: Value) throws -> ((Int) -> Value)? {
    switch other {
    case .list(let list):
      try checkLength(list.count)
      return { list.elements[$0] }
    case .object(let object as ColumnValue):
      try checkLength(object.column.count)
      return object.column.value
    case .object, .function, .record: return nil
    default: return { _ in other }
    }
  }

  private func checkLength(_ count: Int) throws {
    guard count == column.count else {
      throw LanguageError.message("a column of \(column.count) values stands against \(count)")
    }
  }

  private func compare(
    _ operator: BinaryOperator, _ left: (Int) -> Value, _ right: (Int) -> Value
  ) throws -> [Bool] {
    try (0..<column.count).map { row in
      let (one, other) = (left(row), right(row))
      switch `operator` {
      case .equal: return one.isEqual(to: other)
      case .notEqual: return !one.isEqual(to: other)
      default:
        if one.isNothing || other.isNothing { return false }
        guard let order = try one.order(other) else { return false }
        switch `operator` {
        case .less: return order < 0
        case .lessEqual: return order <= 0
        case .greater: return order > 0
        default: return order >= 0
        }
      }
    }
  }

  package func unary(_ operator: UnaryOperator) throws -> Value? {
    switch (`operator`, column) {
    case (.not, .bools(let flags)): return .object(ColumnValue(.bools(flags.map { !$0 }), name: name))
    case (.negate, .reals(let values)): return .object(ColumnValue(.reals(values.map { -$0 }), name: name))
    case (.negate, .integers(let values)):
      guard !values.contains(.min) else { throw LanguageError.message("-x is too large for an int") }
      return .object(ColumnValue(.integers(values.map { -$0 }), name: name))
    default: return nil
    }
  }

  // MARK: Looking

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    switch size {
    case .inline: return [StyledText("column of \(Numbers.grouped(column.count)) (\(column.kind))", .faint)]
    case .line:
      let shown: Int = min(column.count, 8)
      var line: StyledText = StyledText("\(Numbers.grouped(column.count)) × \(column.kind)  ", .faint)
      for row in 0..<shown { line += column.value(row).styledInline(width: 24) + "  " }
      if shown < column.count { line.append("…", .faint) }
      return [line.cut(to: frame.width)]
    case .full:
      return TableDisplay(
        Table(named: name.isEmpty ? "value" : name, column), frame: frame
      ).lines()
    }
  }
}

extension Table {
  /// A table of one column.
  init(named name: String, _ column: Column) {
    self.init(names: [name], columns: [column], rowCount: column.count)
  }
}
