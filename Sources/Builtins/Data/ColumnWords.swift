import Files
import Language
import Tables

extension Builtin {
  /// Figures of a column of numbers, and functions of its values.
  static let columnWords: [Builtin] = [columnSum, columnMean, columnMin, columnMax, columnAll, columnAny, columnMap]

  private static func numbers(_ call: Call) throws -> [Double] {
    let value: ColumnValue = try call.receiver()
    guard let numbers = value.column.numbers else {
      throw call.error("the column holds \(value.column.kind) values, expected numbers")
    }
    guard !numbers.isEmpty else { throw call.error("the column is empty") }
    return numbers
  }

  private static let columnSum = Builtin(
    "sum", area: .plain, on: [.column], returns: .float, summary: "The sum of a column of numbers.",
    keywords: ["total", "add"], python: "series.sum()",
    examples: [Example(fruit + ".count.sum()", gives: .int(7))], seeAlso: ["mean"]
  ) { call in
    let value: ColumnValue = try call.receiver()
    guard case .integers(let integers) = value.column else { return .float(try numbers(call).reduce(0, +)) }
    var total: Int = 0
    for integer in integers {
      let (sum, overflow) = total.addingReportingOverflow(integer)
      guard !overflow else { throw call.error("the sum is too large for an int") }
      total = sum
    }
    return .int(total)
  }

  private static let columnMean = Builtin(
    "mean", area: .tensors, on: [.column], returns: .float, summary: "The mean of a column of numbers.",
    keywords: ["average"], python: "series.mean()",
    examples: [Example("table({a: [1, 2, 6]}).a.mean()", gives: .float(3))], seeAlso: ["sum", "describe"]
  ) { call in
    let numbers: [Double] = try numbers(call)
    return .float(numbers.reduce(0, +) / Double(numbers.count))
  }

  private static let columnMin = Builtin(
    "min", area: .plain, on: [.column], returns: .float, summary: "The least value of a column.",
    keywords: ["smallest", "lowest"], python: "series.min()",
    examples: [Example(fruit + ".count.min()", gives: .int(1))], seeAlso: ["max", "sort"]
  ) { call in try end(call, greatest: false) }

  private static let columnMax = Builtin(
    "max", area: .plain, on: [.column], returns: .float, summary: "The greatest value of a column.",
    keywords: ["largest", "highest"], python: "series.max()",
    examples: [Example(fruit + ".name.max()", gives: .string("plum"))], seeAlso: ["min", "sort"]
  ) { call in try end(call, greatest: true) }

  private static func end(_ call: Call, greatest: Bool) throws -> Value {
    let value: ColumnValue = try call.receiver()
    let cells: [JSON] = value.column.cells.filter { cell in
      if case .real(let number) = cell { return !number.isNaN }
      return !cell.isNull
    }
    let found: JSON? = greatest ? cells.max(by: JSON.precedes) : cells.min(by: JSON.precedes)
    guard let found else { throw call.error("the column is empty") }
    return Value(cell: found)
  }

  private static let columnAll = Builtin(
    "all", area: .plain, on: [.column], returns: .bool, summary: "Whether every value of a column is true.",
    keywords: ["every"], python: "series.all()",
    examples: [Example("all(\(fruit).count > 0)", gives: .bool(true))], seeAlso: ["any"]
  ) { call in
    let value: ColumnValue = try call.receiver()
    return .bool(try (0..<value.column.count).allSatisfy { try value.column.value($0).truth() })
  }

  private static let columnAny = Builtin(
    "any", area: .plain, on: [.column], returns: .bool, summary: "Whether some value of a column is true.",
    keywords: ["some", "exists"], python: "series.any()",
    examples: [Example("any(\(fruit).count > 9)", gives: .bool(false))], seeAlso: ["all"]
  ) { call in
    let value: ColumnValue = try call.receiver()
    return .bool(try (0..<value.column.count).contains { try value.column.value($0).truth() })
  }

  private static let columnMap = Builtin(
    "map", area: .plain, on: [.column], returns: .column, summary: "Call a function with each value of a column.",
    parameters: [.positional("change", .function, "takes a value")],
    keywords: ["apply"], python: "series.map(change)",
    examples: [Example(fruit + ".name.map(x -> x.len())[1]", gives: .int(4))], seeAlso: ["filter"]
  ) { call in
    let value: ColumnValue = try call.receiver()
    let change: Value = call.value("change")
    var results: [Value] = []
    for row in 0..<value.column.count {
      if row % 256 == 0 { try call.checkInterruption() }
      results.append(try call.invoke(change, value.column.value(row)))
    }
    return .column(try Column(values: results), name: value.name)
  }
}
