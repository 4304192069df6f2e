import Foundation
import Language

/// Words on numbers.
extension Builtin {
  static let numberFamily: [Builtin] = [
    intOfNumber, floatOfNumber, rangeOfInts, absOfNumber, roundNumber, sqrtOfNumber, expOfNumber, logOfNumber,
  ]

  static let intOfNumber = Builtin(
    "int", area: .plain, on: [.int, .float, .bool, .string], subject: "x", returns: .int,
    summary: "A number without its fraction, or a text read as an int.", keywords: ["integer", "truncate", "parse"],
    python: "int(x)",
    examples: [
      Example("int(2.9)", gives: 2), Example(#"int("-12")"#, gives: -12), Example("int(1e30)", fails: "64 bits"),
    ], seeAlso: ["float", "round", "str"]
  ) { call in
    switch call.value("x") {
    case .int(let number): return .int(number)
    case .bool(let flag): return .int(flag ? 1 : 0)
    case .float(let number): return .int(try NumberTools.int(number.rounded(.towardZero), call))
    case .string(let text):
      guard let number = NumberTools.int(text) else {
        throw call.error(
          "\(call.value("x").inline(width: 30)) is no int", at: "x", help: "text with a fraction: float(x)")
      }
      return .int(number)
    default: return .nothing
    }
  }

  static let floatOfNumber = Builtin(
    "float", area: .plain, on: [.float, .int, .bool, .string], subject: "x", returns: .float,
    summary: "A number as a float, or a text read as one.", keywords: ["double", "parse"], python: "float(x)",
    examples: [
      Example("float(3)", gives: 3.0), Example(#"float("2e-5")"#, gives: 2e-5),
      Example(#"float("two")"#, fails: "is no number"),
    ], seeAlso: ["int", "str"]
  ) { call in
    switch call.value("x") {
    case .int(let number): return .float(Double(number))
    case .bool(let flag): return .float(flag ? 1 : 0)
    case .string(let text):
      guard let number = NumberTools.float(text) else {
        throw call.error("\(call.value("x").inline(width: 30)) is no number", at: "x")
      }
      return .float(number)
    case let other: return other
    }
  }

  static let rangeOfInts = Builtin(
    "range", area: .plain, returns: .list,
    summary: "Ints in a row: from 0, or from a start, up to but without the stop.",
    parameters: [
      .positional("start", .int, "The first; with one argument it is the stop, and the first is 0."),
      .positional("stop", .int, shown: "", "Where to stop, left out itself."),
      .positional("step", .int, default: 1, "From one to the next; not 0."),
    ], keywords: ["sequence", "numbers", "loop"], python: "range(start, stop, step)",
    examples: [
      Example("range(4)", gives: .ints([0, 1, 2, 3])), Example("range(1, 8, 3)", gives: .ints([1, 4, 7])),
      Example("range(3, 0, -1)", gives: .ints([3, 2, 1])),
    ], seeAlso: ["enumerate", "arange"]
  ) { call in
    let first: Int = try call.int("start")
    let stop: Int? = try call.intIfAny("stop")
    return .ints(try NumberTools.range(stop == nil ? 0 : first, stop ?? first, try call.int("step"), call))
  }

  static let absOfNumber = Builtin(
    "abs", area: .plain, on: [.int, .float, .bool], subject: "x", returns: .float,
    summary: "A number without its sign.", keywords: ["absolute", "magnitude"], python: "abs(x)",
    examples: [Example("abs(-3)", gives: 3), Example("(-2.5).abs()", gives: 2.5)], seeAlso: ["round"]
  ) { call in
    switch call.value("x") {
    case .int(let number):
      guard number != Int.min else { throw call.error("abs(\(number)) is beyond 64 bits", at: "x") }
      return .int(abs(number))
    case .bool(let flag): return .int(flag ? 1 : 0)
    case .float(let number): return .float(abs(number))
    default: return .nothing
    }
  }

  static let roundNumber = Builtin(
    "round", area: .plain, on: [.float, .int], subject: "x", returns: .float,
    summary: "The nearest int, or the nearest number with so many digits; halves go to the even one.",
    parameters: [.positional("digits", .int, shown: "", "Digits after the point; then a float is given.")],
    keywords: ["nearest", "decimals"], python: "round(x, digits)",
    examples: [
      Example("round(2.5)", gives: 2), Example("round(0.8649, 3)", gives: 0.865),
      Example("round(1234, -2)", gives: 1200),
    ], seeAlso: ["int"]
  ) { call in try NumberTools.round(call.value("x"), try call.intIfAny("digits"), call) }

  static let sqrtOfNumber = Builtin(
    "sqrt", area: .plain, on: [.float, .int], subject: "x", returns: .float, summary: "The square root of a number.",
    keywords: ["root"], python: "math.sqrt(x)",
    examples: [Example("3.sqrt() ** 2 > 2.99", gives: true), Example("sqrt(16)", gives: 4.0)], seeAlso: ["exp", "log"]
  ) { call in
    let number: Double = try call.float("x")
    guard !(number < 0) else { throw call.error("a negative number has no real root", at: "x") }
    return .float(number.squareRoot())
  }

  static let expOfNumber = Builtin(
    "exp", area: .plain, on: [.float, .int], subject: "x", returns: .float, summary: "e to the power of a number.",
    keywords: ["exponential"], python: "math.exp(x)",
    examples: [Example("exp(0)", gives: 1.0), Example("exp(1.0)", gives: 2.718281828459045)], seeAlso: ["log"]
  ) { call in
    let number: Double = try call.float("x")
    let result: Double = Foundation.exp(number)
    guard result.isFinite || !number.isFinite else { throw call.error("exp(\(number)) is beyond a float", at: "x") }
    return .float(result)
  }

  static let logOfNumber = Builtin(
    "log", area: .plain, on: [.float, .int], subject: "x", returns: .float,
    summary: "The natural logarithm of a number.",
    keywords: ["logarithm", "ln"], python: "math.log(x)",
    examples: [Example("log(1)", gives: 0.0), Example("log(0)", fails: "no logarithm")], seeAlso: ["exp"]
  ) { call in
    let number: Double = try call.float("x")
    guard !(number <= 0) else { throw call.error("\(call.value("x").inline()) has no logarithm", at: "x") }
    return .float(Foundation.log(number))
  }
}

/// Numbers from floats and text without ever trapping.
enum NumberTools {
  static func int(_ number: Double, _ call: Call) throws -> Int {
    guard let result = Int(exactly: number) else {
      throw call.error("\(number) is beyond 64 bits", at: "x")
    }
    return result
  }

  static func int(_ text: String) -> Int? {
    let plain: String = TextTools.stripped(text, nil)
    guard !plain.hasPrefix("_"), !plain.hasSuffix("_"), !plain.contains("__") else { return nil }
    return Int(TextTools.parts(plain, "_").joined())
  }

  static func float(_ text: String) -> Double? {
    let plain: String = TextTools.stripped(text, nil)
    guard plain.utf8.allSatisfy({ $0 != UInt8(ascii: "x") && $0 != UInt8(ascii: "p") && $0 != UInt8(ascii: "(") })
    else {
      return nil
    }
    return Double(plain)
  }

  static func range(_ first: Int, _ stop: Int, _ step: Int, _ call: Call) throws -> [Int] {
    guard step != 0 else { throw call.error("the step can't be 0", at: "step") }
    let isEmpty: Bool = step > 0 ? first >= stop : first <= stop
    if isEmpty { return [] }
    let span: UInt = step > 0 ? UInt(bitPattern: stop &- first) : UInt(bitPattern: first &- stop)
    let count: UInt = (span - 1) / step.magnitude + 1
    guard count <= UInt(Limits.elementCount) else {
      throw call.error(
        "a list holds at most \(Numbers.grouped(Limits.elementCount)) elements", help: "`while` counts further")
    }
    return (0..<Int(count)).map { first &+ $0 &* step }
  }

  static func round(_ value: Value, _ digits: Int?, _ call: Call) throws -> Value {
    switch (value, digits) {
    case (.int(let number), let digits):
      guard let digits, digits < 0 else { return .int(number) }
      guard digits >= -18 else { return .int(0) }
      let unit: Int = (0 ..< -digits).reduce(1) { unit, _ in unit * 10 }
      let rest: Int = ((number % unit) + unit) % unit
      let (down, over) = number.subtractingReportingOverflow(rest)
      let isUp: Bool = rest > unit - rest || (rest == unit - rest && (down / unit) % 2 != 0)
      let (up, overUp) = down.addingReportingOverflow(unit)
      if isUp ? overUp : over { throw call.error("beyond 64 bits", at: "x") }
      return .int(isUp ? up : down)
    case (.float(let number), nil):
      guard number.isFinite else { throw call.error("\(number) has no nearest int", at: "x") }
      return .int(try int(number.rounded(.toNearestOrEven), call))
    case (.float(let number), let digits?):
      guard number.isFinite, digits <= 17 else { return .float(number) }
      guard digits >= -308 else { return .float(0) }
      // printf rounds the exact binary value, as Python does.
      if digits >= 0 { return .float(Double(String(format: "%.\(digits)f", number)) ?? number) }
      let unit: Double = pow(10, Double(-digits))
      return .float((number / unit).rounded(.toNearestOrEven) * unit)
    default: return value
    }
  }
}
