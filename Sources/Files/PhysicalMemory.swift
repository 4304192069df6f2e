import Foundation

/// The machine's memory, or what a container leaves of it.
package enum PhysicalMemory {
  /// In bytes; `LUTHIER_MEMORY` (bytes) overrides it, for tests.
  package static let bytes: Int = measured()

  private static func measured() -> Int {
    if let given = getenv("LUTHIER_MEMORY"), let value = Int(String(cString: given)), value > 0 { return value }
    let pages: Int = sysconf(Int32(_SC_PHYS_PAGES))
    let pageSize: Int = sysconf(Int32(_SC_PAGESIZE))
    let (product, overflow) = pages.multipliedReportingOverflow(by: pageSize)
    var result: Int = pages > 0 && pageSize > 0 && !overflow ? product : 1 << 32
    if let limit = containerLimit(), limit > 0 { result = min(result, limit) }
    return result
  }

  private static func containerLimit() -> Int? {
    let descriptor: Int32 = open("/sys/fs/cgroup/memory.max", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer: [UInt8] = [UInt8](repeating: 0, count: 32)
    let got: Int = Foundation.read(descriptor, &buffer, 32)
    guard got > 0 else { return nil }
    return Int(String(decoding: buffer[..<got].prefix { $0 > 32 }, as: UTF8.self))
  }
}
