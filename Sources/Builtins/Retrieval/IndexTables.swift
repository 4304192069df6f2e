import Files
import Language
import Retrieval
import Tables

/// What an index holds, as tables.
enum IndexTables {
  static func documents(_ index: DocumentIndex) throws -> Table {
    let all = try index.documents()
    return try Table([
      ("source", .strings(all.map(\.source))), ("title", .strings(all.map(\.title))),
      ("chunks", .integers(all.map(\.chunks))), ("tokens", .integers(all.map(\.tokens))),
      ("bytes", .integers(all.map(\.bytes))),
    ])
  }

  static func chunks(_ index: DocumentIndex) throws -> Table {
    let all = try index.allChunks()
    return try Table([
      ("source", .strings(all.map(\.source))), ("heading", .strings(all.map(\.heading))),
      ("tokens", .integers(all.map(\.tokens))), ("start", .integers(all.map(\.range.lowerBound))),
      ("end", .integers(all.map(\.range.upperBound))), ("text", .strings(all.map(\.text))),
    ])
  }

  /// Figures that describe it, a row each.
  static func described(_ index: DocumentIndex) throws -> Table {
    let held = try index.contents()
    let mean = held.chunks == 0 ? 0 : Double(held.tokens) / Double(held.documents)
    var rows: [(String, JSON)] = [
      ("path", index.path.isEmpty ? .string("in memory") : .string(index.path)),
      ("model", .string(index.recipe.model)), ("recipe", .string(index.recipe.text)),
      ("documents", .integer(held.documents)), ("chunks", .integer(held.chunks)),
      ("tokens", .integer(held.tokens)), ("tokens a document", .real((mean * 10).rounded() / 10)),
      ("vectors", .string("\(index.kind.rawValue), \(index.size) numbers")),
    ]
    if let cut = try index.settings().map({ $0.text }) { rows.append(("cut", .string(cut))) }
    if let size = try index.fileSize() { rows.append(("file", .string(byteCount(size)))) }
    if held.unfinished > 0 { rows.append(("unfinished", .integer(held.unfinished))) }
    if held.removed > 0 { rows.append(("removed, kept for :undo", .integer(held.removed))) }
    let problems = try index.integrity()
    rows.append(("integrity", .string(problems.isEmpty ? "ok" : problems.prefix(3).joined(separator: "; "))))
    return try Table([
      ("what", .strings(rows.map(\.0))), ("value", .strings(rows.map { Column.string($0.1) })),
    ])
  }
}
