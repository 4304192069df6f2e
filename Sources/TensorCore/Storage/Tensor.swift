/// A row-major array of 32-bit floats with value semantics: storage is shared until one of its tensors is written.
///
/// A tensor may carry the ``node`` that recorded how it was computed; see ``Gradients``.
// Tensors stay on the main thread; pool threads only see pointers that a running operation hands them.
package struct Tensor: @unchecked Sendable {
  /// The extent of each axis; `[]` for a single number.
  package private(set) var shape: [Int]
  package private(set) var storage: Storage
  /// Where in `storage` the first element is.
  package private(set) var offset: Int
  /// The operation that made this tensor, if gradients are wanted.
  package internal(set) var node: GraphNode?

  /// How many elements there are.
  package let count: Int

  init(storage: Storage, offset: Int, shape: [Int], count: Int) {
    self.storage = storage
    self.offset = offset
    self.shape = shape
    self.count = count
  }

  /// How many elements a shape has.
  ///
  /// An extent of 0 excuses no others, as in NumPy: operations multiply some of the extents only.
  /// - Throws: ``TensorError/outOfMemory`` if the number overflows, ``TensorError/invalidArgument`` for a negative extent.
  package static func count(of shape: [Int], operation: String = "tensor") throws -> Int {
    var count = 1
    var (isEmpty, overflowed) = (false, false)
    for extent in shape {
      if extent < 0 {
        throw TensorError.invalidArgument(
          operation: operation, argument: "shape", got: "\(shape)", expected: "no negative numbers")
      }
      if extent == 0 {
        isEmpty = true
        continue
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      overflowed = overflowed || overflow
      count = overflow ? 1 : product
    }
    if overflowed || count > Int.max / 8 {
      throw TensorError.outOfMemory(
        operation: operation, shape: shape, bytes: Int.max, available: Storage.physicalMemory)
    }
    return isEmpty ? 0 : count
  }

  /// A tensor whose elements are still to be written.
  package init(uninitialized shape: [Int], operation: @autoclosure () -> String = "tensor") throws {
    let count = try Tensor.count(of: shape, operation: operation())
    let storage = try Storage(count: count, operation: operation(), shape: shape)
    self.init(storage: storage, offset: 0, shape: shape, count: count)
  }

  /// A tensor with one value everywhere.
  package init(repeating value: Float, shape: [Int]) throws {
    try self.init(uninitialized: shape)
    storage.base.initialize(repeating: value, count: count)
  }

  /// A tensor of zeros.
  package init(zeros shape: [Int]) throws { try self.init(repeating: 0, shape: shape) }

  /// A tensor with the given elements, row by row.
  /// - Throws: ``TensorError/shapeMismatch`` if their number is not that of the shape.
  package init(_ elements: [Float], shape: [Int]) throws {
    try self.init(uninitialized: shape)
    guard elements.count == count else {
      throw TensorError.shapeMismatch(
        operation: "tensor", shapes: [shape], expected: "a shape of \(elements.count) elements")
    }
    elements.withUnsafeBufferPointer { source in
      if let first = source.baseAddress { storage.base.update(from: first, count: source.count) }
    }
  }

  /// A vector.
  package init(_ elements: [Float]) throws { try self.init(elements, shape: [elements.count]) }

  /// A single number, shape `[]`.
  package init(scalar: Float) throws { try self.init([scalar], shape: []) }

  /// A tensor over memory that `owner` keeps valid and unchanged, such as a part of a mapped file. It is copied at the
  /// first write. Memory that is not aligned for `Float` is copied now.
  package init(borrowing bytes: UnsafeRawBufferPointer, shape: [Int], owner: AnyObject) throws {
    let count = try Tensor.count(of: shape)
    guard bytes.count == count * MemoryLayout<Float>.stride else {
      throw TensorError.shapeMismatch(
        operation: "tensor", shapes: [shape], expected: "a shape of \(bytes.count / 4) elements")
    }
    if let start = bytes.baseAddress, Int(bitPattern: start) % MemoryLayout<Float>.alignment != 0 {
      try self.init(uninitialized: shape)
      UnsafeMutableRawPointer(storage.base).copyMemory(from: start, byteCount: bytes.count)
    } else {
      let memory = bytes.bindMemory(to: Float.self)
      self.init(storage: Storage(borrowing: memory, owner: owner), offset: 0, shape: shape, count: count)
    }
  }

  // MARK: Elements

  /// All elements, row by row.
  package var elements: [Float] { withUnsafeBuffer { Array($0) } }

  /// The only element.
  /// - Throws: ``TensorError/shapeMismatch`` unless there is exactly one.
  package func item() throws -> Float {
    guard count == 1 else {
      throw TensorError.shapeMismatch(operation: "item", shapes: [shape], expected: "one element")
    }
    return pointer.pointee
  }

  /// Gives `body` the elements to read.
  package func withUnsafeBuffer<R, E: Error>(_ body: (UnsafeBufferPointer<Float>) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(start: storage.base + offset, count: count))
  }

  /// Gives `body` the elements to change, after copying them if the storage is shared or borrowed.
  /// The ``node`` is dropped: a changed tensor is no longer what was recorded.
  package mutating func withUnsafeMutableBuffer<R>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> R) throws -> R
  {
    try makeUnique()
    node = nil
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeMutableBufferPointer(start: storage.base + offset, count: count))
  }

  /// Copies the elements unless this tensor alone holds them.
  mutating func makeUnique() throws {
    if storage.isOwned, isKnownUniquelyReferenced(&storage) { return }
    let copy = try Storage(count: count, operation: "copy", shape: shape)
    copy.base.update(from: storage.base + offset, count: count)
    storage = copy
    offset = 0
    Tensor.copies += 1
  }

  /// How often a write had to copy shared elements, for tests of copy-on-write.
  nonisolated(unsafe) package static var copies = 0  // only the main thread writes tensors

  /// The first element, valid while the tensor lives. For kernels in this module.
  var pointer: UnsafePointer<Float> { UnsafePointer(storage.base + offset) }

  /// The first element of a tensor that was just made and is held nowhere else.
  var freshPointer: UnsafeMutablePointer<Float> { storage.base + offset }

  /// Whether another tensor has the same shape and, bit by bit, the same elements.
  package func hasSameBits(as other: Tensor) -> Bool {
    shape == other.shape
      && withUnsafeBuffer { mine in
        other.withUnsafeBuffer { UnsafeRawBufferPointer(mine).elementsEqual(UnsafeRawBufferPointer($0)) }
      }
  }

  /// Whether two tensors share their memory.
  package func sharesStorage(with other: Tensor) -> Bool { storage === other.storage }

  // MARK: Views

  /// The same values without a recorded history.
  package var detached: Tensor {
    var copy = self
    copy.node = nil
    return copy
  }

  /// The same elements under another shape of as many elements, sharing storage, without a record.
  func viewed(as shape: [Int], from start: Int = 0, count: Int? = nil) -> Tensor {
    Tensor(storage: storage, offset: offset + start, shape: shape, count: count ?? self.count)
  }

  /// The product of the extents before the last axis, and the last extent: how a row-wise operation sees the tensor.
  var rowsAndColumns: (rows: Int, columns: Int) {
    guard let columns = shape.last else { return (1, 1) }
    return (columns == 0 ? 0 : count / columns, columns)
  }
}
