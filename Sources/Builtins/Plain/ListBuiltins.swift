import Language

/// Words on lists and records that look at or rearrange elements.
extension Builtin {
  static let listFamily: [Builtin] = [
    lenOfAny, sortedList, reversedList, zipLists, enumerateList, mapList, filterList, uniqueList, keysOfRecord,
    valuesOfRecord, appendToList,
  ]

  static let lenOfAny = Builtin(
    "len", area: .plain, returns: .int, summary: "How many elements, characters, fields or rows there are.",
    parameters: [.positional("x", .any)], keywords: ["length", "size", "count"], python: "len(x)",
    examples: [
      Example("len([1, 2, 3])", gives: 3), Example(#""größe".len()"#, gives: 5), Example("{a: 1}.len()", gives: 1),
    ], seeAlso: ["count", "unique"]
  ) { call in
    switch call.value("x") {
    case .string(let text): return .int(text.unicodeScalars.count)
    case .list(let list): return .int(list.count)
    case .record(let record): return .int(record.count)
    case .object(let object):
      if let count = object.length { return .int(count) }
    default: break
    }
    let help: String? = call.value("x").kind == .int ? "the digits of a number: len(str(x))" : nil
    throw call.error("\(call.value("x").kind.phrase) has no length", at: "x", help: help)
  }

  static let sortedList = Builtin(
    "sorted", area: .plain, on: [.list], subject: "xs", returns: .list,
    summary: "The elements in order; equal ones keep their places.",
    parameters: [
      .named("by", .function, shown: "", "A function of an element that gives what to sort by."),
      .named("descending", .bool, default: false, "Whether the largest comes first."),
    ], keywords: ["sort", "order", "rank"], python: "sorted(xs, key=..., reverse=True)",
    examples: [
      Example("[3, 1, 2].sorted()", gives: .ints([1, 2, 3])),
      Example(#"sorted(["bb", "a"], by: x -> x.len())"#, gives: .strings(["a", "bb"])),
      Example("sorted([1, 3, 2], descending: true)", gives: .ints([3, 2, 1])),
    ], seeAlso: ["reversed", "unique", "sort"]
  ) { call in try ListTools.sorted(call) }

  static let reversedList = Builtin(
    "reversed", area: .plain, on: [.list, .string], subject: "xs", returns: .list,
    summary: "From the last to the first.",
    keywords: ["reverse", "backwards"], python: "list(reversed(xs))",
    examples: [Example("reversed([1, 2])", gives: .ints([2, 1])), Example(#""abc".reversed()"#, gives: "cba")],
    seeAlso: ["sorted"]
  ) { call in
    if case .string(let text) = call.value("xs") {
      return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
    }
    return try .list(Array(try call.list("xs").reversed()))
  }

  static let zipLists = Builtin(
    "zip", area: .plain, returns: .list, summary: "Lists side by side: the first elements, the second ones, and so on.",
    details: ["The shortest list decides how many there are."],
    parameters: [
      .positional("xs", .any, "A list, or anything with elements."), .rest("others", .any, "More of them."),
    ],
    keywords: ["pairs", "parallel"], python: "list(zip(a, b))",
    examples: [
      Example(#"zip([1, 2], ["a", "b"]).map((n, s) -> s + str(n))"#, gives: .strings(["a1", "b2"])),
      Example("zip([1, 2, 3], [4, 5])", shows: "[[1, 4], [2, 5]]"),
    ], seeAlso: ["enumerate"]
  ) { call in
    let all: [[Value]] = try ([call.value("xs")] + call.rest()).map { try ListTools.elements($0, call) }
    let count: Int = all.map(\.count).min() ?? 0
    return try .list(try (0..<count).map { place in try .list(all.map { $0[place] }) })
  }

  static let enumerateList = Builtin(
    "enumerate", area: .plain, returns: .list, summary: "Each element with its place.",
    parameters: [
      .positional("xs", .any, "A list, or anything with elements."),
      .named("start", .int, default: 0, "The first place."),
    ], keywords: ["index", "number", "count"], python: "list(enumerate(xs))",
    examples: [
      Example(#"enumerate(["a", "b"])"#, shows: #"[[0, "a"], [1, "b"]]"#),
      Example("enumerate([5, 6]).map((i, x) -> i * x)", gives: .ints([0, 6])),
    ], seeAlso: ["zip", "range"]
  ) { call in
    let start: Int = try call.int("start")
    return try .list(
      try ListTools.elements(call.value("xs"), call).enumerated().map { place, value in
        try .list([.int(start &+ place), value])
      })
  }

  static let mapList = Builtin(
    "map", area: .plain, on: [.list], subject: "xs", returns: .list, summary: "What a function makes of each element.",
    details: ["A function of two arguments takes pairs apart: enumerate(xs).map((i, x) -> ...)."],
    parameters: [.positional("f", .function, "A function of one element.")],
    keywords: ["apply", "each", "transform", "comprehension"], python: "[f(x) for x in xs]",
    examples: [
      Example("[1, 2, 3].map(x -> x * x)", gives: .ints([1, 4, 9])),
      Example(#"map(["A", "B"], lower)"#, gives: .strings(["a", "b"])),
    ], seeAlso: ["filter", "enumerate"]
  ) { call in
    try .list(
      try call.list("xs").map { item in
        try call.checkInterruption()
        return try call.invoke(call.value("f"), item)
      })
  }

  static let filterList = Builtin(
    "filter", area: .plain, on: [.list], subject: "xs", returns: .list,
    summary: "The elements for which a function gives true.",
    parameters: [.positional("f", .function, "A function of one element that gives true or false.")],
    keywords: ["where", "select", "keep"], python: "[x for x in xs if f(x)]",
    examples: [
      Example("[1, 2, 3, 4].filter(x -> x % 2 == 0)", gives: .ints([2, 4])),
      Example(#"filter(["a", ""], x -> x != "")"#, gives: .strings(["a"])),
    ], seeAlso: ["map", "any", "all"]
  ) { call in
    try .list(
      try call.list("xs").filter { item in
        try call.checkInterruption()
        return try call.invoke(call.value("f"), item).truth()
      })
  }

  static let uniqueList = Builtin(
    "unique", area: .plain, on: [.list], subject: "xs", returns: .list,
    summary: "Each different element once, in the order of first appearance.",
    keywords: ["distinct", "set", "different"],
    python: "list(dict.fromkeys(xs))",
    examples: [
      Example("unique([2, 1, 2])", gives: .ints([2, 1])),
      Example(#"["a", "b", "a"].unique().len()"#, gives: 2),
    ], seeAlso: ["count", "sorted"]
  ) { call in try ListTools.unique(try call.list("xs"), call) }

  static let keysOfRecord = Builtin(
    "keys", area: .plain, on: [.record], returns: .list, summary: "The keys of a record, in order.",
    keywords: ["names", "fields"], python: "list(record)",
    examples: [
      Example("keys({a: 1, b: 2})", gives: .strings(["a", "b"])), Example(#"{0: "x"}.keys()"#, gives: .ints([0])),
    ], seeAlso: ["values"]
  ) { call in try .list(try call.record("record").keys.map(\.value)) }

  static let valuesOfRecord = Builtin(
    "values", area: .plain, on: [.record], returns: .list, summary: "The values of a record, in order.",
    keywords: ["fields"], python: "list(record.values())",
    examples: [
      Example("values({a: 1, b: 2})", gives: .ints([1, 2])), Example("{a: 3}.values().sum()", gives: 3),
    ], seeAlso: ["keys"]
  ) { call in try .list(try call.record("record").values) }

  static let appendToList = Builtin(
    "append", area: .plain, on: [.list], subject: "xs", returns: .list,
    summary: "A new list with one more element at the end.", details: ["The list itself stays: xs = xs.append(x)."],
    parameters: [.positional("x", .any, "The element.")], keywords: ["add", "push", "extend"], python: "xs + [x]",
    examples: [
      Example("[1].append(2)", gives: .ints([1, 2])), Example("append([], [])", shows: "[[]]"),
    ], seeAlso: ["zip"]
  ) { call in try .list(try call.list("xs") + [call.value("x")]) }
}
