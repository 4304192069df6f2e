import Foundation

/// The bytes of a file, unchanging while the object lives: mapped read-only where the file is big and stands outside the
/// working directory, otherwise read (a mapped file that someone truncates ends the process).
package final class MappedFile: @unchecked Sendable {  // the bytes are never written after init
  /// As the user gave it.
  package let path: String
  package let isMapped: Bool
  /// Valid while this object lives; starts at a multiple of 16.
  package let bytes: UnsafeRawBufferPointer

  package var count: Int { bytes.count }

  /// Takes over a buffer made by `UnsafeMutableRawPointer.allocate` (freed when this object goes).
  init(path: String, owning buffer: UnsafeMutableRawBufferPointer) {
    self.path = path
    self.isMapped = false
    self.bytes = UnsafeRawBufferPointer(buffer)
  }

  init(path: String, mapped address: UnsafeMutableRawPointer, count: Int) {
    self.path = path
    self.isMapped = true
    self.bytes = UnsafeRawBufferPointer(start: address, count: count)
  }

  /// Bytes that never were a file, for readers that want one.
  package convenience init(path: String, copying content: some Collection<UInt8>) {
    let count: Int = content.count
    let buffer: UnsafeMutableRawBufferPointer = .allocate(byteCount: max(count, 1), alignment: 64)
    buffer.copyBytes(from: content)
    self.init(path: path, owning: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count))
  }

  deinit {
    guard let start = bytes.baseAddress else { return }
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    } else {
      UnsafeMutableRawPointer(mutating: start).deallocate()
    }
  }

  /// Gives `body` the bytes, which stay valid while it runs.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) { try body(bytes) }
  }
}
