import Foundation

/// Reads JSON as bytes, in one pass, so that large vocabularies never become objects.
struct JSONReader {
  static let maximumDepth = 64

  let bytes: UnsafeBufferPointer<UInt8>
  let file: String
  var position: Int = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>, file: String) throws {
    self.bytes = bytes
    self.file = file
    if let base = bytes.baseAddress, let place = Bytes.firstInvalid(base, bytes.count) {
      throw TokenizerError.malformed(
        file: file, at: "byte \(place)", expected: "valid UTF-8", got: "byte \(bytes[place])")
    }
    // a byte order mark is let through
    if bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF { position = 3 }
  }

  /// Without another check of the bytes.
  init(checked bytes: UnsafeBufferPointer<UInt8>, file: String) {
    self.bytes = bytes
    self.file = file
  }

  func failure(_ expected: String) -> TokenizerError {
    var got = "the end of the file"
    if position < bytes.count {
      let end = min(bytes.count, position + 12)
      got = "\"" + String(decoding: bytes[position..<end], as: UTF8.self) + "\""
    }
    return .malformed(file: file, at: "byte \(position)", expected: expected, got: got)
  }

  @inline(__always)
  mutating func skipSpace() {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      position += 1
    }
  }

  /// The next byte that is not white space, not consumed; 0 at the end.
  @inline(__always)
  mutating func peek() -> UInt8 {
    skipSpace()
    return position < bytes.count ? bytes[position] : 0
  }

  mutating func expect(_ byte: UInt8, _ what: String) throws {
    guard peek() == byte else { throw failure(what) }
    position += 1
  }

  /// Whether the next byte is `byte`, which is consumed then.
  mutating func accept(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  /// Reads `{ "key": ... }`; `body` reads the value after each key.
  mutating func object(_ body: (inout JSONReader, String) throws -> Void) throws {
    try expect(0x7B, "an object")
    if accept(0x7D) { return }
    repeat {
      let key = try string()
      try expect(0x3A, "\":\"")
      try body(&self, key)
    } while accept(0x2C)
    try expect(0x7D, "\",\" or \"}\"")
  }

  /// Reads `[ ... ]`; `body` reads each value.
  mutating func array(_ body: (inout JSONReader) throws -> Void) throws {
    try expect(0x5B, "a list")
    if accept(0x5D) { return }
    repeat { try body(&self) } while accept(0x2C)
    try expect(0x5D, "\",\" or \"]\"")
  }

  mutating func string() throws -> String {
    var out: [UInt8] = []
    try string(into: &out)
    return String(decoding: out, as: UTF8.self)
  }

  mutating func integer() throws -> Int {
    let start = position
    guard case .integer(let value) = try number() else {
      position = start
      throw failure("a whole number")
    }
    return value
  }

  mutating func number() throws -> JSONValue {
    skipSpace()
    let start = position
    var isWhole = true
    while position < bytes.count {
      let byte = bytes[position]
      if byte >= 0x30 && byte <= 0x39 || byte == 0x2D || byte == 0x2B {
        position += 1
      } else if byte == 0x2E || byte == 0x65 || byte == 0x45 {
        isWhole = false
        position += 1
      } else {
        break
      }
    }
    if isWhole && position > start && position - start < 18 {
      var value: Int = 0
      var i: Int = start
      let negative = bytes[i] == 0x2D
      if negative { i += 1 }
      var digits: Int = 0
      while i < position, bytes[i] >= 0x30 {
        value = value * 10 + Int(bytes[i] - 0x30)
        digits += 1
        i += 1
      }
      if i == position && digits > 0 { return .integer(negative ? -value : value) }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      position = start
      throw failure("a number")
    }
    return .double(value)
  }

  /// Any value as a tree.
  mutating func value(depth: Int = 0) throws -> JSONValue {
    guard depth < Self.maximumDepth else { throw failure("nesting of at most \(Self.maximumDepth)") }
    switch peek() {
    case 0x7B:
      var fields: [(key: String, value: JSONValue)] = []
      try object { reader, key in fields.append((key, try reader.value(depth: depth + 1))) }
      return .object(fields)
    case 0x5B:
      var values: [JSONValue] = []
      try array { reader in values.append(try reader.value(depth: depth + 1)) }
      return .array(values)
    case 0x22: return .string(try string())
    case 0x74: return try word("true", .bool(true))
    case 0x66: return try word("false", .bool(false))
    case 0x6E: return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSONValue) throws -> JSONValue {
    let count = text.utf8CodeUnitCount
    guard position + count <= bytes.count else { throw failure("a value") }
    for i in 0..<count where bytes[position + i] != text.utf8Start[i] { throw failure("a value") }
    position += count
    return value
  }
}
