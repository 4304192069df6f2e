import Foundation

/// The folder a file is to be written into, open, and the file's name in it.
struct WritePlace: ~Copyable {
  let folder: Descriptor
  let name: String
}

extension FileAccess {
  /// Opens the real folder of a path for writing, refusing what the policy doesn't allow.
  func writePlace(_ path: String, makingFolders: Bool = false) throws -> WritePlace {
    try checkPath(path, operation: "write")
    switch policy {
    case .user: return try userPlace(path, makingFolders)
    case .script(let writeRoot, let allowWrite):
      return try scriptPlace(path, roots: [writeRoot ?? workingDirectory] + allowWrite, makingFolders)
    }
  }

  /// A user's links are followed: to the file that is meant, not over it.
  private func userPlace(_ path: String, _ makingFolders: Bool) throws -> WritePlace {
    let expanded: String = PathText.expandingHome(path)
    let given: String = PathText.isAbsolute(expanded) ? expanded : PathText.join(workingDirectory, expanded)
    let target: String = PathText.real(given) ?? given
    guard let name = PathText.components(target).last, name != ".." else {
      throw FileError.refused(operation: "write", path: path, reason: "it names a folder")
    }
    let folder: String = PathText.folder(of: target)
    if makingFolders { try makeFolders(folder, path) }
    return WritePlace(folder: try openFolder(folder, path), name: name)
  }

  /// Where a link is to be made, not where it leads.
  func placeOfLink(_ path: String) throws -> WritePlace {
    try checkPath(path, operation: "link")
    guard !isScript else { throw FileError.refused(operation: "link", path: path, reason: "a script makes no links") }
    return WritePlace(folder: try openFolder(PathText.folder(of: path), path), name: PathText.name(of: path))
  }

  private func makeFolders(_ folder: String, _ path: String) throws {
    var current: String = "/"
    for name in PathText.components(folder) {
      current = PathText.join(current, name)
      if mkdir(current, 0o777) != 0, errno != EEXIST, errno != EISDIR, errno != EROFS, errno != EACCES {
        throw FileError.system(operation: "make folder", path: path, code: errno)
      }
    }
  }

  private func openFolder(_ folder: String, _ path: String) throws -> Descriptor {
    let number: Int32 = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else {
      if errno == ENOENT { throw FileError.notFound(path: PathText.folder(of: path)) }
      throw FileError.system(operation: "write", path: path, code: errno)
    }
    return Descriptor(number: number)
  }

  /// A script's path is walked from its root name by name, and no name may be a link.
  private func scriptPlace(_ path: String, roots: [String], _ makingFolders: Bool) throws -> WritePlace {
    let target: String = PathText.normalized(PathText.expandingHome(path), from: workingDirectory)
    for root in roots {
      guard let realRoot = PathText.real(PathText.normalized(root, from: workingDirectory)) else { continue }
      let spellings: [String] = [PathText.normalized(root, from: workingDirectory), realRoot]
      for spelling in spellings {
        guard let names = PathText.components(of: target, below: spelling) else { continue }
        return try walk(names, from: realRoot, path, makingFolders)
      }
    }
    throw FileError.refused(
      operation: "write", path: path,
      reason: "a script writes only below the working directory; --allow-write FOLDER permits another")
  }

  private func walk(
    _ names: [String], from root: String, _ path: String, _ makingFolders: Bool
  ) throws -> WritePlace {
    guard let name = names.last else {
      throw FileError.refused(operation: "write", path: path, reason: "it names a folder")
    }
    if let hidden = names.first(where: { $0.utf8.first == UInt8(ascii: ".") }) {
      throw FileError.refused(
        operation: "write", path: path, reason: "a script may not write hidden names such as \(quoted(hidden))")
    }
    var folder: Descriptor = try openFolder(root, path)
    for part in names.dropLast() {
      if makingFolders { _ = mkdirat(folder.number, part, 0o777) }
      let number: Int32 = openat(folder.number, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard number >= 0 else {
        let code: Int32 = errno
        if code == ENOENT { throw FileError.notFound(path: PathText.folder(of: path)) }
        if code == ELOOP || code == ENOTDIR {
          throw FileError.refused(
            operation: "write", path: path,
            reason: "\(quoted(part)) is a link or no folder, and a script follows no links when it writes")
        }
        throw FileError.system(operation: "write", path: path, code: code)
      }
      folder = Descriptor(number: number)
    }
    return WritePlace(folder: folder, name: name)
  }
}
