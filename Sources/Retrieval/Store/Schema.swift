import GRDB

/// The tables of an index.
enum Schema {
  /// What became of a document.
  enum State: Int {
    /// Not all of its chunks are there yet.
    case part = 0
    case whole = 1
    /// Taken out; kept until the file is opened by a process that is alone with it.
    case removed = 2
  }

  static func create(_ db: Database) throws {
    try db.execute(
      sql: """
        CREATE TABLE facts (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE documents (
          id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL, title TEXT NOT NULL, columns TEXT NOT NULL,
          bytes INTEGER NOT NULL, tokens INTEGER NOT NULL, chunks INTEGER NOT NULL,
          size INTEGER NOT NULL, overlap INTEGER NOT NULL, markdown INTEGER NOT NULL,
          awaited TEXT, state INTEGER NOT NULL);
        CREATE INDEX documents_by_hash ON documents (hash);
        CREATE INDEX documents_by_state ON documents (state) WHERE state <> 1;
        CREATE TABLE sources (source TEXT PRIMARY KEY NOT NULL, document INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX sources_by_document ON sources (document);
        CREATE TABLE chunks (
          id INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, tokens INTEGER NOT NULL,
          heading TEXT NOT NULL, text TEXT NOT NULL);
        CREATE TABLE vectors (id INTEGER PRIMARY KEY, scale REAL NOT NULL, vector BLOB NOT NULL);
        CREATE VIRTUAL TABLE words USING fts5 (
          heading, text, content = 'chunks', content_rowid = 'id', tokenize = "unicode61 remove_diacritics 2");
        CREATE TRIGGER chunks_come AFTER INSERT ON chunks BEGIN
          INSERT INTO words (rowid, heading, text) VALUES (new.id, new.heading, new.text);
        END;
        CREATE TRIGGER chunks_go AFTER DELETE ON chunks BEGIN
          INSERT INTO words (words, rowid, heading, text) VALUES ('delete', old.id, old.heading, old.text);
        END;
        PRAGMA application_id = \(Store.applicationID);
        PRAGMA user_version = \(Store.schemaVersion);
        """)
  }

  /// Whether there is anything that ``purge(_:)`` would take out.
  static func holdsRemoved(_ db: Database) throws -> Bool {
    try Bool.fetchOne(
      db, sql: "SELECT EXISTS (SELECT 1 FROM documents WHERE state <> 1 AND state = ?)",
      arguments: [State.removed.rawValue]) ?? false
  }

  /// Really takes out what was removed before.
  static func purge(_ db: Database) throws {
    let removed = try Int64.fetchAll(
      db, sql: "SELECT id FROM documents WHERE state <> 1 AND state = ?", arguments: [State.removed.rawValue])
    for document in removed { try delete(document, db) }
  }

  /// Takes a document out with its chunks.
  static func delete(_ document: Int64, _ db: Database) throws {
    let range: StatementArguments = [document << Int64(Store.placeBits), (document &+ 1) << Int64(Store.placeBits)]
    try db.execute(sql: "DELETE FROM chunks WHERE id >= ? AND id < ?", arguments: range)
    try db.execute(sql: "DELETE FROM vectors WHERE id >= ? AND id < ?", arguments: range)
    try db.execute(sql: "DELETE FROM documents WHERE id = ?", arguments: [document])
  }

  // MARK: Facts

  static func fact(_ name: String, _ db: Database) throws -> String? {
    try String.fetchOne(db, sql: "SELECT value FROM facts WHERE name = ?", arguments: [name])
  }

  static func setFact(_ name: String, _ value: String, _ db: Database) throws {
    try db.execute(
      sql: "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      arguments: [name, value])
  }

  /// Counts one more change, by which other holders of the index see that theirs is old.
  static func count(_ name: String, _ db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO facts VALUES (?, '1')
        ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)
        """, arguments: [name])
  }
}
