import Checkpoints
import Files
import Foundation
import TensorCore
import TestSupport
import Testing

/// Writes GGUF headers as tests need them, wrong ones too.
struct GGUFBuilder {
  var bytes: [UInt8] = Array("GGUF".utf8)

  mutating func put<Number: BitwiseCopyable>(_ value: Number) { withUnsafeBytes(of: value) { bytes += Array($0) } }

  mutating func string(_ text: String) {
    put(UInt64(text.utf8.count))
    bytes += Array(text.utf8)
  }

  mutating func start(tensors: UInt64, metadata: UInt64, version: UInt32 = 3) {
    put(version)
    put(tensors)
    put(metadata)
  }

  mutating func tensor(_ name: String, _ extents: [UInt64], type: UInt32, offset: UInt64) {
    string(name)
    put(UInt32(extents.count))
    for extent in extents { put(extent) }
    put(type)
    put(offset)
  }

  mutating func align(_ alignment: Int = 32) { while bytes.count % alignment != 0 { bytes.append(0) } }

  static func small() -> GGUFBuilder {
    var file: GGUFBuilder = GGUFBuilder()
    file.start(tensors: 2, metadata: 5)
    file.string("general.architecture")
    file.put(UInt32(8))
    file.string("llama")
    file.string("llama.block_count")
    file.put(UInt32(4))
    file.put(UInt32(2))
    file.string("llama.eps")
    file.put(UInt32(6))
    file.put(Float(1e-5))
    file.string("tokenizer.ggml.tokens")
    file.put(UInt32(9))
    file.put(UInt32(8))
    file.put(UInt64(2))
    file.string("a")
    file.string("Ġb")
    file.string("tokenizer.ggml.scores")
    file.put(UInt32(9))
    file.put(UInt32(6))
    file.put(UInt64(2))
    file.put(Float(0.5))
    file.put(Float(-1))
    file.tensor("w", [3, 2], type: 0, offset: 0)
    file.tensor("q", [32, 1], type: 8, offset: 32)
    file.align()
    for value in 0..<6 { file.put(Float(value)) }
    file.align()
    file.put(UInt16(0x3800))  // 0.5
    for value in 0..<32 { file.put(Int8(value - 16)) }
    return file
  }
}

@Suite struct GGUFReading {
  private func read(_ builder: GGUFBuilder) throws -> GGUFFile {
    try GGUFFile(MappedFile(path: "test.gguf", copying: builder.bytes))
  }

  @Test func headerAndTensors() throws {
    let file: GGUFFile = try read(.small())
    #expect(file.architecture == "llama")
    #expect(file.keys.count == 5)
    #expect(file.metadata["llama.block_count"]?.int == 2)
    #expect(file.metadata["llama.eps"]?.double == Double(Float(1e-5)))
    #expect(file.metadata["tokenizer.ggml.tokens"]?.strings == ["a", "Ġb"])
    #expect(file.metadata["tokenizer.ggml.scores"]?.reals == [0.5, -1])
    #expect(file.tensors[0].shape == [2, 3])
    #expect(try file.tensors[0].tensor().elements == [0, 1, 2, 3, 4, 5])
    #expect(try file.tensors[1].tensor().elements == (0..<32).map { Float($0 - 16) / 2 })
    #expect(try file.tensors[0].part(rows: 1..<2)?.tensor().elements == [3, 4, 5])
    #expect(file.tensors[0].part(rows: 1..<3)?.name == nil)
  }

  @Test func malicious() {
    var cases: [(String, GGUFBuilder)] = []
    func add(_ name: String, _ make: (inout GGUFBuilder) -> Void) {
      var builder: GGUFBuilder = GGUFBuilder()
      make(&builder)
      cases.append((name, builder))
    }
    add("nothing") { _ in }
    add("version 1") { $0.start(tensors: 0, metadata: 0, version: 1) }
    add("big-endian") { $0.start(tensors: 0, metadata: 0, version: UInt32(3).bigEndian) }
    add("many tensors") { $0.start(tensors: .max, metadata: 0) }
    add("much metadata") { $0.start(tensors: 0, metadata: 1 << 60) }
    add("giant string") { builder in
      builder.start(tensors: 0, metadata: 1)
      builder.put(UInt64.max)
      builder.bytes += [UInt8](repeating: 0, count: 64)
    }
    add("giant list") { builder in
      builder.start(tensors: 0, metadata: 1)
      builder.string("k")
      builder.put(UInt32(9))
      builder.put(UInt32(8))
      builder.put(UInt64(1) << 62)
    }
    add("lists in lists") { builder in
      builder.start(tensors: 0, metadata: 1)
      builder.string("k")
      for _ in 0..<1000 {
        builder.put(UInt32(9))
        builder.put(UInt32(9))
        builder.put(UInt64(1))
      }
    }
    add("unknown type of value") { builder in
      builder.start(tensors: 0, metadata: 1)
      builder.string("k")
      builder.put(UInt32(99))
      builder.put(UInt64(0))
    }
    let tensors: [(String, [UInt64], UInt32, UInt64)] = [
      ("beyond the end", [4], 0, 1 << 40), ("offset that overflows", [4], 0, .max),
      ("extents that overflow", [1 << 40, 1 << 40], 0, 0), ("extent beyond 63 bits", [.max], 0, 0),
      ("half a block", [31], 8, 0), ("unknown element type", [4], 77, 0),
    ]
    for (name, extents, type, offset) in tensors {
      add(name) { builder in
        builder.start(tensors: 1, metadata: 0)
        builder.tensor("x", extents, type: type, offset: offset)
        builder.align()
        builder.bytes += [UInt8](repeating: 0, count: 64)
      }
    }
    add("overlap") { builder in
      builder.start(tensors: 2, metadata: 0)
      builder.tensor("x", [4], type: 0, offset: 0)
      builder.tensor("y", [4], type: 0, offset: 8)
      builder.align()
      builder.bytes += [UInt8](repeating: 0, count: 64)
    }
    add("alignment of zero") { builder in
      builder.start(tensors: 0, metadata: 1)
      builder.string("general.alignment")
      builder.put(UInt32(4))
      builder.put(UInt32(0))
    }
    for (name, builder) in cases { #expect(throws: CheckpointError.self, "\(name)") { try read(builder) } }
  }

  /// Blocks of every quantised type, made and dequantised by the gguf package (Scripts/reference/gguf_blocks.py).
  @Test func blocksAsTheReferenceReadsThem() throws {
    let folder: String = Fixtures.tests.appendingPathComponent("Fixtures/gguf").path
    let access: FileAccess = Fixtures.access
    let file: GGUFFile = try GGUFFile(access.map(folder + "/blocks.gguf"))
    let expected: SafetensorsFile = try SafetensorsFile(access.map(folder + "/blocks.safetensors"))
    #expect(file.tensors.count == 11)
    for tensor in file.tensors {
      let wanted: Tensor = try #require(expected.tensors.first { $0.name == tensor.name }).tensor()
      #expect(tensor.shape == wanted.shape)
      #expect(try tensor.tensor().elements == wanted.elements, "\(tensor.name)")
      let second: Tensor? = try tensor.part(rows: 1..<2)?.tensor()
      #expect(second?.elements == Array(wanted.elements.suffix(wanted.count / 2)), "\(tensor.name)")
    }
  }
}
