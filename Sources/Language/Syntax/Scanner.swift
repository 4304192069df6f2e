/// Turns source text into tokens. It never fails: what it can't read becomes an `invalid` token with its message.
struct Scanner {
  private let bytes: [UInt8]
  private let source: SourceText
  private var place = 0
  private var tokens: [Token] = []
  private var comments: [Comment] = []
  private var spaceBefore = false
  private var lineIsBlank = true

  init(_ source: SourceText) {
    self.source = source
    bytes = source.bytes
  }

  static func scan(_ source: SourceText) -> (tokens: [Token], comments: [Comment]) {
    var scanner = Scanner(source)
    scanner.scanAll()
    return (scanner.tokens, scanner.comments)
  }

  private func byte(_ ahead: Int = 0) -> UInt8 {
    let index: Int = place + ahead
    return index < bytes.count ? bytes[index] : 0
  }

  private mutating func scanAll() {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
    while place < bytes.count { scanOne() }
    add(Token(kind: .end, range: SourceRange(bytes.count, bytes.count)))
  }

  private mutating func add(_ token: Token) {
    var token: Token = token
    token.hasSpaceBefore = spaceBefore
    tokens.append(token)
    spaceBefore = false
    lineIsBlank = token.kind == .newline
  }

  private mutating func refuse(_ range: SourceRange, _ message: String, help: String? = nil) {
    let error = Diagnostic(message, at: range, help: help, isSyntax: true)
    add(Token(kind: .invalid, range: range, error: error))
  }

  private mutating func scanOne() {
    let first: UInt8 = byte()
    switch first {
    case 0x20, 0x09, 0x0D, 0x0C:
      place += 1
      spaceBefore = true
    case 0x0A:
      add(Token(kind: .newline, range: SourceRange(place, place + 1)))
      place += 1
      spaceBefore = true
    case UInt8(ascii: "#"): scanComment()
    case UInt8(ascii: "0")...UInt8(ascii: "9"): scanNumber()
    case UInt8(ascii: "\""), UInt8(ascii: "'"): scanString(quote: first)
    case UInt8(ascii: "_"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): scanName()
    case 0x80...0xFF: scanOther()
    default: scanSign()
    }
  }

  private mutating func scanComment() {
    let start: Int = place
    while place < bytes.count, bytes[place] != 0x0A { place += 1 }
    var end: Int = place
    if end > start, bytes[end - 1] == 0x0D { end -= 1 }
    let range = SourceRange(start, end)
    comments.append(Comment(range: range, text: source.text(range), isWholeLine: lineIsBlank))
    spaceBefore = true
  }

  // MARK: names

