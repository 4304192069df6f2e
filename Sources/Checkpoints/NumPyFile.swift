import Files
import TensorCore

/// One array in NumPy's `.npy` format, versions 1 to 3 of its header.
///
/// Source: NumPy Enhancement Proposal 1.
package enum NumPyFile {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  package static func looksLikeOne(_ file: MappedFile) -> Bool { file.withBytes { $0.starts(with: magic) } }

  /// Reads an array: integers and booleans as an index tensor, floats as a tensor.
  package static func read(_ file: MappedFile) throws -> StorableTensor {
    do {
      let header: Header = try Header(file)
      let content: MappedFile = header.isBigEndian ? swapped(file, header) : file
      let stored: StoredTensor = StoredTensor(
        name: PathText.name(of: file.path), type: header.type, shape: header.storedShape, count: header.count,
        file: content,
        range: header.isBigEndian ? 0..<header.byteCount : header.start..<(header.start + header.byteCount))
      if header.type.isInteger {
        let value: IndexTensor = try stored.indices()
        let elements: [Int] = header.isFortran ? transposed(value.elements, header.shape) : value.elements
        return .indices(try IndexTensor(elements, shape: header.shape))
      }
      let value: Tensor = try stored.tensor()
      return .floats(
        header.isFortran ? try Tensor(transposed(value.elements, header.shape), shape: header.shape) : value)
    } catch let problem as Problem {
      throw CheckpointError.malformed(path: file.path, format: "npy", reason: problem.reason)
    }
  }

  /// Writes an array, floats as `<f4` and integers as `<i8`.
  package static func write(_ value: StorableTensor, to path: String, access: FileAccess) throws {
    var type: String = "<f4"
    if case .indices = value { type = "<i8" }
    let extents: String = value.shape.map { "\($0)," }.joined(separator: " ")
    let tuple: String = value.shape.count == 1 ? "(\(extents))" : "(\(extents.dropLast()))"
    var header: [UInt8] = Array("{'descr': '\(type)', 'fortran_order': False, 'shape': \(tuple), }".utf8)
    while (10 + header.count + 1) % 64 != 0 { header.append(32) }
    header.append(10)
    let size: UInt16 = UInt16(clamping: header.count)
    let start: [UInt8] = magic + [1, 0, UInt8(size & 255), UInt8(size >> 8)]
    try access.writeAtomically(path, replaces: looksLikeOne) { writer in
      try writer.write(start + header)
      switch value {
      case .floats(let tensor): try tensor.withUnsafeBuffer { try writer.write(UnsafeRawBufferPointer($0)) }
      case .indices(let tensor): try tensor.elements.withUnsafeBytes { try writer.write($0) }
      }
    }
  }

  /// Column-major elements in row-major order.
  private static func transposed<Element>(_ elements: [Element], _ shape: [Int]) -> [Element] {
    guard shape.count > 1, !elements.isEmpty else { return elements }
    var strides: [Int] = []
    var stride: Int = 1
    for extent in shape {
      strides.append(stride)
      stride *= extent
    }
    var result: [Element] = []
    result.reserveCapacity(elements.count)
    var place: [Int] = [Int](repeating: 0, count: shape.count)
    var source: Int = 0
    for _ in elements.indices {
      result.append(elements[source])
      for axis in shape.indices.reversed() {
        place[axis] += 1
        source += strides[axis]
        if place[axis] < shape[axis] { break }
        source -= strides[axis] * shape[axis]
        place[axis] = 0
      }
    }
    return result
  }

  private static func swapped(_ file: MappedFile, _ header: Header) -> MappedFile {
    let width: Int = header.type.blockBits / 8
    var bytes: [UInt8] = file.withBytes { Array($0[header.start..<(header.start + header.byteCount)]) }
    for first in Swift.stride(from: 0, to: bytes.count, by: width) {
      bytes[first..<(first + width)].reverse()
    }
    return MappedFile(path: file.path, copying: bytes)
  }

  private struct Header {
    var type: ElementType
    var isBigEndian: Bool
    var isFortran: Bool
    var shape: [Int]
    var count: Int
    var byteCount: Int
    var start: Int

    /// The extents in the order in which the elements lie.
    var storedShape: [Int] { isFortran ? shape.reversed() : shape }

    init(_ file: MappedFile) throws {
      let prefix: [UInt8] = file.withBytes { Array($0.prefix(12)) }
      guard prefix.starts(with: magic), prefix.count >= 12 else { throw Problem("it does not begin with \\x93NUMPY") }
      guard (1...3).contains(prefix[6]) else { throw Problem("version \(prefix[6]).\(prefix[7]) is unknown") }
      let lengthSize: Int = prefix[6] == 1 ? 2 : 4
      var length: Int = 0
      for index in (0..<lengthSize).reversed() { length = length << 8 | Int(prefix[8 + index]) }
      let end: Int = 8 + lengthSize + length
      guard length <= 1 << 20, end <= file.count else { throw Problem("its header claims \(length) bytes") }
      let header: [UInt8] = file.withBytes { Array($0[(end - length)..<end]) }
      start = end
      var parser: NumPyHeaderParser = NumPyHeaderParser(header)
      let fields = try parser.parse()
      guard let kind = NumPyHeaderParser.types[String(fields.type.dropFirst())] else {
        throw Problem("its elements are \(quoted(fields.type)), not numbers that Luthier reads")
      }
      type = kind
      isBigEndian = fields.type.first == ">" && kind.blockBits > 8
      isFortran = fields.isFortran
      shape = fields.shape
      guard shape.count <= 64, let count = ElementType.count(of: shape), let size = kind.byteCount(of: count),
        size == file.count - start
      else { throw Problem("shape \(fields.shape) of \(fields.type) does not fit its \(file.count - start) bytes") }
      self.count = count
      byteCount = size
    }
  }
}
