/// The pieces of a template's text: what is written as it stands, what is computed, what is done.
enum TemplatePiece: Equatable {
  case text(String)
  case output([TemplateToken])
  case statement([TemplateToken])
}

enum TemplateToken: Equatable {
  case name(String)
  case string(String)
  case int(Int)
  case float(Double)
  case symbol(String)
}

/// Cuts a template into pieces, with the settings of transformers: the newline after a block goes, and so do blanks
/// before one at a line's start.
struct TemplateScanner {
  private let bytes: [UInt8]
  private var place = 0
  private var pieces: [TemplatePiece] = []
  /// Whether the text that comes stands at a line's start.
  private var startsLine = true

  static func pieces(_ template: String) throws -> [TemplatePiece] {
    var scanner = TemplateScanner(bytes: Array(template.utf8))
    try scanner.scan()
    return scanner.pieces
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func at(_ text: String, _ index: Int) -> Bool { bytes[min(index, bytes.count)...].starts(with: text.utf8) }

  private mutating func scan() throws {
    var text: [UInt8] = []
    var stripsStart = false
    while place < bytes.count {
      guard at("{{", place) || at("{%", place) || at("{#", place) else {
        text.append(bytes[place])
        place += 1
        continue
      }
      let kind = bytes[place + 1]
      place += 2
      var before = text
      if place < bytes.count, bytes[place] == UInt8(ascii: "-") {
        place += 1
        before = TemplateScanner.stripped(before)
      } else if place < bytes.count, bytes[place] == UInt8(ascii: "+") {
        place += 1
      } else if kind != UInt8(ascii: "{") {
        before = TemplateScanner.withoutIndent(before, startsLine: startsLine)
      }
      put(before, stripsStart)
      text = []
      if kind == UInt8(ascii: "#") {
        while place < bytes.count, !at("#}", place) { place += 1 }
        guard place < bytes.count else { throw TemplateError("a comment does not end") }
        stripsStart = bytes[place - 1] == UInt8(ascii: "-")
        place += 2
      } else {
        let closing = kind == UInt8(ascii: "{") ? "}}" : "%}"
        let (tokens, strips) = try tokens(until: closing)
        stripsStart = strips
        pieces.append(kind == UInt8(ascii: "{") ? .output(tokens) : .statement(tokens))
      }
      startsLine = kind != UInt8(ascii: "{") && !stripsStart && place < bytes.count && bytes[place] == 10
      if startsLine { place += 1 }
    }
    // Jinja drops one newline at the very end.
    if text.last == 10 { text.removeLast() }
    put(text, stripsStart)
  }

  private mutating func put(_ text: [UInt8], _ stripsStart: Bool) {
    let kept = stripsStart ? Array(text.drop { TemplateScanner.isSpace($0) }) : text
    if !kept.isEmpty { pieces.append(.text(String(decoding: kept, as: UTF8.self))) }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private static func stripped(_ text: [UInt8]) -> [UInt8] {
    Array(text.prefix((text.lastIndex { !isSpace($0) } ?? -1) + 1))
  }

  /// Without blanks since the line's start, if there is nothing else.
  private static func withoutIndent(_ text: [UInt8], startsLine: Bool) -> [UInt8] {
    guard let last = text.lastIndex(where: { $0 != 32 && $0 != 9 }) else { return startsLine ? [] : text }
    return text[last] == 10 ? Array(text[...last]) : text
  }

  private static let symbols = [
    "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "(", ")", "[", "]", "{", "}", ",", ":", ".", "|",
    "=", "<", ">",
  ]

  private mutating func tokens(until closing: String) throws -> (tokens: [TemplateToken], strips: Bool) {
    var tokens: [TemplateToken] = []
    var depth = 0
    while place < bytes.count {
      let byte = bytes[place]
      if TemplateScanner.isSpace(byte) {
        place += 1
      } else if depth == 0, at(closing, place) {
        place += 2
        return (tokens, false)
      } else if depth == 0, byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+"), at(closing, place + 1) {
        place += 3
        return (tokens, byte == UInt8(ascii: "-"))
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        tokens.append(.string(try string(byte)))
      } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        tokens.append(try number())
      } else if TemplateScanner.isName(byte) {
        let start = place
        while place < bytes.count, TemplateScanner.isName(bytes[place]) { place += 1 }
        tokens.append(.name(String(decoding: bytes[start..<place], as: UTF8.self)))
      } else if let symbol = TemplateScanner.symbols.first(where: { at($0, place) }) {
        if "([{".contains(symbol) { depth += 1 }
        if ")]}".contains(symbol) { depth -= 1 }
        place += symbol.utf8.count
        tokens.append(.symbol(symbol))
      } else {
        throw TemplateError("it has an unexpected \"\(String(decoding: [byte], as: UTF8.self))\"")
      }
    }
    throw TemplateError("\"\(closing)\" is missing")
  }

  private static func isName(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 32)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte >= 128
  }

  private mutating func number() throws -> TemplateToken {
    let start = place
    while place < bytes.count, TemplateScanner.isName(bytes[place]) || bytes[place] == UInt8(ascii: ".") { place += 1 }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if let int = Int(text) { return .int(int) }
    if let float = Double(text), float.isFinite { return .float(float) }
    throw TemplateError("\"\(text.prefix(20))\" is no number")
  }

  private mutating func string(_ quote: UInt8) throws -> String {
    place += 1
    var content: [UInt8] = []
    while place < bytes.count, bytes[place] != quote {
      if bytes[place] == UInt8(ascii: "\\"), place + 1 < bytes.count {
        place += 1
        switch bytes[place] {
        case UInt8(ascii: "n"): content.append(10)
        case UInt8(ascii: "t"): content.append(9)
        case UInt8(ascii: "r"): content.append(13)
        case quote, UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): content.append(bytes[place])
        default: content += [UInt8(ascii: "\\"), bytes[place]]
        }
      } else {
        content.append(bytes[place])
      }
      place += 1
    }
    guard place < bytes.count else { throw TemplateError("a string does not end") }
    place += 1
    return String(decoding: content, as: UTF8.self)
  }
}
