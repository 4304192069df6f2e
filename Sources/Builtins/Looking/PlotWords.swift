import Files
import Language
import Plots
import Tables
import TensorCore

extension Builtin {
  /// Words that draw.
  static let plotWords: [Builtin] = [plotTable, plotValues, histogram, heatmap]

  private static let plotTable = Builtin(
    "plot", area: .looking, on: [.table], returns: .plot, summary: "Draw columns of a table as lines.",
    parameters: [
      .named("y", .either([.string, .strings]), shown: "columns of numbers", "the columns to draw"),
      .named("x", .string, shown: "the row's number", "the column across"),
      .named("by", .string, shown: "", "a line for each value of this column"),
    ],
    keywords: ["chart", "curve", "graph", "matplotlib", "line"], python: #"df.plot(y="loss")"#,
    examples: [Example("table({loss: [0.9, 0.5, 0.4]}).plot(y: \"loss\")", kind: .plot)],
    seeAlso: ["histogram", "heatmap", "scatter"]
  ) { call in
    let table: Table = try call.table("table")
    return .object(
      PlotValue(LineChart(xLabel: try call.stringIfAny("x") ?? "", series: try series(table, call)), "plot"))
  }

  private static func series(_ table: Table, _ call: Call) throws -> [Series] {
    let x: [Double]? = try call.stringIfAny("x").map { try numbers(table, $0, call) }
    var names: [String]
    switch call.value("y") {
    case .string(let name): names = [name]
    case .list: names = try call.strings("y")
    default: names = table.names.filter { (table[$0]?.numbers ?? nil) != nil && $0 != (try? call.stringIfAny("x")) }
    }
    guard !names.isEmpty else { throw call.error("the table has no column of numbers", at: "table") }
    names = Array(names.prefix(8))
    guard let by = try call.stringIfAny("by") else {
      return try names.map { name in Series(name, points(x, try numbers(table, name, call), Array(0..<table.rowCount)))
      }
    }
    let keys: [String] = try table.texts(by, operation: "plot")
    var order: [String] = []
    for key in keys where !order.contains(key) {
      order.append(key)
      if order.count > 8 { throw call.error("column \(by) has more than 8 values", at: "by") }
    }
    let y: [Double] = try numbers(table, names[0], call)
    return order.map { key in Series(key, points(x, y, keys.indices.filter { keys[$0] == key })) }
  }

  private static func points(_ x: [Double]?, _ y: [Double], _ rows: [Int]) -> [Point] {
    rows.enumerated().map { place, row in Point(x.map { $0[row] } ?? Double(place), y[row]) }
  }

  private static func numbers(_ table: Table, _ name: String, _ call: Call) throws -> [Double] {
    guard let values = try table.column(name, operation: "plot").numbers else {
      throw call.error("column \"\(name)\" doesn't hold numbers")
    }
    return values
  }

  private static let plotValues = Builtin(
    "plot", area: .looking, on: [.list, .column, .tensor], subject: "values", returns: .plot,
    summary: "Draw numbers as a line.", keywords: ["chart", "curve", "graph", "matplotlib"], python: "plt.plot(values)",
    examples: [Example("plot([0.9, 0.5, 0.4])", kind: .plot)], seeAlso: ["histogram", "heatmap"]
  ) { call in .object(PlotValue(LineChart(series: [Series("", try call.numbers("values"))]), "plot")) }

  private static let histogram = Builtin(
    "histogram", area: .looking, on: [.list, .column, .tensor], subject: "values", returns: .plot,
    summary: "Draw how often numbers fall into each range.",
    parameters: [.named("bins", .int, shown: "by their number", "how many ranges, up to 100")],
    keywords: ["distribution", "hist", "frequency"], python: "plt.hist(values)",
    examples: [Example("histogram([1, 2, 2, 3])", kind: .plot)], seeAlso: ["plot", "describe"]
  ) { call in
    let values: [Double] = try call.numbers("values")
    let bins: Int? = try call.intIfAny("bins")
    if let bins, bins < 1 || bins > 100 { throw call.error("bins: expected 1 to 100, got \(bins)", at: "bins") }
    let chart = Histogram(values: values, bins: bins)
    return .object(
      PlotValue(
        chart, "histogram of \(Numbers.grouped(values.count)) values",
        fields: [("counts", .ints(chart.counts)), ("edges", .floats(chart.edges))]))
  }

  private static let heatmap = Builtin(
    "heatmap", area: .looking, on: [.tensor, .list], subject: "matrix", returns: .plot,
    summary: "Draw a matrix as shades.",
    parameters: [
      .named("rows", .strings, shown: "numbers", "names of the rows"),
      .named("columns", .strings, shown: "numbers", "names of the columns"),
    ],
    keywords: ["matrix", "imshow", "similarity", "attention"], python: "plt.imshow(matrix)",
    examples: [Example("heatmap(tensor([[1.0, 0.2], [0.2, 1.0]]))", kind: .plot)], seeAlso: ["similarity", "plot"]
  ) { call in
    let tensor: Tensor = try call.tensor("matrix").floats()
    guard tensor.shape.count == 2 else {
      throw call.error("matrix: expected shape [rows, columns], got \(tensor.shape)", at: "matrix")
    }
    let (rows, columns) = (tensor.shape[0], tensor.shape[1])
    let elements: [Float] = tensor.elements
    let values: [[Double]] = (0..<rows).map { row in
      elements[row * columns..<(row + 1) * columns].map { Double($0) }
    }
    let chart = HeatMap(
      values: values, rowNames: call.has("rows") ? try call.strings("rows") : [],
      columnNames: call.has("columns") ? try call.strings("columns") : [])
    return .object(PlotValue(chart, "heat map of \(rows) × \(columns)"))
  }
}

extension Call {
  /// Numbers from a list, a column or a tensor.
  func numbers(_ name: String) throws -> [Double] {
    switch value(name) {
    case .object(let column as ColumnValue):
      guard let numbers = column.column.numbers else {
        throw error("\(name): the column holds \(column.column.kind) values, not numbers", at: name)
      }
      return numbers
    case .list(let list):
      return try list.elements.map {
        switch $0 {
        case .int(let number): return Double(number)
        case .float(let number): return number
        default: throw error("\(name): expected numbers, got \($0.kind.phrase) among them", at: name)
        }
      }
    default: return try tensor(name).floats().elements.map { Double($0) }
    }
  }
}
