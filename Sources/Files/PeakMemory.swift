import Foundation

/// The most memory that this process held at once, since it began or since the last ``restart()``.
package enum PeakMemory {
  /// Begins to measure anew, where the system allows it.
  package static func restart() {
    let descriptor: Int32 = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let five: [UInt8] = [53]
    _ = write(descriptor, five, 1)
  }

  /// In bytes; nil where the system doesn't say.
  package static var bytes: Int? {
    let descriptor: Int32 = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer: [UInt8] = [UInt8](repeating: 0, count: 8192)
    let got: Int = Foundation.read(descriptor, &buffer, buffer.count)
    guard got > 0 else { return nil }
    for line in String(decoding: buffer[..<got], as: UTF8.self).split(separator: "\n") where line.hasPrefix("VmHWM:") {
      return Int(line.filter(\.isNumber)).map { $0 * 1024 }
    }
    return nil
  }
}
