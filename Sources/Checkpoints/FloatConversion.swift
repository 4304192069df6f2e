import TensorCore

/// Stored elements to 32-bit floats. Every loop writes each element of its target once.
enum FloatConversion {
  static func converts(_ type: ElementType) -> Bool {
    switch type {
    case .f6e2m3, .f6e3m2, .f4, .c64, .q8_1, .q2_k, .q3_k, .q8_k: false
    default: true
    }
  }

  /// Converts as many elements as `target` holds; `bytes` has as many. Large tensors are cut over the threads.
  static func convert(
    _ bytes: UnsafeRawBufferPointer, _ type: ElementType, into target: UnsafeMutableBufferPointer<Float>
  ) {
    guard let source = bytes.baseAddress, let start = target.baseAddress, target.count > 0 else { return }
    ThreadPool.runPieces(of: target.count, size: 1 << 16) { piece in
      guard let skipped = type.byteCount(of: piece.lowerBound) else { return }
      convert(source + skipped, type, into: start + piece.lowerBound, piece.count)
    }
  }

  private static func convert(
    _ source: UnsafeRawPointer, _ type: ElementType, into target: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    switch type {
    case .f32: UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: 4 * count)
    case .f64: each(source, target, count) { (value: Double) in Float(value) }
    case .f16, .bf16, .q8_0, .q4_0, .q4_1, .q5_0, .q5_1, .q4_k, .q5_k, .q6_k:
      if let format = StoredMatrix.Format(rawValue: type.rawValue) {
        StoredMatrix.convert(source, format, into: target, count: count)
      }
    case .bool: each(source, target, count) { (value: UInt8) in value == 0 ? 0 : 1 }
    case .u8: each(source, target, count) { (value: UInt8) in Float(value) }
    case .i8: each(source, target, count) { (value: Int8) in Float(value) }
    case .u16: each(source, target, count) { (value: UInt16) in Float(value) }
    case .i16: each(source, target, count) { (value: Int16) in Float(value) }
    case .u32: each(source, target, count) { (value: UInt32) in Float(value) }
    case .i32: each(source, target, count) { (value: Int32) in Float(value) }
    case .u64: each(source, target, count) { (value: UInt64) in Float(value) }
    case .i64: each(source, target, count) { (value: Int64) in Float(value) }
    case .f8e4m3: each(source, target, count) { (value: UInt8) in eightBits(value, exponent: 4, bias: 7) }
    case .f8e5m2: each(source, target, count) { (value: UInt8) in half(UInt16(value) << 8) }
    case .f8e8m0: each(source, target, count) { (value: UInt8) in powerOfTwo(value) }
    default: target.update(repeating: .nan, count: count)  // `converts` keeps these out
    }
  }

  @inline(__always)
  private static func each<Element: BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int, _ body: (Element) -> Float
  ) {
    for index in 0..<count {
      target[index] = body(source.loadUnaligned(fromByteOffset: index * MemoryLayout<Element>.size, as: Element.self))
    }
  }

  /// IEEE 754 half precision, by bits: shift into place and multiply by 2¹¹², which also makes subnormals right.
  @inline(__always)
  static func half(_ value: UInt16) -> Float {
    let bits: UInt32 = UInt32(value)
    let magnitude: UInt32 = (bits & 0x7fff) << 13
    let scaled: UInt32 = (Float(bitPattern: magnitude) * Float(bitPattern: 0x7780_0000)).bitPattern
    let special: UInt32 = magnitude >= 0x0f80_0000 ? 0x7f80_0000 : 0  // infinity and NaN keep a full exponent
    return Float(bitPattern: scaled | special | (bits & 0x8000) << 16)
  }

  /// The finite-only eight-bit float (no infinity; all ones is NaN).
  private static func eightBits(_ value: UInt8, exponent: Int, bias: Int) -> Float {
    if value & 0x7f == 0x7f { return .nan }
    let mantissaBits: Int = 7 - exponent
    let mantissa: Float = Float(value & UInt8((1 << mantissaBits) - 1))
    let power: Int = Int(value & 0x7f) >> mantissaBits
    let scale: Float = Float(sign: .plus, exponent: max(power, 1) - bias - mantissaBits, significand: 1)
    let magnitude: Float = (power == 0 ? mantissa : mantissa + Float(1 << mantissaBits)) * scale
    return value & 0x80 == 0 ? magnitude : -magnitude
  }

  private static func powerOfTwo(_ value: UInt8) -> Float {
    value == 255 ? .nan : Float(sign: .plus, exponent: Int(value) - 127, significand: 1)
  }
}

/// Stored integers to `Int`.
enum IntegerConversion {
  /// Nil where a value doesn't fit.
  static func elements(_ bytes: UnsafeRawBufferPointer, _ type: ElementType, _ count: Int) -> [Int]? {
    switch type {
    case .bool: return each(bytes, count) { (value: UInt8) in value == 0 ? 0 : 1 }
    case .u8: return each(bytes, count) { (value: UInt8) in Int(value) }
    case .i8: return each(bytes, count) { (value: Int8) in Int(value) }
    case .u16: return each(bytes, count) { (value: UInt16) in Int(value) }
    case .i16: return each(bytes, count) { (value: Int16) in Int(value) }
    case .u32: return each(bytes, count) { (value: UInt32) in Int(value) }
    case .i32: return each(bytes, count) { (value: Int32) in Int(value) }
    case .i64: return each(bytes, count) { (value: Int64) in Int(value) }
    case .u64:
      let values: [Int] = each(bytes, count) { (value: UInt64) in Int(truncatingIfNeeded: value) }
      return values.contains { $0 < 0 } ? nil : values
    default: return nil
    }
  }

  private static func each<Element: BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ count: Int, _ body: (Element) -> Int
  ) -> [Int] {
    [Int](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count {
        let value: Element = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Element>.size, as: Element.self)
        buffer.initializeElement(at: index, to: body(value))
      }
      initialized = count
    }
  }
}
