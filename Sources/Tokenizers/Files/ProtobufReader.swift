/// Reads the wire format of protocol buffers: just what sentencepiece's models need.
struct ProtobufReader {
  /// A field's value.
  enum Value {
    case varint(UInt64)
    case fixed32(UInt32)
    case fixed64(UInt64)
    case bytes(Range<Int>)
  }

  let bytes: UnsafeBufferPointer<UInt8>
  let file: String
  private(set) var position: Int
  let end: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>, file: String, range: Range<Int>? = nil) {
    self.bytes = bytes
    self.file = file
    position = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
  }

  private func failure(_ expected: String) -> TokenizerError {
    .malformed(file: file, at: "byte \(position)", expected: expected, got: "\(end - position) bytes left")
  }

  /// The next field's number and value, or nothing at the end.
  mutating func next() throws -> (field: Int, value: Value)? {
    guard position < end else { return nil }
    let key = try varint()
    guard key >> 3 > 0, key >> 3 < 1 << 29 else { throw failure("a field number") }
    let field = Int(key >> 3)
    switch key & 7 {
    case 0: return (field, .varint(try varint()))
    case 1: return (field, .fixed64(try fixed(8)))
    case 2:
      let length = try varint()
      guard length <= UInt64(end - position) else { throw failure("\(length) bytes") }
      let start = position
      position += Int(length)
      return (field, .bytes(start..<position))
    case 5: return (field, .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
    default: throw failure("a known wire type")
    }
  }

  private mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard position < end, shift < 64 else { throw failure("a whole number") }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  private mutating func fixed(_ size: Int) throws -> UInt64 {
    guard end - position >= size else { throw failure("\(size) bytes") }
    var value: UInt64 = 0
    for i in 0..<size { value |= UInt64(bytes[position + i]) << UInt64(8 * i) }
    position += size
    return value
  }
}
