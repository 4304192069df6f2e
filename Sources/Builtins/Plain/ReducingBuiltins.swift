import Language

/// Words that make one value of many.
extension Builtin {
  static let reducingFamily: [Builtin] = [
    sumOfList, meanOfList, minOfList, minOfNumbers, maxOfList, maxOfNumbers, anyOfList, allOfList,
  ]

  static let sumOfList = Builtin(
    "sum", area: .plain, on: [.list], subject: "xs", returns: .float, summary: "The sum of the numbers of a list.",
    keywords: ["add", "total"], python: "sum(xs)",
    examples: [
      Example("sum([1, 2, 3])", gives: 6), Example("[0.1, 0.2, 0.3].sum()", gives: 0.6), Example("sum([])", gives: 0),
    ], seeAlso: ["mean", "min", "max"]
  ) { call in try ListTools.sum(try call.list("xs"), call) }

  static let meanOfList = Builtin(
    "mean", area: .plain, on: [.list], subject: "xs", returns: .float, summary: "The mean of the numbers of a list.",
    keywords: ["average"], python: "statistics.mean(xs)",
    examples: [Example("mean([1, 2])", gives: 1.5), Example("mean([])", fails: "empty")], seeAlso: ["sum"]
  ) { call in
    let list: [Value] = try call.list("xs")
    guard !list.isEmpty else { throw call.error("the list is empty", at: "xs") }
    switch try ListTools.sum(list, call) {
    case .int(let sum): return .float(Double(sum) / Double(list.count))
    case .float(let sum): return .float(sum / Double(list.count))
    default: throw call.error("the mean is of numbers", at: "xs")
    }
  }

  private static let byParameter: Parameter = .named(
    "by", .function, shown: "", "A function of an element that gives what to compare.")

  static let minOfList = Builtin(
    "min", area: .plain, on: [.list], subject: "xs", returns: .float, summary: "The smallest element of a list.",
    parameters: [byParameter], keywords: ["minimum", "smallest", "least"], python: "min(xs, key=...)",
    examples: [
      Example("min([3, 1, 2])", gives: 1), Example(#"["bb", "a"].min(by: x -> x.len())"#, gives: "a"),
      Example("min([])", fails: "empty"),
    ], seeAlso: ["max", "sorted"]
  ) { call in try ListTools.extreme(call, sign: -1) }

  static let maxOfList = Builtin(
    "max", area: .plain, on: [.list], subject: "xs", returns: .float, summary: "The largest element of a list.",
    parameters: [byParameter], keywords: ["maximum", "largest", "most"], python: "max(xs, key=...)",
    examples: [
      Example("max([3, 1, 2])", gives: 3), Example(#"max(["bb", "a"], by: x -> x.len())"#, gives: "bb"),
    ], seeAlso: ["min", "sorted"]
  ) { call in try ListTools.extreme(call, sign: 1) }

  static let minOfNumbers = Builtin(
    "min", area: .plain, on: [.int, .float], subject: "a", returns: .float, summary: "The smallest of several numbers.",
    parameters: [.rest("others", .either([.int, .float]), "More numbers.")], python: "min(a, b)",
    examples: [Example("min(2, 1.5)", gives: 1.5)], seeAlso: ["max"]
  ) { call in try ListTools.extreme([call.value("a")] + call.rest(), sign: -1) }

  static let maxOfNumbers = Builtin(
    "max", area: .plain, on: [.int, .float], subject: "a", returns: .float, summary: "The largest of several numbers.",
    parameters: [.rest("others", .either([.int, .float]), "More numbers.")], python: "max(a, b)",
    examples: [Example("max(2, 1.5)", gives: 2)], seeAlso: ["min"]
  ) { call in try ListTools.extreme([call.value("a")] + call.rest(), sign: 1) }

  private static let testParameter: Parameter = .positional(
    "f", .function, shown: "", "A function of an element; without it the elements themselves count.")

  static let anyOfList = Builtin(
    "any", area: .plain, on: [.list], subject: "xs", returns: .bool,
    summary: "Whether at least one element is true, or makes a function true.", parameters: [testParameter],
    keywords: ["some", "exists", "or"], python: "any(f(x) for x in xs)",
    examples: [Example("any([1, 5], x -> x > 3)", gives: true), Example("any([])", gives: false)],
    seeAlso: ["all", "filter"]
  ) { call in
    for item in try call.list("xs") where try ListTools.holds(item, call) { return true }
    return false
  }

  static let allOfList = Builtin(
    "all", area: .plain, on: [.list], subject: "xs", returns: .bool,
    summary: "Whether every element is true, or makes a function true.", parameters: [testParameter],
    keywords: ["every", "and"], python: "all(f(x) for x in xs)",
    examples: [Example("all([1, 5], x -> x > 3)", gives: false), Example("all([])", gives: true)],
    seeAlso: ["any", "filter"]
  ) { call in
    for item in try call.list("xs") where !(try ListTools.holds(item, call)) { return false }
    return true
  }
}
