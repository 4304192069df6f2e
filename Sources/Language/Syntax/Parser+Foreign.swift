/// Habits of other languages that the grammar meets: each error gives the line as it is written here.
extension Parser {
  /// The text of the line the token at hand stands in, from a place on.
  private func line(from start: Int) -> String {
    let end: Int = source.lineRange(source.line(at: start)).end
    let comment: Comment? = comments.first { $0.range.start >= start && $0.range.start < end }
    return source.text(SourceRange(start, comment?.range.start ?? end)).trimmedEnd
  }

  private func wholeLine(at offset: Int) -> String { source.text(source.lineRange(source.line(at: offset))) }

  /// A line of Python that opens a block: what stands before its `:` and, where the block is on the same line, behind
  /// it; nil where there is no `:`.
  private func parts(_ text: String) -> (head: String, body: String?) {
    let bytes: [UInt8] = Array(text.utf8)
    let tokens: [Token] = Scanner.scan(SourceText(text)).tokens
    var depth = 0
    for token in tokens {
      switch token.kind {
      case .sign(.openParen), .sign(.openBracket), .sign(.openBrace): depth += 1
      case .sign(.closeParen), .sign(.closeBracket), .sign(.closeBrace): depth = max(0, depth - 1)
      case .sign(.colon) where depth == 0:
        let stop: Int = comment(in: text, after: token.range.end) ?? bytes.count
        return (
          String(decoding: bytes[..<token.range.start], as: UTF8.self).trimmedEnd,
          String(decoding: bytes[token.range.end..<stop], as: UTF8.self).trimmed
        )
      default: break
      }
    }
    let stop: Int = comment(in: text, after: 0) ?? bytes.count
    return (String(decoding: bytes[..<stop], as: UTF8.self).trimmedEnd, nil)
  }

  private func comment(in text: String, after place: Int) -> Int? {
    Scanner.scan(SourceText(text)).comments.first { $0.range.start >= place }?.range.start
  }

  /// The line with its `:` made a block: open, or whole where what it holds stands on the line. A block in braces stays.
  private func withBlock(_ text: String, head change: (String) -> String = { $0 }) -> String {
    let (head, body) = parts(text)
    let line: String
    if body == nil, let brace = head.firstIndex(of: "{") {
      line = change(String(head[..<brace])) + head[brace...]
    } else {
      line = change(head) + (body.map { $0.isEmpty ? " {" : " { \($0) }" } ?? " {")
    }
    return Habits.rewrite(line) ?? line
  }

  /// A statement that begins as in another language.
  mutating func foreignStatement() -> LanguageError? {
    let here: Token = token
    if case .sign(.at) = here.kind { return failure("there are no decorators", at: here.range) }
    if let notebook = notebookLine() { return notebook }
    if let shell = shellLine() { return shell }
    guard here.kind == .name else { return nil }
    let next: Token = following()
    let nextIsWord: Bool = next.kind == .name || next.kind == .string || next.kind == .int
    let rest: String = line(from: here.range.end)
    switch here.text {
    case "def", "func", "function":
      guard next.kind == .name else { return nil }
      return failure(
        "a function begins with `fn`", at: here.range,
        corrected: withBlock("fn" + rest) { $0.replacing("=", with: ": ") })
    case "import", "from":
      guard nextIsWord else { return nil }
      return failure(
        "there is nothing to import", at: here.range, label: "every word is there from the start",
        help: "`help words` lists them")
    case "elif":
      return failure("`elif` is `else if`", at: here.range, corrected: withBlock("} else if" + rest))
    case "let", "var", "const":
      guard next.kind == .name else { return nil }
      return failure(
        "a name is given without `\(here.text)`", at: here.range,
        corrected: String(rest.drop { $0 == " " }))
    case "class", "struct":
      guard next.kind == .name else { return nil }
      return failure("there are no classes", at: here.range, help: "a record holds named values: `{a: 1, b: 2}`")
    case "try", "except", "finally", "with", "raise", "yield", "del", "pass", "global", "nonlocal", "async", "await":
      let words: Set<String> = ["try", "finally", "pass"]
      guard nextIsWord || words.contains(here.text) && (next.kind == .sign(.colon) || next.kind == .end) else {
        return nil
      }
      return failure(
        "`\(here.text)` is no word of this language", at: here.range, help: Self.instead(of: here.text, rest))
    case "print":
      guard next.kind == .string || next.kind == .name else { return nil }
      return failure(
        "a call has brackets", at: here.range.union(next.range),
        corrected: "print(" + rest.drop { $0 == " " } + ")")
    default: return nil
    }
  }

