import Foundation

/// The only way to a file from Builtins and below: it knows whose hand it is (``FilePolicy``), where relative paths are
/// looked for, and which files were read.
package final class FileAccess: @unchecked Sendable {  // used from one thread, the interpreter's
  package let policy: FilePolicy
  /// Where relative paths start, and below which scripts may write.
  package var workingDirectory: String
  /// Where a script's relative paths are looked for first.
  package var scriptDirectory: String?
  /// What was read, in order, each file once.
  package private(set) var filesRead: [FileRead] = []
  /// The resolved paths of ``filesRead``: a folder may hold some ten thousand texts.
  private var pathsRead: Set<String> = []
  /// Asked when a signal comes while a pipe or standard input is waited for; what it throws ends the reading.
  package var checkInterruption: () throws -> Void = {}
  /// Called with true before standard input is read, with false after: a shell gives its terminal away meanwhile.
  package var lendTerminal: (Bool) -> Void = { _ in }
  /// What was written, in order, as the user named it.
  package internal(set) var filesWritten: [String] = []

  /// - Parameters:
  ///   - workingDirectory: the process's where nil.
  ///   - scriptDirectory: the folder of the script that runs, if one does.
  package init(policy: FilePolicy = .user, workingDirectory: String? = nil, scriptDirectory: String? = nil) {
    self.policy = policy
    self.workingDirectory = workingDirectory ?? FileAccess.processWorkingDirectory()
    self.scriptDirectory = scriptDirectory
  }

  package var isScript: Bool { policy != .user }

  /// Adds what another access read, such as that of a script run in between.
  package func noteRead(_ files: [FileRead]) {
    for file in files { note(file.path, file.resolvedPath, file.size) }
  }

  /// Notes what was written otherwise: a download, a file that a library made.
  package func noteWritten(_ name: String) {
    if !filesWritten.contains(name) { filesWritten.append(name) }
  }

  // MARK: Looking

  /// The path that reading would use: absolute, beside the script first, then in the working directory.
  package func resolve(_ path: String) -> String {
    let expanded: String = PathText.expandingHome(path)
    if PathText.isAbsolute(expanded) { return expanded }
    let here: String = PathText.join(workingDirectory, expanded)
    if let scriptDirectory {
      let beside: String = PathText.join(scriptDirectory, expanded)
      if mode(of: beside) != nil { return beside }
    }
    if mode(of: here) == nil, expanded == "samples" || expanded.hasPrefix("samples/"), let samplesFolder {
      return PathText.join(samplesFolder, String(expanded.dropFirst("samples/".utf8.count)))
    }
    return here
  }

  /// Where the samples are that came along, which `samples/...` means where there is no such folder: `LUTHIER_SAMPLES`, or
  /// the folder Samples above the program.
  package var samplesFolder: String? {
    if let given = getenv("LUTHIER_SAMPLES") { return String(cString: given) }
    guard let program = PathText.real("/proc/self/exe") ?? PathText.real(CommandLine.arguments.first ?? "") else {
      return nil
    }
    var folder: String = PathText.folder(of: program)
    while folder != "/" {
      let candidate: String = PathText.join(folder, "Samples")
      if mode(of: PathText.join(candidate, "reviews.tsv")) != nil { return candidate }
      folder = PathText.folder(of: folder)
    }
    return nil
  }

  /// Whether anything stands at the path, links followed.
  package func exists(_ path: String) -> Bool { isPlainPath(path) && mode(of: resolve(path)) != nil }

  /// Whether a folder stands at the path, links followed.
  package func isFolder(_ path: String) -> Bool {
    isPlainPath(path) && mode(of: resolve(path)).map { $0 & S_IFMT == S_IFDIR } ?? false
  }

  /// Whether an ordinary file stands at the path, links followed.
  package func isFile(_ path: String) -> Bool {
    isPlainPath(path) && mode(of: resolve(path)).map { $0 & S_IFMT == S_IFREG } ?? false
  }

  /// In bytes.
  package func size(of path: String) throws -> Int {
    try checkPath(path, operation: "read")
    var status: stat = stat()
    guard stat(resolve(path), &status) == 0 else { throw FileError.notFound(path: path) }
    return Int(status.st_size)
  }

  /// What a folder holds, by name, without `.` and `..`.
  package func list(_ path: String) throws -> [FolderEntry] {
    try checkPath(path, operation: "list")
    let folder: String = resolve(path)
    guard let stream = opendir(folder) else {
      if errno == ENOENT { throw FileError.notFound(path: path) }
      throw FileError.system(operation: "list", path: path, code: errno)
    }
    defer { closedir(stream) }
    var entries: [FolderEntry] = []
    while let entry = readdir(stream) {
      let name: String = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      var status: stat = stat()
      guard stat(PathText.join(folder, name), &status) == 0 else { continue }
      let isFolder: Bool = status.st_mode & S_IFMT == S_IFDIR
      entries.append(FolderEntry(name: name, isFolder: isFolder, size: isFolder ? 0 : Int(status.st_size)))
    }
    return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  // MARK: Reading

  /// The whole file.
  package func read(_ path: String) throws -> [UInt8] {
    let file: MappedFile = try load(path, mayMap: false)
    return file.withBytes { [UInt8]($0) }
  }

  /// The whole file as text; bytes that are not UTF-8 are an error that names line and byte.
  package func readText(_ path: String) throws -> String {
    let file: MappedFile = try load(path, mayMap: false)
    return try file.withBytes { try TextDecoding.string($0, path: path) }
  }

  /// The whole file, mapped where that is safe and worth it.
  package func map(_ path: String) throws -> MappedFile { try load(path, mayMap: true) }

  /// The whole file as a JSON value.
  package func readJSON(_ path: String) throws -> JSON {
    let file: MappedFile = try load(path, mayMap: false)
    do { return try file.withBytes { try JSON(parsing: $0) } } catch let error as FileError {
      throw error.at(path: path)
    }
  }

  /// What comes on standard input, to its end.
  package func readStandardInput() throws -> MappedFile {
    let descriptor: Descriptor = Descriptor(number: dup(0))
    guard descriptor.number >= 0 else { throw FileError.system(operation: "read", path: "-", code: errno) }
    lendTerminal(true)
    defer { lendTerminal(false) }
    return MappedFile(path: "-", copying: try descriptor.readToEnd(limit: readLimit, named: "-", checkInterruption))
  }

  /// Half the memory: what one read may take.
  package var readLimit: Int { PhysicalMemory.bytes / 2 }

  private func load(_ path: String, mayMap: Bool) throws -> MappedFile {
    try checkPath(path, operation: "read")
    let resolved: String = resolve(path)
    let descriptor: Descriptor = try .reading(resolved, named: path)
    let status: stat = try descriptor.status(named: path)
    let kind: mode_t = status.st_mode & S_IFMT
    if kind == S_IFIFO, !isScript {
      descriptor.makeBlocking()
      return MappedFile(path: path, copying: try descriptor.readToEnd(limit: readLimit, named: path, checkInterruption))
    }
    guard kind == S_IFREG else {
      throw FileError.notRegular(operation: "read", path: path, got: kindOfFile(status.st_mode))
    }
    if isScript, isKernelFile(status) {
      throw FileError.refused(operation: "read", path: path, reason: "a script reads ordinary files only")
    }
    let size: Int = Int(status.st_size)
    note(path, resolved, size)
    if mayMap, size >= 1 << 22, !isBelowWorkingDirectory(resolved) {
      let address: UnsafeMutableRawPointer? = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor.number, 0)
      if let address, address != MAP_FAILED { return MappedFile(path: path, mapped: address, count: size) }
    }
    if size == 0 {  // also what /proc says of files that have content
      return MappedFile(path: path, copying: try descriptor.readToEnd(limit: readLimit, named: path))
    }
    guard size <= readLimit else { throw FileError.tooLarge(path: path, bytes: size, limit: readLimit) }
    let buffer: UnsafeMutableRawBufferPointer = .allocate(byteCount: size, alignment: 64)
    do {
      let got: Int = try descriptor.fill(buffer, named: path)
      return MappedFile(path: path, owning: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: got))
    } catch {
      buffer.deallocate()
      throw error
    }
  }

  private func note(_ path: String, _ resolved: String, _ size: Int) {
    guard pathsRead.insert(resolved).inserted else { return }
    filesRead.append(FileRead(path: path, resolvedPath: resolved, size: size))
  }

  // MARK: Paths

  func checkPath(_ path: String, operation: String) throws {
    if path.isEmpty { throw FileError.refused(operation: operation, path: path, reason: "the path is empty") }
    if !isPlainPath(path) {
      throw FileError.refused(operation: operation, path: path, reason: "a path cannot hold a zero byte")
    }
  }

  /// C would stop at a zero byte and open another file.
  private func isPlainPath(_ path: String) -> Bool { !path.isEmpty && !path.utf8.contains(0) }

  private func mode(of path: String) -> mode_t? {
    var status: stat = stat()
    return stat(path, &status) == 0 ? status.st_mode : nil
  }

  private func isBelowWorkingDirectory(_ path: String) -> Bool {
    guard let real = PathText.real(path), let root = PathText.real(workingDirectory) else { return true }
    return root != "/" && PathText.components(of: real, below: root) != nil
  }

  /// Files of /proc and /sys call themselves ordinary and are not. In a container /sys may be an empty folder of the
  /// device that everything else is on.
  private func isKernelFile(_ status: stat) -> Bool {
    func device(_ folder: String) -> dev_t? {
      var folderStatus: stat = stat()
      return stat(folder, &folderStatus) == 0 ? folderStatus.st_dev : nil
    }
    return status.st_dev != device("/") && ["/proc", "/sys"].contains { device($0) == status.st_dev }
  }

  private static func processWorkingDirectory() -> String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
  }
}
