extension JSON {
  /// Parses one JSON text (a byte order mark is skipped, white space around it allowed).
  ///
  /// - Throws: ``FileError/malformed(path:format:line:byte:reason:)`` with an empty path; see ``FileError/at(path:)``.
  package init(parsing bytes: UnsafeRawBufferPointer) throws {
    let content: UnsafeBufferPointer<UInt8> = TextDecoding.withoutMark(bytes).bindMemory(to: UInt8.self)
    var parser: JSONParser = JSONParser(content)
    self = try parser.document()
  }

  package init(parsing bytes: [UInt8]) throws { self = try bytes.withUnsafeBytes { try JSON(parsing: $0) } }

  package init(parsing text: String) throws {
    var copy: String = text
    self = try copy.withUTF8 { try JSON(parsing: UnsafeRawBufferPointer($0)) }
  }
}

/// A recursive-descent parser over bytes; its depth is limited by ``JSON/depthLimit``.
package struct JSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let end: Int
  private var index: Int = 0
  private var depth: Int = 0
  /// Line of the first byte, for parsers of one line of a longer file.
  private let firstLine: Int

  /// The bytes must stay valid while the parser is used.
  package init(_ bytes: UnsafeBufferPointer<UInt8>, firstLine: Int = 1) {
    self.bytes = bytes
    self.end = bytes.count
    self.firstLine = firstLine
  }

  /// The one value that the bytes hold.
  /// - Throws: ``FileError/malformed(path:format:line:byte:reason:)`` with an empty path.
  package mutating func document() throws -> JSON {
    let result: JSON = try value()
    skipSpace()
    if index < end { throw failure("more after the end of the value") }
    return result
  }

  private mutating func value() throws -> JSON {
    skipSpace()
    guard index < end else { throw failure("it ends where a value is expected") }
    switch bytes[index] {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"): return try nested { parser in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser in try parser.array() }
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "N"): return try word("NaN", .real(.nan))  // Python writes these three
    case UInt8(ascii: "I"): return try word("Infinity", .real(.infinity))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw failure("no value begins with \(shown(bytes[index]))")
    }
  }

  private mutating func nested(_ body: (inout JSONParser) throws -> JSON) throws -> JSON {
    depth += 1
    guard depth <= JSON.depthLimit else { throw failure("nested more than \(JSON.depthLimit) deep") }
    index += 1
    let result: JSON = try body(&self)
    depth -= 1
    return result
  }

  private mutating func array() throws -> JSON {
    var elements: [JSON] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try value())
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      if take(UInt8(ascii: "]")) { return .array(elements) }
      throw failure("expected , or ] in a list")
    }
  }

  private mutating func object() throws -> JSON {
    var members: [JSONObject.Member] = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(JSONObject(members: members)) }
    while true {
      skipSpace()
      guard index < end, bytes[index] == UInt8(ascii: "\"") else { throw failure("expected a key in quotes") }
      let key: String = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw failure("expected : after a key") }
      members.append(JSONObject.Member(key: key, value: try value()))
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      if take(UInt8(ascii: "}")) { return .object(JSONObject(members: members)) }
      throw failure("expected , or } in an object")
    }
  }

  private mutating func number() throws -> JSON {
    let start: Int = index
    _ = take(UInt8(ascii: "-"))
    if index < end, bytes[index] == UInt8(ascii: "I") { return try word("Infinity", .real(-.infinity)) }
    let digitsStart: Int = index
    skipDigits()
    guard index > digitsStart else { throw failure("expected a digit") }
    var isWhole: Bool = true
    if take(UInt8(ascii: ".")) {
      isWhole = false
      let fraction: Int = index
      skipDigits()
      guard index > fraction else { throw failure("expected a digit after the point") }
    }
    if index < end, bytes[index] | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      index += 1
      if index < end, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
      let exponent: Int = index
      skipDigits()
      guard index > exponent else { throw failure("expected a digit in the exponent") }
    }
    if isWhole, let whole = integer(from: start) { return .integer(whole) }
    let text: String = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<index]), as: UTF8.self)
    if isWhole { return .bigInteger(text) }
    return .real(Double(text) ?? .nan)
  }

  private func integer(from start: Int) -> Int? {
    var result: Int = 0
    let isNegative: Bool = bytes[start] == UInt8(ascii: "-")
    for place in (isNegative ? start + 1 : start)..<index {
      let digit: Int = Int(bytes[place] & 15)
      let (product, overflow) = result.multipliedReportingOverflow(by: 10)
      let (sum, carry) =
        isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
      if overflow || carry { return nil }
      result = sum
    }
    return result
  }

  // MARK: Strings

  private mutating func string() throws -> String {
    let start: Int = index + 1
    var place: Int = start
    while place < end, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\") { place += 1 }
    guard place < end else { throw failure("a string has no end") }
    if bytes[place] == UInt8(ascii: "\"") {
      index = place + 1
      return try decoded(UnsafeBufferPointer(rebasing: bytes[start..<place]), at: start)
    }
    return try escapedString(from: start, firstEscape: place)
  }

  private mutating func escapedString(from start: Int, firstEscape: Int) throws -> String {
    var content: [UInt8] = []
    content.reserveCapacity(2 * (firstEscape - start) + 64)
    var runStart: Int = start
    var place: Int = firstEscape
    while place < end {
      let byte: UInt8 = bytes[place]
      if byte == UInt8(ascii: "\"") {
        content.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart..<place]))
        index = place + 1
        return try content.withUnsafeBufferPointer { try decoded($0, at: start) }
      }
      if byte == UInt8(ascii: "\\") {
        content.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart..<place]))
        index = place + 1
        try escape(into: &content)
        place = index
        runStart = place
      } else {
        place += 1
      }
    }
    index = end
    throw failure("a string has no end")
  }

  private mutating func escape(into content: inout [UInt8]) throws {
    guard index < end else { throw failure("a string has no end") }
    let byte: UInt8 = bytes[index]
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "n"): content.append(10)
    case UInt8(ascii: "t"): content.append(9)
    case UInt8(ascii: "r"): content.append(13)
    case UInt8(ascii: "b"): content.append(8)
    case UInt8(ascii: "f"): content.append(12)
    case UInt8(ascii: "u"):
      var code: UInt32 = try fourHexDigits()
      if (0xd800..<0xdc00).contains(code), index + 1 < end, bytes[index] == UInt8(ascii: "\\"),
        bytes[index + 1] == UInt8(ascii: "u")
      {
        let mark: Int = index
        index += 2
        let second: UInt32 = try fourHexDigits()
        if (0xdc00..<0xe000).contains(second) {
          code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00)
        } else {
          index = mark
        }
      }
      let scalar: Unicode.Scalar = Unicode.Scalar(code) ?? "\u{fffd}"  // half a surrogate pair
      content.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    default:
      index -= 1
      throw failure("\\\(shown(byte)) is no escape")
    }
  }

  private mutating func fourHexDigits() throws -> UInt32 {
    var result: UInt32 = 0
    for _ in 0..<4 {
      guard index < end else { throw failure("\\u needs four hexadecimal digits") }
      let byte: UInt8 = bytes[index]
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): result = result << 4 | UInt32(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): result = result << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): result = result << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
      default: throw failure("\\u needs four hexadecimal digits")
      }
      index += 1
    }
    return result
  }

  private func decoded(_ content: UnsafeBufferPointer<UInt8>, at start: Int) throws -> String {
    if let text = String(validating: content, as: UTF8.self) { return text }
    let raw: UnsafeRawBufferPointer = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start...])
    let place: Int = start + (TextDecoding.firstInvalid(in: raw) ?? 0)
    throw failure("a string holds bytes that are not UTF-8", at: place)
  }

  // MARK: Small steps

  private mutating func word(_ text: StaticString, _ result: JSON) throws -> JSON {
    let count: Int = text.utf8CodeUnitCount
    let expected: UnsafeBufferPointer<UInt8> = UnsafeBufferPointer(start: text.utf8Start, count: count)
    guard end - index >= count, bytes[index..<(index + count)].elementsEqual(expected) else {
      throw failure("no value begins with \(shown(bytes[index]))")
    }
    index += count
    return result
  }

  private mutating func skipSpace() {
    while index < end, bytes[index] == 32 || bytes[index] == 10 || bytes[index] == 13 || bytes[index] == 9 {
      index += 1
    }
  }

  private mutating func skipDigits() {
    while index < end, bytes[index] &- UInt8(ascii: "0") < 10 { index += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard index < end, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private func shown(_ byte: UInt8) -> String {
    byte > 32 && byte < 127 ? String(UnicodeScalar(byte)) : "byte \(byte)"
  }

  private func failure(_ reason: String) -> FileError { failure(reason, at: index) }

  private func failure(_ reason: String, at place: Int) -> FileError {
    var line: Int = firstLine
    var lineStart: Int = 0
    for position in 0..<min(place, end) where bytes[position] == 10 {
      line += 1
      lineStart = position + 1
    }
    return .malformed(path: "", format: "JSON", line: line, byte: place - lineStart + 1, reason: reason)
  }
}