  /// What to do where Python has a statement that isn't here.
  private static func instead(of word: String, _ rest: String) -> String? {
    switch word {
    case "pass": return "an empty block is `{ }`"
    case "del": return "a name stays until it is given anew; `:undo` takes back what made it"
    case "try", "except", "finally": return "an error ends its statement and leaves everything as it was"
    case "raise": return "`assert condition, \"why\"` ends with an error"
    case "global", "nonlocal": return "a function reads what is outside and gives its result with `return`"
    case "yield": return "a function gives a whole list: `return xs`"
    case "with":
      return rest.contains("no_grad") || rest.contains("inference_mode")
        ? "gradients are computed only where asked for: the lines of its block stand by themselves"
        : "the lines of its block stand by themselves"
    default: return nil
    }
  }

  /// A value that begins as in another language.
  mutating func foreignValue() -> LanguageError? {
    let here: Token = token
    let next: Token = following()
    if here.text == "lambda", next.kind == .name || next.kind == .sign(.colon) {
      var rest: String = line(from: here.range.end)
      guard let colon = rest.firstIndex(of: ":") else { return nil }
      let names: String = rest[..<colon].trimmed
      rest = rest[rest.index(after: colon)...].trimmed
      let head: String = names.contains(",") || names.isEmpty ? "(\(names))" : names
      let range = SourceRange(here.range.start, source.lineRange(source.line(at: here.range.start)).end)
      return failure(
        "a function without a name is `x -> ...`", at: here.range,
        corrected: replacing(range, with: "\(head) -> \(rest)"))
    }
    if next.kind == .string || (next.kind == .invalid && next.text == "open"), !next.hasSpaceBefore {
      let prefixes: Set<String> = ["f", "F", "r", "R", "b", "B", "rb", "br", "fr", "rf", "u"]
      guard prefixes.contains(here.text) else { return nil }
      let range: SourceRange = here.range.union(next.range)
      guard here.text.lowercased() == "f" else {
        // A raw string's backslashes mean themselves.
        let isRaw: Bool = here.text.lowercased().contains("r")
        let text: String = source.text(next.range).replacing("\\", with: isRaw ? "\\\\" : "\\")
        return failure("a string has no prefix", at: range, corrected: replacing(range, with: text))
      }
      return failure(
        "a string has no prefix; braces mean nothing in it", at: range,
        help: "texts are joined with `+`, numbers made text with `str(x)`",
        corrected: replacing(range, with: Self.joined(next.text)))
    }
    return nil
  }

