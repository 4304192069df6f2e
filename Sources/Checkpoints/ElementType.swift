/// How the elements of a stored tensor are laid out. Names are those of safetensors, and of GGUF for the quantised ones.
package enum ElementType: String, Sendable, CaseIterable {
  case bool = "BOOL"
  case u8 = "U8"
  case i8 = "I8"
  case u16 = "U16"
  case i16 = "I16"
  case u32 = "U32"
  case i32 = "I32"
  case u64 = "U64"
  case i64 = "I64"
  case f16 = "F16"
  case bf16 = "BF16"
  case f32 = "F32"
  case f64 = "F64"
  case f8e4m3 = "F8_E4M3"
  case f8e5m2 = "F8_E5M2"
  case f8e8m0 = "F8_E8M0"
  case f6e2m3 = "F6_E2M3"
  case f6e3m2 = "F6_E3M2"
  case f4 = "F4"
  case c64 = "C64"
  case q4_0 = "Q4_0"
  case q4_1 = "Q4_1"
  case q5_0 = "Q5_0"
  case q5_1 = "Q5_1"
  case q8_0 = "Q8_0"
  case q8_1 = "Q8_1"
  case q2_k = "Q2_K"
  case q3_k = "Q3_K"
  case q4_k = "Q4_K"
  case q5_k = "Q5_K"
  case q6_k = "Q6_K"
  case q8_k = "Q8_K"

  /// Elements that are stored together; 1 where each stands alone.
  package var blockSize: Int {
    switch self {
    case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q8_1: 32
    case .q2_k, .q3_k, .q4_k, .q5_k, .q6_k, .q8_k: 256
    default: 1
    }
  }

  /// The size of a block in bits.
  package var blockBits: Int {
    switch self {
    case .f4: 4
    case .f6e2m3, .f6e3m2: 6
    case .bool, .u8, .i8, .f8e4m3, .f8e5m2, .f8e8m0: 8
    case .u16, .i16, .f16, .bf16: 16
    case .u32, .i32, .f32: 32
    case .u64, .i64, .f64, .c64: 64
    case .q4_0: 18 * 8
    case .q4_1: 20 * 8
    case .q5_0: 22 * 8
    case .q5_1: 24 * 8
    case .q8_0: 34 * 8
    case .q8_1: 36 * 8
    case .q2_k: 84 * 8
    case .q3_k: 110 * 8
    case .q4_k: 144 * 8
    case .q5_k: 176 * 8
    case .q6_k: 210 * 8
    case .q8_k: 292 * 8
    }
  }

  package var isQuantized: Bool { blockSize > 1 }

  package var isInteger: Bool {
    switch self {
    case .bool, .u8, .i8, .u16, .i16, .u32, .i32, .u64, .i64: true
    default: false
    }
  }

  /// Whether safetensors has a type of this name.
  package var isSafetensors: Bool { !isQuantized }

  /// The bytes that `count` elements take; nil where that is no whole number of blocks or bytes, or overflows.
  package func byteCount(of count: Int) -> Int? {
    guard count >= 0, count % blockSize == 0 else { return nil }
    let (bits, overflow) = (count / blockSize).multipliedReportingOverflow(by: blockBits)
    return overflow || bits % 8 != 0 ? nil : bits / 8
  }

  /// The number of elements of a shape; nil for a negative extent or an overflow.
  package static func count(of shape: [Int]) -> Int? {
    var count: Int = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if extent < 0 || overflow { return nil }
      count = product
    }
    return count
  }
}
