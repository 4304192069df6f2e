import Foundation

/// An open file that closes itself.
struct Descriptor: ~Copyable {
  let number: Int32

  init(number: Int32) { self.number = number }

  deinit { close(number) }

  /// Opens for reading without waiting for a writer on a pipe.
  static func reading(_ path: String, named given: String) throws -> Descriptor {
    while true {
      let number: Int32 = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
      if number >= 0 { return Descriptor(number: number) }
      if errno == EINTR { continue }
      if errno == ENOENT { throw FileError.notFound(path: given) }
      throw FileError.system(operation: "read", path: given, code: errno)
    }
  }

  func status(named given: String) throws -> stat {
    var result: stat = stat()
    guard fstat(number, &result) == 0 else {
      throw FileError.system(operation: "look at", path: given, code: errno)
    }
    return result
  }

  /// Waits again for what a non-blocking open left unread.
  func makeBlocking() {
    let flags: Int32 = fcntl(number, F_GETFL)
    if flags >= 0 { _ = fcntl(number, F_SETFL, flags & ~O_NONBLOCK) }
  }

  /// Reads until the buffer is full or the file ends; the bytes got.
  func fill(_ buffer: UnsafeMutableRawBufferPointer, named given: String) throws -> Int {
    guard let start = buffer.baseAddress else { return 0 }
    var got: Int = 0
    while got < buffer.count {
      let count: Int = Foundation.read(number, start + got, min(buffer.count - got, 1 << 30))
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError.system(operation: "read", path: given, code: errno)
      }
      got += count
    }
    return got
  }

  /// Reads to the end what has no size of its own (a pipe), at most `limit` bytes.
  func readToEnd(
    limit: Int, named given: String, _ checkInterruption: () throws -> Void = {}
  ) throws -> [UInt8] {
    var result: [UInt8] = []
    var chunk: [UInt8] = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let got: Int = try chunk.withUnsafeMutableBytes { buffer in
        let count: Int = Foundation.read(number, buffer.baseAddress, buffer.count)
        if count < 0, errno != EINTR { throw FileError.system(operation: "read", path: given, code: errno) }
        return count
      }
      if got == 0 { return result }
      if got < 0 {
        try checkInterruption()
        continue
      }
      result.append(contentsOf: chunk[..<got])
      if result.count > limit { throw FileError.tooLarge(path: given, bytes: result.count, limit: limit) }
    }
  }
}

/// What kind of thing a mode says, in words.
func kindOfFile(_ mode: mode_t) -> String {
  switch mode & S_IFMT {
  case S_IFREG: return "an ordinary file"
  case S_IFDIR: return "a folder"
  case S_IFLNK: return "a symbolic link"
  case S_IFIFO: return "a pipe"
  case S_IFSOCK: return "a socket"
  case S_IFCHR, S_IFBLK: return "a device"
  default: return "no ordinary file"
  }
}
