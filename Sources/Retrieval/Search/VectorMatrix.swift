import CKernels
import Files
import TensorCore

/// How vectors are kept.
package enum VectorKind: String, CaseIterable, Sendable {
  case float32
  /// A byte for each number and a scale for each vector: a quarter of the room, some 0.4 % off.
  case int8

  func bytes(_ size: Int) -> Int { self == .float32 ? 4 * size : size }
}

/// The vectors of an index in memory, one after the other: `[N, C]`, in the documents' order, each of length 1.
package final class VectorMatrix {
  let size: Int
  let kind: VectorKind
  /// The chunk of each row, rising.
  private(set) var chunks: [Int64] = []
  private(set) var scales: [Float] = []
  private var memory: ScratchMemory?
  private var capacity = 0

  package init(size: Int, kind: VectorKind) {
    self.size = size
    self.kind = kind
  }

  package var count: Int { chunks.count }
  var byteCount: Int { kind.bytes(size) * capacity }

  /// Makes room for so many rows in all.
  /// - Throws: ``FileError`` where memory has none.
  func reserve(_ rows: Int) throws {
    guard rows > capacity else { return }
    let wanted = count == 0 ? rows : max(rows, capacity + capacity / 2)
    let room = try ScratchMemory(byteCount: wanted * kind.bytes(size), inMemory: true)
    if count > 0, let memory {
      room.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory.bytes[..<(count * kind.bytes(size))]))
    }
    memory = room
    capacity = wanted
    chunks.reserveCapacity(wanted)
    scales.reserveCapacity(wanted)
  }

  /// Adds a row; false where the bytes are not as many as a vector has.
  package func append(_ chunk: Int64, scale: Float, _ bytes: UnsafeRawBufferPointer) throws -> Bool {
    let length = kind.bytes(size)
    guard bytes.count == length else { return false }
    try reserve(count + 1)
    guard let memory, let source = bytes.baseAddress, let base = memory.bytes.baseAddress else { return false }
    (base + count * length).copyMemory(from: source, byteCount: length)
    chunks.append(chunk)
    scales.append(scale)
    return true
  }

  /// A row as numbers.
  package func row(_ row: Int) -> [Double] {
    guard let memory, row < count else { return [] }
    switch kind {
    case .float32: return memory.floats(at: row * size, count: size).map { Double($0) }
    case .int8:
      let bytes = memory.bytes[(row * size)..<((row + 1) * size)]
      return bytes.map { Double(Int8(bitPattern: $0)) * Double(scales[row]) }
    }
  }

  // MARK: Searching

  package struct Found: Equatable {
    package var row: Int
    /// The cosine.
    package var score: Double
  }

  /// Candidates kept beyond the k asked for, so that the order can be told by exact sums.
  private static let spare = 16
  /// Rows scored at once: they stay in the second-level cache.
  private static let tile = 240
  /// Questions scored at once.
  private static let group = 128
  /// Up to so many questions each row is read once for every four; beyond, panels of them are made.
  private static let few = 8

  /// The k rows nearest to each question by cosine, best first; of equals the earlier row first.
  ///
  /// Every row is looked at. Products are cut by their shape alone; what is kept of them is summed again in double, so
  /// that a question gives the same alone and among others.
  ///
  /// - Parameters:
  ///   - questions: `[Q, C]`, each of length 1.
  ///   - keep: for each row whether it may be found; nil for all.
  ///   - checkInterruption: asked between groups of questions.
  package func nearest(
    to questions: Tensor, k: Int, keep: [UInt8]? = nil, checkInterruption: () throws -> Void = {}
  ) throws -> [[Found]] {
    let asked = questions.shape[0]
    guard count > 0, k > 0 else { return Array(repeating: [], count: asked) }
    var results: [[Found]] = []
    for start in stride(from: 0, to: asked, by: VectorMatrix.group) {
      try checkInterruption()
      let end = min(start + VectorMatrix.group, asked)
      let some = try questions.sliced(axis: 0, start..<end).detached
      results += some.withUnsafeBuffer { find($0, end - start, k, keep) }
    }
    return results
  }

  private func find(_ questions: UnsafeBufferPointer<Float>, _ asked: Int, _ k: Int, _ keep: [UInt8]?) -> [[Found]] {
    guard let base = questions.baseAddress, let memory, let vectors = memory.bytes.baseAddress else { return [] }
    let room = k < count - VectorMatrix.spare ? k + VectorMatrix.spare : count
    let packed = Packed(base, asked: asked, size: size, isWanted: asked > VectorMatrix.few)
    let part = max(9 * VectorMatrix.tile, (count / 32 + VectorMatrix.tile - 1) / VectorMatrix.tile * VectorMatrix.tile)
    let parts = (count - 1) / part + 1
    let heaps = Heaps(parts: parts, questions: asked, room: min(room, part))
    let (size, count, kind, scales) = (self.size, self.count, self.kind, self.scales)
    ThreadPool.runPieces(of: count, size: part) { rows in
      let scratch = Scratch(scores: VectorMatrix.tile * asked, rows: kind == .int8 ? VectorMatrix.tile * size : 0)
      let place = rows.lowerBound / part
      for first in stride(from: rows.lowerBound, to: rows.upperBound, by: VectorMatrix.tile) {
        let number = min(VectorMatrix.tile, rows.upperBound - first)
        let x: UnsafePointer<Float>
        switch kind {
        case .float32: x = UnsafePointer((vectors + first * size * 4).assumingMemoryBound(to: Float.self))
        case .int8:
          scales.withUnsafeBufferPointer { scales in
            guard let scale = scales.baseAddress else { return }
            ck_scale_bytes(
              (vectors + first * size).assumingMemoryBound(to: Int8.self), scale + first, scratch.rows, number, size)
          }
          x = UnsafePointer(scratch.rows)
        }
        packed.scores(of: x, rows: number, into: scratch.scores)
        keep.withBytes(at: first) { kept in
          ck_find_best(
            scratch.scores, asked, number, asked, Int64(first), kept, heaps.found(place), heaps.room,
            heaps.counts(place))
        }
      }
    }
    return (0..<asked).map { question in
      let own = UnsafeBufferPointer(rebasing: questions[(question * size)..<((question + 1) * size)])
      return Array(exact(heaps.merged(question, best: room), own).prefix(k))
    }
  }

  /// Scores by sums in double, best first.
  private func exact(_ rows: [Int], _ question: UnsafeBufferPointer<Float>) -> [Found] {
    let found = rows.map { row -> Found in
      var sum = 0.0
      for (place, value) in self.row(row).enumerated() { sum += value * Double(question[place]) }
      return Found(row: row, score: sum)
    }
    return found.sorted { $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row }
  }
}

extension [UInt8]? {
  /// The bytes from a place on; nil for none.
  fileprivate func withBytes(at place: Int, _ body: (UnsafePointer<UInt8>?) -> Void) {
    guard let self else { return body(nil) }
    self.withUnsafeBufferPointer { body($0.baseAddress.map { $0 + place }) }
  }
}
