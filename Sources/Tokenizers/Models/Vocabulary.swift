/// Token texts by id and ids by text.
package final class Vocabulary: Sendable {
  /// One more than the highest id.
  package let count: Int
  let arena: TextArena
  /// The model's own tokens.
  let table: TokenTable
  /// Tokens of the file's `added_tokens` (they may be the model's too).
  let added: TokenTable
  private let entryOfID: [TokenEntry]

  /// The entry of a hole: an id that no token has.
  private static let hole = TokenEntry(start: 0, length: 0, id: -1)

  init(arena: TextArena, table: TokenTable, model: [TokenEntry], added addedEntries: [TokenEntry]) {
    self.arena = arena
    self.table = table
    added = TokenTable(arena: arena, entries: addedEntries)
    var highest: Int32 = -1
    for entry in model { highest = max(highest, entry.id) }
    for entry in addedEntries { highest = max(highest, entry.id) }
    var byID = [TokenEntry](repeating: Self.hole, count: Int(highest) + 1)
    for entry in model { byID[Int(entry.id)] = entry }
    for entry in addedEntries { byID[Int(entry.id)] = entry }
    entryOfID = byID
    count = byID.count
  }

  /// The text of a token, added tokens included; nothing for an id that no token has.
  package func text(of id: Int) -> String? {
    bytes(of: id).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The UTF-8 of a token's text.
  func bytes(of id: Int) -> UnsafeBufferPointer<UInt8>? {
    guard entryOfID.indices.contains(id), entryOfID[id].id >= 0 else { return nil }
    let entry = entryOfID[id]
    return UnsafeBufferPointer(start: arena.base + Int(entry.start), count: Int(entry.length))
  }

  /// The id of a token by its exact text (bytes, not canonical equivalence), added tokens included.
  package func id(of text: String) -> Int? {
    let bytes = Array(text.utf8)
    let extra = added.find(bytes)
    let id = extra >= 0 ? extra : table.find(bytes)
    return id >= 0 ? Int(id) : nil
  }
}

/// Collects token texts while a file is read.
struct VocabularyBuilder {
  /// Ids at or above this are refused: a table by id must fit in memory.
  static let highestID: Int = 1 << 24

  let file: String
  private(set) var bytes: [UInt8] = []
  private(set) var model: [TokenEntry] = []
  private(set) var added: [TokenEntry] = []

  init(file: String) { self.file = file }

  mutating func reserve(tokens: Int, bytes count: Int) {
    bytes.reserveCapacity(count)
    model.reserveCapacity(tokens)
  }

  private func checked(_ id: Int) throws -> Int32 {
    guard id >= 0 && id < Self.highestID else {
      throw TokenizerError.malformed(
        file: file, at: "vocabulary", expected: "ids from 0 to \(Self.highestID - 1)", got: "\(id)")
    }
    return Int32(id)
  }

  /// Adds a token of the model whose text `write` appends to the arena.
  @inline(__always)
  mutating func add(id: Int, _ write: (inout [UInt8]) throws -> Void) throws {
    let start = bytes.count
    try write(&bytes)
    guard bytes.count < Int(UInt32.max) else {
      throw TokenizerError.malformed(file: file, at: "vocabulary", expected: "less than 4 GiB of text", got: "more")
    }
    model.append(TokenEntry(start: UInt32(start), length: UInt32(bytes.count - start), id: try checked(id)))
  }

  mutating func add(_ text: some Sequence<UInt8>, id: Int) throws {
    try add(id: id) { $0.append(contentsOf: text) }
  }

  /// Sets the id of the model's token added last (vocabularies of JSON give it after the text).
  mutating func setLastID(_ id: Int) throws {
    guard !model.isEmpty else { return }
    model[model.count - 1].id = try checked(id)
  }

  mutating func addAdded(_ text: String, id: Int) throws {
    let start = bytes.count
    bytes.append(contentsOf: text.utf8)
    added.append(TokenEntry(start: UInt32(start), length: UInt32(bytes.count - start), id: try checked(id)))
  }

  /// - Throws: ``TokenizerError/malformed(file:at:expected:got:)`` if ids leave far more holes than there are tokens.
  func finish() throws -> Vocabulary {
    try checkHoles()
    let arena = TextArena(bytes)
    return Vocabulary(
      arena: arena, table: TokenTable(arena: arena, entries: model), model: model, added: added)
  }

  /// Finishes with added tokens; one that the model has gets the model's id.
  mutating func finish(with tokens: inout [AddedToken]) throws -> Vocabulary {
    for token in tokens { try addAdded(token.text, id: token.id) }
    let arena = TextArena(bytes)
    let table = TokenTable(arena: arena, entries: model)
    let first = added.count - tokens.count
    for i in tokens.indices {
      let entry = added[first + i]
      let id = table.find(arena.base + Int(entry.start), Int(entry.length))
      guard id >= 0 else { continue }
      tokens[i].id = Int(id)
      added[first + i].id = id
    }
    try checkHoles()
    return Vocabulary(arena: arena, table: table, model: model, added: added)
  }

  private func checkHoles() throws {
    let highest = Int(max(model.map(\.id).max() ?? 0, added.map(\.id).max() ?? 0))
    guard highest < (model.count + added.count) * 8 + 1 << 16 else {
      throw TokenizerError.malformed(
        file: file, at: "vocabulary", expected: "ids near the \(model.count) tokens there are", got: "\(highest)")
    }
  }
}
