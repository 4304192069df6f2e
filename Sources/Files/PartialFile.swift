import Foundation

/// A file that comes in pieces, over several runs if need be, and gets its name when it is whole.
///
/// One process at a time holds it; the system's lock goes with the process.
package final class PartialFile {
  package let path: String
  /// Bytes that are there.
  package private(set) var count: Int
  private let file: Descriptor
  private var digest: SHA256?

  /// Opens what is there, or begins; nil where another process holds it.
  package init?(path: String) throws {
    let number: Int32 = open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard number >= 0 else { throw FileError.system(operation: "write", path: path, code: errno) }
    file = Descriptor(number: number)
    self.path = path
    var status: stat = stat()
    guard flock(number, LOCK_EX | LOCK_NB) == 0 else { return nil }
    guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw FileError.notRegular(operation: "write", path: path, got: kindOfFile(status.st_mode))
    }
    count = Int(status.st_size)
  }

  /// Adds a piece at the end.
  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    try FileWriter(descriptor: file.number, path: path).write(bytes)
    count += bytes.count
    if digest != nil || count == bytes.count { digest = digest ?? SHA256() }
    digest?.update(bytes)
  }

  /// Forgets what came.
  package func restart() throws {
    guard ftruncate(file.number, 0) == 0 else { throw FileError.system(operation: "write", path: path, code: errno) }
    count = 0
    digest = nil
  }

  /// The SHA-256 of all that is there, in hexadecimal.
  package func sha256() throws -> String {
    if var whole = digest { return whole.finish() }
    var whole: SHA256 = SHA256()
    var buffer: [UInt8] = [UInt8](repeating: 0, count: 1 << 20)
    var place: Int = 0
    while true {
      let got: Int = buffer.withUnsafeMutableBytes { pread(file.number, $0.baseAddress, $0.count, off_t(place)) }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw FileError.system(operation: "read", path: path, code: errno) }
      if got == 0 { return whole.finish() }
      buffer.withUnsafeBytes { whole.update(UnsafeRawBufferPointer(rebasing: $0.prefix(got))) }
      place += got
    }
  }

  /// Takes it away.
  package func discard() throws {
    try restart()
    unlink(path)
  }

  /// Brings it to the disk and gives it its name.
  package func finish(as name: String) throws {
    guard fsync(file.number) == 0, rename(path, name) == 0 else {
      throw FileError.system(operation: "write", path: name, code: errno)
    }
  }
}

extension FileAccess {
  /// Makes a symbolic link, over another one if need be.
  package func link(_ path: String, to target: String) throws {
    let place: WritePlace = try placeOfLink(path)
    let temporary: String = ".luthier-\(getpid())-\(UInt32.random(in: 0 ... .max)).link"
    guard symlinkat(target, place.folder.number, temporary) == 0 else {
      throw FileError.system(operation: "link", path: path, code: errno)
    }
    guard renameat(place.folder.number, temporary, place.folder.number, place.name) == 0 else {
      let code: Int32 = errno
      unlinkat(place.folder.number, temporary, 0)
      throw FileError.system(operation: "link", path: path, code: code)
    }
  }

  /// Gives a folder another name in the same folder.
  package func move(_ path: String, to target: String) throws {
    let old: WritePlace = try writePlace(path)
    let new: WritePlace = try writePlace(target)
    guard renameat(old.folder.number, old.name, new.folder.number, new.name) == 0 else {
      throw FileError.system(operation: "move", path: path, code: errno)
    }
  }
}