  private mutating func scanName() {
    let start: Int = place
    while place < bytes.count {
      if isNameByte(bytes[place]) {
        place += 1
      } else if bytes[place] >= 0x80, let (scalar, length) = scalar(at: place), isNameScalar(scalar) {
        place += length
      } else {
        break
      }
    }
    let range = SourceRange(start, place)
    let text: String = source.text(range)
    if let keyword = Keyword(rawValue: text) {
      add(Token(kind: .keyword(keyword), range: range, text: text))
    } else {
      add(Token(kind: .name, range: range, text: text))
    }
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "_"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      return true
    default: return false
    }
  }

  private func isNameScalar(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isXIDContinue }

  /// The scalar at a byte, or nil where the bytes are not UTF-8.
  private func scalar(at offset: Int) -> (Unicode.Scalar, Int)? {
    var decoder = UTF8()
    var iterator = bytes[offset..<min(bytes.count, offset + 4)].makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
    return (scalar, UTF8.width(scalar))
  }

  private mutating func scanOther() {
    guard let (scalar, length) = scalar(at: place) else {
      let start: Int = place
      place += 1
      return refuse(SourceRange(start, place), "this is not UTF-8 text")
    }
    let range = SourceRange(place, place + length)
    switch scalar.value {
    case 0xA0, 0x2000...0x200B, 0x202F, 0x3000, 0xFEFF:
      place += length
      spaceBefore = true
    case 0x201C, 0x201D, 0x201E, 0x2018, 0x2019, 0xAB, 0xBB:
      place += length
      refuse(range, "typographic quotes don't open a string", help: "write \"…\" or '…'")
    default:
      if scalar.properties.isXIDStart { return scanName() }
      place += length
      refuse(range, "`\(scalar)` means nothing here", help: signHelp[String(scalar)])
    }
  }

  // MARK: signs

  private var signHelp: [String: String] {
    [
      "!": "write `not x`, or `!=`", "&": "write `and`; of rows: `t.filter(r -> r.a == 1 and r.b == 2)`",
      "|": "write `or`; of rows: `t.filter(r -> r.a == 1 or r.b == 2)`",
      "?": "`?name` stands alone, at the start of a line",
      "\\": "a line goes on by itself inside brackets and after an operator", "^": "a power is `x ** y`",
      "$": "names begin with a letter", "`": "strings stand in \"…\" or '…'", "×": "write `*`", "÷": "write `/`",
      "−": "write `-`", "≤": "write `<=`", "≥": "write `>=`", "≠": "write `!=`", "→": "write `->`", "…": "leave it out",
      "~": "write `not`",
    ]
  }

  private mutating func scanSign() {
    let start: Int = place
    for length in [3, 2, 1] where start + length <= bytes.count {
      let text = String(decoding: bytes[start..<start + length], as: UTF8.self)
      if let sign = Sign(rawValue: text) {
        if sign == .dot, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte(1)) { return scanLeadingDot() }
        place += length
        return add(Token(kind: .sign(sign), range: SourceRange(start, place)))
      }
    }
    place += 1
    let double: String = source.text(SourceRange(start, start + 2))
    if double == "&&" || double == "||" { place += 1 }
    let range = SourceRange(start, place)
    let text: String = source.text(range)
    refuse(range, "`\(TextWidth.visible(text))` means nothing here", help: signHelp[String(text.prefix(1))])
  }

  /// `.5`: a float has a digit on both sides; `x.0` is an index in other languages.
  private mutating func scanLeadingDot() {
    let start: Int = place
    place += 1
    while isNameByte(byte()) { place += 1 }
    let range = SourceRange(start, place)
    let text: String = source.text(range)
    if !spaceBefore, let before = tokens.last, before.range.end == start {
      return refuse(range, "a name follows the point", help: "an element is `x[\(text.dropFirst())]`")
    }
    refuse(range, "a float has a digit on both sides of the point", help: "write `0\(text)`")
  }
}

extension Scanner {
  // MARK: numbers

