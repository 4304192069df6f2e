import GRDB

/// SQLite, as it was loaded.
package enum DatabaseLibrary {
  package static var version: String {
    (try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") }) ?? "unknown"
  }
}
