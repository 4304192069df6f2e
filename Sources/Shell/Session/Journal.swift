import Foundation

/// What a session did, written to a file as it goes, so that a crash takes nothing with it.
///
/// One record a line: its kind, a tab, fields with tabs and line feeds escaped. A record counts once its line feed is on
/// the disk; a torn last line is dropped. The file is there while its session is, and goes when that ends well.
package final class Journal {
  /// One record.
  package enum Record: Equatable {
    /// The version that wrote it and the working directory.
    case began(version: String, directory: String)
    /// Work went on in another folder.
    case moved(directory: String)
    /// What follows comes from a script in a folder, where its files are looked for first; empty for what is typed.
    case beside(directory: String)
    /// A statement that succeeded: the cell it was typed in and how it replays.
    case ran(cell: Int, source: String)
    /// The last statement not taken back was taken back.
    case undid
    /// The last statement taken back came back.
    case redid
    /// What follows, up to ``recovered``, is run again from an older journal, which is kept until then.
    case recovering
    case recovered
  }

  package let path: String
  private var descriptor: Int32
  /// What the disk has not taken yet. It goes before the next record, so that none is torn, or missing among others.
  private var unsent: [UInt8] = []

  /// Whether the disk refused some of what was written.
  package var isBehind: Bool { !unsent.isEmpty }

  /// Begins a journal in a folder; nil where it can't be written.
  package init?(folder: String, version: String, directory: String) {
    path = "\(folder)/session-\(time(nil))-\(getpid())"
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    // The lock tells others that this session lives; the system takes it away with the process. Another session that is
    // just looking for what was left holds it for a moment.
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { return nil }
    }
    append(.began(version: version, directory: directory))
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Writes a record and waits until it is on the disk; see ``isBehind`` for one that takes no more.
  package func append(_ record: Record) {
    guard descriptor >= 0 else { return }
    unsent += Array((Self.encoded(record) + "\n").utf8)
    var sent = 0
    while sent < unsent.count {
      let count = unsent[sent...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      sent += count
    }
    unsent.removeFirst(sent)
    if case .began = record { return }  // nothing to lose yet, and a person waits for the prompt
    fdatasync(descriptor)
  }

  func sync() { if descriptor >= 0 { fsync(descriptor) } }

  /// The session ended well: nothing to recover.
  package func remove() {
    unlink(path)
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  // MARK: reading

  /// A statement that stood at a session's end.
  package struct Statement: Equatable {
    package var cell: Int
    package var source: String
    /// Where it ran.
    package var directory: String
    /// The folder of the script it came from.
    package var beside: String?
  }

  /// What a crashed session left.
  package struct Left {
    package var path: String
    /// Where it worked at its end.
    package var directory: String
    package var statements: [Statement]
    package var modified: Date
  }

  /// The newest journal in a folder whose session is gone and that holds a statement.
  package static func newestLeft(in folder: String) -> Left? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    var newest: Left?
    for name in names where name.hasPrefix("session-") {
      let path = folder + "/" + name
      guard let left = left(at: path) else { continue }
      if newest.map({ left.modified > $0.modified }) ?? true { newest = left }
    }
    return newest
  }

  private static func left(at path: String) -> Left? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return nil }  // its session lives
    var status = stat()
    guard fstat(descriptor, &status) == 0, let bytes = FileManager.default.contents(atPath: path) else { return nil }
    let records = decoded(String(decoding: bytes, as: UTF8.self))
    guard case .began(_, var directory)? = records.first else { return nil }
    for case .moved(let later) in records { directory = later }
    // A recovery that was cut short itself: the journal it came from has all of it.
    if records.contains(.recovering), !records.contains(.recovered) {
      unlink(path)
      return nil
    }
    let statements = standing(records)
    guard !statements.isEmpty else {
      unlink(path)
      return nil
    }
    let modified = Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec))
    return Left(path: path, directory: directory, statements: statements, modified: modified)
  }

  /// Records of complete lines.
  package static func decoded(_ text: String) -> [Record] {
    guard let end = text.utf8.lastIndex(of: 10) else { return [] }
    return text[..<end].split(separator: "\n").compactMap { record(String($0)) }
  }

  /// The statements that were neither taken back nor replaced.
  package static func standing(_ records: [Record]) -> [Statement] {
    var done: [Statement] = []
    var undone: [Statement] = []
    var directory = ""
    var beside: String?
    for record in records {
      switch record {
      case .began(_, let folder), .moved(let folder): directory = folder
      case .beside(let folder): beside = folder.isEmpty ? nil : folder
      case .ran(let cell, let source):
        done.append(Statement(cell: cell, source: source, directory: directory, beside: beside))
        undone = []
      case .undid: if let last = done.popLast() { undone.append(last) }
      case .redid: if let last = undone.popLast() { done.append(last) }
      case .recovering, .recovered: break
      }
    }
    return done
  }

  private static func encoded(_ record: Record) -> String {
    func field(_ text: String) -> String { History.encoded(text).replacingOccurrences(of: "\t", with: "\\t") }
    return switch record {
    case .began(let version, let directory): "began\t\(field(version))\t\(field(directory))"
    case .moved(let directory): "moved\t\(field(directory))"
    case .beside(let directory): "beside\t\(field(directory))"
    case .ran(let cell, let source): "ran\t\(cell)\t\(field(source))"
    case .undid: "undid"
    case .redid: "redid"
    case .recovering: "recovering"
    case .recovered: "recovered"
    }
  }

  private static func record(_ line: String) -> Record? {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    func field(_ place: Int) -> String { History.decoded(fields[place]) }
    switch fields.first {
    case "began" where fields.count == 3: return .began(version: field(1), directory: field(2))
    case "moved" where fields.count == 2: return .moved(directory: field(1))
    case "beside" where fields.count == 2: return .beside(directory: field(1))
    case "ran" where fields.count == 3: return Int(fields[1]).map { .ran(cell: $0, source: field(2)) }
    case "undid": return .undid
    case "redid": return .redid
    case "recovering": return .recovering
    case "recovered": return .recovered
    default: return nil
    }
  }
}
