import Files
import Glibc
import TensorCore

/// A tensor as it lies in a file: converted only when asked for.
package struct StoredTensor: Sendable {
  package let name: String
  package let type: ElementType
  package let shape: [Int]
  /// How many elements there are.
  package let count: Int
  /// Keeps ``bytes`` valid.
  package let file: MappedFile
  /// Where the elements lie in the file.
  package let range: Range<Int>

  /// The caller has checked that `range` lies in the file and has the size that `type` and `shape` ask for.
  init(name: String, type: ElementType, shape: [Int], count: Int, file: MappedFile, range: Range<Int>) {
    self.name = name
    self.type = type
    self.shape = shape
    self.count = count
    self.file = file
    self.range = range
  }

  /// In bytes, as stored.
  package var byteCount: Int { range.count }

  /// The stored bytes.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try file.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  /// Whether another tensor has the same elements.
  ///
  /// - Throws: ``CheckpointError/notConvertible(name:type:wanted:)`` where the two are stored differently and one cannot
  ///   be read as floats.
  package func equals(_ other: StoredTensor) throws -> Bool {
    guard shape == other.shape else { return false }
    guard type == other.type else { return try tensor().elements == other.tensor().elements }
    return withBytes { mine in
      other.withBytes { theirs in
        guard let first = mine.baseAddress, let second = theirs.baseAddress else { return mine.count == theirs.count }
        return mine.count == theirs.count && memcmp(first, second, mine.count) == 0
      }
    }
  }

  /// The elements as 32-bit floats: borrowed from the file where they are F32, converted otherwise.
  ///
  /// - Throws: ``CheckpointError/notConvertible(name:type:wanted:)`` for types without a conversion.
  package func tensor() throws -> Tensor {
    if type == .f32 { return try withBytes { try Tensor(borrowing: $0, shape: shape, owner: file) } }
    guard FloatConversion.converts(type) else { throw notConvertible("floats") }
    var result: Tensor = try Tensor(uninitialized: shape)
    try result.withUnsafeMutableBuffer { target in
      withBytes { FloatConversion.convert($0, type, into: target) }
    }
    return result
  }

  /// Some rows of the first axis as a tensor of its own; nil where there are not as many.
  package func part(rows: Range<Int>) -> StoredTensor? {
    // An axis without elements lets the others have any extents.
    guard let extent = shape.first, rows.lowerBound >= 0, rows.upperBound <= extent,
      let columns = ElementType.count(of: Array(shape.dropFirst())),
      let start = type.byteCount(of: rows.lowerBound * columns), let size = type.byteCount(of: rows.count * columns)
    else { return nil }
    let first = range.lowerBound + start
    return StoredTensor(
      name: name, type: type, shape: [rows.count] + shape.dropFirst(), count: rows.count * columns, file: file,
      range: first..<(first + size))
  }

  /// The elements as a matrix that stays as it is stored, for types that products read so; nil for others and for
  /// anything but two axes. Plain floats need none.
  ///
  /// - Parameter order: where each row is stored, where that isn't its own place.
  package func matrix(order: [Int]? = nil) throws -> StoredMatrix? {
    guard shape.count == 2, type != .f32, let format = StoredMatrix.Format(rawValue: type.rawValue), count > 0 else {
      return nil
    }
    return try withBytes {
      try StoredMatrix($0, format: format, rows: shape[0], columns: shape[1], owner: file, order: order)
    }
  }

  /// The elements as integers.
  ///
  /// - Throws: ``CheckpointError/notConvertible(name:type:wanted:)`` for floats and for U64 beyond 63 bits.
  package func indices() throws -> IndexTensor {
    guard type.isInteger, let elements = withBytes({ IntegerConversion.elements($0, type, count) }) else {
      throw notConvertible("integers")
    }
    return try IndexTensor(elements, shape: shape)
  }

  private func notConvertible(_ wanted: String) -> CheckpointError {
    .notConvertible(name: name, type: type.rawValue, wanted: wanted)
  }
}
