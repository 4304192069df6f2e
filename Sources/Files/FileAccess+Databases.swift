import Foundation

/// Where a database may be opened by a library that opens files by itself.
package struct DatabasePlace: Sendable {
  /// Absolute, without links.
  package let path: String
  /// In bytes; 0 where nothing stands there yet.
  package let size: Int
  /// Whether it may be written, and files beside it made.
  package let isWritable: Bool
  /// Whether changes wait beside it that are not in it yet.
  package let hasPending: Bool
  /// Its first bytes, 16 at most.
  package let beginning: [UInt8]
}

extension FileAccess {
  /// Endings of the files that SQLite keeps beside a database.
  private static let companions = ["", "-wal", "-shm", "-journal"]

  /// Checks a database's place as writing checks a file's, its companions' too, before the library opens them.
  ///
  /// A database that is there and may not be written can still be read, as it is on disk now.
  /// - Throws: ``FileError`` where it may neither be written nor read.
  package func databasePlace(_ path: String) throws -> DatabasePlace {
    let place: WritePlace
    do { place = try writePlace(path) } catch let error as FileError {
      guard isFile(path) else { throw error }
      let real: String = PathText.real(resolve(path)) ?? resolve(path)
      let pending: Int = (try? size(of: real + "-wal")) ?? 0
      return DatabasePlace(
        path: real, size: try size(of: path), isWritable: false, hasPending: pending > 0,
        beginning: Self.beginning(open(real, O_RDONLY | O_CLOEXEC | O_NONBLOCK)))
    }
    let folder: String = PathText.real("/proc/self/fd/\(place.folder.number)") ?? PathText.folder(of: resolve(path))
    var size: Int = 0
    var hasPending: Bool = false
    var isWritable: Bool = faccessat(place.folder.number, ".", W_OK, 0) == 0
    for ending in Self.companions {
      var status: stat = stat()
      guard fstatat(place.folder.number, place.name + ending, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw FileError.notRegular(operation: "open", path: path + ending, got: kindOfFile(status.st_mode))
      }
      if isScript, status.st_nlink > 1 {
        throw FileError.refused(
          operation: "write", path: path + ending,
          reason: "the file has other names (hard links), and a script may not change them")
      }
      if ending.isEmpty { size = Int(status.st_size) }
      if ending == "-wal", status.st_size > 0 { hasPending = true }
      if faccessat(place.folder.number, place.name + ending, W_OK, 0) != 0 { isWritable = false }
    }
    if size == 0, !isWritable { throw FileError.system(operation: "write", path: path, code: EACCES) }
    return DatabasePlace(
      path: PathText.join(folder, place.name), size: size, isWritable: isWritable, hasPending: hasPending,
      beginning: Self.beginning(
        openat(place.folder.number, place.name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)))
  }

  /// Only these are read: a database may be as large as the disk.
  private static func beginning(_ number: Int32) -> [UInt8] {
    guard number >= 0 else { return [] }
    let file: Descriptor = Descriptor(number: number)
    var bytes: [UInt8] = [UInt8](repeating: 0, count: 16)
    let got: Int = bytes.withUnsafeMutableBytes { (try? file.fill($0, named: "")) ?? 0 }
    return Array(bytes.prefix(got))
  }
}
