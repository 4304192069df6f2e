import Files

/// Reads tables from files, folders and standard input.
package struct TableReader {
  /// Called with bytes done and in all; throwing from it ends the reading.
  package typealias Progress = (_ done: Int, _ total: Int) throws -> Void

  let access: FileAccess
  let progress: Progress

  package init(access: FileAccess, progress: @escaping Progress = { _, _ in }) {
    self.access = access
    self.progress = progress
  }

  /// Reads what stands at `path`; `-` is standard input.
  ///
  /// - Parameter format: as the content is; where nil, the name or the content decides.
  /// - Throws: ``TableError``, ``FileError``.
  package func read(_ path: String, format: TableFormat? = nil) throws -> ReadData {
    if path != "-", access.isFolder(path) { return try readFolder(path, format) }
    return .table(try readFile(path, format))
  }

  func readFile(_ path: String, _ format: TableFormat?) throws -> Table {
    if path != "-" {
      let size: Int = try access.size(of: path)
      guard size <= PhysicalMemory.bytes / 2 else {
        throw TableError.tooLarge(path: path, bytes: size, memory: PhysicalMemory.bytes)
      }
    }
    let file: MappedFile = try path == "-" ? access.readStandardInput() : access.map(path)
    return try TableReader.table(file, format ?? TableFormat(path: path), progress)
  }

  /// The table that a file's bytes hold.
  package static func table(
    _ file: MappedFile, _ format: TableFormat? = nil, _ progress: @escaping Progress = { _, _ in }
  ) throws -> Table {
    try file.withBytes { bytes in
      let content: UnsafeRawBufferPointer = TextDecoding.withoutMark(bytes)
      if content.starts(with: [0x1f, 0x8b]) {
        throw TableError.malformed(
          path: file.path, format: "data", line: nil, reason: "it is compressed; unpack it first: gunzip -k")
      }
      do {
        switch format ?? TableFormat(content: content) {
        case .csv: return try delimited(content, DelimitedReader.delimiter(of: content), file.path, progress)
        case .tsv: return try delimited(content, 9, file.path, progress)
        case .jsonl: return try JSONTableReader(path: file.path, progress: progress).lines(content)
        case .json where JSONTableReader.isLines(content):
          return try JSONTableReader(path: file.path, progress: progress).lines(content)
        case .json: return try JSONTableReader(path: file.path, progress: progress).document(content, squad: false)
        case .squad: return try JSONTableReader(path: file.path, progress: progress).document(content, squad: true)
        case .conll: return try LineReaders.conll(content, path: file.path, progress)
        case .text: return try LineReaders.text(content, path: file.path, progress)
        }
      } catch let error as FileError {
        // Bytes that aren't text may show first as a fault of the format.
        if TextDecoding.firstInvalid(in: bytes) != nil { throw TextDecoding.invalid(in: bytes, path: file.path) }
        throw error.at(path: file.path)
      }
    }
  }

  private static func delimited(
    _ content: UnsafeRawBufferPointer, _ delimiter: UInt8, _ path: String, _ progress: @escaping Progress
  ) throws -> Table {
    var reader: DelimitedReader = DelimitedReader(content, delimiter: delimiter, path: path, progress)
    return try reader.table()
  }
}