  /// `"a " + str(x) + " b"` for the text of an f-string.
  static func joined(_ template: String) -> String {
    var parts: [String] = []
    var rest: Substring = template[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      let before: Substring = rest[..<open]
      if !before.isEmpty { parts.append(StringEscapes.literal(String(before))) }
      let inside: Substring = rest[rest.index(after: open)..<close]
      let name: Substring = inside.prefix { $0 != ":" && $0 != "!" && $0 != "=" }
      parts.append("str(\(name))")
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty || parts.isEmpty { parts.append(StringEscapes.literal(String(rest))) }
    return parts.joined(separator: " + ")
  }

  /// `epochs=3`, `*xs`, `**options` in a call.
  mutating func foreignArgument() -> LanguageError? {
    let here: Token = token
    if here.kind == .name, followingSkippingNewlines().kind == .sign(.assign) {
      let sign: Token = followingSkippingNewlines()
      var line: String = wholeLine(at: here.range.start)
      if source.line(at: sign.range.start) == source.line(at: here.range.start) {
        line = labelled(line, at: here.range.start)
        line = Habits.rewrite(line) ?? line
      }
      if let foreign = foreignCallee(rewritten: line) { return foreign }
      return failure(
        "a label is written with `:`", at: here.range.union(sign.range),
        help: Habits.needless(here.text) ?? "write `\(Habits.label(here.text) ?? here.text): ...`", corrected: line)
    }
    if case .sign(let sign) = here.kind, sign == .star || sign == .doubleStar {
      return failure(
        "arguments can't be spread with `\(sign.rawValue)`", at: here.range,
        help: sign == .star ? "a list is given whole: `f(xs)`" : "a record is given whole: `model(batch)`",
        corrected: following().kind == .name ? replacing(here.range, with: "") : nil)
    }
    return nil
  }

  /// The error for a call of a word from elsewhere that has none in its place here: `LoraConfig(r=8)`, `Trainer(...)`.
  private func foreignCallee(rewritten line: String) -> LanguageError? {
    guard let open = opening(before: place), open > 0, tokens[open - 1].kind == .name else { return nil }
    let name: Token = tokens[open - 1]
    let isMember: Bool = open > 1 && tokens[open - 2].kind == .sign(.dot)
    guard let habit = Habits.callee(name.text, isMember: isMember) else { return nil }
    let isGone: Bool = !Scanner.scan(SourceText(line)).tokens.contains { $0.kind == .name && $0.text == name.text }
    guard habit.ours.isEmpty || !isGone else { return nil }
    let what: String = habit.ours.isEmpty ? "isn't a word" : "is `\(habit.ours)`"
    return failure(
      "`\(name.text)` \(what) here", at: name.range, help: habit.says.isEmpty ? nil : habit.says,
      corrected: isGone ? line : nil)
  }

  /// The line with every `name=value` inside calls from a place on written `name: value`.
  private func labelled(_ line: String, at start: Int) -> String {
    let lineStart: Int = source.lineRange(source.line(at: start)).start
    var result = ""
    var copied: Int = lineStart
    var index: Int = 0
    while index + 2 < tokens.count {
      let (name, sign, after) = (tokens[index], tokens[index + 1], tokens[index + 2])
      index += 1
      guard name.kind == .name, sign.kind == .sign(.assign), name.range.start >= start else { continue }
      guard source.line(at: name.range.start) == source.line(at: start) else { break }
      result += source.text(SourceRange(copied, name.range.end)) + ": "
      copied = after.range.start
    }
    return result + self.line(from: copied)
  }

  /// `if c: x`, where a block is expected.
  mutating func foreignBlock() -> LanguageError? {
    let here: Token = token
    if here.kind == .name, here.text == "is" {
      let line: String = withEquals()
      return failure("`is` is `==`", at: here.range, corrected: line.contains("{") ? line : withBlock(line))
    }
    guard here.kind == .sign(.colon), following().kind != .sign(.assign) else { return nil }
    return failure("a block stands in braces", at: here.range, corrected: withBlock(wholeLine(at: here.range.start)))
  }

  /// What else is known about the token at hand where it doesn't fit.
  mutating func foreignSyntax() -> LanguageError? {
    let here: Token = token
    let before: Token? = place > 0 ? tokens[place - 1] : nil
    switch here.kind {
    case .sign(.colon):
      if following().kind == .sign(.assign) {
        return failure("a name is given with `=`", at: here.range, corrected: replacing(here.range, with: ""))
      }
      let after: Token.Kind = following().kind
      guard after == .newline || after == .end else { return nil }
      return failure(
        "a block stands in braces", at: here.range, corrected: withBlock(wholeLine(at: here.range.start)))
    case .sign(.assign):
      return failure("to compare, write `==`", at: here.range, corrected: replacing(here.range, with: "=="))
    case .sign(.plus):
      guard before?.kind == .sign(.plus) else { return nil }
      return failure("there is no `++`", at: here.range, help: "write `x += 1`")
    case .keyword(.for): return comprehension()
    case .sign(.arrow):
      return failure(
        "a function stands where a whole expression may", at: here.range, help: "put it in brackets: `(x -> ...)`")
    default: return nil
    }
  }

  /// After a complete statement something else stands on its line.
  mutating func strayToken(after statement: Statement?) -> LanguageError {
    let here: Token = token
    if case .keyword(.if) = here.kind, let statement { return pythonConditional(after: statement) }
    if let question = question(after: statement) { return question }
    if let statement, let call = callWithoutBrackets(after: statement) { return call }
    if here.kind == .name, here.text == "is" {
      return failure("`is` is `==`", at: here.range, corrected: withEquals())
    }
    if case .sign(.closeParen) = here.kind { return failure("this `)` closes nothing", at: here.range) }
    if case .sign(.closeBracket) = here.kind { return failure("this `]` closes nothing", at: here.range) }
    if case .sign(.closeBrace) = here.kind { return failure("this `}` closes nothing", at: here.range) }
    if case .sign(.openBrace) = here.kind {
      return failure(
        "a block follows only `if`, `else`, `for`, `while` and `fn`", at: here.range,
        help: "a record stands where a value is expected: `r = {a: 1}`")
    }
    if case .keyword(.else) = here.kind { return lonelyElse() }
    if here.kind == .name, here.text == "elif" {
      return failure("`elif` is `else if`", at: here.range, corrected: replacing(here.range, with: "else if"))
    }
    return unexpected("expected an operator or the end of the line")
  }

  /// The line with `==` for the `is` at hand, `!=` for `is not`.
  private func withEquals() -> String {
    let here: SourceRange = tokens[place].range
    let isNegated: Bool = following().kind == .keyword(.not)
    let line: String = replacing(isNegated ? here.union(following().range) : here, with: isNegated ? "!=" : "==")
    return Habits.rewrite(line) ?? line
  }

  /// `len xs`, `n = len xs`.
  private mutating func callWithoutBrackets(after statement: Statement) -> LanguageError? {
    let here: Token = token
    guard here.kind == .name || here.kind == .string || here.kind == .int || here.kind == .float else { return nil }
    let value: Expression
    switch statement.node {
    case .expression(let expression), .assign(_, let expression): value = expression
    default: return nil
    }
    guard case .name(let symbol) = value.node, ReservedWords.all.contains(symbol.text) else { return nil }
    let head: String = source.text(SourceRange(statement.range.start, value.range.start))
    let text: String = "\(head)\(symbol.text)(\(line(from: here.range.start)))"
    return failure(
      "a call has brackets", at: value.range.union(here.range), corrected: Habits.rewrite(text) ?? text)
  }

  /// `x = a if c else b`.
  private mutating func pythonConditional(after statement: Statement) -> LanguageError {
    let here: Token = token
    let rest: String = line(from: here.range.end)
    var value: SourceRange = statement.range
    var head = ""
    if case .assign(_, let expression) = statement.node {
      value = expression.range
      head = source.text(SourceRange(statement.range.start, value.start))
    }
    let halves: [Substring] = rest.split(separator: " else ", maxSplits: 1)
    guard halves.count == 2 else { return failure("`if` begins an expression", at: here.range) }
    let text: String =
      "\(head)if \(halves[0].trimmed) { \(source.text(value)) } else { \(halves[1].trimmed) }"
    return failure("`if` stands before its values", at: here.range, corrected: Habits.rewrite(text) ?? text)
  }
}

extension StringProtocol {
  /// Without spaces at the end.
  var trimmedEnd: String {
    var view: SubSequence = self[...]
    while let last = view.last, last.isWhitespace { view = view.dropLast() }
    return String(view)
  }

  /// Without spaces at both ends.
  var trimmed: String {
    var view: SubSequence = self[...]
    while let first = view.first, first.isWhitespace { view = view.dropFirst() }
    while let last = view.last, last.isWhitespace { view = view.dropLast() }
    return String(view)
  }
}
