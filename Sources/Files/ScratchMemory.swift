import Foundation

/// Room for numbers that only this process needs: memory, or an unlinked file that the kernel can write out.
///
/// The file has no name once it is made, so nothing stays behind whatever ends the process.
package final class ScratchMemory {
  package let byteCount: Int
  package let isOnDisk: Bool
  private let base: UnsafeMutableRawPointer

  /// - Parameter inMemory: false for a file in the folder for temporary files.
  /// - Throws: ``FileError/system`` if there is no room.
  package init(byteCount: Int, inMemory: Bool) throws {
    self.byteCount = byteCount
    isOnDisk = !inMemory
    let length: Int = max(byteCount, 4096)
    var descriptor: Int32 = -1
    if !inMemory {
      let folder: String = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
      var template: [CChar] = Array((folder + "/luthier-XXXXXX").utf8CString)
      descriptor = mkstemp(&template)
      guard descriptor >= 0 else { throw FileError.system(operation: "make room", path: folder, code: errno) }
      unlink(template)
      let code: Int32 = posix_fallocate(descriptor, 0, length)
      guard code == 0 else {
        close(descriptor)
        throw FileError.system(operation: "make room", path: folder, code: code)
      }
    }
    let flags: Int32 = inMemory ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED
    let address: UnsafeMutableRawPointer? = mmap(nil, length, PROT_READ | PROT_WRITE, flags, descriptor, 0)
    let code: Int32 = errno
    if descriptor >= 0 { close(descriptor) }
    guard let address, address != MAP_FAILED else {
      throw FileError.system(operation: "make room", path: "memory", code: code)
    }
    base = address
  }

  deinit { munmap(base, max(byteCount, 4096)) }

  /// All of it.
  package var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: base, count: byteCount) }

  /// Floats from the `start`-th on; the caller stays inside ``byteCount``.
  package func floats(at start: Int, count: Int) -> UnsafeMutableBufferPointer<Float> {
    let first = base.assumingMemoryBound(to: Float.self) + start
    return UnsafeMutableBufferPointer(start: first, count: count)
  }
}
