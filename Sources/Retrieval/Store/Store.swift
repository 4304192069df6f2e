import Files
import Foundation
import GRDB

/// The database of an index: one SQLite file in write-ahead mode, or memory.
///
/// Chunks and vectors are numbered `document << 24 | place`, so that their order is the documents'; a number never comes
/// back, so that what one process remembers of a document is never taken for another's. A document counts
/// once it is whole; what was removed stays, marked, until the file is opened by a process that is alone with it, so that
/// it can be brought back.
final class Store {
  static let schemaVersion = 1
  /// "Luth": which SQLite files are ours.
  static let applicationID = 0x4c75_7468
  static let placeBits = 24

  let queue: DatabaseQueue
  /// As the user gave it; empty for memory.
  let path: String
  let isReadOnly: Bool

  private init(_ queue: DatabaseQueue, path: String, isReadOnly: Bool) {
    self.queue = queue
    self.path = path
    self.isReadOnly = isReadOnly
  }

  /// An index in memory, gone with the process.
  static func inMemory() throws -> Store {
    let store = try wrapping("") {
      Store(try DatabaseQueue(configuration: configuration()), path: "", isReadOnly: false)
    }
    try store.write { try Schema.create($0) }
    return store
  }

  /// Opens a file, or makes it.
  ///
  /// - Parameters:
  ///   - mostPages: how far it may grow; nil for no limit.
  ///   - patience: seconds to wait for another process that writes.
  /// - Throws: ``FileError`` where the policy or the system refuses the place, ``RetrievalError`` for what stands there.
  static func open(_ path: String, access: FileAccess, mostPages: Int?, patience: Double) throws -> Store {
    let place = try access.databasePlace(path)
    if place.size > 0, !place.beginning.elementsEqual(Array("SQLite format 3".utf8) + [0]) {
      throw RetrievalError.notAnIndex(path: path, reason: "it is no SQLite database")
    }
    let isNew = place.size == 0
    if isNew, !place.isWritable { throw RetrievalError.notAnIndex(path: path, reason: "it is empty") }
    var configuration = configuration(mostPages: mostPages, patience: patience)
    configuration.readonly = !place.isWritable
    if !place.isWritable, place.hasPending {
      throw RetrievalError.database(
        path: path, detail: "its last changes still stand in \(path)-wal; open it once where it may be written")
    }
    return try wrapping(path) {
      // What may not be written is opened as it is, without locks or files beside it.
      let name = place.isWritable ? place.path : "file:\(escaped(place.path))?immutable=1"
      let queue = try DatabaseQueue(path: name, configuration: configuration)
      let store = Store(queue, path: path, isReadOnly: !place.isWritable)
      if isNew { access.noteWritten(path) }
      try store.prepare()
      return store
    }
  }

  private static func configuration(mostPages: Int? = nil, patience: Double = 5) -> Configuration {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    configuration.busyMode = .timeout(patience)
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA page_size = 32768; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000")
      if let mostPages { try db.execute(sql: "PRAGMA max_page_count = \(mostPages)") }
    }
    return configuration
  }

  /// A path as a URI wants it.
  private static func escaped(_ path: String) -> String {
    path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
  }

  private func prepare() throws {
    let (application, version, tables) = try read { db in
      (
        try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0, try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0,
        try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
      )
    }
    // A process that was killed before its first commit leaves an empty database.
    if tables > 0 || !(application == 0 || application == Store.applicationID) {
      guard application == Store.applicationID else {
        throw RetrievalError.notAnIndex(path: path, reason: "it is an SQLite database that Luthier did not make")
      }
      guard version <= Store.schemaVersion else {
        throw RetrievalError.newerSchema(path: path, version: version, known: Store.schemaVersion)
      }
    } else if isReadOnly {
      throw RetrievalError.notAnIndex(path: path, reason: "it is empty")
    }
    guard !isReadOnly else { return }
    try wrap {
      try queue.writeWithoutTransaction { db in
        if tables == 0 { try db.execute(sql: "PRAGMA application_id = \(Store.applicationID)") }
        _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
        try db.execute(sql: "PRAGMA synchronous = NORMAL")
      }
    }
    if tables == 0 {
      try write { db in
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        if tables == 0 { try Schema.create(db) }
      }
    } else if try read({ try Schema.holdsRemoved($0) }), try isAlone() {
      // Where another process writes, what was removed goes another time: the file can be read all the same.
      do { try write { try Schema.purge($0) } } catch RetrievalError.locked {}
    }
  }

  /// Whether nobody else has the file open, here or in another process, who might still bring back what was removed: only
  /// then can it leave write-ahead mode for a moment.
  private func isAlone() throws -> Bool {
    do {
      try wrap {
        try queue.writeWithoutTransaction { db in
          _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
          _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
        }
      }
      return true
    } catch RetrievalError.locked {
      return false
    }
  }

  // MARK: Access

  func read<Result>(_ body: (Database) throws -> Result) throws -> Result { try wrap { try queue.read(body) } }

  /// One transaction that no other writer comes between.
  func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
    if isReadOnly { throw RetrievalError.readOnly(path: path) }
    return try wrap {
      try queue.writeWithoutTransaction { db in
        var result: Result?
        try db.inTransaction(.immediate) {
          result = try body(db)
          return .commit
        }
        guard let result else { throw RetrievalError.database(path: path, detail: "a transaction without result") }
        return result
      }
    }
  }

  private func wrap<Result>(_ body: () throws -> Result) throws -> Result { try Store.wrapping(path, body) }

  /// The database's errors in our words.
  private static func wrapping<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as DatabaseError {
      switch error.resultCode {
      case .SQLITE_BUSY, .SQLITE_LOCKED: throw RetrievalError.locked(path: path)
      case .SQLITE_FULL: throw RetrievalError.diskFull(path: path)
      case .SQLITE_READONLY, .SQLITE_PERM: throw RetrievalError.readOnly(path: path)
      case .SQLITE_NOTADB: throw RetrievalError.notAnIndex(path: path, reason: "it is no SQLite database")
      case .SQLITE_CORRUPT:
        throw RetrievalError.damaged(path: path, detail: error.message ?? "pages don't fit together")
      case .SQLITE_IOERR where error.extendedResultCode.rawValue == 778 && isDiskFull(path):
        throw RetrievalError.diskFull(path: path)
      default:
        throw RetrievalError.database(path: path, detail: error.message ?? "\(error.resultCode)")
      }
    }
  }

  /// Whether the file system has no block left (SQLite calls a write that fails so an I/O error).
  private static func isDiskFull(_ path: String) -> Bool {
    var status = statvfs()
    return statvfs(PathText.folder(of: path), &status) == 0 && status.f_bavail < 16
  }

  /// What SQLite itself finds wrong; empty where all is well.
  func integrity() throws -> [String] {
    try read { db in try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" } }
  }
}
