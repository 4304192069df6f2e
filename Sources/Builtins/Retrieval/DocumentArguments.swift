import Files
import Language
import Retrieval
import Tables

/// What stands for documents in a call: a table, texts, files, folders.
enum DocumentArguments {
  static func sources(_ call: Call, _ reader: inout DocumentReader) throws -> [DocumentSource] {
    switch call.value("documents") {
    case .string(let text):
      let sources = try one(text, &reader, call)
      guard !sources.isEmpty else {
        throw call.error("there is no .txt or .md file in \(quoted(text))", at: "documents")
      }
      return sources
    case .list(let list):
      var sources: [DocumentSource] = []
      for (place, element) in list.elements.enumerated() {
        guard case .string(let text) = element else {
          throw call.error("element \(place) is \(element.kind.phrase), expected a text or a file", at: "documents")
        }
        sources += DocumentReader.isDocument(text) ? try one(text, &reader, call) : [given(text)]
      }
      return sources
    case .object(let table as TableValue):
      let column = try call.string("text")
      _ = try call.texts(of: table.table, column: column, at: "documents")
      let documents = try Document.rows(of: table.table, text: column)
      noteReplaced(documents, call)
      return documents.map { .given($0) }
    case .object(is ColumnValue): return try call.texts("documents").map { given($0) }
    case let other:
      throw call.error("expected a folder, files, texts or a table, got \(other.kind.phrase)", at: "documents")
    }
  }

  /// Says how many rows leave no trace, as a later row with another text has the same source.
  private static func noteReplaced(_ documents: [Document], _ call: Call) {
    var texts: [String: [UInt8]] = [:]
    var replaced = 0
    for document in documents {
      guard let source = document.source else { continue }
      if let before = texts.updateValue(document.text, forKey: source), before != document.text { replaced += 1 }
    }
    guard replaced > 0 else { return }
    let rows = replaced == 1 ? "1 row has" : "\(Numbers.grouped(replaced)) rows have"
    call.note("\(rows) the source of a later row, which takes its place; rename that column to keep all")
  }

  private static func given(_ text: String) -> DocumentSource { .given(Document(text: Array(text.utf8))) }

  /// A path where something stands there or it looks like one; a text otherwise.
  private static func one(_ text: String, _ reader: inout DocumentReader, _ call: Call) throws -> [DocumentSource] {
    if text.utf8.count < 4096, reader.access.exists(text) { return try reader.find(text) }
    let isPath = !text.contains("\n") && (DocumentReader.isDocument(text) || text.hasSuffix("/") || !text.contains(" "))
    guard isPath else { return [given(text)] }
    let folder = PathText.folder(of: text)
    let names = ((try? reader.access.list(folder)) ?? []).map(\.name).filter { !$0.hasPrefix(".") }
    let near = Nearest.find(PathText.name(of: text), in: names).map { folder == "." ? $0 : PathText.join(folder, $0) }
    // In a list too, what ends as a file's name is one.
    let holder = DocumentReader.isDocument(text) ? "a table: table({text: [\"...\"]})" : "a list: [\"...\"]"
    throw call.error(
      "there is no file or folder \(quoted(text))", at: "documents",
      help: near.first.map { "did you mean \"\($0)\"?" } ?? "to add the text itself, give it in \(holder)")
  }
}
