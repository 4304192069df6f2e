/// The quantised blocks of GGUF to 32-bit floats. Layouts as the GGUF specification and ggml's `block_*` types define
/// them; results agree bit for bit with multiplying in 32-bit floats.
enum Dequantisation {
  @inline(__always)
  private static func half(_ block: UnsafeRawPointer, _ offset: Int) -> Float {
    FloatConversion.half(block.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// 32 signed bytes and one scale: w = d q. 34 bytes.
  static func q8_0(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, blocks: Int) {
    for block in 0..<blocks {
      let bytes: UnsafeRawPointer = source + 34 * block
      let scale: Float = half(bytes, 0)
      let out: UnsafeMutablePointer<Float> = target + 32 * block
      for index in 0..<32 {
        out[index] = Float(bytes.load(fromByteOffset: 2 + index, as: Int8.self)) * scale
      }
    }
  }

  /// 32 nibbles around 8 and one scale: w = d (q - 8); the low nibbles are the first 16 weights. 18 bytes.
  static func q4_0(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, blocks: Int) {
    for block in 0..<blocks {
      let bytes: UnsafeRawPointer = source + 18 * block
      let scale: Float = half(bytes, 0)
      let out: UnsafeMutablePointer<Float> = target + 32 * block
      for index in 0..<16 {
        let pair: UInt8 = bytes.load(fromByteOffset: 2 + index, as: UInt8.self)
        out[index] = Float(Int32(pair & 15) - 8) * scale
        out[index + 16] = Float(Int32(pair >> 4) - 8) * scale
      }
    }
  }

  /// 32 nibbles, a scale and a minimum: w = d q + m. 20 bytes.
  static func q4_1(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, blocks: Int) {
    for block in 0..<blocks {
      let bytes: UnsafeRawPointer = source + 20 * block
      let scale: Float = half(bytes, 0)
      let minimum: Float = half(bytes, 2)
      let out: UnsafeMutablePointer<Float> = target + 32 * block
      for index in 0..<16 {
        let pair: UInt8 = bytes.load(fromByteOffset: 4 + index, as: UInt8.self)
        out[index] = Float(pair & 15) * scale + minimum
        out[index + 16] = Float(pair >> 4) * scale + minimum
      }
    }
  }

  /// Eight groups of 32 nibbles, each with a six-bit scale and minimum under two scales for all: w = d s q - e m.
  /// 144 bytes: d, e, 12 bytes of packed s and m, 128 bytes of nibbles.
  static func q4_k(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, blocks: Int) {
    for block in 0..<blocks {
      let bytes: UnsafeRawPointer = source + 144 * block
      let scale: Float = half(bytes, 0)
      let minimumScale: Float = half(bytes, 2)
      for group in 0..<8 {
        let (s, m) = sixBits(bytes + 4, group)
        let d: Float = scale * Float(s)
        let minimum: Float = minimumScale * Float(m)
        let nibbles: UnsafeRawPointer = bytes + 16 + 32 * (group / 2)
        let shift: UInt8 = group % 2 == 0 ? 0 : 4
        let out: UnsafeMutablePointer<Float> = target + 256 * block + 32 * group
        for index in 0..<32 {
          out[index] = d * Float((nibbles.load(fromByteOffset: index, as: UInt8.self) >> shift) & 15) - minimum
        }
      }
    }
  }

  /// Scale and minimum number `group` of twelve packed bytes: the first four pairs lie in the low six bits of bytes 0-3
  /// and 4-7; of the last four, low nibbles in bytes 8-11 and the two high bits above the first ones.
  @inline(__always)
  private static func sixBits(_ packed: UnsafeRawPointer, _ group: Int) -> (UInt8, UInt8) {
    func byte(_ index: Int) -> UInt8 { packed.load(fromByteOffset: index, as: UInt8.self) }
    if group < 4 { return (byte(group) & 63, byte(group + 4) & 63) }
    return (
      (byte(group + 4) & 15) | (byte(group - 4) >> 6) << 4, (byte(group + 4) >> 4) | (byte(group) >> 6) << 4
    )
  }

  /// Sixteen groups of 16 six-bit weights around 32, each with a signed scale under one for all: w = d s (q - 32).
  /// 210 bytes: 128 of low nibbles, 64 of high bit pairs, 16 scales, d.
  static func q6_k(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, blocks: Int) {
    for block in 0..<blocks {
      let bytes: UnsafeRawPointer = source + 210 * block
      let scale: Float = half(bytes, 208)
      for halfIndex in 0..<2 {
        let low: UnsafeRawPointer = bytes + 64 * halfIndex
        let high: UnsafeRawPointer = bytes + 128 + 32 * halfIndex
        let scales: UnsafeRawPointer = bytes + 192 + 8 * halfIndex
        let out: UnsafeMutablePointer<Float> = target + 256 * block + 128 * halfIndex
        for quarter in 0..<4 {
          let nibbles: UnsafeRawPointer = low + (quarter % 2) * 32
          let shift: UInt8 = quarter < 2 ? 0 : 4
          for index in 0..<32 {
            let lowBits: UInt8 = (nibbles.load(fromByteOffset: index, as: UInt8.self) >> shift) & 15
            let highBits: UInt8 = (high.load(fromByteOffset: index, as: UInt8.self) >> UInt8(2 * quarter)) & 3
            let weight: Int32 = Int32(lowBits | highBits << 4) - 32
            let groupScale: Int8 = scales.load(fromByteOffset: 2 * quarter + index / 16, as: Int8.self)
            out[32 * quarter + index] = scale * Float(groupScale) * Float(weight)
          }
        }
      }
    }
  }
}
