import Files
import Foundation
import GRDB
import Retrieval
import TensorCore
import TestSupport
import Testing
import Transformers

@Suite(.serialized) struct IndexFileTests {
  private func add(_ texts: [String], to index: DocumentIndex) throws -> AddReport {
    try index.add(
      texts.map { .given(Document(text: Array($0.utf8))) }, .standard, reader: DocumentReader(access: Fixtures.access))
  }

  private func failure(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was wrong"
    } catch { return "\(error)" }
  }

  private func open(
    _ path: String, _ model: PretrainedModel?, kind: VectorKind? = nil, access: FileAccess? = nil, mostPages: Int? = nil
  ) throws -> DocumentIndex {
    try DocumentIndex(path: path, model: model, kind: kind, access: access ?? Fixtures.access, mostPages: mostPages)
  }

  @Test func anIndexIsThereWhenItIsOpenedAgain() throws {
    let folder = try TemporaryFolder()
    let model = try Tiny.model()
    let path = folder.at("a.db")
    for kind in VectorKind.allCases {
      let name = path + kind.rawValue
      var index: DocumentIndex? = try open(name, model, kind: kind)
      _ = try add(["a b c", "x y. c", "word word"], to: try #require(index))
      let dump = try index?.dump()
      let found = try index?.search(["c x"], k: 2)
      index = nil
      let again = try open(name, model)
      #expect(try again.dump() == dump && again.kind == kind)
      #expect(try again.search(["c x"], k: 2) == found)
      #expect(try again.integrity().isEmpty)
      let bare = try open(name, nil)
      #expect(try bare.search(["word"], k: 2, mode: .words)[0].map(\.text) == ["word word"])
      #expect(failure { _ = try bare.search(["word"], k: 2) }.contains("without a model"))
    }
  }

  @Test func severalReadWhileOneWrites() throws {
    let folder = try TemporaryFolder()
    let model = try Tiny.model()
    let writer = try open(folder.at("a.db"), model)
    _ = try add(["a b c"], to: writer)
    let reader = try open(folder.at("a.db"), model)
    #expect(try reader.search(["a"], k: 5)[0].count == 1)
    _ = try add(["x y", "c d"], to: writer)
    #expect(try reader.search(["a"], k: 5)[0].count == 3)
    _ = try writer.remove([try #require(try writer.sources().first)])
    #expect(try reader.search(["a"], k: 5)[0].count == 2)
  }

  @Test func filesThatAreNoIndexAreRefusedAndLeftAsTheyAre() throws {
    let folder = try TemporaryFolder()
    let model = try Tiny.model()
    try folder.put("text.db", "This is no database, only a text that is longer than a hundred bytes, to be sure of it.")
    #expect(failure { _ = try open(folder.at("text.db"), model) }.contains("is not an index: it is no SQLite database"))
    #expect(try folder.text("text.db").hasPrefix("This is no database"))
    let magic = Array("SQLite format 3".utf8) + [0] + [UInt8](repeating: 7, count: 4000)
    try folder.put("broken.db", magic)
    #expect(failure { _ = try open(folder.at("broken.db"), model) }.contains("broken.db"))
    #expect(try folder.bytes("broken.db") == magic)
    #expect(failure { _ = try open(folder.at("no folder/a.db"), model) }.contains("no folder"))
    try folder.put("dir/x", "y")
    #expect(failure { _ = try open(folder.at("dir"), model) }.contains("dir"))
    #expect(failure { _ = try open("", model) }.contains("empty"))
  }

  @Test func anotherModelIsNamedAndRefused() throws {
    let folder = try TemporaryFolder()
    let model = try Tiny.model()
    let index = try open(folder.at("a.db"), model)
    _ = try add(["a b"], to: index)
    let other = try Tiny.model()
    for parameter in other.parameters.prefix(1) {
      var value = parameter.value
      try value.withUnsafeMutableBuffer { $0[0] += 1 }
      parameter.value = value
    }
    let message = failure { _ = try open(folder.at("a.db"), other) }
    #expect(message.contains("was made with tiny") && message.contains("other weights"))
    #expect(failure { _ = try open(folder.at("a.db"), model, kind: .int8) }.contains("float32"))
  }

  @Test func aNewerLayoutIsRefused() throws {
    let folder = try TemporaryFolder()
    let model = try Tiny.model()
    var index: DocumentIndex? = try open(folder.at("a.db"), model)
    _ = try add(["a b"], to: try #require(index))
    index = nil
    try DatabaseQueue(path: folder.at("a.db")).inDatabase { try $0.execute(sql: "PRAGMA user_version = 99") }
    #expect(failure { _ = try open(folder.at("a.db"), model) }.contains("written by a later Luthier (layout 99"))
  }

  @Test func valuesOfAnotherKindAreErrors() throws {
    let folder = try TemporaryFolder()
    let model = try Tiny.model()
    let changes = [
      "UPDATE vectors SET scale = 'x'", "UPDATE vectors SET vector = x'00'", "UPDATE documents SET chunks = 'many'",
      "UPDATE documents SET state = 'odd'", "UPDATE chunks SET first = 'here'",
      "UPDATE documents SET columns = x'ff00'",
      "UPDATE documents SET chunks = 9000000000000000", "UPDATE facts SET value = 'no' WHERE name = 'size'",
      "DELETE FROM facts WHERE name = 'pooling'", "DELETE FROM vectors", "DELETE FROM chunks", "DROP TABLE sources",
    ]
    for (number, change) in changes.enumerated() {
      let path = folder.at("\(number).db")
      var index: DocumentIndex? = try open(path, model)
      _ = try add(["a b c", "x y"], to: try #require(index))
      index = nil
      try DatabaseQueue(path: path).inDatabase { try $0.execute(sql: change) }
      // Whatever comes of it, it is an answer or an error.
      _ = failure {
        let index = try open(path, model)
        _ = failure { _ = try index.search(["a"], k: 3) }
        _ = failure { _ = try index.search(["a"], k: 3, mode: .words) }
        _ = failure { _ = try index.allChunks() }
        _ = failure { _ = try index.contents() }
        _ = failure { _ = try index.documents() }
        _ = failure { _ = try self.add(["c d", "a b c"], to: index) }
      }
    }
  }

  @Test func damagedBytesAreErrors() throws {
    let folder = try TemporaryFolder()
    let model = try Tiny.model()
    var index: DocumentIndex? = try open(folder.at("a.db"), model)
    _ = try add((0..<200).map { "a b c \($0) x y" }, to: try #require(index))
    index = nil
    let whole = try folder.bytes("a.db")
    let randoms = Philox(seed: 4, purpose: "test/damage")
    for seed in 0..<24 as Range<UInt32> {
      var bytes = whole
      for hit in 0..<40 as Range<UInt32> {
        let draw = randoms.words(hit, seed, 0)
        bytes[100 + Int(draw[0]) % (bytes.count - 100)] = UInt8(truncatingIfNeeded: draw[1])
      }
      if seed % 4 == 3 { bytes.removeLast(bytes.count / 3) }
      try folder.put("\(seed).db", bytes)
      _ = failure {
        let index = try open(folder.at("\(seed).db"), model)
        _ = failure { _ = try index.search(["a x"], k: 3) }
        _ = failure { _ = try index.search(["x"], k: 3, mode: .words) }
        _ = failure { _ = try index.integrity() }
        _ = failure { _ = try self.add(["c d"], to: index) }
      }
    }
  }

  @Test func aLockedFileSaysSo() throws {
    let folder = try TemporaryFolder()
    let model = try Tiny.model()
    let other = try DocumentIndex(path: folder.at("a.db"), model: model, access: Fixtures.access, patience: 0.05)
    let queue = try DatabaseQueue(path: folder.at("a.db"))
    let message = try queue.inDatabase { db in
      try db.execute(sql: "BEGIN IMMEDIATE")
      defer { try? db.execute(sql: "ROLLBACK") }
      return failure { _ = try add(["a b"], to: other) }
    }
    #expect(message.contains("is being written by another process"))
    #expect(try add(["a b"], to: other).added == 1)
  }

  @Test func aScriptWritesBelowItsFolderOnly() throws {
    let folder = try TemporaryFolder()
    let model = try Tiny.model()
    try folder.put("work/x", "y")
    let inside = FileAccess(policy: .script, workingDirectory: folder.at("work"))
    let index = try open("a.db", model, access: inside)
    _ = try add(["a b"], to: index)
    #expect(inside.filesWritten == ["a.db"])
    #expect(try folder.names("work").contains("a.db"))
    #expect(failure { _ = try open("../b.db", model, access: inside) }.contains("below the working directory"))
    #expect(failure { _ = try open(".hidden.db", model, access: inside) }.contains("hidden"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.at("work/link.db"), withDestinationPath: folder.at("c.db"))
    #expect(failure { _ = try open("link.db", model, access: inside) }.contains("symbolic link"))
    try FileManager.default.createSymbolicLink(atPath: folder.at("work/d.db-wal"), withDestinationPath: folder.at("e"))
    #expect(failure { _ = try open("d.db", model, access: inside) }.contains("symbolic link"))
    #expect(try folder.names() == ["work"])
  }

  @Test func whatMayNotBeWrittenCanBeRead() throws {
    let folder = try TemporaryFolder()
    let model = try Tiny.model()
    var index: DocumentIndex? = try open(folder.at("a.db"), model)
    _ = try add(["a b", "c"], to: try #require(index))
    index = nil
    try folder.put("work/x", "y")
    let inside = FileAccess(policy: .script, workingDirectory: folder.at("work"))
    let before = try folder.names()
    let readOnly = try open("../a.db", model, access: inside)
    #expect(readOnly.isReadOnly)
    #expect(try readOnly.search(["a"], k: 5)[0].count == 2)
    #expect(failure { _ = try add(["d"], to: readOnly) }.contains("can only be read"))
    #expect(failure { _ = try readOnly.remove(["d"]) }.contains("can only be read"))
    #expect(try folder.names() == before, "reading left files beside it")
  }

  @Test func aFullDiskKeepsWhatWasAddedBefore() throws {
    let folder = try TemporaryFolder()
    let model = try Tiny.model()
    let texts = (0..<400).map { String(decoding: Tiny.text(UInt64($0), words: 80), as: UTF8.self) }
    var index: DocumentIndex? = try open(folder.at("a.db"), model, mostPages: 40)
    let message = failure { _ = try add(texts, to: try #require(index)) }
    #expect(message.contains("the disk is full"))
    let kept = try index?.contents().documents ?? 0
    #expect(kept > 0 && kept < 400)
    #expect(try index?.integrity().isEmpty == true)
    index = nil
    let room = try open(folder.at("a.db"), model)
    let report = try add(texts, to: room)
    #expect(report.unchanged >= kept)
    let whole = try open(folder.at("b.db"), model)
    _ = try add(texts, to: whole)
    #expect(try room.dump() == whole.dump())
  }

  @Test func anEmptyIndexSaysSo() throws {
    let index = try DocumentIndex(path: nil, model: Tiny.model(), access: Fixtures.access)
    for mode in SearchMode.allCases {
      #expect(failure { _ = try index.search(["a"], k: 1, mode: mode) }.contains("holds no documents"))
    }
    #expect(failure { _ = try index.search(["a"], k: 0) }.contains("k: expected at least 1"))
  }

  @Test func chunksThatTheModelCannotReadAreRefused() throws {
    let model = try Tiny.model()
    let index = try DocumentIndex(path: nil, model: model, access: Fixtures.access)
    let settings = try ChunkSettings(size: 100_000, overlap: 0)
    let message = failure {
      _ = try index.add([.given(Document(text: [97]))], settings, reader: DocumentReader(access: Fixtures.access))
    }
    #expect(message.contains("chunk: expected at most") && message.contains("tiny"))
  }

  @Test func aQuestionLongerThanThePositionsIsCut() throws {
    let index = try DocumentIndex(path: nil, model: Tiny.model(), access: Fixtures.access)
    _ = try add(["a b"], to: index)
    #expect(try index.search([String(repeating: "a b c ", count: 5000)], k: 1)[0].count == 1)
  }

  @Test func foldersAreReadAndWhatIsNoTextIsSkippedAndSaid() throws {
    let folder = try TemporaryFolder()
    try folder.put("d/one.txt", "a")
    try folder.put("d/two.md", "# Head\n\nb c d.\n")
    try folder.put("d/deep/three.TXT", "x y")
    try folder.put("d/picture.png", [137, 80, 78, 71, 0, 1, 2])
    try folder.put("d/binary.txt", [65, 0, 66])
    try folder.put("d/latin.txt", [0x61, 0x0a, 0xe4, 0x62])
    try folder.put("d/empty.md", "\n \n")
    try folder.put("d/.hidden.txt", "no")
    try folder.put("d/mark.txt", [0xef, 0xbb, 0xbf, 0x63])
    for name in ["up", "self"] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.at("d/deep/\(name)"), withDestinationPath: name == "up" ? ".." : ".")
    }
    var reader = DocumentReader(access: FileAccess(policy: .user, workingDirectory: folder.path))
    let sources = try reader.find("d")
    let index = try DocumentIndex(path: nil, model: Tiny.model(), access: Fixtures.access)
    let report = try index.add(sources, .standard, reader: reader)
    #expect(report.added == 4)
    let reasons = Dictionary(report.skipped.map { ($0.name, $0.reason) }, uniquingKeysWith: { one, _ in one })
    #expect(
      reasons == [
        "d/picture.png": "no .txt or .md", "d/binary.txt": "binary", "d/latin.txt": "not UTF-8 in line 2",
        "d/empty.md": "no words", "d/deep/up": "a link to a folder that is read already",
        "d/deep/self": "a link to a folder that is read already",
      ])
    #expect(try index.sources() == ["d/deep/three.TXT", "d/mark.txt", "d/one.txt", "d/two.md"])
    #expect(try index.documents().map(\.title).last == "Head")
    #expect(throws: FileError.self) { try reader.find("nothing there") }
  }
}
