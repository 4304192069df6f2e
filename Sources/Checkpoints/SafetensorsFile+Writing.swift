import Files
import TensorCore

/// What can be stored under a name.
package enum StorableTensor: Sendable {
  case floats(Tensor)
  case indices(IndexTensor)

  package var shape: [Int] {
    switch self {
    case .floats(let tensor): tensor.shape
    case .indices(let tensor): tensor.shape
    }
  }

  package var count: Int {
    switch self {
    case .floats(let tensor): tensor.count
    case .indices(let tensor): tensor.count
    }
  }
}

extension SafetensorsFile {
  /// Writes named tensors, floats as F32 and integers as I64, in the order given. Whole file or nothing.
  ///
  /// - Parameters:
  ///   - metadata: strings for `__metadata__`; `["format": "pt"]` is what upstream's loaders expect of models.
  ///   - floatType: `.f32`, `.f16` or `.bf16` for the floats.
  /// - Throws: ``CheckpointError/notWritable(path:reason:)`` for doubled names, ``FileError``.
  package static func write(
    _ tensors: [(name: String, value: StorableTensor)], metadata: [(String, String)] = [("format", "pt")],
    floatType: ElementType = .f32, to path: String, access: FileAccess,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws {
    guard [.f32, .f16, .bf16].contains(floatType) else {
      throw CheckpointError.notWritable(path: path, reason: "floats are stored as F32, F16 or BF16")
    }
    let header: [UInt8] = try headerBytes(tensors, metadata, floatType, path)
    try access.writeAtomically(path, replaces: looksLikeOne) { writer in
      try writer.write(header)
      for (index, tensor) in tensors.enumerated() {
        try progress(index, tensors.count)
        switch tensor.value {
        case .indices(let value): try value.elements.withUnsafeBytes { try writer.write($0) }
        case .floats(let value):
          try value.withUnsafeBuffer { try writeFloats($0, floatType, writer) }
        }
      }
    }
  }

  private static func headerBytes(
    _ tensors: [(name: String, value: StorableTensor)], _ metadata: [(String, String)], _ floatType: ElementType,
    _ path: String
  ) throws -> [UInt8] {
    var members: [(String, JSON)] = []
    if !metadata.isEmpty { members.append(("__metadata__", .object(metadata.map { ($0.0, .string($0.1)) }))) }
    var names: Set<[UInt8]> = [Array("__metadata__".utf8)]
    var offset: Int = 0
    for (name, value) in tensors {
      guard names.insert(Array(name.utf8)).inserted else {
        throw CheckpointError.notWritable(path: path, reason: "two tensors are named \(quoted(name))")
      }
      var type: ElementType = floatType
      if case .indices = value { type = .i64 }
      guard let size = type.byteCount(of: value.count) else {
        throw CheckpointError.notWritable(path: path, reason: "\(quoted(name)) is too large")
      }
      members.append(
        (
          name,
          .object([
            ("dtype", .string(type.rawValue)), ("shape", .array(value.shape.map { .integer($0) })),
            ("data_offsets", .array([.integer(offset), .integer(offset + size)])),
          ])
        ))
      offset += size
    }
    var text: [UInt8] = []
    JSON.object(members).write(to: &text)
    while text.count % 8 != 0 { text.append(32) }
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
  }

  private static func writeFloats(
    _ values: UnsafeBufferPointer<Float>, _ type: ElementType, _ writer: FileWriter
  ) throws {
    if type == .f32 { return try writer.write(UnsafeRawBufferPointer(values)) }
    var start: Int = 0
    while start < values.count {
      let end: Int = min(start + (1 << 16), values.count)
      let part: [UInt16] = values[start..<end].map { type == .bf16 ? bfloat16(of: $0) : half(of: $0) }
      try part.withUnsafeBytes { try writer.write($0) }
      start = end
    }
  }

  /// Rounded to the nearest, ties to even.
  static func bfloat16(of value: Float) -> UInt16 {
    let bits: UInt32 = value.bitPattern
    if value.isNaN { return UInt16(bits >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ ((bits >> 16) & 1)) >> 16)
  }

  /// IEEE 754 half precision, rounded to the nearest, ties to even.
  static func half(of value: Float) -> UInt16 {
    let bits: UInt32 = value.bitPattern
    let sign: UInt16 = UInt16(bits >> 16) & 0x8000
    let magnitude: UInt32 = bits & 0x7fff_ffff
    if magnitude > 0x7f80_0000 { return sign | 0x7e00 }
    if magnitude >= 0x4780_0000 { return sign | 0x7c00 }  // 65536 and beyond
    if magnitude < 0x3880_0000 {  // below the least normal number: add a constant whose last place is 2⁻²⁴
      let shifted: Float = Float(bitPattern: magnitude) + 0.5
      return sign | UInt16(truncatingIfNeeded: shifted.bitPattern &- 0x3f00_0000)
    }
    let rounded: UInt32 = magnitude &+ 0xfff &+ ((magnitude >> 13) & 1)
    return sign | UInt16(truncatingIfNeeded: (rounded &- 0x3800_0000) >> 13)
  }
}
