import Foundation
import GRDB
import Retrieval
import TestSupport
import Testing
import Transformers

/// Two processes that add to one file, one of them between two steps of the other.
@Suite(.serialized) struct TwoWritersTests {
  private let folder: TemporaryFolder
  private let model: PretrainedModel
  private let settings: ChunkSettings

  init() throws {
    folder = try TemporaryFolder()
    model = try Tiny.model()
    settings = try ChunkSettings(size: 8, overlap: 2)
  }

  private func open(_ name: String) throws -> DocumentIndex {
    try DocumentIndex(path: folder.at(name), model: model, access: Fixtures.access, patience: 0.05)
  }

  /// A document of so many words, from a source of its own.
  private func document(_ name: String, seed: UInt64, words: Int) -> DocumentSource {
    .given(Document(source: name, text: Tiny.text(seed, words: words)))
  }

  /// Adds, with `between` once as soon as so many tokens were embedded.
  private func add(
    _ documents: [DocumentSource], to index: DocumentIndex, afterTokens least: Int = 0,
    between: () throws -> Void = {}
  ) throws -> AddReport {
    var isDone = false
    return try index.add(documents, settings, reader: DocumentReader(access: Fixtures.access)) { done, _, tokens in
      if !isDone, done > 0 || tokens > 0, tokens >= least {
        isDone = true
        try between()
      }
    }
  }

  /// Chunks, vectors and sources of documents that are not there.
  private func orphans(_ name: String) throws -> Int {
    try DatabaseQueue(path: folder.at(name)).read { db in
      try ["chunks", "vectors"].reduce(0) { sum, table in
        sum
          + (try Int.fetchOne(
            db, sql: "SELECT count(*) FROM \(table) WHERE id >> 24 NOT IN (SELECT id FROM documents)") ?? 0)
      }
        + (try Int.fetchOne(
          db, sql: "SELECT count(*) FROM sources WHERE document NOT IN (SELECT id FROM documents)") ?? 0)
    }
  }

  @Test func whatCannotBeTakenBackNowCanBeLater() throws {
    let index = try open("locked.db")
    let place = index.place
    _ = try add([document("a", seed: 1, words: 20)], to: index)
    try DatabaseQueue(path: folder.at("locked.db")).writeWithoutTransaction { db in
      try db.execute(sql: "BEGIN IMMEDIATE")
      #expect(throws: RetrievalError.locked(path: folder.at("locked.db"))) { try index.restore(to: place) }
      try db.execute(sql: "ROLLBACK")
    }
    #expect(try index.contents().documents == 1)
    try index.restore(to: place)
    #expect(try index.contents().documents == 0)
  }

  /// The first has looked and not written yet; or stands in the middle of the long one.
  @Test(arguments: [0, 1]) func theSameDocumentsComeInOnce(tokens: Int) throws {
    let documents = [document("a", seed: 1, words: 900), document("b", seed: 2, words: 20)]
    let given = tokens == 0 ? documents.reversed() : documents
    let (one, other) = (try open("two.db"), try open("two.db"))
    var second: AddReport?
    let first = try add(given, to: one, afterTokens: tokens) { second = try add(given, to: other) }
    #expect(second?.added == 2)
    #expect(second?.continued == tokens)
    #expect(first.added == 0 && first.unchanged == 2 && first.replaced == 0)
    let whole = try open("whole.db")
    _ = try add(given, to: whole)
    for index in [one, other, try open("two.db")] {
      #expect(try index.dump() == whole.dump())
      #expect(try index.search(["a word"], k: 5) == whole.search(["a word"], k: 5))
    }
    #expect(try orphans("two.db") == 0)
    #expect(try one.integrity().isEmpty)
    // What the other one added is not taken back with this one's work.
    try one.restore(to: 0)
    #expect(try one.dump() == whole.dump())
  }

  @Test func anotherTextInItsPlaceEndsTheWorkAndStays() throws {
    let (one, other) = (try open("a.db"), try open("a.db"))
    #expect {
      try add([document("a", seed: 1, words: 900)], to: one, afterTokens: 1) {
        _ = try add([document("a", seed: 3, words: 40)], to: other)
      }
    } throws: {
      "\($0)".contains("another process put other text in the place of a")
    }
    let whole = try open("whole.db")
    _ = try add([document("a", seed: 3, words: 40)], to: whole)
    #expect(try one.documents().map(\.bytes) == whole.documents().map(\.bytes))
    #expect(try one.search(["a word"], k: 3)[0].map(\.text) == whole.search(["a word"], k: 3)[0].map(\.text))
    #expect(try orphans("a.db") == 0)
    #expect(try add([document("a", seed: 1, words: 900)], to: one).replaced == 1)
    #expect(try orphans("a.db") == 0)
  }

  /// The other process opens the file and adds something new.
  @Test func whatIsTakenBackComesBackBesideAnothersDocument() throws {
    let one = try open("a.db")
    _ = try add([document("a", seed: 1, words: 30), document("b", seed: 2, words: 30)], to: one)
    let before = one.place
    _ = try one.remove(["b"])
    let other = try open("a.db")
    _ = try add([document("c", seed: 3, words: 30)], to: other)
    #expect(try other.sources() == ["a", "c"])
    try one.restore(to: before)
    #expect(try one.sources() == ["a", "b", "c"])
    #expect(try other.dump() == one.dump())
    #expect(try orphans("a.db") == 0)
  }

  /// Also while something waits to be taken out for good.
  @Test func whatAnotherProcessWritesCanBeOpenedAndRead() throws {
    _ = try add([document("a", seed: 1, words: 30), document("b", seed: 2, words: 30)], to: try open("a.db"))
    _ = try open("a.db").remove(["a"])
    let queue = try DatabaseQueue(path: folder.at("a.db"))
    try queue.inDatabase { db in
      try db.execute(sql: "BEGIN IMMEDIATE")
      defer { try? db.execute(sql: "ROLLBACK") }
      let reader = try open("a.db")
      #expect(try reader.contents().documents == 1)
      #expect(try !reader.search(["a word"], k: 2)[0].isEmpty)
      #expect(throws: RetrievalError.locked(path: folder.at("a.db"))) {
        try add([document("c", seed: 3, words: 3)], to: reader)
      }
    }
    #expect(try open("a.db").contents().removed == 1, "who has it open may bring it back")
    try queue.close()
    #expect(try open("a.db").contents().removed == 0)
  }
}
