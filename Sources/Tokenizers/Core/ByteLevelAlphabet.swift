/// The printable characters that byte-level vocabularies write bytes with: `Ġ` is a space, `Ċ` a newline.
///
/// Source: GPT-2's `bytes_to_unicode`: printable Latin-1 stands for itself, the other bytes for U+0100 and up in order.
enum ByteLevelAlphabet {
  /// The scalar of each byte.
  static let scalars: [UInt32] = {
    var result: [UInt32] = []
    var next: UInt32 = 0x100
    for byte in UInt32(0)..<256 {
      let isPrintable = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE
      result.append(isPrintable ? byte : next)
      if !isPrintable { next += 1 }
    }
    return result
  }()

  /// The byte of each scalar below U+0144, or -1.
  static let bytes: [Int16] = {
    var result = [Int16](repeating: -1, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { result[Int(scalar)] = Int16(byte) }
    return result
  }()

  /// The bytes that a token's text stands for; nothing if a character of it is none of the alphabet.
  static func decode(_ token: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(token.count)
    return token.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return [] }
      var i: Int = 0
      while i < buffer.count {
        let (scalar, length) = Bytes.decode(base + i)
        guard scalar < 0x144, bytes[Int(scalar)] >= 0 else { return nil }
        result.append(UInt8(truncatingIfNeeded: bytes[Int(scalar)]))
        i += length
      }
      return result
    }
  }
}
