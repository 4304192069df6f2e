extension JSONReader {
  /// Appends a string's bytes to `out`, escapes resolved.
  mutating func string(into out: inout [UInt8]) throws {
    try expect(0x22, "a string")
    guard let base = bytes.baseAddress else { throw failure("a string") }
    while true {
      let start = position
      var i: Int = start
      while i < bytes.count {
        let byte = base[i]
        if byte == 0x22 || byte == 0x5C || byte < 0x20 { break }
        i += 1
      }
      position = i
      if i > start { out.append(contentsOf: UnsafeBufferPointer(start: base + start, count: i - start)) }
      guard i < bytes.count else { throw failure("a closing quote") }
      let byte = base[i]
      guard byte >= 0x20 else { throw failure("no control character in a string") }
      position += 1
      if byte == 0x22 { return }
      try escape(into: &out)
    }
  }

  /// Skips a string without decoding it.
  mutating func skipString() throws {
    try expect(0x22, "a string")
    guard let base = bytes.baseAddress else { throw failure("a string") }
    var i: Int = position
    while i < bytes.count {
      let byte = base[i]
      if byte == 0x22 {
        position = i + 1
        return
      }
      i += byte == 0x5C ? 2 : 1
    }
    position = bytes.count
    throw failure("a closing quote")
  }

  /// Skips any value. Brackets are counted, not recursed into.
  mutating func skipValue() throws {
    var depth: Int = 0
    repeat {
      switch peek() {
      case 0x7B, 0x5B:
        depth += 1
        position += 1
      case 0x7D, 0x5D:
        depth -= 1
        guard depth >= 0 else { throw failure("a value") }
        position += 1
      case 0x22: try skipString()
      case 0x2C, 0x3A:
        guard depth > 0 else { throw failure("a value") }
        position += 1
      case 0: throw failure("a value")
      default:
        let start = position
        while position < bytes.count {
          let byte = bytes[position]
          if byte <= 0x20 || byte == 0x2C || byte == 0x5D || byte == 0x7D || byte == 0x3A || byte == 0x22 { break }
          position += 1
        }
        guard position > start else { throw failure("a value") }
      }
    } while depth > 0
  }

  private mutating func escape(into out: inout [UInt8]) throws {
    guard position < bytes.count else { throw failure("an escape") }
    let kind = bytes[position]
    position += 1
    switch kind {
    case 0x22, 0x5C, 0x2F: out.append(kind)
    case 0x62: out.append(0x08)
    case 0x66: out.append(0x0C)
    case 0x6E: out.append(0x0A)
    case 0x72: out.append(0x0D)
    case 0x74: out.append(0x09)
    case 0x75:
      var scalar = try hex4()
      if scalar >= 0xD800 && scalar < 0xDC00 {
        guard position + 1 < bytes.count, bytes[position] == 0x5C, bytes[position + 1] == 0x75 else {
          throw failure("the second half of a surrogate pair")
        }
        position += 2
        let low = try hex4()
        guard low >= 0xDC00 && low < 0xE000 else { throw failure("the second half of a surrogate pair") }
        scalar = 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00)
      }
      guard let valid = Unicode.Scalar(scalar) else { throw failure("a whole surrogate pair") }
      out.append(contentsOf: UTF8.encode(valid) ?? UTF8.encodedReplacementCharacter)
    default:
      position -= 1
      throw failure("an escape")
    }
  }

  private mutating func hex4() throws -> UInt32 {
    guard position + 4 <= bytes.count else { throw failure("four hexadecimal digits") }
    var value: UInt32 = 0
    for i in 0..<4 {
      let byte = bytes[position + i]
      let digit: UInt32
      switch byte {
      case 0x30...0x39: digit = UInt32(byte - 0x30)
      case 0x41...0x46: digit = UInt32(byte - 0x41) + 10
      case 0x61...0x66: digit = UInt32(byte - 0x61) + 10
      default: throw failure("four hexadecimal digits")
      }
      value = value << 4 | digit
    }
    position += 4
    return value
  }
}
