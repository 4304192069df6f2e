/// Hashing, comparing and decoding of UTF-8 bytes.
enum Bytes {
  @inline(__always)
  private static func load64(_ p: UnsafePointer<UInt8>) -> UInt64 {
    UnsafeRawPointer(p).loadUnaligned(as: UInt64.self)
  }

  @inline(__always)
  private static func load32(_ p: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(UnsafeRawPointer(p).loadUnaligned(as: UInt32.self))
  }

  @inline(__always)
  private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  /// A 64-bit hash: eight bytes at a time, the last ones read twice where they overlap.
  @inline(__always)
  static func hash(_ p: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
    let seed: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: count)
    let factor: UInt64 = 0xA076_1D64_78BD_642F
    if count >= 8 {
      var h: UInt64 = seed
      var i: Int = 0
      while i + 8 < count {
        h = mix(h ^ load64(p + i), factor)
        i += 8
      }
      return mix(h ^ load64(p + (count - 8)), 0xE703_7ED1_A0B4_28DB)
    }
    var word: UInt64 = 0
    if count >= 4 {
      word = load32(p) | (load32(p + (count - 4)) << 32)
    } else if count > 0 {
      word = UInt64(p[0]) | (UInt64(p[count >> 1]) << 8) | (UInt64(p[count - 1]) << 16)
    }
    return mix(seed ^ word, factor)
  }

  @inline(__always)
  static func equal(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    if count >= 8 {
      var i: Int = 0
      while i + 8 < count {
        if load64(a + i) != load64(b + i) { return false }
        i += 8
      }
      return load64(a + (count - 8)) == load64(b + (count - 8))
    }
    if count >= 4 {
      return load32(a) == load32(b) && load32(a + (count - 4)) == load32(b + (count - 4))
    }
    var i: Int = 0
    while i < count {
      if a[i] != b[i] { return false }
      i += 1
    }
    return true
  }

  static func isASCII(_ p: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var i: Int = 0
    var seen: UInt64 = 0
    while i + 8 <= count {
      seen |= load64(p + i)
      i += 8
    }
    while i < count {
      seen |= UInt64(p[i])
      i += 1
    }
    return seen & 0x8080_8080_8080_8080 == 0
  }

  /// Number of scalars that begin in the bytes.
  static func scalarCount(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var n: Int = 0
    for i in 0..<count where p[i] & 0xC0 != 0x80 { n += 1 }
    return n
  }

  /// Length of the sequence a lead byte begins (1 for a stray continuation byte).
  @inline(__always)
  static func length(lead: UInt8) -> Int {
    if lead < 0xC0 { return 1 }
    if lead < 0xE0 { return 2 }
    return lead < 0xF0 ? 3 : 4
  }

  /// The scalar that begins at `p`; the bytes are valid UTF-8 with at least one byte left.
  @inline(__always)
  static func decode(_ p: UnsafePointer<UInt8>) -> (scalar: UInt32, length: Int) {
    let lead = UInt32(p[0])
    if lead < 0x80 { return (lead, 1) }
    if lead < 0xE0 { return ((lead & 0x1F) << 6 | (UInt32(p[1]) & 0x3F), 2) }
    let second = UInt32(p[1]) & 0x3F
    let third = UInt32(p[2]) & 0x3F
    if lead < 0xF0 { return ((lead & 0x0F) << 12 | second << 6 | third, 3) }
    return ((lead & 0x07) << 18 | second << 12 | third << 6 | (UInt32(p[3]) & 0x3F), 4)
  }

  /// Appends the UTF-8 of a scalar and says how many bytes it took.
  @discardableResult
  static func append(_ scalar: UInt32, to out: Buffer<UInt8>) -> Int {
    if scalar < 0x80 {
      out.append(UInt8(truncatingIfNeeded: scalar))
      return 1
    }
    if scalar < 0x800 {
      out.append(UInt8(truncatingIfNeeded: 0xC0 | (scalar >> 6)))
      out.append(UInt8(truncatingIfNeeded: 0x80 | (scalar & 0x3F)))
      return 2
    }
    if scalar < 0x10000 {
      out.append(UInt8(truncatingIfNeeded: 0xE0 | (scalar >> 12)))
      out.append(UInt8(truncatingIfNeeded: 0x80 | ((scalar >> 6) & 0x3F)))
      out.append(UInt8(truncatingIfNeeded: 0x80 | (scalar & 0x3F)))
      return 3
    }
    out.append(UInt8(truncatingIfNeeded: 0xF0 | ((scalar >> 18) & 0x07)))
    out.append(UInt8(truncatingIfNeeded: 0x80 | ((scalar >> 12) & 0x3F)))
    out.append(UInt8(truncatingIfNeeded: 0x80 | ((scalar >> 6) & 0x3F)))
    out.append(UInt8(truncatingIfNeeded: 0x80 | (scalar & 0x3F)))
    return 4
  }

  /// The first byte that is not part of valid UTF-8, if there is one.
  static func firstInvalid(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int? {
    var i: Int = 0
    while i < count {
      if i + 8 <= count && load64(p + i) & 0x8080_8080_8080_8080 == 0 {
        i += 8
        continue
      }
      let lead = p[i]
      if lead < 0x80 {
        i += 1
        continue
      }
      guard lead >= 0xC2 && lead <= 0xF4 else { return i }
      let length = Self.length(lead: lead)
      guard i + length <= count else { return i }
      for k in 1..<length where p[i + k] & 0xC0 != 0x80 { return i }
      let second = p[i + 1]
      switch lead {
      case 0xE0: if second < 0xA0 { return i }
      case 0xED: if second > 0x9F { return i }
      case 0xF0: if second < 0x90 { return i }
      case 0xF4: if second > 0x8F { return i }
      default: break
      }
      i += length
    }
    return nil
  }
}
