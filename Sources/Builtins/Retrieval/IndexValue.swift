import Files
import Language
import Retrieval
import Tables

/// An index in the language: a thing with identity, whose documents come and go.
package final class IndexValue: LanguageObject {
  let index: DocumentIndex

  package init(_ index: DocumentIndex) { self.index = index }

  package var kind: Kind { .index }
  package var hasIdentity: Bool { true }

  /// Nil where the file can't be read; what asks for it says why.
  private var contents: DocumentIndex.Contents? { try? index.contents() }
  private var place: String { index.path.isEmpty ? "in memory" : index.path }

  package var summary: String {
    guard let held = contents else { return "an index that can't be read, \(place)" }
    return
      "an index of \(Self.documents(held.documents)) in \(Self.chunks(held.chunks)), \(place), by \(index.recipe.text)"
  }

  package var length: Int? { contents?.documents }
  package func item(at place: Int) throws -> Value {
    let table = try IndexTables.documents(index)
    return .record(RecordValue(row: try table.row(place)))
  }
  package func truth() throws -> Bool { try index.contents().documents > 0 }

  package var fieldNames: [String] {
    ["documents", "chunks", "sources", "path", "recipe", "model", "size", "vectors", "tokens"]
  }

  package func field(_ name: String) throws -> Value? {
    switch name {
    case "documents": return .table(try IndexTables.documents(index))
    case "chunks": return .table(try IndexTables.chunks(index))
    case "sources": return .strings(try index.sources())
    case "path": return index.path.isEmpty ? .nothing : .string(index.path)
    case "recipe": return .string(index.recipe.text)
    case "model": return index.model.map { .object(ModelValue($0)) } ?? .nothing
    case "size": return .int(index.size)
    case "vectors": return .string(index.kind.rawValue)
    case "tokens": return .int(try index.contents().tokens)
    default: return nil
    }
  }

  package func nextSteps(name: String) -> [String] {
    guard (contents?.documents ?? 0) > 0 else {
      return ["\(name).add(\"samples/handbook\")", "\(name).add([\"a text\"])"]
    }
    return [
      "\(name).search(\"a question\")", "\(name).ask(generator, \"a question\")", "\(name).describe()",
      "\(name).documents",
    ]
  }

  package func stringCompletions(for prefix: String, parameter: Language.Parameter?) -> [Completion] {
    guard parameter?.name == "names" else { return [] }  // of remove
    return ((try? index.sources()) ?? []).filter { $0.hasPrefix(prefix) }.prefix(100).map { Completion($0) }
  }

  // MARK: State

  private struct Snapshot: ObjectSnapshot {
    let index: DocumentIndex
    let place: Int
    var heldBytes: Int { 0 }
    func restore() throws { try index.restore(to: place) }
  }

  package func snapshot() -> (any ObjectSnapshot)? { Snapshot(index: index, place: index.place) }
  package var heldBytes: Int { index.heldBytes }

  // MARK: Looking

  package func display(_ size: DisplaySize, in frame: DisplayFrame) -> [StyledText] {
    let held: DocumentIndex.Contents
    do { held = try index.contents() } catch { return [StyledText("\(error)", .warning).cut(to: frame.width)] }
    if size == .inline { return [StyledText("index of \(Self.documents(held.documents))", .faint)] }
    var line = StyledText("index", .heading)
    line.append("  \(place)   \(Self.documents(held.documents)), \(Self.chunks(held.chunks))")
    guard size == .full else { return [line.cut(to: frame.width)] }
    var lines = [line]
    lines.append(StyledText("vectors of \(index.size), \(index.kind.rawValue), by \(index.recipe.text)", .faint))
    if index.isReadOnly { lines.append(StyledText("can only be read", .warning)) }
    if index.model == nil { lines.append(StyledText("opened without a model: words can be searched", .faint)) }
    if held.unfinished > 0 {
      let what = held.unfinished == 1 ? "document is" : "documents are"
      lines.append(StyledText("\(held.unfinished) \(what) not finished: add it again to go on", .warning))
    }
    return lines.map { $0.cut(to: frame.width) }
  }

  static func documents(_ count: Int) -> String { count == 1 ? "1 document" : "\(Numbers.grouped(count)) documents" }
  static func chunks(_ count: Int) -> String { count == 1 ? "1 chunk" : "\(Numbers.grouped(count)) chunks" }
}
