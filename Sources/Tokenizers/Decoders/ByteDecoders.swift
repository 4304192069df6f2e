/// Byte-level: characters of the byte alphabet back to bytes.
struct ByteLevelDecoder: TokenDecoder {
  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    // a token with any other character is taken as it is
    let bytes = tokens.flatMap { ByteLevelAlphabet.decode($0) ?? $0 }
    return [Array(String(decoding: bytes, as: UTF8.self).utf8)]
  }
}

/// `<0xE2>` to bytes; runs that are no UTF-8 become one replacement character a byte.
struct ByteFallbackDecoder: TokenDecoder {
  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var run: [UInt8] = []
    func close() {
      guard !run.isEmpty else { return }
      let isValid = run.withUnsafeBufferPointer { buffer in
        buffer.baseAddress.map { Bytes.firstInvalid($0, buffer.count) == nil } ?? true
      }
      if isValid {
        result.append(run)
      } else {
        for _ in run { result.append([0xEF, 0xBF, 0xBD]) }
      }
      run = []
    }
    for token in tokens {
      if let byte = Self.byte(token) {
        run.append(byte)
      } else {
        close()
        result.append(token)
      }
    }
    close()
    return result
  }

  private static func byte(_ token: [UInt8]) -> UInt8? {
    guard token.count == 6, token[0] == 0x3C, token[1] == 0x30, token[2] == 0x78, token[5] == 0x3E else { return nil }
    return UInt8(String(decoding: token[3...4], as: UTF8.self), radix: 16)
  }
}