  private mutating func digits() -> Bool {
    let start: Int = place
    var wellFormed = true
    while true {
      let next: UInt8 = byte()
      if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) {
        place += 1
      } else if next == UInt8(ascii: "_") {
        let after: UInt8 = byte(1)
        if !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(after) { wellFormed = false }
        place += 1
      } else {
        break
      }
    }
    return wellFormed && place > start
  }

  private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private mutating func scanNumber() {
    let start: Int = place
    var wellFormed: Bool = digits()
    var isFloat = false
    if byte() == UInt8(ascii: "."), isDigit(byte(1)) {
      isFloat = true
      place += 1
      wellFormed = digits() && wellFormed
    } else if byte() == UInt8(ascii: "."), !startsName(byte(1)) {
      place += 1
      let range = SourceRange(start, place)
      return refuse(
        range, "a float has a digit on both sides of the point", help: "write `\(source.text(range))0`")
    }
    let exponent: UInt8 = byte() | 0x20
    if exponent == UInt8(ascii: "e") {
      let sign: Bool = byte(1) == UInt8(ascii: "-") || byte(1) == UInt8(ascii: "+")
      if isDigit(byte(sign ? 2 : 1)) {
        isFloat = true
        place += sign ? 2 : 1
        wellFormed = digits() && wellFormed
      }
    }
    let end: Int = place
    while isNameByte(byte()) { place += 1 }
    let range = SourceRange(start, place)
    let text: String = source.text(range)
    if place > end {
      let bases: [String: Int] = ["0x": 16, "0b": 2, "0o": 8]
      if let base = bases[text.prefix(2).lowercased()], let number = Int(text.dropFirst(2), radix: base) {
        return refuse(range, "an int is written in tens", help: "write `\(number)`")
      }
      return refuse(range, "`\(text)` is neither a number nor a name", help: "a name begins with a letter")
    }
    guard wellFormed else {
      return refuse(range, "`\(text)` is not a number", help: "`_` stands between two digits, as in 10_000")
    }
    let plain: String = text.replacing("_", with: "")
    if isFloat {
      add(Token(kind: .float, range: range, text: text, float: Double(plain) ?? .infinity))
    } else if plain.count > 1, plain.hasPrefix("0"), plain.contains(where: { $0 != "0" }) {
      refuse(range, "an int doesn't begin with 0", help: "write `\(plain.drop { $0 == "0" })`")
    } else if let magnitude = UInt64(plain), magnitude <= 1 << 63 {
      add(Token(kind: .int, range: range, text: text, magnitude: magnitude))
    } else {
      let isShort: Bool = plain.utf8.count <= 24
      refuse(
        range, "this int is beyond 64 bits",
        help: "the largest is 9223372036854775807; " + (isShort ? "`\(plain).0` is a float" : "`1e100` is a float"))
    }
  }

  private func startsName(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || byte >= 0x80 || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  // MARK: strings

  private mutating func scanString(quote: UInt8) {
    let start: Int = place
    if byte(1) == quote, byte(2) == quote { return scanTriple(quote: quote) }
    place += 1
    let textStart: Int = place
    while place < bytes.count, bytes[place] != quote, bytes[place] != 0x0A {
      place += bytes[place] == UInt8(ascii: "\\") && place + 1 < bytes.count ? 2 : 1
    }
    guard place < bytes.count, bytes[place] == quote else {
      place = min(place, bytes.count)
      let mark = String(decoding: [quote], as: UTF8.self)
      return refuse(
        SourceRange(start, place), "this string isn't closed",
        help: "end it with \(mark), or open it with \(mark)\(mark)\(mark) to write over several lines")
    }
    let content: ArraySlice<UInt8> = bytes[textStart..<place]
    place += 1
    finishString(content, SourceRange(start, place), contentStart: textStart)
  }

  private mutating func finishString(_ content: ArraySlice<UInt8>, _ range: SourceRange, contentStart: Int) {
    switch StringEscapes.decode(content) {
    case .success(let text): add(Token(kind: .string, range: range, text: text))
    case .failure(let problem):
      let at = SourceRange(min(contentStart + problem.start, range.end), min(contentStart + problem.end, range.end))
      refuse(at, problem.message, help: problem.help)
    }
  }

  private mutating func scanTriple(quote: UInt8) {
    let start: Int = place
    place += 3
    let textStart: Int = place
    while place < bytes.count {
      if bytes[place] == UInt8(ascii: "\\") {
        place += 2
      } else if bytes[place] == quote, byte(1) == quote, byte(2) == quote {
        break
      } else {
        place += 1
      }
    }
    guard place < bytes.count else {
      place = bytes.count
      let range = SourceRange(start, start + 3)
      let error = Diagnostic("this string isn't closed", at: range, isSyntax: true)
      // The parser tells an open triple quote by its text.
      return add(Token(kind: .invalid, range: range, text: "open", error: error))
    }
    let content: [UInt8] = StringEscapes.dedented(Array(bytes[textStart..<place]))
    place += 3
    finishString(content[...], SourceRange(start, place), contentStart: textStart)
  }
}
