import Files

/// A model in one file in the GGUF format (versions 2 and 3): metadata and tensors, quantised or not.
///
/// Source: the GGUF specification in ggml's documentation.
package struct GGUFFile: Sendable {
  package let path: String
  package let metadata: [String: GGUFValue]
  /// Metadata keys in the order of the file.
  package let keys: [String]
  /// Shapes as elsewhere, outermost axis first (the file has them the other way round).
  package let tensors: [StoredTensor]

  /// - Throws: ``CheckpointError/malformed(path:format:reason:)``.
  package init(_ file: MappedFile) throws {
    path = file.path
    do {
      (metadata, keys, tensors) = try file.withBytes { bytes in
        var reader: GGUFReader = GGUFReader(bytes)
        let counts = try GGUFFile.start(&reader)
        let (metadata, keys) = try GGUFFile.metadata(&reader, counts.metadata)
        let infos: [Info] = try GGUFFile.infos(&reader, counts.tensors)
        let alignment: Int = metadata["general.alignment"]?.int ?? 32
        guard alignment > 0, alignment <= 1 << 20, alignment.nonzeroBitCount == 1 else {
          throw Problem("its alignment is \(alignment)")
        }
        let start: Int = (reader.position + alignment - 1) / alignment * alignment
        return (metadata, keys, try GGUFFile.placed(infos, from: start, in: file))
      }
    } catch let problem as Problem {
      throw CheckpointError.malformed(path: file.path, format: "GGUF", reason: problem.reason)
    }
  }

  package static func looksLikeOne(_ file: MappedFile) -> Bool { file.withBytes { $0.starts(with: "GGUF".utf8) } }

  /// The family, as `general.architecture` names it: `llama`, `gpt2`, ...
  package var architecture: String? { metadata["general.architecture"]?.string }

  private struct Info {
    var name: String
    var shape: [Int]
    var count: Int
    var type: ElementType
    var offset: Int
    var byteCount: Int
  }

  private static func start(_ reader: inout GGUFReader) throws -> (tensors: Int, metadata: Int) {
    guard try reader.number(UInt32.self) == 0x4655_4747 else { throw Problem("it does not begin with GGUF") }
    let version: UInt32 = try reader.number(UInt32.self)
    guard version == 2 || version == 3 else {
      throw Problem(
        version.byteSwapped < 16 ? "it is big-endian" : "version \(version) is unknown (2 and 3 are read)")
    }
    let tensors: Int = try reader.count(of: "tensors", atLeast: 24)
    return (tensors, try reader.count(of: "metadata entries", atLeast: 13))
  }

  private static func metadata(
    _ reader: inout GGUFReader, _ count: Int
  ) throws -> (values: [String: GGUFValue], keys: [String]) {
    var values: [String: GGUFValue] = [:]
    var keys: [String] = []
    for _ in 0..<count {
      let key: String = try reader.string()
      let type: UInt32 = try reader.number(UInt32.self)
      guard values.updateValue(try reader.value(type), forKey: key) == nil else {
        throw Problem("its metadata has \(quoted(key)) twice")
      }
      keys.append(key)
    }
    return (values, keys)
  }

  private static func infos(_ reader: inout GGUFReader, _ count: Int) throws -> [Info] {
    var result: [Info] = []
    var names: Set<String> = []
    for _ in 0..<count {
      let name: String = try reader.string()
      guard names.insert(name).inserted else { throw Problem("it has \(quoted(name)) twice") }
      let axes: UInt32 = try reader.number(UInt32.self)
      guard axes <= 8 else { throw Problem("\(quoted(name)) has \(axes) axes") }
      var shape: [Int] = []
      for _ in 0..<axes { shape.append(Int(clamping: try reader.number(UInt64.self))) }
      let typeNumber: UInt32 = try reader.number(UInt32.self)
      let offset: Int = Int(clamping: try reader.number(UInt64.self))
      guard let type = types[typeNumber] else {
        throw Problem("\(quoted(name)) is stored as type \(typeNumber), which Luthier does not read")
      }
      guard let elements = ElementType.count(of: shape), let bytes = type.byteCount(of: elements),
        (shape.first ?? 1) % type.blockSize == 0
      else { throw Problem("\(quoted(name)) has an impossible shape \(shape) for \(type.rawValue)") }
      result.append(
        Info(name: name, shape: shape.reversed(), count: elements, type: type, offset: offset, byteCount: bytes))
    }
    return result
  }

  private static func placed(_ infos: [Info], from start: Int, in file: MappedFile) throws -> [StoredTensor] {
    let room: Int = file.count - start
    var end: Int = 0
    for info in infos.sorted(by: { $0.offset < $1.offset }) {
      guard info.offset >= end else { throw Problem("\(quoted(info.name)) overlaps another tensor") }
      guard info.offset <= room, info.byteCount <= room - info.offset else {
        throw Problem("\(quoted(info.name)) reaches beyond the end of the file; is it cut off?")
      }
      end = info.offset + info.byteCount
    }
    return infos.map { info in
      let first: Int = start + info.offset
      return StoredTensor(
        name: info.name, type: info.type, shape: info.shape, count: info.count, file: file,
        range: first..<(first + info.byteCount))
    }
  }

  private static let types: [UInt32: ElementType] = [
    0: .f32, 1: .f16, 2: .q4_0, 3: .q4_1, 6: .q5_0, 7: .q5_1, 8: .q8_0, 9: .q8_1, 10: .q2_k, 11: .q3_k, 12: .q4_k,
    13: .q5_k, 14: .q6_k, 15: .q8_k, 24: .i8, 25: .i16, 26: .i32, 27: .i64, 28: .f64, 30: .bf16,
  ]
}
