import Files

/// Reads the little-endian pieces of a GGUF header, each checked against what is left of the file.
struct GGUFReader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position: Int = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var remaining: Int { bytes.count - position }

  mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type) throws -> Number {
    let size: Int = MemoryLayout<Number>.size
    guard remaining >= size else { throw Problem("it ends in the middle of its header (byte \(position))") }
    defer { position += size }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
  }

  /// A number of things that take at least `size` bytes each.
  mutating func count(of what: String, atLeast size: Int) throws -> Int {
    let value: UInt64 = try number(UInt64.self)
    guard value <= UInt64(remaining / size) else {
      throw Problem("it claims \(value) \(what) with \(remaining) bytes left (byte \(position - 8))")
    }
    return Int(value)
  }

  mutating func string() throws -> String {
    let length: Int = try count(of: "bytes of text", atLeast: 1)
    defer { position += length }
    return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[position..<(position + length)]), as: UTF8.self)
  }

  /// A value of metadata of the type with that number.
  mutating func value(_ type: UInt32, depth: Int = 0) throws -> GGUFValue {
    switch type {
    case 7: return .bool(try number(UInt8.self) != 0)
    case 8: return .string(try string())
    case 9: return try list(depth: depth + 1)
    case 6, 12: return .real(try real(type))
    default: return .integer(try integer(type))
    }
  }

  private mutating func integer(_ type: UInt32) throws -> Int {
    switch type {
    case 0: return Int(try number(UInt8.self))
    case 1: return Int(try number(Int8.self))
    case 2: return Int(try number(UInt16.self))
    case 3: return Int(try number(Int16.self))
    case 4: return Int(try number(UInt32.self))
    case 5: return Int(try number(Int32.self))
    case 10: return Int(clamping: try number(UInt64.self))
    case 11: return Int(try number(Int64.self))
    default: throw Problem("its metadata has a value of the unknown type \(type) (byte \(position))")
    }
  }

  private mutating func real(_ type: UInt32) throws -> Double {
    if type == 6 { return Double(Float(bitPattern: try number(UInt32.self))) }
    return Double(bitPattern: try number(UInt64.self))
  }

  private mutating func list(depth: Int) throws -> GGUFValue {
    guard depth <= 8 else { throw Problem("its metadata has lists more than 8 deep") }
    let type: UInt32 = try number(UInt32.self)
    let sizes: [UInt32: Int] = [2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 8: 8, 9: 12, 10: 8, 11: 8, 12: 8]
    let count: Int = try count(of: "elements", atLeast: sizes[type] ?? 1)
    switch type {
    case 6, 12: return .reals(try elements(count) { reader in try reader.real(type) })
    case 7: return .bools(try elements(count) { reader in try reader.number(UInt8.self) != 0 })
    case 8: return .strings(try elements(count) { reader in try reader.string() })
    case 9: return .list(try elements(count) { reader in try reader.list(depth: depth + 1) })
    default: return .integers(try elements(count) { reader in try reader.integer(type) })
    }
  }

  private mutating func elements<Element>(
    _ count: Int, _ next: (inout GGUFReader) throws -> Element
  ) throws -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(count)
    for _ in 0..<count { result.append(try next(&self)) }
    return result
  }
}
