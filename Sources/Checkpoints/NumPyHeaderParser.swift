import Files

/// The dictionary at the start of a `.npy` file: a Python literal with three known keys.
struct NumPyHeaderParser {
  static let types: [String: ElementType] = [
    "f2": .f16, "f4": .f32, "f8": .f64, "b1": .bool, "i1": .i8, "i2": .i16, "i4": .i32, "i8": .i64, "u1": .u8,
    "u2": .u16,
    "u4": .u32, "u8": .u64,
  ]

  private let bytes: [UInt8]
  private var index: Int = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func parse() throws -> (type: String, isFortran: Bool, shape: [Int]) {
    var type: String?
    var isFortran: Bool?
    var shape: [Int]?
    try expect("{")
    while !take("}") {
      let key: String = try string()
      try expect(":")
      switch key {
      case "descr":
        if take("[") { throw Problem("its elements are records, not numbers that Luthier reads") }
        type = try string()
      case "fortran_order": isFortran = try bool()
      case "shape": shape = try tuple()
      default: throw Problem("its header has the unknown key \(quoted(key))")
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    guard let type, let isFortran, let shape else {
      throw Problem("its header lacks descr, fortran_order or shape")
    }
    return (type, isFortran, shape)
  }

  private mutating func string() throws -> String {
    skipSpace()
    guard index < bytes.count, bytes[index] == UInt8(ascii: "'") || bytes[index] == UInt8(ascii: "\"") else {
      throw Problem("its header is not the dictionary expected")
    }
    let quote: UInt8 = bytes[index]
    guard let end = bytes[(index + 1)...].firstIndex(of: quote) else { throw Problem("its header breaks off") }
    defer { index = end + 1 }
    return String(decoding: bytes[(index + 1)..<end], as: UTF8.self)
  }

  private mutating func bool() throws -> Bool {
    skipSpace()
    for (text, value) in [("True", true), ("False", false)] where bytes[index...].starts(with: text.utf8) {
      index += text.utf8.count
      return value
    }
    throw Problem("fortran_order is neither True nor False")
  }

  private mutating func tuple() throws -> [Int] {
    var result: [Int] = []
    try expect("(")
    while !take(")") {
      skipSpace()
      let start: Int = index
      while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { index += 1 }
      guard let value = Int(String(decoding: bytes[start..<index], as: UTF8.self)) else {
        throw Problem("its shape is not a tuple of numbers")
      }
      result.append(value)
      if index < bytes.count, bytes[index] == UInt8(ascii: "L") { index += 1 }  // Python 2 wrote 3L
      if !take(",") {
        try expect(")")
        break
      }
    }
    return result
  }

  private mutating func skipSpace() {
    while index < bytes.count, bytes[index] == 32 || bytes[index] == 10 { index += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    if !take(character) { throw Problem("its header is not the dictionary expected") }
  }
}
