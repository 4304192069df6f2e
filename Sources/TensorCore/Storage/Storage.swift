import CKernels
import Glibc

/// The memory behind tensors: owned (64-byte aligned, from a pool that reuses buffers) or borrowed, read-only, from an
/// owner that keeps it alive, such as a mapped file.
package final class Storage {
  /// The first element. Never written to unless ``isOwned`` and held by one tensor only.
  let base: UnsafeMutablePointer<Float>
  /// How many elements there are.
  package let count: Int
  private let capacity: Int
  private let owner: AnyObject?

  /// Whether the memory is this storage's own and may be written.
  package var isOwned: Bool { owner == nil }

  /// Memory for `count` elements with any contents.
  init(count: Int, operation: @autoclosure () -> String, shape: @autoclosure () -> [Int]) throws {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    if overflow || count < 0 {
      throw TensorError.outOfMemory(
        operation: operation(), shape: shape(), bytes: Int.max, available: Storage.physicalMemory)
    }
    if bytes > 1 << 28, bytes > Storage.availableMemory() {
      throw TensorError.outOfMemory(
        operation: operation(), shape: shape(), bytes: bytes, available: Storage.availableMemory())
    }
    var capacity = 0
    guard let memory = ck_allocate(max(bytes, 1), &capacity) else {
      throw TensorError.outOfMemory(
        operation: operation(), shape: shape(), bytes: bytes, available: Storage.availableMemory())
    }
    self.base = memory.bindMemory(to: Float.self, capacity: count)
    self.count = count
    self.capacity = capacity
    self.owner = nil
  }

  /// Borrows `memory`, which `owner` keeps valid and unchanged. It must be aligned for `Float`.
  package init(borrowing memory: UnsafeBufferPointer<Float>, owner: AnyObject) {
    self.base = UnsafeMutablePointer(
      mutating: memory.baseAddress ?? UnsafePointer(bitPattern: MemoryLayout<Float>.alignment).unsafelyUnwrapped)
    self.count = memory.count
    self.capacity = 0
    self.owner = owner
  }

  deinit {
    if owner == nil { ck_release(base, capacity) }
  }

  /// Bytes of memory the machine has.
  package static let physicalMemory: Int = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))

  /// Bytes that can be had without swapping: what the system has available and what waits here for reuse.
  package static func availableMemory() -> Int {
    let waiting = Int(ck_memory().waiting)
    guard let file = fopen("/proc/meminfo", "r") else { return physicalMemory }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
      if strncmp(line, "MemAvailable:", 13) == 0 {
        let kibibytes = line.withUnsafeBufferPointer { $0.baseAddress.map { strtol($0 + 13, nil, 10) } ?? 0 }
        return kibibytes * 1024 + waiting
      }
    }
    return physicalMemory
  }

  /// Bytes in tensors now, bytes waiting for reuse, and the most that tensors ever held.
  package static var statistics: (used: Int, waiting: Int, peak: Int) {
    let state = ck_memory()
    return (Int(state.used), Int(state.waiting), Int(state.peak))
  }

  /// Runs `body` and gives with its result the most bytes that tensors held at once meanwhile, above those at its start.
  package static func measuringPeak<R>(_ body: () throws -> R) rethrows -> (result: R, bytes: Int) {
    let before = Int(ck_memory().used)
    ck_mark_memory()
    let result = try body()
    return (result, max(0, Int(ck_memory().highest) - before))
  }

  /// Returns buffers that wait for reuse to the system, as after a fit.
  package static func trim() { ck_trim() }
}
