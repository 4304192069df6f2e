import Foundation

/// Where the bytes of a file that is being written go.
package struct FileWriter {
  let descriptor: Int32
  let path: String

  /// Writes all of the bytes.
  /// - Throws: ``FileError/system``, such as for a full disk.
  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard let start = bytes.baseAddress else { return }
    var done: Int = 0
    while done < bytes.count {
      let count: Int = Foundation.write(descriptor, start + done, min(bytes.count - done, 1 << 30))
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError.system(operation: "write", path: path, code: errno)
      }
      done += count
    }
  }

  package func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }
  package func write(_ text: String) throws { try write(Array(text.utf8)) }
}

extension FileAccess {
  /// Writes a file so that a reader sees the old content or the new, never a part: temporary file, sync, rename, sync of
  /// the folder.
  ///
  /// - Parameters:
  ///   - replaces: asked about a file that already stands there; false refuses to replace it.
  ///   - body: writes the content. If it throws, nothing has changed.
  /// - Throws: ``FileError`` where the policy, `replaces` or the system refuses, and what `body` throws.
  package func writeAtomically(
    _ path: String, replaces: ((MappedFile) -> Bool)? = nil, _ body: (FileWriter) throws -> Void
  ) throws {
    let place: WritePlace = try writePlace(path)
    var old: stat = stat()
    var mode: mode_t = 0o666
    if fstatat(place.folder.number, place.name, &old, AT_SYMLINK_NOFOLLOW) == 0 {
      let kind: mode_t = old.st_mode & S_IFMT
      if kind != S_IFREG, kind != S_IFDIR, kind != S_IFLNK, !isScript {
        return try writeThrough(place, path, body)
      }
      try checkReplaceable(old, path)
      if let replaces, old.st_size > 0 {
        let folder: String = "/proc/self/fd/\(place.folder.number)/"
        let reader: FileAccess = FileAccess(policy: .user, workingDirectory: "/")
        #if os(Linux)
          let existing: MappedFile = try reader.map(folder + place.name)
        #else
          let existing: MappedFile = try reader.map(path)
        #endif
        if !replaces(existing) {
          throw FileError.refused(
            operation: "write", path: path,
            reason: "a file stands there that Luthier would not have written; choose another name or remove it")
        }
      }
      mode = old.st_mode & 0o777
    }
    try writeAndRename(place, path, mode, body)
  }

  /// As ``writeAtomically(_:replaces:_:)``, over whatever ordinary file stands there.
  package func writeAtomically(_ path: String, bytes: [UInt8]) throws {
    try writeAtomically(path) { try $0.write(bytes) }
  }

  package func writeAtomically(_ path: String, text: String) throws {
    try writeAtomically(path) { try $0.write(text) }
  }

  /// Makes a folder and those above it that are missing.
  package func createFolder(_ path: String) throws {
    let place: WritePlace = try writePlace(path, makingFolders: true)
    if mkdirat(place.folder.number, place.name, 0o777) == 0 { return }
    guard errno == EEXIST else { throw FileError.system(operation: "make folder", path: path, code: errno) }
    var old: stat = stat()
    let flags: Int32 = isScript ? AT_SYMLINK_NOFOLLOW : 0
    guard fstatat(place.folder.number, place.name, &old, flags) == 0, old.st_mode & S_IFMT == S_IFDIR else {
      throw FileError.refused(operation: "make folder", path: path, reason: "something else stands there")
    }
  }

  private func checkReplaceable(_ old: stat, _ path: String) throws {
    let kind: mode_t = old.st_mode & S_IFMT
    guard kind == S_IFREG else {
      throw FileError.notRegular(operation: "write", path: path, got: kindOfFile(old.st_mode))
    }
    if isScript, old.st_nlink > 1 {
      throw FileError.refused(
        operation: "write", path: path,
        reason: "the file has other names (hard links), and a script may not change them")
    }
  }

  private func writeAndRename(
    _ place: borrowing WritePlace, _ path: String, _ mode: mode_t, _ body: (FileWriter) throws -> Void
  ) throws {
    let temporary: String = ".luthier-\(getpid())-\(UInt32.random(in: 0 ... .max)).part"
    let flags: Int32 = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let number: Int32 = openat(place.folder.number, temporary, flags, mode)
    guard number >= 0 else { throw FileError.system(operation: "write", path: path, code: errno) }
    let file: Descriptor = Descriptor(number: number)
    do {
      try body(FileWriter(descriptor: file.number, path: path))
      guard fsync(file.number) == 0 else { throw FileError.system(operation: "write", path: path, code: errno) }
      guard renameat(place.folder.number, temporary, place.folder.number, place.name) == 0 else {
        throw FileError.system(operation: "write", path: path, code: errno)
      }
    } catch {
      unlinkat(place.folder.number, temporary, 0)
      throw error
    }
    filesWritten.append(path)
    _ = fsync(place.folder.number)  // some file systems can't sync folders; the content is safe all the same
  }

  /// What is no ordinary file cannot be replaced: a user's pipe or terminal is written as it stands.
  private func writeThrough(
    _ place: borrowing WritePlace, _ path: String, _ body: (FileWriter) throws -> Void
  ) throws {
    let number: Int32 = openat(place.folder.number, place.name, O_WRONLY | O_CLOEXEC | O_NOCTTY)
    guard number >= 0 else { throw FileError.system(operation: "write", path: path, code: errno) }
    let file: Descriptor = Descriptor(number: number)
    try body(FileWriter(descriptor: file.number, path: path))
  }
}
