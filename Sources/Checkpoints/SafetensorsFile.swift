import Files

/// A file of named tensors in the safetensors format, its header checked whole before any tensor is used.
package struct SafetensorsFile: Sendable {
  package let path: String
  /// In the order in which they lie in the file.
  package let tensors: [StoredTensor]
  /// The strings under `__metadata__`.
  package let metadata: [String: String]

  /// The largest header that is read, in bytes, as in the reference implementation.
  package static let headerLimit: Int = 100_000_000

  /// - Throws: ``CheckpointError/malformed(path:format:reason:)`` where sizes, types, offsets or text are wrong.
  package init(_ file: MappedFile) throws {
    path = file.path
    do {
      let header: JSON = try SafetensorsFile.header(of: file)
      guard case .object(let object) = header else { throw Problem("its header is \(header.kind), not an object") }
      let dataStart: Int = try SafetensorsFile.dataStart(of: file)
      var metadata: [String: String] = [:]
      var tensors: [StoredTensor] = []
      var names: Set<[UInt8]> = []
      tensors.reserveCapacity(object.count)
      for member in object.members {
        guard names.insert(Array(member.key.utf8)).inserted else { throw Problem("\(quoted(member.key)) stands twice") }
        if member.key == "__metadata__" {
          metadata = try SafetensorsFile.strings(member.value)
        } else {
          tensors.append(try SafetensorsFile.tensor(member.key, member.value, file, dataStart))
        }
      }
      tensors.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
      try SafetensorsFile.checkCoverage(tensors, from: dataStart, to: file.count)
      self.metadata = metadata
      self.tensors = tensors
    } catch let problem as Problem {
      throw CheckpointError.malformed(path: file.path, format: "safetensors", reason: problem.reason)
    }
  }

  package var names: [String] { tensors.map(\.name) }

  /// Whether the bytes begin as a safetensors file does, for deciding what may be replaced.
  package static func looksLikeOne(_ file: MappedFile) -> Bool {
    guard let start = try? dataStart(of: file) else { return false }
    return file.withBytes { start <= $0.count && $0.count > 8 && $0[8] == UInt8(ascii: "{") }
  }

  private static func dataStart(of file: MappedFile) throws -> Int {
    guard file.count >= 8 else { throw Problem("it has \(file.count) bytes, fewer than the 8 of the header's size") }
    let size: UInt64 = file.withBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard size <= UInt64(headerLimit) else {
      throw Problem("its header claims \(size) bytes; at most \(headerLimit) are read")
    }
    guard Int(size) <= file.count - 8 else {
      throw Problem("its header claims \(size) bytes, the file has \(file.count - 8) after the size; is it cut off?")
    }
    return 8 + Int(size)
  }

  private static func header(of file: MappedFile) throws -> JSON {
    let end: Int = try dataStart(of: file)
    return try file.withBytes { bytes in
      guard end > 8, bytes[8] == UInt8(ascii: "{") else { throw Problem("its header does not begin with {") }
      do {
        return try JSON(parsing: UnsafeRawBufferPointer(rebasing: bytes[8..<end]))
      } catch let error as FileError {
        if case .malformed(_, _, _, let byte, let reason) = error {
          throw Problem("its header is not JSON (byte \(byte ?? 0)): \(reason)")
        }
        throw error
      }
    }
  }

  private static func strings(_ value: JSON) throws -> [String: String] {
    guard let object = value.object else { throw Problem("__metadata__ is \(value.kind), not an object") }
    var result: [String: String] = [:]
    for member in object.members {
      guard let text = member.value.string else { throw Problem("__metadata__ holds \(member.value.kind)") }
      result[member.key] = text
    }
    return result
  }

  private static func tensor(_ name: String, _ value: JSON, _ file: MappedFile, _ dataStart: Int) throws -> StoredTensor
  {
    guard let typeName = value["dtype"]?.string else { throw Problem("\(quoted(name)) has no dtype") }
    guard let type = ElementType(rawValue: typeName), type.isSafetensors else {
      throw Problem("\(quoted(name)) has the unknown dtype \(quoted(typeName))")
    }
    guard let extents = value["shape"]?.array else { throw Problem("\(quoted(name)) has no shape") }
    let shape: [Int] = extents.compactMap(\.int)
    guard shape.count == extents.count, shape.count <= 64, let count = ElementType.count(of: shape) else {
      throw Problem("\(quoted(name)) has an impossible shape")
    }
    guard let offsets = value["data_offsets"]?.array, offsets.count == 2, let begin = offsets[0].int,
      let end = offsets[1].int
    else { throw Problem("\(quoted(name)) has no data_offsets") }
    guard begin >= 0, begin <= end, end <= file.count - dataStart else {
      throw Problem(
        "\(quoted(name)) lies at bytes \(begin) to \(end) of \(file.count - dataStart); is the file cut off?")
    }
    guard type.byteCount(of: count) == end - begin else {
      throw Problem("\(quoted(name)), \(typeName) of shape \(shape), has \(end - begin) bytes")
    }
    return StoredTensor(
      name: name, type: type, shape: shape, count: count, file: file, range: (dataStart + begin)..<(dataStart + end))
  }

  /// The tensors must cover the data without overlap and without holes.
  private static func checkCoverage(_ tensors: [StoredTensor], from start: Int, to end: Int) throws {
    var position: Int = start
    for tensor in tensors {
      if tensor.range.lowerBound < position { throw Problem("\(quoted(tensor.name)) overlaps another tensor") }
      if tensor.range.lowerBound > position { throw Problem("there is a hole before \(quoted(tensor.name))") }
      position = tensor.range.upperBound
    }
    if position != end { throw Problem("\(end - position) bytes follow the last tensor") }
  }
}

/// Why a file is malformed, before its path and format are added.
struct Problem: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}
