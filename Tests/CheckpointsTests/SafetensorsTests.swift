import Checkpoints
import Files
import TensorCore
import TestSupport
import Testing

/// A safetensors file with the given header text and data.
func safetensors(_ header: String, _ data: [UInt8], size: UInt64? = nil) -> MappedFile {
  let length: UInt64 = size ?? UInt64(header.utf8.count)
  let start: [UInt8] = withUnsafeBytes(of: length.littleEndian) { Array($0) }
  return MappedFile(path: "test.safetensors", copying: start + Array(header.utf8) + data)
}

@Suite struct SafetensorsReading {
  @Test func everyType() throws {
    let header: String = """
      {"__metadata__": {"format": "pt"},
       "f32": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
       "f64": {"dtype": "F64", "shape": [1], "data_offsets": [8, 16]},
       "f16": {"dtype": "F16", "shape": [4], "data_offsets": [16, 24]},
       "bf16": {"dtype": "BF16", "shape": [1, 2], "data_offsets": [24, 28]},
       "i64": {"dtype": "I64", "shape": [], "data_offsets": [28, 36]},
       "i32": {"dtype": "I32", "shape": [1], "data_offsets": [36, 40]},
       "i16": {"dtype": "I16", "shape": [1], "data_offsets": [40, 42]},
       "i8": {"dtype": "I8", "shape": [2], "data_offsets": [42, 44]},
       "u8": {"dtype": "U8", "shape": [1], "data_offsets": [44, 45]},
       "bool": {"dtype": "BOOL", "shape": [2], "data_offsets": [45, 47]},
       "f8": {"dtype": "F8_E4M3", "shape": [3], "data_offsets": [47, 50]},
       "f8b": {"dtype": "F8_E5M2", "shape": [2], "data_offsets": [50, 52]},
       "none": {"dtype": "F32", "shape": [0, 3], "data_offsets": [52, 52]}}
      """
    var data: [UInt8] = []
    func put<Value: BitwiseCopyable>(_ value: Value) { withUnsafeBytes(of: value) { data += Array($0) } }
    put(Float(1.5))
    put(Float(-2))
    put(Double(0.25))
    for half: UInt16 in [0x3c00, 0xc000, 0x0001, 0x7c00] { put(half) }
    for brain: UInt16 in [0x3f80, 0xc040] { put(brain) }
    put(Int64(-7))
    put(Int32(1 << 20))
    put(Int16(-300))
    data += [0x80, 0x7f, 200, 0, 1, 0x38, 0xb9, 0x01, 0x3c, 0xc0]
    let file: SafetensorsFile = try SafetensorsFile(safetensors(header, data))
    func floats(_ name: String) throws -> [Float] {
      try #require(file.tensors.first { $0.name == name }).tensor().elements
    }
    func indices(_ name: String) throws -> IndexTensor {
      try #require(file.tensors.first { $0.name == name }).indices()
    }
    #expect(file.metadata == ["format": "pt"])
    #expect(try floats("f32") == [1.5, -2])
    #expect(try floats("f64") == [0.25])
    #expect(try floats("f16") == [1, -2, 0x1p-24, .infinity])
    #expect(try floats("bf16") == [1, -3])
    #expect(try indices("i64") == IndexTensor([-7], shape: []))
    #expect(try indices("i32").elements == [1 << 20])
    #expect(try indices("i16").elements == [-300])
    #expect(try indices("i8").elements == [-128, 127])
    #expect(try indices("u8").elements == [200])
    #expect(try indices("bool").elements == [0, 1])
    #expect(try floats("f8") == [1, -1.125, 0x1p-9])
    #expect(try floats("f8b") == [1, -2])
    #expect(try floats("none") == [])
    #expect(throws: CheckpointError.notConvertible(name: "f32", type: "F32", wanted: "integers")) {
      try indices("f32")
    }
  }

  @Test func noRowsOfMoreThanThereCanBe() throws {
    let header: String = """
      {"x": {"dtype": "F32", "shape": [0, 1099511627776, 1099511627776], "data_offsets": [0, 0]}}
      """
    let stored: StoredTensor = try SafetensorsFile(safetensors(header, [])).tensors[0]
    #expect(stored.part(rows: 0..<0)?.name == nil)
    #expect(throws: TensorError.self) { try stored.tensor() }
  }

  @Test func allHalfFloats() throws {
    let bits: [UInt16] = Array(0...UInt16.max)
    let data: [UInt8] = bits.withUnsafeBytes { Array($0) }
    let file = try SafetensorsFile(
      safetensors(#"{"x": {"dtype": "F16", "shape": [65536], "data_offsets": [0, 131072]}}"#, data))
    let values: [Float] = try file.tensors[0].tensor().elements
    for (index, value) in values.enumerated() {
      let power: Int = (index >> 10) & 31
      let fraction: Float = Float(index & 1023)
      var expected: Float
      switch power {
      case 0: expected = fraction * 0x1p-24
      case 31: expected = fraction == 0 ? .infinity : .nan
      default: expected = (1 + fraction / 1024) * Float(sign: .plus, exponent: power - 15, significand: 1)
      }
      if index >= 32768 { expected = -expected }
      #expect(value == expected || (value.isNaN && expected.isNaN), "\(index)")
    }
  }

  static let entry: String = #"{"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#

  @Test(
    arguments: [
      ("", 0, nil), ("{", 0, nil), ("[]", 0, nil), ("3", 0, nil), (entry, 7, nil), (entry, 9, nil),
      (entry, 8, 1 << 40), (entry, 8, UInt64.max), (entry, 8, 200_000_000), (entry, 8, 3),
      (#"{"x": {"dtype": "F99", "shape": [2], "data_offsets": [0, 8]}}"#, 8, nil),
      (#"{"x": {"dtype": "Q4_0", "shape": [32], "data_offsets": [0, 18]}}"#, 18, nil),
      (#"{"x": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}"#, 8, nil),
      (#"{"x": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}"#, 8, nil),
      (
        #"{"x": {"dtype": "F32", "shape": [9223372036854775807, 9223372036854775807], "data_offsets": [0, 8]}}"#, 8, nil
      ),
      (#"{"x": {"dtype": "F32", "shape": [4611686018427387904], "data_offsets": [0, 8]}}"#, 8, nil),
      (#"{"x": {"dtype": "F32", "shape": [99999999999999999999], "data_offsets": [0, 8]}}"#, 8, nil),
      (#"{"x": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}}"#, 8, nil),
      (#"{"x": {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]}}"#, 8, nil),
      (#"{"x": {"dtype": "F32", "shape": [2], "data_offsets": [0]}}"#, 8, nil),
      (#"{"x": {"dtype": "F32", "shape": [2]}}"#, 8, nil), (#"{"x": {"dtype": "F32"}}"#, 8, nil),
      (#"{"x": 3}"#, 8, nil),
      (#"{"x": {"dtype": "F4", "shape": [3], "data_offsets": [0, 2]}}"#, 2, nil),
      (#"{"x": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}"#, 12, nil),
      (
        #"{"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "y": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}"#,
        12, nil
      ),
      (
        #"{"x": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}, "x": {"dtype": "U8", "shape": [1], "data_offsets": [1, 2]}}"#,
        2, nil
      ),
      (#"{"__metadata__": {"a": 1}}"#, 0, nil), (#"{"__metadata__": []}"#, 0, nil),
    ] as [(String, Int, UInt64?)])
  func malformed(header: String, dataSize: Int, claimed: UInt64?) {
    let file: MappedFile = safetensors(header, [UInt8](repeating: 0, count: dataSize), size: claimed)
    #expect(throws: CheckpointError.self) { try SafetensorsFile(file) }
  }

  @Test func shortFiles() {
    for count in 0..<8 {
      let file: MappedFile = MappedFile(path: "x", copying: [UInt8](repeating: 0, count: count))
      #expect(throws: CheckpointError.self) { try SafetensorsFile(file) }
    }
  }

  @Test func misalignedTensorsAreCopied() throws {
    var header: String = Self.entry
    while header.utf8.count % 4 != 1 { header += " " }
    let data: [UInt8] = [Float(1), Float(2)].withUnsafeBytes { Array($0) }
    #expect(try SafetensorsFile(safetensors(header, data)).tensors[0].tensor().elements == [1, 2])
  }
}

@Suite struct SafetensorsWriting {
  @Test func whatIsWrittenReadsBack() throws {
    let folder: TemporaryFolder = try TemporaryFolder()
    let access: FileAccess = FileAccess(policy: .script, workingDirectory: folder.path)
    let floats: Tensor = try Tensor([1, -0.5, .infinity, Float(bitPattern: 0x0003_4478), 65504, 1e-7], shape: [2, 3])
    let tensors: [(name: String, value: StorableTensor)] = [
      ("b", .floats(floats)), ("a", .indices(IndexTensor([1, -2, 3]))), ("e", .floats(try Tensor(zeros: [0, 2]))),
    ]
    for type in [ElementType.f32, .f16, .bf16] {
      try SafetensorsFile.write(tensors, floatType: type, to: "x.safetensors", access: access)
      let file: SafetensorsFile = try SafetensorsFile(access.map("x.safetensors"))
      #expect(file.names == ["b", "a", "e"])
      #expect(file.metadata == ["format": "pt"])
      #expect(try file.tensors[1].indices() == IndexTensor([1, -2, 3]))
      let read: Tensor = try file.tensors[0].tensor()
      #expect(read.shape == [2, 3])
      let relative: Double = type == .f32 ? 0 : type == .f16 ? 0x1p-11 : 0x1p-8
      expectClose(
        read.elements, floats.elements, absolute: type == .f32 ? 0 : type == .f16 ? 0x1p-25 : 0x1p-134,
        relative: relative)
    }
    #expect(throws: CheckpointError.self) {
      try SafetensorsFile.write([tensors[0], tensors[0]], to: "y.safetensors", access: access)
    }
    try folder.put("other.safetensors", "something else")
    #expect(throws: FileError.self) {
      try SafetensorsFile.write(tensors, to: "other.safetensors", access: access)
    }
    #expect(try folder.names() == ["other.safetensors", "x.safetensors"])
  }

  @Test func roundingToSixteenBits() throws {
    let folder: TemporaryFolder = try TemporaryFolder()
    let access: FileAccess = FileAccess(workingDirectory: folder.path)
    // Ties go to even; beyond the greatest half float lies infinity; NaN stays NaN.
    let values: [Float] = [1 + 0x1p-11, 1 + 3 * 0x1p-11, 65519, 65520, 0x1p-25, 0x1.8p-25, -0x1p-14, .nan, -.infinity]
    let half: [Float] = [1, 1 + 0x1p-9, 65504, .infinity, 0, 0x1p-24, -0x1p-14, .nan, -.infinity]
    try SafetensorsFile.write(
      [("x", .floats(Tensor(values)))], floatType: .f16, to: "x.safetensors", access: access)
    let read: [Float] = try SafetensorsFile(access.map("x.safetensors")).tensors[0].tensor().elements
    for (got, wanted) in zip(read, half) { #expect(got == wanted || (got.isNaN && wanted.isNaN)) }
  }
}

/// Damages bytes at random: a test's own generator, so that failures repeat.
struct Damage {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func random(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(max(limit, 1)))
  }

  mutating func damaged(_ original: [UInt8], head: Int) -> [UInt8] {
    var bytes: [UInt8] = original
    for _ in 0...random(3) { bytes[random(min(head, bytes.count))] ^= UInt8(1 << random(8)) }
    if random(3) == 0 { bytes.removeLast(random(bytes.count)) }
    return bytes
  }
}

@Suite struct DamagedFiles {
  /// Every tensor that a damaged file still claims to have is read.
  private func use(_ tensors: [StoredTensor]) {
    for tensor in tensors {
      _ = try? tensor.tensor()
      _ = try? tensor.indices()
    }
  }

  @Test func safetensors() throws {
    let folder: TemporaryFolder = try TemporaryFolder()
    let access: FileAccess = FileAccess(workingDirectory: folder.path)
    try SafetensorsFile.write(
      [("a.weight", .floats(Tensor([1, 2, 3, 4], shape: [2, 2]))), ("b", .indices(IndexTensor([1, 2])))],
      to: "x.safetensors", access: access)
    let original: [UInt8] = try folder.bytes("x.safetensors")
    var damage: Damage = Damage(seed: 1)
    for _ in 0..<3000 {
      let file: MappedFile = MappedFile(path: "x", copying: damage.damaged(original, head: original.count))
      if let read = try? SafetensorsFile(file) { use(read.tensors) }
    }
  }

  @Test func npy() throws {
    let folder: TemporaryFolder = try TemporaryFolder()
    let access: FileAccess = FileAccess(workingDirectory: folder.path)
    try NumPyFile.write(.floats(Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])), to: "x.npy", access: access)
    let original: [UInt8] = try folder.bytes("x.npy")
    var damage: Damage = Damage(seed: 2)
    for _ in 0..<3000 {
      _ = try? NumPyFile.read(MappedFile(path: "x", copying: damage.damaged(original, head: 100)))
    }
  }

  @Test func gguf() throws {
    let original: [UInt8] = GGUFBuilder.small().bytes
    #expect(throws: Never.self) { try GGUFFile(MappedFile(path: "x", copying: original)) }
    var damage: Damage = Damage(seed: 3)
    for _ in 0..<3000 {
      let file: MappedFile = MappedFile(path: "x", copying: damage.damaged(original, head: original.count))
      if let read = try? GGUFFile(file) { use(read.tensors) }
    }
    for count in 0..<original.count {
      _ = try? GGUFFile(MappedFile(path: "x", copying: original.prefix(count)))
    }
  }
}
