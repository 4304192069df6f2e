import Language

/// Words on text.
extension Builtin {
  static let textFamily: [Builtin] = [
    lowerText, upperText, stripText, replaceText, containsText, startsWithText, endsWithText, splitText, linesOfText,
    joinTexts, strOfAny,
  ]

  static let lowerText = Builtin(
    "lower", area: .plain, on: [.string], subject: "text", returns: .string, summary: "The text in small letters.",
    keywords: ["lowercase", "casefold"], python: "text.lower()",
    examples: [Example(#""Good FILM".lower()"#, gives: "good film"), Example(#"lower("")"#, gives: "")],
    seeAlso: ["upper"]
  ) { call in .string(try call.string("text").lowercased()) }

  static let upperText = Builtin(
    "upper", area: .plain, on: [.string], subject: "text", returns: .string, summary: "The text in capital letters.",
    keywords: ["uppercase", "capitals"], python: "text.upper()",
    examples: [Example(#""straße".upper()"#, gives: "STRASSE"), Example(#"upper("ok")"#, gives: "OK")],
    seeAlso: ["lower"]
  ) { call in .string(try call.string("text").uppercased()) }

  static let stripText = Builtin(
    "strip", area: .plain, on: [.string], subject: "text", returns: .string,
    summary: "The text without spaces, or without given characters, at both ends.",
    parameters: [.positional("characters", .string, shown: "spaces", "The characters to take away.")],
    keywords: ["trim", "whitespace"], python: "text.strip()",
    examples: [
      Example(#""  a b ".strip()"#, gives: "a b"), Example(#""--x-".strip("-")"#, gives: "x"),
    ], seeAlso: ["replace"]
  ) { call in
    let set: [Unicode.Scalar]? = try call.stringIfAny("characters").map { Array($0.unicodeScalars) }
    return .string(TextTools.stripped(try call.string("text"), set))
  }

  static let replaceText = Builtin(
    "replace", area: .plain, on: [.string], subject: "text", returns: .string,
    summary: "The text with every occurrence of a part replaced.",
    parameters: [
      .positional("part", .string, "What to look for."), .positional("by", .string, "What to put in its place."),
    ], keywords: ["substitute", "sub"], python: #"text.replace("a", "b")"#,
    examples: [
      Example(#""a-b-c".replace("-", " ")"#, gives: "a b c"), Example(#"replace("aaa", "aa", "b")"#, gives: "ba"),
    ], seeAlso: ["contains", "strip"]
  ) { call in
    .string(try TextTools.replaced(try call.string("text"), try call.string("part"), by: try call.string("by")))
  }

  static let containsText = Builtin(
    "contains", area: .plain, on: [.string], subject: "text", returns: .bool, summary: "Whether the text holds a part.",
    parameters: [.positional("part", .string, "What to look for.")],
    keywords: ["find", "in", "search", "substring"], python: "part in text",
    examples: [
      Example(#""a good film".contains("good")"#, gives: true), Example(#"contains("a", "b")"#, gives: false),
    ], seeAlso: ["starts_with", "ends_with"]
  ) { call in .bool(TextSearch.contains(try call.string("text"), try call.string("part"))) }

  static let startsWithText = Builtin(
    "starts_with", area: .plain, on: [.string], subject: "text", returns: .bool,
    summary: "Whether the text begins with a part.",
    parameters: [.positional("part", .string, "The beginning.")], keywords: ["prefix", "startswith"],
    python: "text.startswith(part)",
    examples: [
      Example(#""un-zip".starts_with("un")"#, gives: true), Example(#"starts_with("a", "ab")"#, gives: false),
    ], seeAlso: ["ends_with", "contains"]
  ) { call in .bool(try call.string("text").utf8.starts(with: try call.string("part").utf8)) }

  static let endsWithText = Builtin(
    "ends_with", area: .plain, on: [.string], subject: "text", returns: .bool,
    summary: "Whether the text ends with a part.",
    parameters: [.positional("part", .string, "The end.")], keywords: ["suffix", "endswith"],
    python: "text.endswith(part)",
    examples: [
      Example(#""model.safetensors".ends_with(".safetensors")"#, gives: true),
      Example(#"ends_with("a", "ba")"#, gives: false),
    ], seeAlso: ["starts_with", "contains"]
  ) { call in
    let (text, part): ([UInt8], [UInt8]) = (Array(try call.string("text").utf8), Array(try call.string("part").utf8))
    return .bool(text.count >= part.count && text.suffix(part.count).elementsEqual(part))
  }

  static let splitText = Builtin(
    "split", area: .plain, on: [.string], subject: "text", returns: .list,
    summary: "The parts of the text between spaces, or between separators.",
    parameters: [.positional("by", .string, shown: "spaces", "The separator.")], keywords: ["words", "separate"],
    python: "text.split()",
    examples: [
      Example(#""a  b c".split()"#, gives: .strings(["a", "b", "c"])),
      Example(#""a,,b".split(",")"#, gives: .strings(["a", "", "b"])),
    ], seeAlso: ["join", "lines"]
  ) { call in
    let text: String = try call.string("text")
    guard let separator = try call.stringIfAny("by") else { return .strings(TextTools.words(text)) }
    guard !separator.isEmpty else { throw call.error("the separator is empty", at: "by") }
    return .strings(TextTools.parts(text, separator))
  }

  static let linesOfText = Builtin(
    "lines", area: .plain, on: [.string], subject: "text", returns: .list, summary: "The lines of the text.",
    keywords: ["splitlines", "newline"], python: "text.splitlines()",
    examples: [
      Example(#""a\nb\n".lines()"#, gives: .strings(["a", "b"])),
      Example(#"lines("one")"#, gives: .strings(["one"])),
    ], seeAlso: ["split", "read_text"]
  ) { call in .strings(TextTools.lines(try call.string("text"))) }

  static let joinTexts = Builtin(
    "join", area: .plain, on: [.list], subject: "texts", returns: .string,
    summary: "The texts of a list in one, with a separator between them.",
    parameters: [.positional("separator", .string, default: "", "What stands between two of them.")],
    keywords: ["concatenate"], python: "separator.join(texts)",
    examples: [
      Example(#"["a", "b"].join(", ")"#, gives: "a, b"), Example(#"join(["x", "y"])"#, gives: "xy"),
    ], seeAlso: ["split"]
  ) { call in .string(try call.strings("texts").joined(separator: try call.string("separator"))) }

  static let strOfAny = Builtin(
    "str", area: .plain, returns: .string, summary: "A value as text.", parameters: [.positional("x", .any)],
    keywords: ["string", "text", "convert"], python: "str(x)",
    examples: [
      Example(#""epoch " + str(3)"#, gives: "epoch 3"), Example("str(2.50)", gives: "2.5"),
      Example("str([1, 2])", gives: "[1, 2]"),
    ], seeAlso: ["int", "float"]
  ) { call in .string(TextTools.text(call.value("x"))) }
}
