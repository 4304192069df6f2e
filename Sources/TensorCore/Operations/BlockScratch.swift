/// Memory for blocks of work: a part of one buffer for each index of a run that may be under way.
///
/// A run hands out indices in rising order to at most ``ThreadPool/threadCount`` threads, but which of them are under
/// way together is not known; so each index takes a free part and gives it back.
final class BlockScratch: @unchecked Sendable {  // a lock guards the list of free parts
  private let buffer: Tensor
  private var free: [UnsafeMutablePointer<Float>]
  private let lock = Lock()

  /// - Throws: ``TensorError/outOfMemory``.
  init(count: Int) throws {
    let parts = ThreadPool.threadCount
    let size = (count + 15) / 16 * 16
    buffer = try Tensor(uninitialized: [parts, size], operation: "blocks")
    let base = buffer.freshPointer
    free = (0..<parts).map { base + $0 * size }
  }

  func with(_ body: (UnsafeMutablePointer<Float>) -> Void) {
    lock.lock()
    let part = free.popLast()
    lock.unlock()
    guard let part else { return }  // there is one for every thread
    body(part)
    lock.lock()
    free.append(part)
    lock.unlock()
  }
}
